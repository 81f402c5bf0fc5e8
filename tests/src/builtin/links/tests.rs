//! Each event of the gateway, and what the data path is told.

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};
use azike_gateway::Gone;
use azike_platform::Clock;

use super::*;

fn esp(number: u8) -> EspSpi {
    EspSpi::from_octets(&[9, 9, 9, number]).unwrap()
}

fn ike(number: u8) -> Spi {
    Spi::from_octets(&[number; 8]).unwrap()
}

fn at(port: u16) -> SocketAddr {
    ([192, 0, 2, 1], port).into()
}

fn keys() -> DirectionKeys {
    let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
    let (key, none) = (Secret::new([1; 36].into()), Secret::new([].into()));
    DirectionKeys::new(algorithms, key, none).unwrap()
}

/// Child SA `number` of login `login`.
fn made(login: u8, number: u8, maker: Maker) -> Event {
    let (inbound, outbound) = (keys(), keys());
    Event::ChildSa(Box::new(ChildSa {
        spi_r: ike(login),
        peer: at(u16::from(login)),
        maker,
        replaces: None,
        spi_in: esp(number),
        spi_out: esp(number + 100),
        algorithms: inbound.algorithms(),
        inbound,
        outbound,
        addresses: vec![[172, 16, 201, login].into()],
    }))
}

fn told(orders: &[Order]) -> Vec<String> {
    let last = |spi: EspSpi| spi.octets()[3];
    let told = orders.iter().map(|order| match order {
        Order::Admit(addresses) => format!("admit {}", addresses.len()),
        Order::Standby(child) => format!("standby {}", last(child.spi_in)),
        Order::Install(child) => format!("install {}", last(child.spi_in)),
        Order::Retire(spi) => format!("retire {}", last(*spi)),
        Order::Remove(spi) => format!("remove {}", last(*spi)),
        Order::Peer(peer) => format!("peer {}", peer.port()),
    });
    told.collect()
}

/// Each event with the orders that it gives.
fn story(links: &mut Links, now: Instant, events: impl IntoIterator<Item = (Event, &'static str)>) {
    for (event, wanted) in events {
        let what = format!("{event:?}");
        assert_eq!(told(&links.follow(now, event)).join(", "), wanted, "{what}");
    }
}

#[test]
fn a_child_sa_of_the_client_waits_until_the_old_one_is_deleted() {
    let (mut links, now) = (Links::default(), Clock::start().now());
    story(
        &mut links,
        now,
        vec![
            (made(1, 1, Maker::Client), "admit 1, standby 1"),
            (made(1, 2, Maker::Client), "standby 2"),
            (Event::ChildSaDeleted(esp(1)), "retire 1"),
        ],
    );
    assert!(links.answered().is_empty());
    assert_eq!(links.poll_timeout(), Some(now + LINGER));
    assert!(links.handle_timeout(now).is_empty());
    assert_eq!(told(&links.handle_timeout(now + LINGER)), ["remove 1"]);
    assert_eq!(links.poll_timeout(), None);
}

#[test]
fn a_child_sa_of_the_gateway_is_used_at_once() {
    let (mut links, now) = (Links::default(), Clock::start().now());
    story(
        &mut links,
        now,
        vec![
            (made(1, 1, Maker::Client), "admit 1, standby 1"),
            (made(1, 2, Maker::Gateway), "install 2"),
            (Event::ChildSaDeleted(esp(1)), "retire 1"),
            (Event::ChildSaDeleted(esp(2)), "remove 2, remove 1"),
        ],
    );
}

#[test]
fn a_second_login_takes_over_when_its_answer_has_left() {
    let (mut links, now) = (Links::default(), Clock::start().now());
    story(
        &mut links,
        now,
        vec![
            (made(1, 1, Maker::Client), "admit 1, standby 1"),
            (made(2, 2, Maker::Client), "admit 2, standby 2"),
        ],
    );
    assert_eq!(told(&links.answered()), ["retire 1"]);
    assert!(links.answered().is_empty());
    story(
        &mut links,
        now,
        [
            // Only who is in use says where packets go.
            (Event::Moved(ike(1), at(11)), ""),
            (Event::Moved(ike(2), at(12)), "peer 12"),
            // The successor came to nothing: what was there before is in use again, wherever it is now.
            (Event::IkeSaGone(ike(2), Gone::Silent), "remove 2, peer 11"),
        ],
    );
}

#[test]
fn what_was_deleted_does_not_send_when_an_older_login_is_in_use_again() {
    let (mut links, now) = (Links::default(), Clock::start().now());
    let rekeyed = Event::IkeSaRekeyed {
        old: ike(2),
        new: ike(3),
        maker: Maker::Client,
    };
    story(
        &mut links,
        now,
        vec![
            (made(1, 1, Maker::Client), "admit 1, standby 1"),
            (made(2, 2, Maker::Client), "admit 2, standby 2"),
            (rekeyed, ""),
            (made(3, 3, Maker::Client), "standby 3"),
            (Event::ChildSaDeleted(esp(2)), "retire 2"),
            (Event::IkeSaDeleted(ike(2)), ""),
            (Event::IkeSaDeleted(ike(3)), "remove 3, remove 2, peer 1"),
            (Event::IkeSaDeleted(ike(1)), "remove 1"),
        ],
    );
}
