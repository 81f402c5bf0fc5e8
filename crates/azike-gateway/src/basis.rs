//! What an IKE SA is made of, whoever made it.

use azike_crypto::{IkeKeys, Prf};
use azike_wire::{KeyExchangeMethod, Role, Spi};

/// Names and keys of an IKE SA.
#[derive(Debug)]
pub(crate) struct Basis {
    /// The gateway's: the original initiator is who made this IKE SA, by `IKE_SA_INIT` or by a
    /// rekey (RFC 7296, section 2.18).
    pub(crate) role: Role,
    pub(crate) spi_i: Spi,
    pub(crate) spi_r: Spi,
    pub(crate) keys: IkeKeys,
    pub(crate) group: KeyExchangeMethod,
    /// Both take fragments.
    pub(crate) fragments: bool,
}

impl Basis {
    pub(crate) const fn prf(&self) -> Prf {
        self.keys.algorithms().prf()
    }
}
