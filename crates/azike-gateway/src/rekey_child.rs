//! A new Child SA in place of an old one, asked for by either side
//! (RFC 7296, sections 1.3.3, 2.9.2, 2.17).
//!
//! ```text
//!  HDR, SK { N(REKEY_SA), SA, N, [KE,] TSi, TSr }  -->
//!                                  <--  HDR, SK { SA, N, [KE,] TSi, TSr }
//! ```
//!
//! Who asks is the initiator of the exchange: its side is `TSi`, and it protects with the first
//! half of the keys.

use azike_crypto::{ChildKeys, KeyExchange, Secret};
use azike_wire::{
    EspSpi, KeyExchangeMethod, Nonce, Notify, NotifyType, Payload, ProtocolId, SecurityAssociation,
    TransformType,
};

use crate::basis::Basis;
use crate::children::{Child, Made, covers};
use crate::context::Context;
use crate::draft::Draft;
use crate::incoming::Incoming;
use crate::names::new_esp_spi;
use crate::policy::{Pfs, Policy};
use crate::selection::{self, ChildChoice};

/// Answers the client's request to replace `old`: with the new Child SA, or with an error.
pub(crate) fn answer(
    context: &mut Context<'_>,
    basis: &Basis,
    old: &Child,
    request: &Incoming<'_>,
) -> Result<(Draft, Made), Draft> {
    let syntax = || Draft::only(NotifyType::INVALID_SYNTAX, &[]);
    let (Some(sa), Some(nonce_i)) = (&request.sa, request.nonce) else {
        return Err(syntax());
    };
    let (Some(ts_i), Some(ts_r)) = (&request.ts_i, &request.ts_r) else {
        return Err(syntax());
    };
    if !covers(ts_i, &old.theirs) || !covers(ts_r, &old.ours) {
        return Err(Draft::only(NotifyType::TS_UNACCEPTABLE, &[]));
    }
    let spi_in = new_esp_spi(context.random);
    let brought = request.key_exchange.as_ref().map(|ke| ke.method);
    let (choice, group) = choose(context.policy(), sa, spi_in, brought)?;
    let mut agreed = None;
    if let (Some(group), Some(ke)) = (group, &request.key_exchange) {
        let key_exchange = KeyExchange::generate(group, context.random);
        let key_exchange = key_exchange.ok_or_else(syntax)?;
        let g_ir = key_exchange.agree(ke.data).ok_or_else(syntax)?;
        agreed = Some((key_exchange, g_ir));
    }
    let (nonce_i, nonce_r) = (nonce_i.octets(), context.nonce());

    let mut draft = Draft::new();
    draft.push(&Payload::SecurityAssociation(choice.answer));
    push_keying(&mut draft, &nonce_r, agreed.as_ref().map(|(ours, _)| ours));
    draft.push(&Payload::TsI(old.theirs.clone()));
    draft.push(&Payload::TsR(old.ours.clone()));

    let g_ir = agreed.as_ref().map(|(_, g_ir)| g_ir);
    let sk_d = &basis.keys.sk_d;
    let keys = ChildKeys::derive(
        basis.prf(),
        sk_d,
        g_ir,
        nonce_i,
        &nonce_r,
        choice.algorithms,
    );
    let made = Made {
        spi_in,
        spi_out: choice.spi_out,
        algorithms: choice.algorithms,
        inbound: keys.initiator,
        outbound: keys.responder,
        ours: old.ours.clone(),
        theirs: old.theirs.clone(),
        lowest: nonce_i.min(&nonce_r).to_vec(),
    };
    Ok((draft, made))
}

/// What to take from the client's offer, and in which group; `brought` is the group of its KE.
fn choose(
    policy: &Policy,
    offer: &SecurityAssociation,
    spi_in: EspSpi,
    brought: Option<KeyExchangeMethod>,
) -> Result<(ChildChoice, Option<KeyExchangeMethod>), Draft> {
    let with = |group| {
        let choice = selection::child(&policy.child, offer, (spi_in, group));
        choice.map(|choice| (choice, group))
    };
    // A KE of this group will do, and must come with an offer of it.
    let allowed = |group: &KeyExchangeMethod| match &policy.pfs {
        Pfs::Optional => KeyExchange::METHODS.contains(group),
        Pfs::Required(groups) => groups.contains(group),
        Pfs::Forbidden => false,
        Pfs::Only(only) => group == only,
    };
    let found = brought.filter(allowed).and_then(|group| with(Some(group)));
    let found = found.or_else(|| match policy.pfs {
        Pfs::Optional | Pfs::Forbidden => with(None).or_else(|| with(Some(NO_KEY_EXCHANGE))),
        Pfs::Required(_) | Pfs::Only(_) => None,
    });
    if let Some((choice, group)) = found {
        return Ok((choice, group.filter(|group| *group != NO_KEY_EXCHANGE)));
    }
    let better = match &policy.pfs {
        Pfs::Optional => offered_groups(offer).find(|group| KeyExchange::METHODS.contains(group)),
        Pfs::Required(groups) => {
            let mut groups = groups.iter().copied();
            groups.find(|group| with(Some(*group)).is_some())
        }
        Pfs::Forbidden => None,
        Pfs::Only(group) => Some(*group),
    };
    // The client's own group cannot be the better one.
    Err(match better.filter(|better| Some(*better) != brought) {
        Some(group) => Draft::only(NotifyType::INVALID_KE_PAYLOAD, &group.0.to_be_bytes()),
        None => Draft::only(NotifyType::NO_PROPOSAL_CHOSEN, &[]),
    })
}

/// "NONE" among the key exchange methods (RFC 7296, section 3.3.2).
const NO_KEY_EXCHANGE: KeyExchangeMethod = KeyExchangeMethod(0);

fn offered_groups(offer: &SecurityAssociation) -> impl Iterator<Item = KeyExchangeMethod> {
    let transforms = offer.proposals.iter();
    let groups = transforms.flat_map(|proposal| proposal.of_kind(TransformType::KE));
    groups.map(|transform| KeyExchangeMethod(transform.id))
}

/// Appends `N, [KE]`.
pub(crate) fn push_keying(draft: &mut Draft, nonce: &[u8], ours: Option<&KeyExchange>) {
    if let Ok(nonce) = Nonce::new(nonce) {
        draft.push(&Payload::Nonce(nonce));
    }
    if let Some(ours) = ours {
        draft.push(&Payload::KeyExchange(azike_wire::KeyExchange {
            method: ours.method(),
            data: ours.public(),
        }));
    }
}

/// A request of the gateway to replace a Child SA.
#[derive(Debug)]
pub(crate) struct RekeyChild {
    /// The one to replace.
    pub(crate) old: EspSpi,
    /// What the client made of the same one meanwhile.
    pub(crate) rival: Option<Rival>,
    spi_in: EspSpi,
    nonce_i: Vec<u8>,
    key_exchange: Option<KeyExchange>,
}

/// A Child SA that the client made while the gateway asked for one.
#[derive(Clone, Debug)]
pub(crate) struct Rival {
    pub(crate) spi_in: EspSpi,
    pub(crate) lowest: Vec<u8>,
}

/// What the client's answer means.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// There is a new Child SA.
    Made(Box<Made>),
    /// The same again in this group.
    Other(KeyExchangeMethod),
    /// The client knows nothing of the old one.
    Gone,
    /// Not now.
    Refused,
}

impl RekeyChild {
    /// In this group, or in the best one. `None` if it cannot be had.
    pub(crate) fn new(
        context: &mut Context<'_>,
        old: EspSpi,
        group: Option<KeyExchangeMethod>,
    ) -> Option<Self> {
        let groups = context.policy().pfs.groups();
        let key_exchange = match group.or_else(|| groups.first().copied()) {
            Some(group) => Some(KeyExchange::generate(group, context.random)?),
            None => None,
        };
        Some(Self {
            old,
            rival: None,
            spi_in: new_esp_spi(context.random),
            nonce_i: context.nonce(),
            key_exchange,
        })
    }

    /// The payloads of the request.
    pub(crate) fn draft(&self, policy: &Policy, old: &Child) -> Draft {
        let mut draft = Draft::new();
        draft.push(&Payload::Notify(Notify {
            protocol: ProtocolId::ESP,
            spi: &old.spi_in.octets(),
            kind: NotifyType::REKEY_SA,
            data: &[],
        }));
        let offer = selection::child_offer(&policy.child, policy.pfs.groups(), self.spi_in);
        draft.push(&Payload::SecurityAssociation(offer));
        push_keying(&mut draft, &self.nonce_i, self.key_exchange.as_ref());
        draft.push(&Payload::TsI(old.ours.clone()));
        draft.push(&Payload::TsR(old.theirs.clone()));
        draft
    }

    /// What the answer means; `old` as it was when we asked.
    pub(crate) fn judge(
        &self,
        policy: &Policy,
        (basis, old): (&Basis, &Child),
        answer: &Incoming<'_>,
    ) -> Judgement {
        if let Some(wanted) = answer.wanted_group() {
            let groups = policy.pfs.groups();
            let ours = self.key_exchange.as_ref().map(KeyExchange::method);
            if groups.contains(&wanted) && ours != Some(wanted) {
                return Judgement::Other(wanted);
            }
        }
        if answer.notify(NotifyType::CHILD_SA_NOT_FOUND).is_some() {
            return Judgement::Gone;
        }
        let made = self.accept(policy, (basis, old), answer);
        made.map_or(Judgement::Refused, |made| Judgement::Made(Box::new(made)))
    }

    fn accept(
        &self,
        policy: &Policy,
        (basis, old): (&Basis, &Child),
        answer: &Incoming<'_>,
    ) -> Option<Made> {
        let (sa, nonce_r) = (answer.sa.as_ref()?, answer.nonce?.octets());
        let group = self.key_exchange.as_ref().map(KeyExchange::method);
        let choice = selection::child(&policy.child, sa, (self.spi_in, group))?;
        let g_ir: Option<Secret> = match &self.key_exchange {
            Some(ours) => {
                let ke = answer.key_exchange.as_ref()?;
                Some(ours.agree(ke.data).filter(|_| ke.method == ours.method())?)
            }
            None => None,
        };
        let (ts_i, ts_r) = (answer.ts_i.as_ref()?, answer.ts_r.as_ref()?);
        if !covers(ts_i, &old.ours) || !covers(ts_r, &old.theirs) {
            return None;
        }
        let keys = ChildKeys::derive(
            basis.prf(),
            &basis.keys.sk_d,
            g_ir.as_ref(),
            &self.nonce_i,
            nonce_r,
            choice.algorithms,
        );
        Some(Made {
            spi_in: self.spi_in,
            spi_out: choice.spi_out,
            algorithms: choice.algorithms,
            inbound: keys.responder,
            outbound: keys.initiator,
            ours: old.ours.clone(),
            theirs: old.theirs.clone(),
            lowest: nonce_r.min(&self.nonce_i).to_vec(),
        })
    }
}
