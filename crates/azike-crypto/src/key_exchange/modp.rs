//! Groups 2, 14 and 24: exponentiation modulo a prime (RFC 2409, RFC 3526,
//! RFC 5114).
//!
//! Private exponents are short: the group gives no more security than an
//! exponent of twice its strength in bits (RFC 3526, section 8), and a short
//! one makes an exchange eight times as fast. Every exponentiation with a
//! private exponent runs over the full length of that exponent, whatever its
//! value, so that time says nothing about it.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U256, U320, U1024, U2048, Uint};
use zeroize::{Zeroize as _, Zeroizing};

use super::modp_groups::{GENERATOR_24, ORDER_24, PRIME_2, PRIME_14, PRIME_24};
use crate::random::Random;
use crate::secret::Secret;

/// Group 2 with an exponent of 256 bits. Too small to be safe today: only for
/// a gateway whose administrator chose it.
pub(super) type Modp2 = Modp<{ U1024::LIMBS }, { U256::LIMBS }>;
/// Group 14 with an exponent of 320 bits, the upper estimate of RFC 3526.
pub(super) type Modp14 = Modp<{ U2048::LIMBS }, { U320::LIMBS }>;
/// Group 24 with an exponent of 256 bits, the size of its subgroup.
pub(super) type Modp24 = Modp<{ U2048::LIMBS }, { U256::LIMBS }>;

/// A private exponent in its group.
pub(super) struct Modp<const LIMBS: usize, const EXPONENT_LIMBS: usize> {
    group: Group<LIMBS>,
    exponent: Zeroizing<Uint<EXPONENT_LIMBS>>,
}

struct Group<const LIMBS: usize> {
    params: FixedMontyParams<LIMBS>,
    generator: Uint<LIMBS>,
    /// The order of a small subgroup that every honest value is in.
    order: Option<U256>,
}

impl Modp2 {
    pub(super) fn generate(random: &mut dyn Random) -> (Self, Vec<u8>) {
        Self::draw(
            Group::new(Odd::<U1024>::from_be_hex(PRIME_2), U1024::from_u8(2), None),
            random,
        )
    }
}

impl Modp14 {
    pub(super) fn generate(random: &mut dyn Random) -> (Self, Vec<u8>) {
        Self::draw(
            Group::new(Odd::<U2048>::from_be_hex(PRIME_14), U2048::from_u8(2), None),
            random,
        )
    }
}

impl Modp24 {
    pub(super) fn generate(random: &mut dyn Random) -> (Self, Vec<u8>) {
        let generator = U2048::from_be_hex(GENERATOR_24);
        let order = U256::from_be_hex(ORDER_24);
        Self::draw(
            Group::new(Odd::<U2048>::from_be_hex(PRIME_24), generator, Some(order)),
            random,
        )
    }
}

impl<const LIMBS: usize, const EXPONENT_LIMBS: usize> Modp<LIMBS, EXPONENT_LIMBS> {
    /// Our half: the exponent, and the generator to its power.
    fn draw(group: Group<LIMBS>, random: &mut dyn Random) -> (Self, Vec<u8>) {
        let mut octets = Zeroizing::new(vec![0; Uint::<EXPONENT_LIMBS>::BYTES]);
        random.fill(&mut octets);
        let exponent = Zeroizing::new(Uint::from_be_slice(&octets));
        let modp = Self { group, exponent };
        let public = modp.power(&modp.group.generator);
        let public = public.to_be_bytes().as_ref().to_vec();
        (modp, public)
    }

    pub(super) fn agree(&self, peer: &[u8]) -> Option<Secret> {
        let peer = self.group.decode(peer)?;
        let shared = Zeroizing::new(self.power(&peer));
        Some(Secret::write(Uint::<LIMBS>::BYTES, |octets| {
            let mut encoded = shared.to_be_bytes();
            octets.copy_from_slice(encoded.as_ref());
            encoded.as_mut().zeroize();
        }))
    }

    /// `base` to the power of the private exponent, in constant time.
    fn power(&self, base: &Uint<LIMBS>) -> Uint<LIMBS> {
        let base = FixedMontyForm::new(base, &self.group.params);
        Zeroizing::new(base.pow(&*self.exponent)).retrieve()
    }
}

impl<const LIMBS: usize> Group<LIMBS> {
    /// All three numbers are public constants; time may depend on them.
    fn new(prime: Odd<Uint<LIMBS>>, generator: Uint<LIMBS>, order: Option<U256>) -> Self {
        Self {
            params: FixedMontyParams::new_vartime(prime),
            generator,
            order,
        }
    }

    /// The public value of a peer, checked as RFC 6989, sections 2.1 and 2.2,
    /// ask for.
    fn decode(&self, peer: &[u8]) -> Option<Uint<LIMBS>> {
        // RFC 7296, section 3.4: as long as the prime, with zeros in front.
        if peer.len() != Uint::<LIMBS>::BYTES {
            return None;
        }
        let peer = Uint::<LIMBS>::from_be_slice(peer);
        let largest = self.params.modulus().wrapping_sub(&Uint::ONE);
        if peer <= Uint::ONE || peer >= largest {
            return None;
        }
        match self.order {
            Some(order) if !self.has_order(&peer, &order) => None,
            Some(_) | None => Some(peer),
        }
    }

    /// Whether `value` to the power of `order` is 1. Both are public.
    fn has_order(&self, value: &Uint<LIMBS>, order: &U256) -> bool {
        let value = FixedMontyForm::new(value, &self.params);
        value.pow_vartime(order) == FixedMontyForm::one(&self.params)
    }
}
