//! What must be true when a crossing is over, whatever happened on the way.

use std::time::Duration;

use azike_wire::{EspSpi, Spi};

use crate::crossing::{ClientMove, Crossing, Ending};
use crate::peer::Peer;
use crate::variant::Variant;
use crate::witness::{Answer, Deleted, Exchange, IkeSpis, Side, What};
use crate::world::World;

/// The most datagrams of IKE that any crossing needs when nothing is lost.
const FEW: usize = 16;
/// The same when one is lost, late or doubled: each end may have to repeat itself.
const MORE: usize = 24;
/// The same in a storm.
const MANY: usize = 80;

/// All that is wrong.
pub(crate) fn judge(world: &mut World, crossing: Crossing, variant: Variant) -> Vec<String> {
    let mut wrong = Vec::new();
    let storm = matches!(variant, Variant::Storm(_));
    let most = match variant {
        Variant::Plain | Variant::ClientFirst(_) | Variant::GatewayFirst(_) => FEW,
        Variant::Late(_)
        | Variant::VeryLate(_)
        | Variant::Lost(_)
        | Variant::Twice(_)
        | Variant::Replayed(_) => MORE,
        Variant::Storm(_) => MANY,
    };
    let datagrams = world.witness.datagrams;
    check(&mut wrong, datagrams <= most, || {
        format!("{datagrams} datagrams")
    });
    let unreadable = world.witness.unreadable.len();
    check(&mut wrong, unreadable == 0, || {
        format!("{unreadable} messages without a key")
    });
    took_place(&mut wrong, world, crossing, variant);
    ending(&mut wrong, world, crossing.ending());
    if crossing.ending() == Ending::Tunnel {
        packets(&mut wrong, world, storm);
        for race in races(world) {
            race.judge(&mut wrong, world, variant);
        }
    }
    if crossing.ending() != Ending::Nothing {
        alive(&mut wrong, world);
    }
    wrong
}

fn check(wrong: &mut Vec<String>, right: bool, otherwise: impl FnOnce() -> String) {
    if !right {
        wrong.push(otherwise());
    }
}

/// What was meant to cross did: a table that is green because nothing happened says nothing. And
/// what the client wanted to have new is new, whoever made it.
fn took_place(wrong: &mut Vec<String>, world: &World, crossing: Crossing, variant: Variant) {
    let witness = &world.witness;
    if variant == Variant::Plain {
        check(wrong, world.moved, || "the gateway did not move".to_owned());
        let race = races(world).len();
        let meant = usize::from(crossing.is_race());
        check(wrong, race == meant, || format!("{race} races"));
    }
    if crossing.ending() != Ending::Tunnel {
        return;
    }
    let made = |is: fn(&What) -> bool| {
        let mut exchanges = witness.exchanges.iter();
        exchanges.any(|it| is(&it.what) && matches!(it.answer, Some(Answer::Made { .. })))
    };
    let done = match crossing.client {
        ClientMove::RekeyChild | ClientMove::DeleteChild => {
            made(|what| matches!(what, What::Child(_)))
        }
        ClientMove::RekeyIke | ClientMove::DeleteOldIke => {
            made(|what| matches!(what, What::Ike(_)))
        }
        ClientMove::DeleteIke | ClientMove::Liveness => true,
    };
    check(wrong, done, || "nothing was rekeyed".to_owned());
}

/// Both ends have the same, and as much as they should.
fn ending(wrong: &mut Vec<String>, world: &World, ending: Ending) {
    let client = world.client_end.alive();
    let gateway = world.gateway_end.alive();
    let mirrored: Vec<_> = gateway
        .iter()
        .map(|(theirs, ours)| (*ours, *theirs))
        .collect();
    check(wrong, client == mirrored, || {
        format!("Child SAs: the client has {client:?}, the gateway {mirrored:?}")
    });
    let (ike, children) = match ending {
        Ending::Tunnel => (1, 1),
        Ending::NoChild => (1, 0),
        Ending::Nothing => (0, 0),
    };
    let (sas, count) = (world.peer.as_ref().map_or(0, Peer::ike_sas), client.len());
    check(wrong, sas == ike, || {
        format!("{sas} IKE SAs at the gateway")
    });
    check(wrong, count == children, || {
        format!("{count} Child SAs at the client")
    });
    let closed = world.closed.is_some();
    check(wrong, closed == (ike == 0), || {
        format!("closed: {:?}", world.closed)
    });
}

/// Not one was lost; after a storm, they pass again.
fn packets(wrong: &mut Vec<String>, world: &mut World, storm: bool) {
    world.stream(None);
    world.run(Duration::from_millis(100));
    let before = (world.client_end.received(), world.gateway_end.received());
    world.stream(Some(Duration::from_millis(20)));
    world.run(Duration::from_millis(190));
    world.stream(None);
    world.run(Duration::from_millis(100));
    let after = (world.client_end.received(), world.gateway_end.received());
    let passed = (after.0 - before.0, after.1 - before.1);
    check(wrong, passed == (10, 10), || {
        format!("{passed:?} of 10 packets afterwards")
    });
    if storm {
        return;
    }
    let (down, up) = (
        world.client_end.missing(&world.gateway_end),
        world.gateway_end.missing(&world.client_end),
    );
    check(wrong, (down, up) == (0, 0), || {
        format!("lost: {down} down, {up} up")
    });
    for (name, end) in [
        ("client", &world.client_end),
        ("gateway", &world.gateway_end),
    ] {
        check(wrong, end.stuck == 0, || {
            format!("{name} could not send {} packets", end.stuck)
        });
        let unreadable = &end.unreadable;
        check(wrong, unreadable.is_empty(), || {
            format!("{name} cannot read {unreadable:?}")
        });
    }
}

/// No request is open, and each end answers the other at once.
fn alive(wrong: &mut Vec<String>, world: &mut World) {
    let open = world.client.unanswered_since().is_some();
    check(wrong, !open, || "the client waits for an answer".to_owned());
    let waits = world.peer.as_ref().and_then(Peer::poll_timeout);
    check(wrong, waits.is_none(), || {
        "the gateway waits for an answer".to_owned()
    });
    world.client.check_liveness();
    world.run(Duration::from_millis(200));
    let open = world.client.unanswered_since().is_some();
    check(wrong, !open, || "the gateway does not answer".to_owned());
    let answered = world.answered;
    let now = world.now;
    let peer = world.peer.as_mut();
    let asked = peer.is_some_and(|peer| peer.check_liveness(now));
    world.drain();
    world.run(Duration::from_millis(200));
    let answers = world.answered - answered;
    check(wrong, asked && answers == 1, || {
        "the client does not answer".to_owned()
    });
}

/// Two exchanges that made two SAs in place of one.
pub(crate) struct Race {
    /// The exchange with the lowest of the four nonces.
    pub(crate) loser: Exchange,
    winner: Exchange,
}

/// All races that took place.
pub(crate) fn races(world: &World) -> Vec<Race> {
    let made = |exchange: &&Exchange| matches!(exchange.answer, Some(Answer::Made { .. }));
    let made: Vec<_> = world.witness.exchanges.iter().filter(made).collect();
    let by = |side| made.iter().filter(move |it| it.by == side);
    let pairs = by(Side::Client).flat_map(|ours| by(Side::Gateway).map(move |its| (*ours, *its)));
    let same = pairs.filter(|(ours, its)| match (ours.what, its.what) {
        (What::Ike(a), What::Ike(b)) => a == b,
        (What::Child(ours), What::Child(its)) => world.client_end.knows((ours, its)),
        (What::Ike(_) | What::Child(_) | What::New, _) => false,
    });
    same.map(|(ours, its)| {
        let (loser, winner) = if ours.lowest() < its.lowest() {
            (ours, its)
        } else {
            (its, ours)
        };
        Race {
            loser: loser.clone(),
            winner: winner.clone(),
        }
    })
    .collect()
}

impl Race {
    /// RFC 7296, sections 2.8.1 and 2.8.2: who made the one with the lowest nonce deletes it, who
    /// made the other deletes the old one. Where answers are late or lost, the IKE SA may be deleted
    /// on which the loser would have learned of its new one.
    fn judge(&self, wrong: &mut Vec<String>, world: &World, variant: Variant) {
        let deletes = &world.witness.deletes;
        let survivor = self.winner.new_sa();
        let deleted = deletes.iter().any(|(_, sa)| Some(*sa) == survivor);
        check(wrong, !deleted, || "the winner was deleted".to_owned());
        match variant {
            Variant::Plain
            | Variant::ClientFirst(_)
            | Variant::GatewayFirst(_)
            | Variant::Twice(_)
            | Variant::Replayed(_) => {}
            Variant::Late(_) | Variant::VeryLate(_) | Variant::Lost(_) | Variant::Storm(_) => {
                return;
            }
        }
        for (name, exchange, sa) in [
            ("redundant", &self.loser, self.loser.new_sa()),
            ("old", &self.winner, self.winner.old_sa()),
        ] {
            let by = exchange.by;
            let done = sa.is_some_and(|sa| deletes.contains(&(by, sa)));
            check(wrong, done, || {
                format!("the {by:?} does not delete the {name} SA: {deletes:?}")
            });
        }
    }
}

impl Exchange {
    fn lowest(&self) -> &[u8] {
        match &self.answer {
            Some(Answer::Made { lowest, .. }) => lowest,
            Some(Answer::Refused) | None => &self.nonce,
        }
    }

    /// What it made, as who asked calls it.
    fn new_sa(&self) -> Option<Deleted> {
        match (self.what, &self.answer) {
            (What::Ike(_), Some(Answer::Made { spi, .. })) => {
                Some(Deleted::Ike(ike_spis(&self.spi, spi)?))
            }
            (What::Child(_) | What::New, Some(Answer::Made { .. })) => {
                Some(Deleted::Child(EspSpi::from_octets(&self.spi)?))
            }
            (_, Some(Answer::Refused) | None) => None,
        }
    }

    /// What it replaces.
    const fn old_sa(&self) -> Option<Deleted> {
        match self.what {
            What::Child(old) => Some(Deleted::Child(old)),
            What::Ike(old) => Some(Deleted::Ike(old)),
            What::New => None,
        }
    }
}

fn ike_spis(spi_i: &[u8], spi_r: &[u8]) -> Option<IkeSpis> {
    let spi = |octets: &[u8]| Spi::new(u64::from_be_bytes(octets.try_into().ok()?));
    Some((spi(spi_i)?, spi(spi_r)?))
}
