//! Groups 19 and 20: the NIST curves (RFC 5903).
//!
//! On the wire a point is its x and its y without the leading octet of SEC 1,
//! and the shared secret is the x coordinate alone (RFC 5903, section 7).

/// The leading octet of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// The two functions of one curve: the crates have the same shape.
macro_rules! curve {
    ($module:ident, $coordinate:literal) => {
        pub(super) mod $module {
            use zeroize::Zeroizing;
            use $module::elliptic_curve::sec1::ToSec1Point as _;
            use $module::{PublicKey, SecretKey};

            use super::UNCOMPRESSED;
            use crate::key_exchange::DRAWS;
            use crate::random::Random;
            use crate::secret::Secret;

            /// Draws a scalar until it is in the range 1 to n − 1.
            pub(in crate::key_exchange) fn generate(
                random: &mut dyn Random,
            ) -> Option<(SecretKey, Vec<u8>)> {
                let key = (0..DRAWS).find_map(|_| {
                    let mut octets = Zeroizing::new([0; $coordinate]);
                    random.fill(octets.as_mut_slice());
                    SecretKey::from_slice(octets.as_slice()).ok()
                })?;
                let point = key.public_key().to_sec1_point(false);
                let public = point.as_bytes().get(1..)?.to_vec();
                Some((key, public))
            }

            /// The x coordinate of the product, if `peer` is a point of the
            /// curve. The curve's order is prime, so being on it and not being
            /// infinity, which x and y cannot express, is the whole check of
            /// RFC 6989, section 2.3.
            pub(in crate::key_exchange) fn agree(key: &SecretKey, peer: &[u8]) -> Option<Secret> {
                let mut point = [UNCOMPRESSED; 1 + 2 * $coordinate];
                let coordinates = point.get_mut(1..)?;
                if peer.len() != coordinates.len() {
                    return None;
                }
                coordinates.copy_from_slice(peer);
                let peer = PublicKey::from_sec1_bytes(&point).ok()?;
                let shared = key.diffie_hellman(&peer);
                Some(Secret::write($coordinate, |octets| {
                    octets.copy_from_slice(shared.raw_secret_bytes());
                }))
            }
        }
    };
}

curve!(p256, 32);
curve!(p384, 48);
