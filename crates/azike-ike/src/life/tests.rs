//! Parts of a life.

use std::time::{Duration, Instant};

use azike_testkit::{SeededRandom, Timeline};
use azike_wire::EspSpi;

use super::{Life, Usage};
use crate::config::Lifetimes;

fn lives(lifetimes: &Lifetimes, now: Instant) -> Vec<Life> {
    let life = |seed| Life::of_child(lifetimes, now, &mut SeededRandom::new(seed));
    (0..200).map(life).collect()
}

fn usage(octets: u64, packets: u64, sequence_left: u64) -> Usage {
    Usage {
        spi_in: EspSpi::new(256).unwrap(),
        octets,
        packets,
        sequence_left: Some(sequence_left),
    }
}

/// From 85 to 95 hundredths, and not the same for all.
#[test]
fn time_has_jitter() {
    let (now, lifetimes) = (Timeline::begin().start(), Lifetimes::default());
    let after: Vec<_> = lives(&lifetimes, now)
        .iter()
        .map(|life| life.rekey_at.duration_since(now))
        .collect();
    let (first, last) = (after.iter().min().unwrap(), after.iter().max().unwrap());
    assert!(*first >= lifetimes.child * 85 / 100);
    assert!(*last <= lifetimes.child * 95 / 100);
    assert!(*last > *first + lifetimes.child * 8 / 100);
}

/// Each limit alone is a reason; below 85 hundredths of all nothing is.
#[test]
fn each_limit_is_a_reason() {
    let now = Timeline::begin().start();
    let lifetimes = Lifetimes {
        child_octets: Some(1_000_000),
        child_packets: Some(1000),
        ..Lifetimes::default()
    };
    let few = (1 << 32) / 20;
    for (usage, due) in [
        (usage(849_999, 849, 1 << 31), false),
        (usage(950_000, 0, 1 << 31), true),
        (usage(0, 950, 1 << 31), true),
        (usage(0, 0, few), true),
        (usage(0, 0, 1 << 30), false),
    ] {
        for mut life in lives(&lifetimes, now) {
            life.wear(now, &usage);
            assert_eq!(life.rekey_at == now, due, "{usage:?}");
        }
    }
}

/// The limits of two SAs are not the same.
#[test]
fn octets_have_jitter() {
    let now = Timeline::begin().start();
    let lifetimes = Lifetimes {
        child_octets: Some(1_000_000),
        ..Lifetimes::default()
    };
    let mut lives = lives(&lifetimes, now);
    let due = lives.iter_mut().filter_map(|life| {
        life.wear(now, &usage(900_000, 0, 1 << 31));
        (life.rekey_at == now).then_some(())
    });
    let due = due.count();
    assert!((50..150).contains(&due), "{due} of 200");
}

/// A rekey that was refused is not wanted again with each packet.
#[test]
fn wear_counts_once() {
    let (now, lifetimes) = (Timeline::begin().start(), Lifetimes::default());
    let mut random = SeededRandom::new(1);
    let mut life = Life::of_child(&lifetimes, now, &mut random);
    life.wear(now, &usage(0, 0, 9));
    assert_eq!(life.rekey_at, now);
    life.postpone(now, Duration::from_mins(1), &mut random);
    let later = life.rekey_at;
    assert!(later >= now + Duration::from_mins(1) && later <= now + Duration::from_secs(90));
    life.wear(now, &usage(0, 0, 8));
    assert_eq!(life.rekey_at, later);
}

/// A lifetime beyond all bounds is no overflow of the limits.
#[test]
fn no_limit_is_too_large() {
    let lifetimes = Lifetimes {
        child_octets: Some(u64::MAX),
        ..Lifetimes::default()
    };
    let now = Timeline::begin().start();
    for mut life in lives(&lifetimes, now) {
        life.wear(now, &usage(u64::MAX / 100 * 84, 0, 1 << 31));
        assert_ne!(life.rekey_at, now);
    }
}
