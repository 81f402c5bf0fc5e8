//! The collection of lies, by the message they are told in.
//!
//! The names are what a test looks them up by; each is used once. Which outcome each of them must
//! have is not known here: that is the client's business, and its tests'.

mod auth;
mod create_child;
mod eap;
mod informational;
mod sa;
mod sa_init;
mod sealed;

use super::{At, Change, Lie, Proof};
use crate::draft::Draft;

/// Every lie of a login.
pub fn lies() -> impl Iterator<Item = Lie> {
    let tables = [
        sa_init::LIES,
        sa_init::HEADERS,
        auth::LIES,
        auth::CHILD,
        eap::LIES,
        sealed::LIES,
        PROOFS,
    ];
    tables.into_iter().flatten().copied()
}

/// Every lie in the answer to a rekey that makes it a botched one. Those that are about a Child
/// SA only come last, and not at all unless `child`.
pub fn rekey_lies(child: bool) -> impl Iterator<Item = Lie> {
    let more = if child { create_child::CHILD } else { &[] };
    create_child::LIES.iter().chain(more).copied()
}

/// What is strange in the answer to the rekey of a Child SA, and does no harm.
pub fn strange_rekeys() -> impl Iterator<Item = Lie> {
    create_child::WIDE.iter().copied()
}

/// Every lie in the answer to an `INFORMATIONAL` request.
pub fn informational_lies() -> impl Iterator<Item = Lie> {
    informational::LIES.iter().copied()
}

/// The lies in octets, told in another message than the first of `IKE_AUTH`: what somebody on
/// the way could do as well.
pub fn sealed_lies(at: At) -> impl Iterator<Item = Lie> {
    sealed::LIES.iter().map(move |lie| lie.told_at(at))
}

/// The lie of a login of this name.
///
/// # Panics
///
/// If there is none.
#[expect(clippy::expect_used, reason = "a test that names no lie tests nothing")]
pub fn lie(name: &str) -> Lie {
    lies().find(|lie| lie.name == name).expect(name)
}

/// AUTH computed otherwise.
const PROOFS: &[Lie] = &[
    proof("AUTH over the client's message", Proof::OtherMessage),
    proof("AUTH over the gateway's nonce", Proof::OtherNonce),
    proof("AUTH over the client's identity", Proof::OtherIdentity),
    proof("AUTH over no identity", Proof::NoIdentity),
    proof("AUTH with SK_pi", Proof::SkPi),
    proof("AUTH over what the client signs", Proof::InitiatorOctets),
    proof("AUTH with another key", Proof::OtherKey),
    proof("AUTH with the MSK, without the pad", Proof::NoKeyPad),
    proof("AUTH with an MSK of zeros", Proof::ZeroMsk),
    proof("AUTH with SK_pr for the MSK", Proof::SkPrForMsk),
];

const fn proof(name: &'static str, proof: Proof) -> Lie {
    Lie {
        name,
        at: At::Auth(1),
        change: Change::Proof(proof),
    }
}

const fn draft(name: &'static str, at: At, change: fn(&mut Draft)) -> Lie {
    Lie {
        name,
        at,
        change: Change::Draft(change),
    }
}

const fn plaintext(name: &'static str, at: At, change: fn(&mut Vec<u8>)) -> Lie {
    Lie {
        name,
        at,
        change: Change::Plaintext(change),
    }
}

/// Changes each datagram.
const fn each(name: &'static str, at: At, change: fn(&mut Vec<Vec<u8>>)) -> Lie {
    Lie {
        name,
        at,
        change: Change::Sealed(change),
    }
}

/// Overwrites one octet, if there is one.
fn set(octets: &mut [u8], at: usize, value: u8) {
    if let Some(octet) = octets.get_mut(at) {
        *octet = value;
    }
}

/// Overwrites the length field of a header with what is there.
fn fix_length(message: &mut [u8]) {
    let length = u32::try_from(message.len()).unwrap_or_default();
    for (at, octet) in (24..).zip(length.to_be_bytes()) {
        set(message, at, octet);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_is_used_once() {
        let rekeys: Vec<_> = rekey_lies(true).chain(strange_rekeys()).collect();
        for table in [lies().collect(), rekeys, informational_lies().collect()] {
            let names: BTreeSet<_> = table.iter().map(|lie| lie.name).collect();
            assert_eq!(names.len(), table.len());
        }
    }
}
