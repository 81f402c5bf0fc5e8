//! Two hosts, with and without a NAT between them.

use std::time::Duration;

use super::*;
use crate::Timeline;

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 5));
const OUTSIDE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1));
const GATEWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(20, 61, 7, 9));
const MINUTE: Duration = Duration::from_mins(1);

/// A client behind a NAT, a gateway, and a time.
struct World {
    net: Net,
    nat: NatId,
    time: Timeline,
}

impl World {
    fn new(seed: u64) -> Self {
        let time = Timeline::begin();
        let mut net = Net::new(seed, Tap::new(time.start()));
        let nat = net.add_nat(Nat::new(OUTSIDE, MINUTE));
        net.add_host_behind(CLIENT, nat);
        net.add_host(GATEWAY);
        Self { net, nat, time }
    }

    fn up(&mut self, octets: &[u8]) {
        let (from, to) = (
            SocketAddr::new(CLIENT, 4500),
            SocketAddr::new(GATEWAY, 4500),
        );
        self.net.send(self.time.now(), from, to, octets.to_vec());
    }

    fn down(&mut self, to: SocketAddr, octets: &[u8]) {
        let from = SocketAddr::new(GATEWAY, 4500);
        self.net.send(self.time.now(), from, to, octets.to_vec());
    }

    /// All that arrives, however long it takes.
    fn all(&mut self) -> Vec<Delivery> {
        let mut all = Vec::new();
        while let Some(at) = self.net.next_at() {
            self.time.advance_to(at);
            all.extend(std::iter::from_fn(|| self.net.deliver(self.time.now())));
        }
        all
    }

    /// Sends up, and gives who the gateway thinks that was.
    fn greet(&mut self) -> SocketAddr {
        self.up(b"greetings");
        self.all()[0].from
    }
}

#[test]
fn datagram_arrives_after_its_delay() {
    let mut world = World::new(1);
    world.up(b"one");
    let half = world.time.now() + Conditions::GOOD.delay / 2;
    assert_eq!(world.net.deliver(half), None);
    let deliveries = world.all();
    let [delivery] = &deliveries[..] else {
        panic!("{deliveries:?}");
    };
    assert_eq!(delivery.at - world.time.start(), Conditions::GOOD.delay);
    assert_eq!(delivery.to, SocketAddr::new(GATEWAY, 4500));
    assert_eq!(delivery.from.ip(), OUTSIDE);
    assert_eq!(delivery.octets, b"one");
    let from = delivery.from;
    world.down(from, b"two");
    assert_eq!(world.all()[0].to, SocketAddr::new(CLIENT, 4500));
}

/// What a run under poor conditions looks like: when and what.
fn run(seed: u64) -> Vec<(Duration, Vec<u8>)> {
    let mut world = World::new(seed);
    world.net.set(Way::ALL, Conditions::POOR);
    for number in 0..200_u8 {
        world.up(&[number]);
        world.time.advance(Duration::from_millis(10));
    }
    let start = world.time.start();
    let all = world.all().into_iter();
    all.map(|it| (it.at - start, it.octets)).collect()
}

#[test]
fn a_seed_is_a_run() {
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn jitter_changes_the_order_but_not_the_time_of_delivery() {
    let all = run(5);
    assert!(all.is_sorted_by_key(|(at, _)| *at));
    assert!(!all.is_sorted_by_key(|(_, octets)| octets.clone()));
    let mut steady = World::new(5);
    for number in 0..200_u8 {
        steady.up(&[number]);
    }
    assert!(steady.all().is_sorted_by_key(|it| it.octets.clone()));
}

/// Within four standard deviations of what was asked for.
#[test]
fn chance_keeps_its_promise() {
    for seed in 0..5 {
        let mut world = World::new(seed);
        let conditions = Conditions {
            loss: 100,
            duplication: 50,
            ..Conditions::GOOD
        };
        world.net.set(Way::to(GATEWAY), conditions);
        for _ in 0..10_000 {
            world.up(b"again");
        }
        let (lost, arrived) = (world.net.lost(Loss::Chance), world.all().len());
        assert!((880..=1120).contains(&lost), "seed {seed}: {lost} lost");
        let copies = arrived - (10_000 - usize::try_from(lost).unwrap());
        assert!((365..=535).contains(&copies), "seed {seed}: {copies} twice");
    }
}

#[test]
fn conditions_hold_in_one_direction_and_from_now_on() {
    let mut world = World::new(1);
    let client = world.greet();
    world.net.set(Way::from(GATEWAY), Conditions::NONE);
    world.down(client, b"lost");
    world.up(b"arrives");
    assert_eq!(world.all().len(), 1);
    // The last that was set holds, for as much as it says.
    world.net.set(Way::ALL, Conditions::GOOD);
    world.down(client, b"arrives");
    assert_eq!(world.all().len(), 1);
    world.net.set(Way::to(GATEWAY), Conditions::NONE);
    world.net.reset();
    world.up(b"arrives");
    assert_eq!(world.all().len(), 1);
    assert_eq!(world.net.lost(Loss::Blocked), 1);
}

#[test]
fn filter_sees_each_datagram_once() {
    let mut world = World::new(1);
    let mut count = 0;
    world.net.drop_if(move |packet| {
        count += usize::from(packet.octets == b"this");
        packet.octets == b"this" && count == 2
    });
    for octets in [b"this", b"that", b"this", b"this"] {
        world.up(octets);
    }
    let left: Vec<_> = world.all().into_iter().map(|it| it.octets).collect();
    assert_eq!(left, [b"this", b"that", b"this"]);
    world.net.leave_alone();
    world.up(b"this");
    assert_eq!(world.all().len(), 1);
}

#[test]
fn one_datagram_is_late_and_one_comes_again() {
    let mut world = World::new(1);
    let second = Duration::from_secs(1);
    world.net.disturb(move |packet| match &packet.octets[..] {
        b"late" => Disturbance::Delay(second),
        b"again" => Disturbance::Again(2 * second),
        _ => Disturbance::None,
    });
    for octets in [&b"late"[..], b"again", b"other"] {
        world.up(octets);
    }
    let start = world.time.start() + Conditions::GOOD.delay;
    let all = world.all().into_iter();
    let all: Vec<_> = all.map(|it| (it.at - start, it.octets)).collect();
    let expected = [
        (Duration::ZERO, &b"again"[..]),
        (Duration::ZERO, b"other"),
        (second, b"late"),
        (2 * second, b"again"),
    ];
    assert_eq!(all, expected.map(|(at, octets)| (at, octets.to_vec())));
}

#[test]
fn mapping_that_nobody_keeps_alive_ends() {
    let mut world = World::new(1);
    let client = world.greet();
    world.time.advance(MINUTE / 2);
    assert_eq!(world.greet(), client);
    world.time.advance(MINUTE / 2);
    world.down(client, b"still there");
    assert_eq!(world.all().len(), 1);
    world.time.advance(MINUTE / 2);
    world.down(client, b"too late");
    assert_eq!(world.all(), []);
    assert_eq!(world.net.lost(Loss::NoMapping), 1);
    assert_ne!(world.greet(), client);
}

/// Under way when the mapping goes is as late as sent after it.
#[test]
fn rebinding_cuts_off_what_is_under_way() {
    let mut world = World::new(1);
    let client = world.greet();
    world.down(client, b"under way");
    let nat = world.nat;
    world.net.nat(nat).unwrap().rebind(None);
    assert_eq!(world.all(), []);
    let next = world.greet();
    assert_ne!(next, client);
    world.down(next, b"arrives");
    assert_eq!(world.all().len(), 1);
}

#[test]
fn roaming_host_is_reached_at_its_new_address_only() {
    let mut world = World::new(1);
    let client = world.greet();
    let elsewhere: SocketAddr = "198.51.100.7:4500".parse().unwrap();
    world.down(client, b"under way");
    world.net.roam(CLIENT, elsewhere.ip(), None);
    assert_eq!(world.all(), []);
    world.up(b"from the old address");
    assert_eq!(world.net.lost(Loss::Nowhere), 2);
    let gateway = SocketAddr::new(GATEWAY, 4500);
    let now = world.time.now();
    world.net.send(now, elsewhere, gateway, b"here".to_vec());
    assert_eq!(world.all()[0].from, elsewhere);
    world.down(elsewhere, b"there");
    assert_eq!(world.all()[0].to, elsewhere);
    // An inside address is nobody's outside.
    world.net.roam(elsewhere.ip(), CLIENT, Some(world.nat));
    world.down(SocketAddr::new(CLIENT, 4500), b"nobody");
    assert_eq!(world.all(), []);
}

#[test]
fn sleeping_host_neither_sends_nor_receives() {
    let mut world = World::new(1);
    let client = world.greet();
    world.net.sleep(CLIENT);
    world.down(client, b"lost");
    world.up(b"lost");
    assert_eq!(world.all(), []);
    assert_eq!(world.net.lost(Loss::Asleep), 2);
    world.net.wake(CLIENT);
    world.down(client, b"arrives");
    assert_eq!(world.all().len(), 1);
}

/// What is lost on the way is in the capture; what never left its host is not.
#[test]
fn tap_sees_what_is_sent() {
    let mut world = World::new(1);
    world.net.set(Way::ALL, Conditions::NONE);
    world.up(b"in the capture");
    world.net.sleep(CLIENT);
    world.up(b"nowhere at all");
    let capture = world.net.tap().pcapng();
    let has = |words: &[u8]| capture.windows(words.len()).any(|it| it == words);
    assert!(has(b"in the capture"));
    assert!(!has(b"nowhere at all"));
}
