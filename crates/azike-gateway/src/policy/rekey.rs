//! How a gateway replaces SAs.

use std::time::Duration;

use azike_wire::{KeyExchangeMethod, NotifyType};

/// Whether a Child SA gets keys from a key exchange of its own when it is rekeyed
/// (RFC 7296, section 1.3.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pfs {
    /// The client decides, and any group will do. A rekey of the gateway's own goes without.
    Optional,
    /// There must be one, in one of these groups, the best first.
    Required(Vec<KeyExchangeMethod>),
    /// There must be none.
    Forbidden,
    /// In this group, and in no other: who brings another one, or none, is told so by
    /// `INVALID_KE_PAYLOAD`, whether the group was offered or not.
    Only(KeyExchangeMethod),
}

impl Pfs {
    /// The groups that the gateway offers itself.
    pub(crate) fn groups(&self) -> &[KeyExchangeMethod] {
        match self {
            Self::Optional | Self::Forbidden => &[],
            Self::Required(groups) => groups,
            Self::Only(group) => std::slice::from_ref(group),
        }
    }
}

/// How long the gateway uses SAs. It starts a little earlier, by chance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetimes {
    /// A Child SA.
    pub child: Duration,
    /// An IKE SA.
    pub ike: Duration,
}

/// How a rekey of the client is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RekeyRefusal {
    /// The error notify. Windows goes without, at times.
    pub notify: Option<NotifyType>,
    /// A Windows error code, in private notify 12345: 13816 for a key exchange that it did not
    /// expect.
    pub ms_status: Option<u32>,
}
