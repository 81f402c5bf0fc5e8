//! Every crossing of two exchanges, each with its messages late, lost, doubled and replayed
//! (RFC 7296, sections 2.8 and 2.25): one table, every cell green.
//!
//! ```text
//!   Crossing × Variant ─▶ World (client ═ NAT ═ Net ═ Peer, a packet every 20 ms each way)
//!                            │
//!                  Witness (all messages, opened) ─▶ judge: one IKE SA, one Child SA, the same
//!                                                    at both ends; the lowest nonce lost; nothing
//!                                                    open; not one packet lost
//! ```
//!
//! Each crossing leaves `target/tmp/pcap/collisions/….pcapng`, and each red cell, too.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod crossing;
mod judge;
mod peer;
mod run;
mod support;
mod traffic;
mod variant;
mod witness;
mod world;

use std::fmt::Write as _;

use self::crossing::Crossing;
use self::run::{Row, rows};
use self::variant::COLUMNS;

/// N-66: all permutations of crossing streams.
#[test]
fn n66_every_crossing_ends_with_one_of_each() {
    // Captures of red cells of another day would mislead.
    let _gone = std::fs::remove_dir_all(world::captures());
    let rows: Vec<Row> = rows(&Crossing::all());
    let mut table = format!("{:<48}", "client x gateway");
    for name in COLUMNS {
        write!(table, "{name:>9}").unwrap();
    }
    let mut red = Vec::new();
    for row in &rows {
        write!(table, "\n{:<48}", row.name).unwrap();
        for cell in &row.cells {
            write!(table, "{:>9}", format!("{}/{}", cell.green, cell.all)).unwrap();
        }
        red.extend(row.red.iter().cloned());
    }
    println!("{table}");
    assert!(
        red.is_empty(),
        "{} red cells:\n{}\n{table}",
        red.len(),
        red.join("\n")
    );
}
