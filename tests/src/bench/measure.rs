//! All measures of one peer in one round.

use std::fmt::Display;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::cpu;
use super::iperf::{self, Direction, Server};
use super::netns::Site;
use super::peers::Tunnel;
use super::report::{Measure, Sample};
use super::round_trip::{self, Pace};
use super::udp_flood;
use crate::lab::stopwatch::pause;

/// How long everything takes.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Seconds of a TCP transfer that count.
    pub tcp_seconds: u32,
    /// Time of each offer of UDP packets that counts.
    pub udp_time: Duration,
    /// Echoes.
    pub echoes: u32,
}

impl Scope {
    /// Long enough for figures to keep.
    pub const WHOLE: Self = Self {
        tcp_seconds: 5,
        udp_time: Duration::from_millis(700),
        echoes: 300,
    };
    /// Only to see that it works.
    pub const QUICK: Self = Self {
        tcp_seconds: 2,
        udp_time: Duration::from_millis(300),
        echoes: 100,
    };
}

/// What is known of one peer in one round; what could not be measured is among the troubles.
struct Taking<'a> {
    site: &'a Site,
    tunnel: &'a dyn Tunnel,
    scope: Scope,
    sample: Sample,
    troubles: Vec<String>,
}

/// Measures everything. Gives also what went wrong.
pub fn measure(site: &Site, tunnel: &dyn Tunnel, scope: Scope) -> (Sample, Vec<String>) {
    let mut taking = Taking {
        site,
        tunnel,
        scope,
        sample: Sample::default(),
        troubles: Vec::new(),
    };
    taking.all();
    (taking.sample, taking.troubles)
}

impl Taking<'_> {
    fn all(&mut self) {
        let idle = round_trip::ping(self.site, self.tunnel.far(), self.scope.echoes, Pace::Slow);
        if let Some(idle) = self.kept("round trip, idle", idle) {
            self.sample.set(Measure::IdleMedian, idle.median);
            self.sample.set(Measure::IdleP99, idle.p99);
        }
        let echoes = self.scope.echoes * 3;
        let brisk = round_trip::ping(self.site, self.tunnel.far(), echoes, Pace::Brisk);
        if let Some(brisk) = self.kept("round trip, brisk", brisk) {
            self.sample.set(Measure::BriskMedian, brisk.median);
        }
        let server = Server::start(self.site);
        if let Some(server) = self.kept("iperf3", server) {
            self.tcp();
            let loaded = self.loaded();
            self.kept("round trip under load", loaded);
            server.stop();
        }
        for (measure, size) in [
            (Measure::Udp64, 64),
            (Measure::Udp512, 512),
            (Measure::Udp1350, 1350),
        ] {
            let most = udp_flood::most(self.site, self.tunnel.far(), size, self.scope.udp_time);
            if let Some(most) = self.kept(measure.words(), most) {
                self.sample.set(measure, most / 1000.0);
            }
        }
        let memory = self.memory(Measure::MemoryEnd);
        self.kept("memory at the end", memory);
    }

    /// Four transfers; the processor's time is taken over all of them.
    fn tcp(&mut self) {
        let before = self.processor();
        let mut octets = 0.0;
        for (measure, direction, streams) in [
            (Measure::TcpUp1, Direction::Up, 1),
            (Measure::TcpUp4, Direction::Up, 4),
            (Measure::TcpDown1, Direction::Down, 1),
            (Measure::TcpDown4, Direction::Down, 4),
        ] {
            let seconds = self.scope.tcp_seconds;
            let moved = iperf::transfer(self.site, self.tunnel.far(), direction, streams, seconds);
            match self.kept(measure.words(), moved) {
                Some(moved) => {
                    self.sample.set(measure, moved.rate);
                    octets += moved.octets;
                }
                // Octets without time, or time without octets: no figure at all is better.
                None => octets = f64::NAN,
            }
        }
        let (before, after) = (self.kept("processor", before), self.processor());
        let after = self.kept("processor", after);
        if let (Some(before), Some(after)) = (before, after)
            && octets.is_finite()
        {
            let gigabytes = octets / 1e9;
            for (measure, (before, after), pids) in [
                (
                    Measure::CpuClient,
                    (before.0, after.0),
                    self.tunnel.client(),
                ),
                (
                    Measure::CpuGateway,
                    (before.1, after.1),
                    self.tunnel.gateway(),
                ),
            ] {
                if !pids.is_empty() {
                    self.sample.set(measure, (after - before) / gigabytes);
                }
            }
        }
    }

    /// Echoes beside four streams up: what is sent waits behind them in the tun device, the socket and the tunnel.
    fn loaded(&mut self) -> Result<()> {
        let (site, far) = (self.site, self.tunnel.far());
        let echoes = self.scope.echoes;
        // Long enough for the echoes, which begin when TCP has found its window.
        let seconds = echoes / 100 + 1;
        let (echoed, memory) = thread::scope(|scope| {
            let load = scope.spawn(|| iperf::transfer(site, far, Direction::Up, 4, seconds));
            pause(Duration::from_millis(800));
            let echoed = round_trip::ping(site, far, echoes, Pace::Slow);
            let memory = self.memory(Measure::MemoryBusy);
            let load = load.join().map_err(|_| anyhow!("the load panicked"))?;
            load.map(|_| (echoed, memory))
        })?;
        memory?;
        let echoed = echoed?;
        self.sample.set(Measure::LoadedMedian, echoed.median);
        self.sample.set(Measure::LoadedP99, echoed.p99);
        self.sample.set(Measure::LoadedLost, echoed.lost);
        Ok(())
    }

    fn processor(&self) -> Result<(f64, f64)> {
        let client = cpu::seconds(&self.tunnel.client())?;
        Ok((client, cpu::seconds(&self.tunnel.gateway())?))
    }

    fn memory(&mut self, measure: Measure) -> Result<()> {
        let pids = self.tunnel.client();
        if !pids.is_empty() {
            self.sample.set(measure, cpu::resident(&pids)?);
        }
        Ok(())
    }

    /// The value, or a line about why there is none.
    fn kept<T>(&mut self, what: impl Display, value: Result<T>) -> Option<T> {
        value
            .map_err(|error| self.troubles.push(format!("{what}: {error:#}")))
            .ok()
    }
}
