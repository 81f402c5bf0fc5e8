//! A new IKE SA in place of the present one, asked for by either side
//! (RFC 7296, sections 1.3.2 and 2.18).
//!
//! ```text
//!  HDR, SK { SA, N, KE }  -->
//!                         <--  HDR, SK { SA, N, KE }
//! ```
//!
//! Who asks is the original initiator of the new one, whoever that was before.

use azike_crypto::{IkeAlgorithms, IkeKeys, KeyExchange, Secret};
use azike_wire::{KeyExchangeMethod, NotifyType, Payload, Role, Spi};

use crate::basis::Basis;
use crate::context::Context;
use crate::draft::Draft;
use crate::incoming::Incoming;
use crate::names::new_spi;
use crate::policy::Policy;
use crate::rekey_child::push_keying;
use crate::selection;

/// A new IKE SA.
#[derive(Debug)]
pub(crate) struct MadeIke {
    pub(crate) basis: Basis,
    /// The lower of the two nonces of the rekey that made it.
    pub(crate) lowest: Vec<u8>,
}

/// Answers the client's request: with the new IKE SA, or with an error.
pub(crate) fn answer(
    context: &mut Context<'_>,
    old: &Basis,
    request: &Incoming<'_>,
) -> Result<(Draft, MadeIke), Draft> {
    let syntax = || Draft::only(NotifyType::INVALID_SYNTAX, &[]);
    let (Some(sa), Some(nonce_i)) = (&request.sa, request.nonce) else {
        return Err(syntax());
    };
    let ke = request.key_exchange.ok_or_else(syntax)?;
    let spi_r = new_spi(context.random);
    let choice = selection::ike(&context.policy().ike, sa, Some(spi_r));
    let choice = choice.ok_or_else(|| Draft::only(NotifyType::NO_PROPOSAL_CHOSEN, &[]))?;
    let spi_i = Spi::from_octets(&choice.spi).ok_or_else(syntax)?;
    if ke.method != choice.group {
        let group = choice.group.0.to_be_bytes();
        return Err(Draft::only(NotifyType::INVALID_KE_PAYLOAD, &group));
    }
    let key_exchange = KeyExchange::generate(choice.group, context.random).ok_or_else(syntax)?;
    let g_ir = key_exchange.agree(ke.data).ok_or_else(syntax)?;
    let (nonce_i, nonce_r) = (nonce_i.octets(), context.nonce());

    let mut draft = Draft::new();
    draft.push(&Payload::SecurityAssociation(choice.answer));
    push_keying(&mut draft, &nonce_r, Some(&key_exchange));
    let agreed = (choice.algorithms, choice.group, &g_ir);
    let spis = (spi_i, spi_r);
    let made = make(
        old,
        Role::Responder,
        spis,
        (nonce_i, nonce_r.as_slice()),
        agreed,
    );
    Ok((draft, made))
}

/// A request of the gateway to replace the IKE SA.
#[derive(Debug)]
pub(crate) struct RekeyIke {
    /// What the client made of it meanwhile.
    pub(crate) rival: Option<Rival>,
    spi_i: Spi,
    nonce_i: Vec<u8>,
    key_exchange: KeyExchange,
}

/// An IKE SA that the client made while the gateway asked for one.
#[derive(Clone, Debug)]
pub(crate) struct Rival {
    pub(crate) spi_r: Spi,
    pub(crate) lowest: Vec<u8>,
}

/// What the client's answer means.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// There is a new IKE SA.
    Made(Box<MadeIke>),
    /// The same again in this group.
    Other(KeyExchangeMethod),
    /// Not now.
    Refused,
}

impl RekeyIke {
    /// With a key exchange in this group. `None` if it cannot be had.
    pub(crate) fn new(context: &mut Context<'_>, group: KeyExchangeMethod) -> Option<Self> {
        Some(Self {
            rival: None,
            spi_i: new_spi(context.random),
            nonce_i: context.nonce(),
            key_exchange: KeyExchange::generate(group, context.random)?,
        })
    }

    /// The payloads of the request.
    pub(crate) fn draft(&self, policy: &Policy) -> Draft {
        let mut draft = Draft::new();
        let offer = selection::ike_offer(&policy.ike, self.spi_i);
        draft.push(&Payload::SecurityAssociation(offer));
        push_keying(&mut draft, &self.nonce_i, Some(&self.key_exchange));
        draft
    }

    /// What the answer means.
    pub(crate) fn judge(&self, policy: &Policy, old: &Basis, answer: &Incoming<'_>) -> Judgement {
        if let Some(wanted) = answer.wanted_group() {
            let known = policy.ike.iter().any(|suite| suite.group == wanted);
            if known && wanted != self.key_exchange.method() {
                return Judgement::Other(wanted);
            }
        }
        let made = self.accept(policy, old, answer);
        made.map_or(Judgement::Refused, |made| Judgement::Made(Box::new(made)))
    }

    fn accept(&self, policy: &Policy, old: &Basis, answer: &Incoming<'_>) -> Option<MadeIke> {
        let (sa, nonce_r) = (answer.sa.as_ref()?, answer.nonce?.octets());
        let choice = selection::ike(&policy.ike, sa, None)?;
        let spi_r = Spi::from_octets(&choice.spi)?;
        let ke = answer.key_exchange.as_ref()?;
        let group = self.key_exchange.method();
        if ke.method != group || choice.group != group {
            return None;
        }
        let g_ir = self.key_exchange.agree(ke.data)?;
        let agreed = (choice.algorithms, group, &g_ir);
        let (nonces, spis) = ((self.nonce_i.as_slice(), nonce_r), (self.spi_i, spi_r));
        Some(make(old, Role::Initiator, spis, nonces, agreed))
    }
}

fn make(
    old: &Basis,
    role: Role,
    (spi_i, spi_r): (Spi, Spi),
    (nonce_i, nonce_r): (&[u8], &[u8]),
    (algorithms, group, g_ir): (IkeAlgorithms, KeyExchangeMethod, &Secret),
) -> MadeIke {
    let (prf, sk_d) = (old.prf(), &old.keys.sk_d);
    let keys = IkeKeys::rekey(algorithms, prf, sk_d, nonce_i, nonce_r, g_ir, spi_i, spi_r);
    MadeIke {
        basis: Basis {
            role,
            spi_i,
            spi_r,
            keys,
            group,
            fragments: old.fragments,
        },
        lowest: nonce_i.min(nonce_r).to_vec(),
    }
}
