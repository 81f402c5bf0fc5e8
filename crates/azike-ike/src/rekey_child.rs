//! A new Child SA in place of an old one (RFC 7296, sections 1.3.3, 2.8, 2.17).
//!
//! ```text
//!  HDR, SK { N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr }  -->
//!                                    <--  HDR, SK { SA, Nr, [KEr,] TSi, TSr }
//! ```
//!
//! With or without a new key exchange: gateways differ in what they take, so each form is tried,
//! the one that worked last first.

use azike_crypto::{ChildKeys, KeyExchange, Random};
use azike_wire::{
    Chain, EspSpi, KeyExchangeMethod, Notify, NotifyType, Payload, PayloadType, ProtocolId,
};

use crate::children::{Child, covers};
use crate::event::ChildSa;
use crate::ike_sa::Basis;
use crate::payload_set::PayloadSet;
use crate::proposal::Offer;
use crate::round::Refusal;
use crate::sa_init::{new_esp_spi, new_nonce, notify};

/// With which key exchange.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// A new one, in this group.
    With(KeyExchangeMethod),
    /// None: the new keys come from the IKE SA's.
    Without,
}

impl Form {
    /// Its group.
    pub(crate) const fn group(self) -> Option<KeyExchangeMethod> {
        match self {
            Self::With(group) => Some(group),
            Self::Without => None,
        }
    }
}

/// Our request to replace a Child SA.
#[derive(Debug)]
pub(crate) struct RekeyChild {
    /// The one to replace, as it was when we asked: it may be gone when the answer comes.
    old: Child,
    pub(crate) form: Form,
    spi_in: EspSpi,
    nonce_i: [u8; 32],
    key_exchange: Option<KeyExchange>,
}

/// A new Child SA, made by either side.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) sa: ChildSa,
    /// The lower of the two nonces decides between two rekeys that crossed (section 2.8.1).
    pub(crate) lowest: Vec<u8>,
}

/// What the gateway's answer means.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// There is a new Child SA.
    Made(Box<Made>),
    /// Not in this form.
    Refused(Refusal),
    /// Not now.
    Later,
    /// The gateway has no such Child SA.
    Gone,
}

impl RekeyChild {
    /// Prepares a request. `None` if the group cannot be had.
    pub(crate) fn new(random: &mut dyn Random, old: &Child, form: Form) -> Option<Self> {
        let key_exchange = match form {
            Form::With(group) => Some(KeyExchange::generate(group, random)?),
            Form::Without => None,
        };
        Some(Self {
            old: old.clone(),
            form,
            spi_in: new_esp_spi(random),
            nonce_i: new_nonce(random),
            key_exchange,
        })
    }

    /// Our SPI of the one to replace.
    pub(crate) const fn old(&self) -> EspSpi {
        self.old.spi_in
    }

    /// Our SPI of the new one.
    pub(crate) const fn spi_in(&self) -> EspSpi {
        self.spi_in
    }

    /// The payloads of the request.
    pub(crate) fn chain(&self, offer: &Offer) -> Chain {
        let mut chain = Chain::new();
        // RFC 7296, section 1.3.3: the SPI of the notify is the one of packets to whoever asks.
        chain.push(&Payload::Notify(Notify {
            protocol: ProtocolId::ESP,
            spi: &self.old().octets(),
            kind: NotifyType::REKEY_SA,
            data: &[],
        }));
        let group = self.key_exchange.as_ref().map(KeyExchange::method);
        let sa = offer.child_payload(self.spi_in, group);
        chain.push(&Payload::SecurityAssociation(sa));
        push_nonce(&mut chain, &self.nonce_i);
        push_key_exchange(&mut chain, self.key_exchange.as_ref());
        chain.push(&Payload::TsI(self.old.ours.clone()));
        chain.push(&Payload::TsR(self.old.theirs.clone()));
        chain
    }

    /// Decides what the answer means.
    pub(crate) fn judge(&self, offer: &Offer, basis: &Basis, set: &PayloadSet<'_>) -> Judgement {
        match set.error() {
            Some(NotifyType::TEMPORARY_FAILURE) => Judgement::Later,
            Some(NotifyType::CHILD_SA_NOT_FOUND) => Judgement::Gone,
            Some(error) => Judgement::Refused(Refusal::of(error, set)),
            None => match self.accept(offer, basis, set) {
                Some(made) => Judgement::Made(Box::new(made)),
                None => Judgement::Refused(Refusal::default()),
            },
        }
    }

    fn accept(&self, offer: &Offer, basis: &Basis, set: &PayloadSet<'_>) -> Option<Made> {
        let nonce_r = set.nonce?.octets();
        let group = self.key_exchange.as_ref().map(KeyExchange::method);
        let (algorithms, spi_out) = offer.child_selection(set.sa.as_ref()?, group)?;
        let g_ir = match &self.key_exchange {
            Some(key_exchange) => {
                let ke = set.key_exchange.as_ref()?;
                let fits = ke.method == key_exchange.method();
                Some(key_exchange.agree(ke.data).filter(|_| fits)?)
            }
            None => None,
        };
        let (ts_i, ts_r) = (set.ts_i.as_ref()?, set.ts_r.as_ref()?);
        if !covers(ts_i, &self.old.ours) || !covers(ts_r, &self.old.theirs) {
            return None;
        }
        let keys = ChildKeys::derive(
            basis.algorithms.prf(),
            &basis.sk_d,
            g_ir.as_ref(),
            &self.nonce_i,
            nonce_r,
            algorithms,
        );
        Some(Made {
            lowest: nonce_r.min(self.nonce_i.as_slice()).to_vec(),
            sa: ChildSa {
                spi_in: self.spi_in,
                spi_out,
                algorithms,
                inbound: keys.responder,
                outbound: keys.initiator,
                ts_i: self.old.ours.clone(),
                ts_r: self.old.theirs.clone(),
            },
        })
    }
}

/// Answers the gateway's request to replace `child`: the payloads of the answer, and the new Child
/// SA; or just an error.
pub(crate) fn answer(
    offer: &Offer,
    child: &Child,
    basis: &Basis,
    random: &mut dyn Random,
    set: &PayloadSet<'_>,
) -> Result<(Chain, Made), Chain> {
    let error = |kind| error_chain(kind, &[]);
    let (Some(sa), Some(nonce_i), Some(ts_i), Some(ts_r)) =
        (&set.sa, set.nonce, &set.ts_i, &set.ts_r)
    else {
        return Err(error(NotifyType::INVALID_SYNTAX));
    };
    // In the gateway's exchange it is the initiator, so its side is TSi.
    if !covers(ts_i, &child.theirs) || !covers(ts_r, &child.ours) {
        return Err(error(NotifyType::TS_UNACCEPTABLE));
    }
    let choice = offer.choose_child(sa, child.algorithms);
    let choice = choice.ok_or_else(|| error(NotifyType::NO_PROPOSAL_CHOSEN))?;
    let agreed = match &set.key_exchange {
        Some(ke) if choice.groups.contains(&ke.method) => {
            let key_exchange = KeyExchange::generate(ke.method, random);
            let agreed = key_exchange.and_then(|ours| Some((ours.agree(ke.data)?, ours)));
            Some(agreed.ok_or_else(|| error(NotifyType::INVALID_SYNTAX))?)
        }
        _ if choice.without => None,
        _ => {
            let group = choice.groups.first();
            let group = group.ok_or_else(|| error(NotifyType::NO_PROPOSAL_CHOSEN))?;
            let data = group.0.to_be_bytes();
            return Err(error_chain(NotifyType::INVALID_KE_PAYLOAD, &data));
        }
    };
    let (nonce_r, spi_in) = (new_nonce(random), new_esp_spi(random));
    let (g_ir, key_exchange) = agreed.unzip();
    let mut chain = Chain::new();
    let group = key_exchange.as_ref().map(KeyExchange::method);
    chain.push(&Payload::SecurityAssociation(choice.payload(spi_in, group)));
    push_nonce(&mut chain, &nonce_r);
    push_key_exchange(&mut chain, key_exchange.as_ref());
    chain.push(&Payload::TsI(child.theirs.clone()));
    chain.push(&Payload::TsR(child.ours.clone()));
    let nonce_i = nonce_i.octets();
    let keys = ChildKeys::derive(
        basis.algorithms.prf(),
        &basis.sk_d,
        g_ir.as_ref(),
        nonce_i,
        &nonce_r,
        choice.algorithms,
    );
    let made = Made {
        lowest: nonce_i.min(nonce_r.as_slice()).to_vec(),
        sa: ChildSa {
            spi_in,
            spi_out: choice.spi,
            algorithms: choice.algorithms,
            inbound: keys.initiator,
            outbound: keys.responder,
            ts_i: child.ours.clone(),
            ts_r: child.theirs.clone(),
        },
    };
    Ok((chain, made))
}

/// A message with one error.
pub(crate) fn error_chain(kind: NotifyType, data: &[u8]) -> Chain {
    let mut chain = Chain::new();
    chain.push(&notify(kind, data));
    chain
}

/// Adds Ni or Nr.
pub(crate) fn push_nonce(chain: &mut Chain, nonce: &[u8; 32]) {
    chain.payload(PayloadType::NONCE, |body| body.extend_from_slice(nonce));
}

/// Adds a KE payload.
pub(crate) fn push_key_exchange(chain: &mut Chain, key_exchange: Option<&KeyExchange>) {
    if let Some(key_exchange) = key_exchange {
        chain.push(&Payload::KeyExchange(azike_wire::KeyExchange {
            method: key_exchange.method(),
            data: key_exchange.public(),
        }));
    }
}
