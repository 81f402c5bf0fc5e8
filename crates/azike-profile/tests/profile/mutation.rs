//! Files with octets changed, cut out and put in, from fixed seeds: whatever
//! they say, the answer is a value, soon, and never a panic.

use azike_profile::{describe_package, read_identity, read_package};
use rustls_pki_types::UnixTime;

use crate::azure::{NOW, package, root, settings_v2, zip};
use crate::fixture::{PASSWORD, fixture};

/// xorshift of Marsaglia, 64 bits.
struct Seed(u64);

impl Seed {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    /// One to four changes.
    fn mutate(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut octets = octets.to_vec();
        for _ in 0..=self.next(4) {
            let at = self.next(octets.len());
            let length = self.next(16).min(octets.len() - at);
            match self.next(6) {
                0 => octets.truncate(at),
                1 => drop(octets.drain(at..at + length)),
                2 => octets.insert(at, u8::try_from(self.next(256)).unwrap()),
                3 => octets[at..at + length].fill(0xff),
                4 => octets[at..at + length].fill(0),
                _ if octets.is_empty() => {}
                _ => octets[at] ^= 1 << self.next(8),
            }
            if octets.is_empty() {
                octets.push(0);
            }
        }
        octets
    }
}

#[test]
fn no_package_makes_the_reader_panic() {
    let new = root("New Root", 2013..2038);
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW));
    let package = package(&new, &"0".repeat(40));
    let settings = settings_v2(&[&new]).into_bytes();
    let mut seed = Seed(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        let octets = seed.mutate(&package);
        drop((read_package(&octets), describe_package(&octets, now)));
        // Behind the checksum of the zip the octets are hostile, too.
        let settings = seed.mutate(&settings);
        let root = seed.mutate(&new);
        let octets = zip(&[
            ("Generic/VpnSettings.xml", &settings),
            ("Generic/VpnServerRoot.cer", &root),
        ]);
        if let Ok(report) = describe_package(&octets, now) {
            let text = report.to_string();
            assert!(
                !text.replace('\n', "").chars().any(char::is_control),
                "{text:?}"
            );
        }
    }
}

#[test]
fn no_identity_makes_the_reader_panic() {
    let mut seed = Seed(0x2545_f491_4f6c_dd1d);
    for (name, rounds) in [
        ("no-iterations.p12", 300),
        ("plain-no-mac.p12", 300),
        ("ber-outside.p12", 60),
        ("ber-inside.p12", 60),
        ("pbmac1.p12", 60),
        ("encrypted-aes.pem", 60),
        ("encrypted-pbe-sha1.pem", 60),
        ("sec1-p256.pem", 1000),
        ("crlf-p384.pem", 1000),
        ("with-bag-attributes.pem", 60),
        ("root.cer", 1000),
    ] {
        let file = fixture(name);
        for _ in 0..rounds {
            let octets = seed.mutate(&file);
            drop(read_identity(&octets, Some(PASSWORD)));
        }
    }
}
