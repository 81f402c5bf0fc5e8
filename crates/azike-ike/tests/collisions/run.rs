//! Runs: one crossing in one variant, all variants of it, all crossings.

use std::sync::Mutex;
use std::time::Duration;

use azike_ike::Authentication;

use crate::crossing::{ClientMove, Crossing, Ending, GatewayMove};
use crate::judge::{judge, races};
use crate::support::Setup;
use crate::variant::{COLUMNS, Variant};
use crate::witness::Side;
use crate::world::World;

/// How many storms each crossing sees.
const STORMS: u64 = 12;
/// Where to look for seeds in which one or the other side has the lowest nonce.
const SEEDS: std::ops::Range<u64> = 1..60;
/// A message and its answer.
const ROUND_TRIP: Duration = Duration::from_millis(40);
/// How long the packets come thick and fast.
const BUSY: Duration = Duration::from_millis(1500);
/// How long nothing is heard until all retries are over, and liveness checks have not begun.
const QUIET: Duration = Duration::from_secs(24);
/// The same where one side may have to find out alone that the other is gone.
const ALONE: Duration = Duration::from_mins(2);
/// When a storm is over.
const STORM: Duration = Duration::from_secs(8);

/// A line of the table.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cells: [Cell; COLUMNS.len()],
    /// What is wrong.
    pub(crate) red: Vec<String>,
}

/// How many runs there were, and how many of them were right.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cell {
    pub(crate) green: usize,
    pub(crate) all: usize,
}

/// All lines, two at a time.
pub(crate) fn rows(crossings: &[Crossing]) -> Vec<Row> {
    let work = Mutex::new(crossings.iter().flat_map(|it| cases(*it)).enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = work.lock().unwrap().next();
                    let Some((place, (crossing, seed, name))) = next else {
                        break;
                    };
                    let row = row(crossing, seed, name);
                    done.lock().unwrap().push((place, row));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, row)| row).collect()
}

/// A race is run with either side's nonce as the lowest.
fn cases(crossing: Crossing) -> Vec<(Crossing, u64, String)> {
    if !crossing.is_race() {
        return vec![(crossing, 1, crossing.to_string())];
    }
    let sides = [Side::Client, Side::Gateway];
    let case = sides.map(|side| {
        let loses = |seed: &u64| {
            let world = run(crossing, Variant::Plain, *seed, None);
            races(&world).iter().any(|race| race.loser.by == side)
        };
        let seed = SEEDS.step_by(2).find(loses);
        let name = format!("{crossing}, lowest: {side:?}");
        (crossing, seed.unwrap_or_default(), name)
    });
    case.into()
}

fn row(crossing: Crossing, seed: u64, name: String) -> Row {
    let mut row = Row {
        cells: Default::default(),
        red: Vec::new(),
        name,
    };
    let file = row.name.replace([' ', ':', ','], "");
    let plain = run(crossing, Variant::Plain, seed, Some(&file));
    let datagrams = plain.witness.datagrams - crossing.prelude();
    drop(plain);
    for variant in Variant::all(datagrams, STORMS) {
        let wrong = {
            let mut world = run(crossing, variant, seed, None);
            judge(&mut world, crossing, variant)
        };
        let cell = &mut row.cells[variant.column()];
        cell.all += 1;
        if wrong.is_empty() {
            cell.green += 1;
            continue;
        }
        // Once more, for the capture.
        let file = format!("{file}-{variant:?}");
        let world = run(crossing, variant, seed, Some(&file));
        let log = world.witness.log.join("\n      ");
        let wrong = wrong.join("; ");
        let text = format!(
            "{}, {variant:?}, seed {seed}: {wrong}\n      {log}",
            row.name
        );
        row.red.push(text);
    }
    row
}

/// One crossing in one variant, until all is quiet.
pub(crate) fn run(crossing: Crossing, variant: Variant, seed: u64, file: Option<&str>) -> World {
    let mut setup = Setup::new(Authentication::Signature);
    setup.seed = seed;
    let mut world = setup.sit();
    if let Some(file) = file {
        world.capture(file);
    }
    world.log_in(seed);
    world.disturb(variant, crossing.prelude());
    world.stream(Some(Duration::from_millis(20)));
    let (client, gateway) = variant.begin();
    // A client that is to delete something makes it first.
    let before = if crossing.prelude() == 0 {
        Duration::ZERO
    } else {
        ROUND_TRIP
    };
    let mut moves = [(client, None), (before + gateway, Some(crossing.gateway))];
    moves.sort_by_key(|(at, _)| *at);
    let start = world.now;
    for (at, gateway) in moves {
        world.run((start + at).saturating_duration_since(world.now));
        match gateway {
            None => client_moves(&mut world, crossing.client),
            Some(what) => gateway_moves(&mut world, what),
        }
        world.drain();
    }
    world.run(BUSY);
    world.stream(Some(Duration::from_millis(500)));
    if let Variant::Storm(_) = variant {
        world.run(STORM);
        world.calm();
    }
    if crossing.ending() == Ending::Nothing {
        world.stream(None);
        world.run(ALONE);
    } else {
        world.run(QUIET);
    }
    world
}

fn client_moves(world: &mut World, what: ClientMove) {
    match what {
        ClientMove::RekeyChild | ClientMove::DeleteChild => world.client.rekey_child(world.now),
        ClientMove::RekeyIke | ClientMove::DeleteOldIke => world.client.rekey_ike(world.now),
        ClientMove::DeleteIke => world.client.close(world.now),
        ClientMove::Liveness => world.client.check_liveness(),
    }
    world.run(Duration::ZERO);
}

fn gateway_moves(world: &mut World, what: GatewayMove) {
    let now = world.now;
    let Some(peer) = world.peer.as_mut() else {
        return;
    };
    world.moved = match what {
        GatewayMove::RekeyChild => peer.rekey_child(now),
        GatewayMove::DeleteChild => peer.delete_child(now),
        GatewayMove::RekeyIke => peer.rekey_ike(now),
        GatewayMove::DeleteIke => peer.delete_ike(now),
        GatewayMove::NewChild => peer.new_child(now),
        GatewayMove::Liveness => peer.check_liveness(now),
    };
}
