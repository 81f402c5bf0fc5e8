//! Group 31: Curve25519 (RFC 7748, RFC 8031).

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::secret::Secret;

pub(super) fn generate(random: &mut dyn Random) -> (StaticSecret, Vec<u8>) {
    let mut octets = Zeroizing::new([0; 32]);
    random.fill(octets.as_mut_slice());
    let key = StaticSecret::from(*octets);
    let public = PublicKey::from(&key).to_bytes().to_vec();
    (key, public)
}

pub(super) fn agree(key: &StaticSecret, peer: &[u8]) -> Option<Secret> {
    let peer = <[u8; 32]>::try_from(peer).ok()?;
    let shared = key.diffie_hellman(&PublicKey::from(peer));
    // RFC 8031, section 2: a zero result means the peer chose a point of small
    // order, and the secret would be known to everybody.
    shared
        .was_contributory()
        .then(|| Secret::write(32, |octets| octets.copy_from_slice(shared.as_bytes())))
}
