//! Key exchange: our half of it, and what it makes of the other half
//! (RFC 7296, sections 1.2 and 3.4).
//!
//! A value may be used several times. An `IKE_SA_INIT` response proves nothing
//! about its sender, so an initiator tries each response it gets against the
//! same private value until one of them opens (RFC 7296, section 2.4).
//!
//! The private value comes out of the caller's [`Random`] and the arithmetic
//! from constant-time libraries: `p256`, `p384`, `x25519-dalek`, and
//! `crypto-bigint` for MODP. Why not ring:
//! `docs/decisions/0001-key-exchange-primitives.md`.

use std::fmt;

use azike_wire::KeyExchangeMethod;

use crate::random::Random;
use crate::secret::Secret;
use modp::{Modp2, Modp14, Modp24};

mod curve25519;
mod ecp;
mod modp;
mod modp_groups;

/// How often a private value may be drawn before the source of randomness is
/// found to be broken. Even for the worst group (19), a draw fails once in
/// 2^32 only.
const DRAWS: usize = 16;

/// Our half of a key exchange.
pub struct KeyExchange {
    method: KeyExchangeMethod,
    public: Vec<u8>,
    private: Private,
}

enum Private {
    Modp2(Modp2),
    Modp14(Modp14),
    Modp24(Modp24),
    Ecp256(p256::SecretKey),
    Ecp384(p384::SecretKey),
    Curve25519(x25519_dalek::StaticSecret),
}

impl KeyExchange {
    /// The methods that [`KeyExchange::generate`] knows, best first.
    pub const METHODS: [KeyExchangeMethod; 6] = [
        KeyExchangeMethod::CURVE25519,
        KeyExchangeMethod::ECP_256,
        KeyExchangeMethod::ECP_384,
        KeyExchangeMethod::MODP_2048,
        KeyExchangeMethod::MODP_2048_256,
        KeyExchangeMethod::MODP_1024,
    ];

    /// Draws a private value for `method`; nothing if the method is not one of
    /// [`KeyExchange::METHODS`], or if `random` gives no usable value.
    pub fn generate(method: KeyExchangeMethod, random: &mut dyn Random) -> Option<Self> {
        let (private, public) = match method {
            KeyExchangeMethod::MODP_1024 => {
                let (modp, public) = Modp2::generate(random);
                (Private::Modp2(modp), public)
            }
            KeyExchangeMethod::MODP_2048 => {
                let (modp, public) = Modp14::generate(random);
                (Private::Modp14(modp), public)
            }
            KeyExchangeMethod::MODP_2048_256 => {
                let (modp, public) = Modp24::generate(random);
                (Private::Modp24(modp), public)
            }
            KeyExchangeMethod::ECP_256 => {
                let (key, public) = ecp::p256::generate(random)?;
                (Private::Ecp256(key), public)
            }
            KeyExchangeMethod::ECP_384 => {
                let (key, public) = ecp::p384::generate(random)?;
                (Private::Ecp384(key), public)
            }
            KeyExchangeMethod::CURVE25519 => {
                let (key, public) = curve25519::generate(random);
                (Private::Curve25519(key), public)
            }
            _ => return None,
        };
        Some(Self {
            method,
            public,
            private,
        })
    }

    /// The method this half was made for.
    pub const fn method(&self) -> KeyExchangeMethod {
        self.method
    }

    /// The Key Exchange Data of our KE payload: for a MODP group as long as its
    /// prime (RFC 7296, section 3.4), for a curve x and y (RFC 5903, section
    /// 7), for Curve25519 32 octets (RFC 8031, section 2).
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The shared secret `g^ir` with the Key Exchange Data of the peer: as long
    /// as the prime for MODP, the x coordinate for a curve.
    ///
    /// Nothing for a value that no honest peer sends (RFC 6989, section 2; RFC
    /// 8031, section 2): wrong length; for MODP 0, 1, p − 1 or more, and in
    /// group 24 a value outside the subgroup; a point that is not on the curve;
    /// a Curve25519 value of small order.
    pub fn agree(&self, peer: &[u8]) -> Option<Secret> {
        match &self.private {
            Private::Modp2(modp) => modp.agree(peer),
            Private::Modp14(modp) => modp.agree(peer),
            Private::Modp24(modp) => modp.agree(peer),
            Private::Ecp256(key) => ecp::p256::agree(key, peer),
            Private::Ecp384(key) => ecp::p384::agree(key, peer),
            Private::Curve25519(key) => curve25519::agree(key, peer),
        }
    }
}

impl fmt::Debug for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyExchange")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
