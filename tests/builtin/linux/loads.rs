//! The tunnel under full load: a short slice every day, gigabytes with `--long`.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};
use azike_tests::builtin::load::{Load, Troubles};
use azike_tests::builtin::switches::{IPV6, MOBIKE};
use azike_tests::lab::command::Call;

use super::{NotHere, show_with, told_by};

/// Octets each way of a transfer, and for how many seconds there are such transfers.
const SLICE: (u64, u64) = (40_000_000, 4);
/// The same for a row with a client that moves, which takes a while.
const MOVING: (u64, u64) = (40_000_000, 7);
/// The same for a long row: some 10 GB each way or more.
const LONG: (u64, u64) = (500_000_000, 40);
/// For how many seconds where each packet costs system calls of its own.
const SLOW: u64 = 140;

/// A row.
pub(super) struct Row {
    name: String,
    load: Load,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What is run every day.
pub(super) fn everyday() -> Vec<Row> {
    let status = load(SLICE, Troubles::Status);
    let ipv6 = Load {
        ipv6: true,
        mtu: 1400,
        ..load(SLICE, Troubles::None)
    };
    vec![
        row("load_status_and_new_keys", status),
        row("load_by_ipv6_on_a_narrow_path", ipv6),
        row("load_while_the_client_moves", load(MOVING, Troubles::Roam)),
    ]
}

/// What takes minutes.
pub(super) fn long() -> Vec<Row> {
    let mut rows = Vec::new();
    for offload in [true, false] {
        for ipv6 in [false, true] {
            for mtu in [1280, 1400, 1500] {
                let load = Load {
                    ipv6,
                    mtu,
                    offload,
                    child_lifetime: 15,
                    rekeys: 1,
                    // ESP around what IPv6 wants at least is cut by IP on the narrowest path.
                    seconds: seconds(offload && !(ipv6 && mtu == 1280)),
                    ..load(LONG, Troubles::None)
                };
                let (with, by) = (on(offload), if ipv6 { 6 } else { 4 });
                rows.push(row(
                    &format!("long_load_offload_{with}_ipv{by}_mtu_{mtu}"),
                    load,
                ));
            }
        }
        for troubles in [Troubles::Status, Troubles::Roam] {
            let load = Load {
                offload,
                seconds: seconds(offload),
                ..load(LONG, troubles)
            };
            let (with, what) = (on(offload), format!("{troubles:?}").to_lowercase());
            rows.push(row(&format!("long_load_offload_{with}_{what}"), load));
        }
    }
    rows
}

const fn seconds(fast: bool) -> u64 {
    if fast { LONG.1 } else { SLOW }
}

const fn on(yes: bool) -> &'static str {
    if yes { "on" } else { "off" }
}

fn load((octets, seconds): (u64, u64), troubles: Troubles) -> Load {
    Load {
        octets,
        seconds,
        ipv6: false,
        mtu: 1500,
        offload: true,
        child_lifetime: 2,
        rekeys: 1,
        troubles,
    }
}

fn row(name: &str, load: Load) -> Row {
    Row {
        name: name.to_owned(),
        load,
    }
}

impl Row {
    /// Runs it.
    pub(super) fn run(&self, azike: &Path) -> Result<()> {
        if !self.load.offload && !has_offload(azike)? {
            bail!(NotHere("this azike has no --offload".to_owned()));
        }
        let mut show = show_with(azike, "signature");
        show.switches.push(MOBIKE.to_owned());
        if self.load.ipv6 {
            show.switches.push(IPV6.to_owned());
        }
        show.load = Some(self.load.clone());
        let told = told_by(&show)?;
        for line in told.lines().filter(|line| is_figure(line)) {
            println!("  {line}");
        }
        Ok(())
    }
}

fn is_figure(line: &str) -> bool {
    line.contains(" octets each way in ") || line.contains(" datagrams, ")
}

fn has_offload(azike: &Path) -> Result<bool> {
    let help = Call::new(azike).args(["up", "--help"]).run()?;
    Ok(help.contains("--offload"))
}
