//! A new IKE SA in place of the present one (RFC 7296, sections 1.3.2 and 2.18).
//!
//! ```text
//!  HDR, SK { SA, Ni, KEi }  -->
//!                           <--  HDR, SK { SA, Nr, KEr }
//! ```
//!
//! Who asks becomes the original initiator of the new IKE SA, whatever it was before. The Child SAs
//! go over to it.

use azike_crypto::{IkeKeys, KeyExchange, Random};
use azike_wire::{Chain, KeyExchangeMethod, NotifyType, Payload, Role, Spi};

use crate::ike_sa::Basis;
use crate::payload_set::PayloadSet;
use crate::proposal::Offer;
use crate::rekey_child::{error_chain, push_key_exchange, push_nonce};
use crate::round::Refusal;
use crate::sa_init::{new_nonce, new_spi};

/// Our request for a new IKE SA.
#[derive(Debug)]
pub(crate) struct RekeyIke {
    spi: Spi,
    nonce_i: [u8; 32],
    key_exchange: KeyExchange,
}

/// A new IKE SA, made by either side.
#[derive(Debug)]
pub(crate) struct MadeIke {
    pub(crate) role: Role,
    pub(crate) spi_i: Spi,
    pub(crate) spi_r: Spi,
    pub(crate) keys: IkeKeys,
    pub(crate) group: KeyExchangeMethod,
    /// The lower of the two nonces decides between two rekeys that crossed (section 2.8.2).
    pub(crate) lowest: Vec<u8>,
}

/// What the gateway's answer means.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// There is a new IKE SA.
    Made(Box<MadeIke>),
    /// Not in this group.
    Refused(Refusal),
    /// Not now.
    Later,
}

impl RekeyIke {
    /// Prepares a request. `None` if the group cannot be had.
    pub(crate) fn new(random: &mut dyn Random, group: KeyExchangeMethod) -> Option<Self> {
        Some(Self {
            spi: new_spi(random),
            nonce_i: new_nonce(random),
            key_exchange: KeyExchange::generate(group, random)?,
        })
    }

    /// The payloads of the request.
    pub(crate) fn chain(&self, offer: &Offer) -> Chain {
        let mut chain = Chain::new();
        let sa = offer.ike_payload(self.key_exchange.method(), Some(self.spi));
        chain.push(&Payload::SecurityAssociation(sa));
        push_nonce(&mut chain, &self.nonce_i);
        push_key_exchange(&mut chain, Some(&self.key_exchange));
        chain
    }

    /// The group.
    pub(crate) fn group(&self) -> KeyExchangeMethod {
        self.key_exchange.method()
    }

    /// Decides what the answer means.
    pub(crate) fn judge(&self, offer: &Offer, basis: &Basis, set: &PayloadSet<'_>) -> Judgement {
        match set.error() {
            Some(NotifyType::TEMPORARY_FAILURE) => Judgement::Later,
            Some(error) => Judgement::Refused(Refusal::of(error, set)),
            None => match self.accept(offer, basis, set) {
                Some(made) => Judgement::Made(Box::new(made)),
                None => Judgement::Refused(Refusal::default()),
            },
        }
    }

    fn accept(&self, offer: &Offer, basis: &Basis, set: &PayloadSet<'_>) -> Option<MadeIke> {
        let nonce_r = set.nonce?.octets();
        let ke = set.key_exchange.as_ref()?;
        let (algorithms, group, spi_r) = offer.ike_selection(set.sa.as_ref()?)?;
        if group != self.key_exchange.method() || ke.method != group {
            return None;
        }
        let spi_r = spi_r?;
        let g_ir = self.key_exchange.agree(ke.data)?;
        let prf = basis.algorithms.prf();
        let (nonce_i, sk_d) = (&self.nonce_i, &basis.sk_d);
        let keys = IkeKeys::rekey(
            algorithms, prf, sk_d, nonce_i, nonce_r, &g_ir, self.spi, spi_r,
        );
        Some(MadeIke {
            role: Role::Initiator,
            spi_i: self.spi,
            spi_r,
            keys,
            group,
            lowest: nonce_r.min(nonce_i.as_slice()).to_vec(),
        })
    }
}

/// Answers the gateway's request for a new IKE SA.
pub(crate) fn answer(
    offer: &Offer,
    basis: &Basis,
    random: &mut dyn Random,
    set: &PayloadSet<'_>,
) -> Result<(Chain, MadeIke), Chain> {
    let error = |kind| error_chain(kind, &[]);
    let (Some(sa), Some(nonce_i), Some(ke)) = (&set.sa, set.nonce, &set.key_exchange) else {
        return Err(error(NotifyType::INVALID_SYNTAX));
    };
    let choice = offer.choose_ike(sa, basis.algorithms);
    let choice = choice.ok_or_else(|| error(NotifyType::NO_PROPOSAL_CHOSEN))?;
    if !choice.groups.contains(&ke.method) {
        let group = choice.groups.first();
        let group = group.ok_or_else(|| error(NotifyType::NO_PROPOSAL_CHOSEN))?;
        return Err(error_chain(
            NotifyType::INVALID_KE_PAYLOAD,
            &group.0.to_be_bytes(),
        ));
    }
    let key_exchange = KeyExchange::generate(ke.method, random);
    let agreed = key_exchange.and_then(|ours| Some((ours.agree(ke.data)?, ours)));
    let (g_ir, key_exchange) = agreed.ok_or_else(|| error(NotifyType::INVALID_SYNTAX))?;
    let (nonce_r, spi_r) = (new_nonce(random), new_spi(random));
    let mut chain = Chain::new();
    chain.push(&Payload::SecurityAssociation(
        choice.payload(spi_r, ke.method),
    ));
    push_nonce(&mut chain, &nonce_r);
    push_key_exchange(&mut chain, Some(&key_exchange));
    let nonce_i = nonce_i.octets();
    let prf = basis.algorithms.prf();
    let (algorithms, spi_i) = (choice.algorithms, choice.spi);
    let keys = IkeKeys::rekey(
        algorithms,
        prf,
        &basis.sk_d,
        nonce_i,
        &nonce_r,
        &g_ir,
        spi_i,
        spi_r,
    );
    let made = MadeIke {
        role: Role::Responder,
        spi_i,
        spi_r,
        keys,
        group: ke.method,
        lowest: nonce_i.min(nonce_r.as_slice()).to_vec(),
    };
    Ok((chain, made))
}
