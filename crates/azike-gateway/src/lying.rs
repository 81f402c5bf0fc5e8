//! The gateway that lies: what libreswan calls impair and strongSwan's conftest calls hooks.
//!
//! A [`Lie`] changes one message of an otherwise honest gateway, at one of three depths: its
//! payloads, the chain before it is sealed, the datagrams. [`Proof`] is another kind: a gateway that
//! computes AUTH in a way that must not be accepted. [`table`] is the collection of them.

pub mod table;

use azike_wire::MessageKind;

use crate::draft::Draft;

/// A deviation from the protocol.
#[derive(Clone, Copy, Debug)]
pub struct Lie {
    /// What it does, as a phrase.
    pub name: &'static str,
    /// Which message it changes.
    pub at: At,
    /// How.
    pub change: Change,
}

/// A message of the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum At {
    /// The `IKE_SA_INIT` response that accepts.
    SaInit,
    /// The `IKE_AUTH` response of this number, from 1.
    Auth(u32),
    /// Any response after `IKE_AUTH`.
    Later,
    /// A request or a response of `CREATE_CHILD_SA`.
    CreateChild(MessageKind),
    /// A request or a response of `INFORMATIONAL`.
    Informational(MessageKind),
}

impl At {
    /// Whether a lie for `self` is told in a message at `place`.
    fn covers(self, place: Self) -> bool {
        let later = match place {
            Self::CreateChild(kind) | Self::Informational(kind) => kind == MessageKind::Response,
            Self::SaInit | Self::Auth(_) | Self::Later => false,
        };
        self == place || (self == Self::Later && later)
    }
}

impl Lie {
    /// The same in another message.
    #[must_use]
    pub const fn told_at(self, at: At) -> Self {
        Self { at, ..self }
    }
}

/// How a message is changed.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Payloads are changed, added, taken away.
    Draft(fn(&mut Draft)),
    /// The octets before they are sealed; of `IKE_SA_INIT` the whole message.
    Plaintext(fn(&mut Vec<u8>)),
    /// The datagrams as they leave.
    Sealed(fn(&mut Vec<Vec<u8>>)),
    /// AUTH is computed otherwise. The message is the one with AUTH in it.
    Proof(Proof),
}

/// A wrong way to compute AUTH (RFC 7296, sections 2.15 and 2.16).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// Over the client's first message, not the gateway's.
    OtherMessage,
    /// Over the gateway's nonce, not the client's.
    OtherNonce,
    /// Over the client's identity.
    OtherIdentity,
    /// Over no identity at all.
    NoIdentity,
    /// The MAC of the identity is made with `SK_pi`, not `SK_pr`.
    SkPi,
    /// Over what the client signs: a reflection.
    InitiatorOctets,
    /// With the key of [`Config::tls_identity`](crate::Config::tls_identity).
    OtherKey,
    /// With the MSK, but not through the key pad.
    NoKeyPad,
    /// With an MSK of zeros.
    ZeroMsk,
    /// With `SK_pr` in place of the MSK.
    SkPrForMsk,
}

pub(crate) fn change_draft(lies: &[Lie], at: At, draft: &mut Draft) {
    for lie in lies.iter().filter(|lie| lie.at.covers(at)) {
        if let Change::Draft(change) = lie.change {
            change(draft);
        }
    }
}

pub(crate) fn change_plaintext(lies: &[Lie], at: At, octets: &mut Vec<u8>) {
    for lie in lies.iter().filter(|lie| lie.at.covers(at)) {
        if let Change::Plaintext(change) = lie.change {
            change(octets);
        }
    }
}

pub(crate) fn change_sealed(lies: &[Lie], at: At, datagrams: &mut Vec<Vec<u8>>) {
    for lie in lies.iter().filter(|lie| lie.at.covers(at)) {
        if let Change::Sealed(change) = lie.change {
            change(datagrams);
        }
    }
}

/// The wrong way to compute AUTH, if there is one.
pub(crate) fn proof(lies: &[Lie]) -> Option<Proof> {
    lies.iter().find_map(|lie| match lie.change {
        Change::Proof(proof) => Some(proof),
        Change::Draft(_) | Change::Plaintext(_) | Change::Sealed(_) => None,
    })
}
