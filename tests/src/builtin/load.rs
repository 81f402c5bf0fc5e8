//! The tunnel under full load: each octet of a transfer both ways is compared, and each datagram of a numbered
//! stream beside it is counted, while keys change, somebody asks for the status, and the client moves.
#![expect(clippy::print_stdout, reason = "this is what a person reads")]

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::world::{Cable, Place, World, roam};
use crate::integrity::numbered::{Counted, Numbered};
use crate::integrity::transfer::{self, Plan, Transferred};
use crate::integrity::{NUMBERS, TRANSFERS};
use crate::lab::layout::{VNET_HOST, VNET_HOST_V6};
use crate::lab::stopwatch::{Stopwatch, pause};

/// What becomes of the octets is always the same with the same seed.
const SEED: u64 = 0x617a_696b_6500_0004;
/// Octets on their way at once where no datagram beside them may be lost.
const WINDOW: u64 = 128 << 10;
/// How long the client may be silent when it moves, in seconds.
const SILENCE: f64 = 2.0;

/// What to send, and on which path.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Load {
    /// Octets each way of one transfer.
    pub octets: u64,
    /// For how many seconds one transfer follows the other.
    pub seconds: u64,
    /// By IPv6, not IPv4.
    pub ipv6: bool,
    /// The longest packet between client and gateway.
    pub mtu: u32,
    /// Segmentation offload on both sides.
    pub offload: bool,
    /// Seconds after which azike replaces the Child SA.
    pub child_lifetime: u32,
    /// How often that has to happen at least.
    pub rekeys: usize,
    /// What happens meanwhile.
    pub troubles: Troubles,
}

/// What happens under load beside new keys.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Troubles {
    /// Nothing; the numbered stream is left out too.
    None,
    /// `azike status` again and again. No datagram may be lost.
    Status,
    /// That, and the client gets another address. No datagram may be lost as long as it has both.
    Roam,
}

impl Load {
    /// The path it wants.
    pub const fn cable(&self) -> Cable {
        Cable {
            mtu: self.mtu,
            offload: self.offload,
        }
    }

    /// What `azike up` has to be told.
    pub fn options(&self) -> Vec<OsString> {
        let lifetime = self.child_lifetime.to_string();
        let mut options: Vec<OsString> = vec!["--child-lifetime".into(), lifetime.into()];
        if !self.offload {
            options.extend(["--offload".into(), "off".into()]);
        }
        options
    }

    /// Sends it.
    pub(super) fn run(&self, client: &Client, world: &World) -> Result<()> {
        let host: IpAddr = if self.ipv6 { VNET_HOST_V6 } else { VNET_HOST }.parse()?;
        let before = world.notes().count("Child SA");
        let numbered = match self.troubles {
            Troubles::None => None,
            Troubles::Status | Troubles::Roam => {
                Some(Numbered::start(SocketAddr::new(host, NUMBERS))?)
            }
        };
        let transferred = thread::scope(|scope| {
            let to = SocketAddr::new(host, TRANSFERS);
            let transfer = scope.spawn(move || self.transfer(to));
            let troubled = self.make_trouble(client, || !transfer.is_finished());
            let ended = transfer.join();
            let transferred = ended.map_err(|_| anyhow!("the transfer panicked"))?;
            troubled?;
            transferred
        });
        let status = client.run(&["status", "--json"])?;
        println!("{}", status.text().trim());
        // What the stream saw helps when the transfer failed.
        let counted = numbered.map(Numbered::finish).transpose()?;
        if let Some(counted) = &counted {
            tell_counted(counted);
        }
        let transferred = transferred.context("the transfer")?;
        // Each Child SA is told when it is there and when it is deleted.
        let rekeys = world.notes().count("Child SA").saturating_sub(before) / 2;
        println!("{transferred}, {rekeys} new Child SAs");
        ensure!(rekeys >= self.rekeys, "only {rekeys} new Child SAs");
        if let Some(counted) = counted {
            let lost = counted.lost.len();
            ensure!(lost == 0, "{lost} datagrams were lost: {:?}", counted.lost);
            let silence = counted.silence;
            ensure!(silence < SILENCE, "silent for {silence:.3} s");
        }
        Ok(())
    }

    /// One transfer after the other; gives their sum.
    fn transfer(&self, to: SocketAddr) -> Result<Transferred> {
        let window = match self.troubles {
            Troubles::None => 0,
            Troubles::Status | Troubles::Roam => WINDOW,
        };
        let watch = Stopwatch::start();
        let mut sum = Transferred::default();
        while sum.octets == 0 || watch.elapsed() < Duration::from_secs(self.seconds) {
            let plan = Plan {
                seed: SEED,
                octets: self.octets,
                window,
            };
            let transferred = transfer::run(to, plan)?;
            transferred.check()?;
            sum.octets += transferred.octets;
            sum.seconds += transferred.seconds;
        }
        Ok(sum)
    }

    /// Makes trouble as long as something is `moving`.
    fn make_trouble(&self, client: &Client, moving: impl Fn() -> bool) -> Result<()> {
        if self.troubles == Troubles::None {
            return Ok(());
        }
        pause(Duration::from_secs(1));
        if self.troubles == Troubles::Roam {
            for place in [Place::Elsewhere, Place::Home] {
                roam(place)?;
                println!("the client is at another address: {place:?}");
            }
            ensure!(moving(), "the load ended before the client had moved");
        }
        while moving() {
            let status = client.run(&["status"])?;
            ensure!(status.code == Some(0), "status: {}", status.text());
            pause(Duration::from_millis(200));
        }
        Ok(())
    }
}

fn tell_counted(counted: &Counted) {
    let Counted {
        sent,
        lost,
        twice,
        silence,
    } = counted;
    let lost = lost.len();
    println!("{sent} datagrams, {lost} lost, {twice} twice, silent for at most {silence:.3} s");
}
