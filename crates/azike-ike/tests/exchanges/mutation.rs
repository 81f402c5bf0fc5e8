//! Datagrams changed at random: nothing that does not open may change anything, and nothing at all
//! may make the client panic. Seeds are fixed; a failure names its seed.

use azike_gateway::{ChildSuite, IkeSuite, TlsVersion, Transmit};
use azike_ike::{Authentication, Transport, Verdict};
use azike_testkit::SeededRandom;
use azike_wire::KeyExchangeMethod;

use crate::support::{Setup, Table};

const BOTH: [Authentication; 2] = [Authentication::Signature, Authentication::EapTls];

/// Names the seed when a test panics on the way.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the seed was {}", self.0);
        }
    }
}

/// Random octets of CBC come out of the client's randomness: one number too many would be seen.
fn setup(seed: u64) -> Setup {
    let mut setup = Setup::new(Authentication::Signature);
    setup.seed = 1000 * seed;
    let policy = &mut setup.gateway.policy;
    policy.ike = vec![IkeSuite::AES_256_CBC];
    policy.child = vec![ChildSuite::AES_256_CBC];
    policy.fragment_size = Some(500);
    setup
}

/// A login, a liveness check of the gateway, a goodbye; before each datagram that the client gets,
/// `disturb` may do what it wants. Everything that the client sent and said.
fn transcript(seed: u64, mut disturb: impl FnMut(&mut Table, &Transmit)) -> (Vec<Vec<u8>>, String) {
    let mut table = setup(seed).sit();
    let mut sent = Vec::new();
    let mut step = 0;
    loop {
        while let Some(transmit) = table.to_gateway.pop_front() {
            sent.push(transmit.octets.clone());
            table.give_gateway(&transmit);
        }
        if let Some(transmit) = table.to_client.pop_front() {
            disturb(&mut table, &transmit);
            let _verdict = table.give_client(&transmit);
            continue;
        }
        let spi_r = table.gateway_child().map(|child| child.spi_r);
        step += 1;
        match step {
            1 => table.gateway.check_liveness(table.now, spi_r.unwrap()),
            2 => {
                table.client.close(table.now);
                true
            }
            _ => break,
        };
        table.drain();
    }
    assert!(table.closed().is_some());
    (sent, format!("{:?}", table.events))
}

/// The whole transcript, octet for octet and event for event, is that of an undisturbed login.
#[test]
fn changed_datagrams_leave_no_trace() {
    let mut changes = 0;
    for number in 0..20 {
        let seed = Seed(number);
        let honest = transcript(seed.0, |_, _| {});
        assert!(honest.0.len() > 4 && honest.1.contains("Established"));
        let mut random = SeededRandom::new(seed.0);
        let disturbed = transcript(seed.0, |table, transmit| {
            // A changed IKE_SA_INIT response may be followed: see the next test.
            if transmit.transport == azike_gateway::Transport::Udp500 {
                return;
            }
            for _ in 0..12 {
                let octets = changed(&mut random, &transmit.octets[4..]);
                let verdict = table.give_octets(&octets, Transport::Udp4500);
                assert!(matches!(verdict, Verdict::Dropped(_)), "{verdict:?}");
                changes += 1;
            }
        });
        assert_eq!(disturbed, honest, "seed {number}");
    }
    assert!(changes > 1400, "{changes}");
}

/// N-16: up to three changed `IKE_SA_INIT` responses, and then the right one.
#[test]
fn n16_changed_first_responses_do_not_keep_the_gateway_out() {
    let mut followed = 0;
    for number in 0..150 {
        let seed = Seed(number);
        let mut random = SeededRandom::new(seed.0);
        let mut table = setup(seed.0).sit();
        table.deliver_request();
        let honest = table.to_client[0].octets.clone();
        let spi_r = 8..16;
        for _ in 0..3 {
            let mut octets = changed(&mut random, &honest);
            if octets.get(spi_r.clone()) == honest.get(spi_r.clone()) {
                // Who forges blindly does not know the gateway's SPI.
                octets[8] ^= 0x55;
            }
            let verdict = table.give_octets(&octets, Transport::Udp500);
            followed += usize::from(verdict == Verdict::Accepted);
        }
        table.settle();
        assert!(table.established().is_some(), "seed {number}");
    }
    assert!(followed > 20, "{followed}");
}

/// Every datagram of a login once more: nothing is sent, said or timed anew.
#[test]
fn replayed_login_changes_nothing() {
    let mut got = Vec::new();
    for authentication in BOTH {
        let mut table = Setup::new(authentication).sit();
        while table.established().is_none() {
            while !table.to_gateway.is_empty() {
                table.deliver_request();
            }
            if let Some(transmit) = table.to_client.pop_front() {
                let _verdict = table.give_client(&transmit);
                got.push(transmit);
            }
        }
        let before = (table.client.poll_timeout(), table.events.len());
        for transmit in got.drain(..) {
            let verdict = table.give_client(&transmit);
            assert!(matches!(verdict, Verdict::Dropped(_)), "{verdict:?}");
            assert!(table.to_gateway.is_empty());
        }
        assert_eq!((table.client.poll_timeout(), table.events.len()), before);
    }
}

/// One datagram in five is lost, in both directions.
#[test]
fn twenty_percent_loss_is_survived() {
    for authentication in BOTH {
        for number in 0..25 {
            let seed = Seed(number);
            let mut random = SeededRandom::new(seed.0);
            let mut table = Setup::new(authentication).sit();
            while table.established().is_none() {
                while let Some(transmit) = table.to_gateway.pop_front() {
                    if !random.chance(20) {
                        table.give_gateway(&transmit);
                    }
                }
                while let Some(transmit) = table.to_client.pop_front() {
                    if !random.chance(20) {
                        let _verdict = table.give_client(&transmit);
                    }
                }
                if table.to_gateway.is_empty() && table.to_client.is_empty() {
                    assert_eq!(table.closed(), None, "seed {number}");
                    assert!(table.established().is_some() || table.wait());
                }
            }
        }
    }
}

/// What happened to the datagrams of a run.
#[derive(Debug, Default)]
struct Counts {
    changed: usize,
    lost: usize,
    repeated: usize,
    made_up: usize,
    connected: usize,
}

/// Everything at once, on both sides: lost, changed, repeated, reordered, made up.
#[test]
fn whole_logins_under_fire_end_without_panic() {
    let mut counts = Counts::default();
    for number in 0..120 {
        let seed = Seed(number);
        let mut random = SeededRandom::new(seed.0 ^ 0xf1e);
        let mut setup = Setup::new(BOTH[random.below(2)]);
        let policy = &mut setup.gateway.policy;
        policy.cookie = random.chance(30);
        policy.fragment_size = random.chance(50).then_some(300);
        if random.chance(50) {
            policy.eap.version = TlsVersion::V13;
        }
        if random.chance(30) {
            let suite = IkeSuite::AES_256_CBC.with_group(KeyExchangeMethod::CURVE25519);
            policy.ike = vec![suite];
        }
        let mut table = setup.sit();
        let mut steps = 0;
        while table.closed().is_none() && steps < 400 {
            steps += 1;
            fire(&mut table, &mut random, &mut counts);
            if table.to_gateway.is_empty() && table.to_client.is_empty() && !table.wait() {
                break;
            }
            if steps == 300 {
                table.client.close(table.now);
                table.drain();
            }
        }
        counts.connected += usize::from(table.established().is_some());
    }
    let Counts {
        changed,
        lost,
        repeated,
        made_up,
        connected,
    } = counts;
    let least = changed.min(lost).min(repeated).min(made_up);
    assert!(least > 300 && connected > 30, "{counts:?}");
}

/// One step of [`whole_logins_under_fire_end_without_panic`].
fn fire(table: &mut Table, random: &mut SeededRandom, counts: &mut Counts) {
    if let Some(transmit) = table.to_gateway.pop_front() {
        match random.below(20) {
            0 => counts.lost += 1,
            1 => {
                let mut transmit = transmit;
                transmit.octets = changed(random, &transmit.octets);
                table.give_gateway(&transmit);
                counts.changed += 1;
            }
            2 => table.to_gateway.push_back(transmit),
            _ => table.give_gateway(&transmit),
        }
    }
    let Some(transmit) = table.to_client.pop_front() else {
        return;
    };
    let message = transmit
        .octets
        .strip_prefix(&[0; 4])
        .unwrap_or(&transmit.octets);
    match random.below(12) {
        0 => counts.lost += 1,
        1 | 2 => {
            let octets = changed(random, message);
            let _verdict = table.give_octets(&octets, Transport::Udp4500);
            table.to_client.push_front(transmit);
            counts.changed += 1;
        }
        3 => {
            let _verdict = table.give_client(&transmit);
            table.to_client.push_back(transmit);
            counts.repeated += 1;
        }
        4 => {
            let mut octets = vec![0; random.below(200)];
            azike_crypto::Random::fill(random, &mut octets);
            for (to, from) in octets.iter_mut().zip(message.iter().take(28)) {
                *to = *from;
            }
            let _verdict = table.give_octets(&octets, Transport::Udp500);
            table.to_client.push_back(transmit);
            counts.made_up += 1;
        }
        _ => {
            let _verdict = table.give_client(&transmit);
        }
    }
}

/// `octets` with one to four changes; never the same octets.
fn changed(random: &mut SeededRandom, octets: &[u8]) -> Vec<u8> {
    let mut changed = octets.to_vec();
    while changed == octets {
        for _ in 0..=random.below(4) {
            change(random, &mut changed);
        }
    }
    changed
}

fn change(random: &mut SeededRandom, octets: &mut Vec<u8>) {
    let at = random.below(octets.len().max(1));
    match random.below(6) {
        0 | 1 => {
            if let Some(octet) = octets.get_mut(at) {
                *octet ^= 1 << random.below(8);
            }
        }
        2 => {
            let value = [0, 1, 0x7f, 0x80, 0xff][random.below(5)];
            if let Some(octet) = octets.get_mut(at) {
                *octet = value;
            }
        }
        3 => octets.truncate(at),
        4 => octets.insert(at, 0xaa),
        _ => {
            let part: Vec<u8> = octets.iter().skip(at).take(8).copied().collect();
            octets.splice(at..at, part);
        }
    }
    // Most changes shall get past the first check.
    if octets.len() >= 28 && random.chance(80) {
        let length = u32::try_from(octets.len()).unwrap().to_be_bytes();
        octets[24..28].copy_from_slice(&length);
    }
}
