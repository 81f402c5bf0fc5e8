//! Groups 2, 14, 24, 19, 20, 31.

use azike_crypto::KeyExchange;
use azike_wire::KeyExchangeMethod;

use crate::numbers::{Chosen, Counter, file, hex, number, octets, tests};

const RFC_5114: &str = include_str!("../vectors/rfc5114.json");
const RFC_5903: &str = include_str!("../vectors/rfc5903.json");
const RFC_8031: &str = include_str!("../vectors/rfc8031.json");
const MODP: &str = include_str!("../vectors/modp.json");

/// Two private values, the public values they must give, and the secret.
struct Case {
    method: KeyExchangeMethod,
    private: [Vec<u8>; 2],
    public: [Vec<u8>; 2],
    shared: Vec<u8>,
}

impl Case {
    fn check(self) {
        let [i, r] = self
            .private
            .map(|private| KeyExchange::generate(self.method, &mut Chosen(private)).unwrap());
        assert_eq!(i.method(), self.method);
        assert_eq!(i.public(), self.public[0], "{}", self.method);
        assert_eq!(r.public(), self.public[1], "{}", self.method);
        assert_eq!(
            i.agree(r.public()).unwrap().expose(),
            self.shared,
            "{}",
            self.method
        );
        assert_eq!(
            r.agree(i.public()).unwrap().expose(),
            self.shared,
            "{}",
            self.method
        );
    }
}

#[test]
fn rfc_5903_random_ecp_groups() {
    for case in tests(RFC_5903) {
        let public = |party| {
            let coordinate = |axis| octets(&case, &format!("g{party}{axis}"));
            let public = [coordinate("x"), coordinate("y")].concat();
            // The RFC prints the whole payload too: header, group, reserved, value.
            let payload = octets(&case, &format!("KE{party}_payload"));
            assert_eq!(payload[8..], public);
            public
        };
        Case {
            method: KeyExchangeMethod(number(&case, "group")),
            private: [octets(&case, "i"), octets(&case, "r")],
            public: [public("i"), public("r")],
            shared: octets(&case, "shared"),
        }
        .check();
    }
}

#[test]
fn rfc_5114_groups() {
    for case in tests(RFC_5114) {
        let method = KeyExchangeMethod(number(&case, "group"));
        if method == KeyExchangeMethod::MODP_2048_256 {
            Case {
                method,
                private: [octets(&case, "xA"), octets(&case, "xB")],
                public: [octets(&case, "yA"), octets(&case, "yB")],
                shared: octets(&case, "Z"),
            }
            .check();
        } else {
            let public = |party| {
                let coordinate = |axis| octets(&case, &format!("{axis}_q{party}"));
                [coordinate("x"), coordinate("y")].concat()
            };
            Case {
                method,
                private: [octets(&case, "dA"), octets(&case, "dB")],
                public: [public("A"), public("B")],
                shared: octets(&case, "x_Z"),
            }
            .check();
        }
    }
}

#[test]
fn rfc_8031_curve25519() {
    let case = file(RFC_8031);
    Case {
        method: KeyExchangeMethod::CURVE25519,
        private: [octets(&case, "fixed_i"), octets(&case, "fixed_r")],
        public: [octets(&case, "pub_i"), octets(&case, "pub_r")],
        shared: octets(&case, "shared"),
    }
    .check();
}

/// No standard prints an exchange for groups 2 and 14: an independent
/// implementation made these.
#[test]
fn modp_groups_agree_with_python() {
    for case in tests(MODP) {
        Case {
            method: KeyExchangeMethod(number(&case, "group")),
            private: [octets(&case, "i"), octets(&case, "r")],
            public: [octets(&case, "gi"), octets(&case, "gr")],
            shared: octets(&case, "shared"),
        }
        .check();
    }
}

/// Several responses may have to be tried against one private value.
#[test]
fn one_half_agrees_with_many_peers() {
    for method in KeyExchange::METHODS {
        let ours = KeyExchange::generate(method, &mut Counter(1)).unwrap();
        assert!(ours.agree(&[]).is_none(), "{method}");
        for seed in 2..5 {
            let theirs = KeyExchange::generate(method, &mut Counter(seed)).unwrap();
            let shared = ours.agree(theirs.public()).unwrap();
            assert_eq!(
                shared.expose(),
                theirs.agree(ours.public()).unwrap().expose()
            );
            assert_ne!(theirs.public(), ours.public(), "{method}");
        }
    }
}

#[test]
fn unknown_methods_are_not_made() {
    for method in [0, 1, 5, 15, 21, 22, 23, 32, 35, 36, 37, 1024, u16::MAX] {
        let method = KeyExchangeMethod(method);
        assert!(
            KeyExchange::generate(method, &mut Counter(1)).is_none(),
            "{method}"
        );
    }
}

/// Randomness that is always zero gives no scalar, and no endless loop.
#[test]
fn broken_randomness_gives_no_ecp_half() {
    let mut zeros = Chosen(vec![0; 4096]);
    assert!(KeyExchange::generate(KeyExchangeMethod::ECP_256, &mut zeros).is_none());
    let mut ones = Chosen(vec![0xff; 4096]);
    assert!(KeyExchange::generate(KeyExchangeMethod::ECP_384, &mut ones).is_none());
}

/// N-21: the length is the group's, neither more nor less.
#[test]
fn n21_wrong_length() {
    for method in KeyExchange::METHODS {
        let ours = KeyExchange::generate(method, &mut Counter(1)).unwrap();
        let theirs = KeyExchange::generate(method, &mut Counter(2)).unwrap();
        let public = theirs.public();
        assert!(ours.agree(&public[1..]).is_none(), "{method}");
        assert!(
            ours.agree(&public[..public.len() - 1]).is_none(),
            "{method}"
        );
        assert!(ours.agree(&[&[0], public].concat()).is_none(), "{method}");
        assert!(ours.agree(&[public, &[0]].concat()).is_none(), "{method}");
    }
}

/// N-21: 0, 1, p - 1, p, p + 1 and the largest number.
#[test]
fn n21_modp_degenerate_values() {
    for method in [
        KeyExchangeMethod::MODP_1024,
        KeyExchangeMethod::MODP_2048,
        KeyExchangeMethod::MODP_2048_256,
    ] {
        let ours = KeyExchange::generate(method, &mut Counter(1)).unwrap();
        let prime = prime(method);
        let small = |last: u8| [&vec![0; prime.len() - 1][..], &[last]].concat();
        let near_prime = |last: u8| [&prime[..prime.len() - 1], &[last]].concat();
        let last = *prime.last().unwrap();
        assert_eq!(last % 2, 1);
        assert!(ours.agree(&small(0)).is_none());
        assert!(ours.agree(&small(1)).is_none());
        assert!(ours.agree(&near_prime(last - 1)).is_none());
        assert!(ours.agree(&prime).is_none());
        assert!(ours.agree(&vec![0xff; prime.len()]).is_none());
        // Two is an honest value where there is no subgroup to be in.
        let two = ours.agree(&small(2));
        assert_eq!(two.is_some(), method != KeyExchangeMethod::MODP_2048_256);
    }
}

/// N-21 for group 24: the negative of an honest value is not in the subgroup
/// (RFC 6989, section 2.2).
#[test]
fn n21_modp_value_outside_the_subgroup() {
    let method = KeyExchangeMethod::MODP_2048_256;
    let ours = KeyExchange::generate(method, &mut Counter(1)).unwrap();
    let theirs = KeyExchange::generate(method, &mut Counter(2)).unwrap();
    let negative = subtract(&prime(method), theirs.public());
    assert!(ours.agree(theirs.public()).is_some());
    assert!(ours.agree(&negative).is_none());
}

/// N-21: off the curve, infinity as zeros, coordinates not reduced.
#[test]
fn n21_ecp_bad_points() {
    for (method, length) in [
        (KeyExchangeMethod::ECP_256, 32),
        (KeyExchangeMethod::ECP_384, 48),
    ] {
        let ours = KeyExchange::generate(method, &mut Counter(1)).unwrap();
        let theirs = KeyExchange::generate(method, &mut Counter(2)).unwrap();
        let mut off_curve = theirs.public().to_vec();
        *off_curve.last_mut().unwrap() ^= 1;
        assert!(ours.agree(&off_curve).is_none(), "{method}");
        assert!(ours.agree(&vec![0; 2 * length]).is_none(), "{method}");
        assert!(ours.agree(&vec![0xff; 2 * length]).is_none(), "{method}");
        // SEC 1 forms: with its leading octet, compressed.
        assert!(
            ours.agree(&[&[4], theirs.public()].concat()).is_none(),
            "{method}"
        );
        assert!(
            ours.agree(&[&[2], &theirs.public()[..length]].concat())
                .is_none(),
            "{method}"
        );
    }
}

/// N-21: the points of small order of Curve25519 give zero (RFC 7748, section
/// 6.1; RFC 8031, section 2).
#[test]
fn n21_curve25519_small_order() {
    let ours = KeyExchange::generate(KeyExchangeMethod::CURVE25519, &mut Counter(1)).unwrap();
    for point in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        assert!(ours.agree(&hex(point)).is_none(), "{point}");
    }
}

#[test]
fn debug_does_not_show_the_private_value() {
    let ours = KeyExchange::generate(KeyExchangeMethod::CURVE25519, &mut Counter(1)).unwrap();
    assert_eq!(
        format!("{ours:?}"),
        "KeyExchange { method: CURVE25519, .. }"
    );
}

/// The prime of a MODP group, from the standards' files.
fn prime(method: KeyExchangeMethod) -> Vec<u8> {
    let with_group = |json| {
        let cases = tests(json);
        let case = cases
            .into_iter()
            .find(|case| number::<u16>(case, "group") == method.0);
        octets(&case.unwrap(), "p")
    };
    match method {
        KeyExchangeMethod::MODP_2048_256 => with_group(RFC_5114),
        _ => with_group(include_str!("../vectors/modp_primes.json")),
    }
}

fn subtract(larger: &[u8], smaller: &[u8]) -> Vec<u8> {
    let mut borrow = false;
    let mut digits: Vec<u8> = std::iter::zip(larger.iter().rev(), smaller.iter().rev())
        .map(|(&larger, &smaller)| {
            let (digit, first) = larger.overflowing_sub(smaller);
            let (digit, second) = digit.overflowing_sub(u8::from(borrow));
            borrow = first || second;
            digit
        })
        .collect();
    digits.reverse();
    digits
}
