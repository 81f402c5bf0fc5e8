//! A week: client, two gateways, the network between them, and what happens by plan.
//!
//! ```text
//!   plan ─▶ trouble begins ─▶ network, machine or gateway changes ─▶ it ends ─▶ how long until the
//!                                                                    first echo comes back?
//! ```

mod troubles;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use azike_testkit::{Nat, NatId, Net, SeededRandom, Tap};
use azike_tunnel::course::Standing;

use crate::client::ClientHost;
use crate::gateway::GatewayHost;
use crate::heap;
use crate::measure::Measure;
use crate::people::{GATEWAYS, NAT, People, random};
use crate::plan::{Kind, below, plan};

/// How often it is asked for an echo while it is not known whether the tunnel works.
const EAGER: Duration = Duration::from_millis(500);
/// An echo that did not come back within this time is lost.
const PATIENCE: Duration = Duration::from_secs(3);
/// More echoes in a row than chance would lose.
const IN_A_ROW: u32 = 3;
/// So many echoes are remembered.
const REMEMBERED: usize = 64;
/// A tunnel that is away for so long although the network is there will not come back.
const HOPELESS: Duration = Duration::from_mins(15);
/// After so long the memory in use should stay about the same.
const SETTLED: Duration = Duration::from_hours(24);
/// The keys of a week for the capture, and what a log of each exchange would exceed.
const GROWTH: usize = 768 << 10;
/// Octets of the capture that are kept: it is full on the first day.
const CAPTURE: usize = 512 << 10;
/// More engines and SAs than two links have while both rekey.
const HEAVY: usize = 14;

/// What came of a week.
pub(crate) struct Outcome {
    pub(crate) measure: Measure,
    /// What must not be, with the time of the week.
    pub(crate) wrong: Vec<String>,
    /// Echoes asked for, and those that came back.
    pub(crate) echoes: (u64, u64),
    /// Logins, new Child SAs and new IKE SAs.
    pub(crate) made: [u64; 3],
    /// Troubles that came while the one before was not over.
    pub(crate) overlapped: u64,
    /// Octets in use at the end, more than after the first day.
    pub(crate) grown: usize,
}

/// The world of one seed.
pub(crate) struct World<'p> {
    seed: u64,
    people: &'p People,
    net: Net,
    nat: NatId,
    client: ClientHost,
    gateways: [GatewayHost; 2],
    /// The instance that the name resolves to.
    active: usize,
    random: SeededRandom,
    start: Instant,
    now: Instant,
    homes: u8,
    trouble: Option<(Kind, Instant)>,
    asleep: bool,
    /// Since when the network is there and no echo came back, and after what.
    waiting: Option<(Kind, Instant)>,
    ping_at: Instant,
    /// The last echoes that were asked for, and when.
    asked: VecDeque<(u64, Instant)>,
    /// How many of them in a row did not come back.
    lost: u32,
    /// Somebody uses the tunnel while there is trouble.
    busy: bool,
    outcome: Outcome,
}

impl<'p> World<'p> {
    pub(crate) fn new(seed: u64, people: &'p People, start: Instant) -> Self {
        let mut random = random(seed, 0);
        let mut net = Net::new(seed, Tap::keeping(start, CAPTURE));
        let timeout = Duration::from_secs(30 + below(&mut random, 90));
        let nat = net.add_nat(Nat::new(NAT, timeout));
        let home = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5));
        net.add_host_behind(home, nat);
        let mut gateways = GATEWAYS.map(|address| {
            net.add_host(address);
            GatewayHost::new(seed, address, people, start)
        });
        for gateway in &mut gateways {
            gateway.follows_esp = random.chance(70);
        }
        Self {
            seed,
            people,
            net,
            nat,
            client: ClientHost::new(seed, home, people, start),
            gateways,
            active: 0,
            random,
            start,
            now: start,
            homes: 5,
            trouble: None,
            asleep: false,
            waiting: Some((Kind::Start, start)),
            ping_at: start,
            asked: VecDeque::new(),
            lost: 0,
            busy: true,
            outcome: Outcome {
                measure: Measure::default(),
                wrong: Vec::new(),
                echoes: (0, 0),
                made: [0; 3],
                overlapped: 0,
                grown: 0,
            },
        }
    }

    /// Lives through so many days.
    pub(crate) fn live(mut self, days: u64) -> Outcome {
        self.usual();
        let end = self.start + Duration::from_hours(24 * days);
        let mut held = None;
        for trouble in plan(&mut self.random, days) {
            let at = self.start + trouble.at;
            self.run(at);
            if held.is_none() && trouble.at > SETTLED {
                held = Some(heap::held());
            }
            if self.trouble.is_some() || self.waiting.is_some() {
                self.outcome.overlapped += 1;
                continue;
            }
            self.begin(trouble);
        }
        self.run(end);
        self.look_back();
        let grown = held.map_or(0, |held| heap::held().saturating_sub(held));
        self.outcome.grown = grown;
        self.outcome.made = self.client.made;
        if grown > GROWTH {
            self.wrong(&format!("{grown} octets more than on the second day"));
        }
        if self.seed == 1 || !self.outcome.wrong.is_empty() {
            self.leave_capture();
        }
        self.outcome
    }

    /// The last of what was sent, for Wireshark.
    fn leave_capture(&mut self) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pcap");
        let name = format!("sim-{}", self.seed);
        if let Err(error) = self.net.tap().write(&folder, &name) {
            self.wrong(&format!("not captured in {}: {error}", folder.display()));
        }
    }

    /// What must not be left at the end.
    fn look_back(&mut self) {
        let weights = self.gateways.iter().map(GatewayHost::weight);
        let at_gateways: usize = weights.sum();
        let at_client = self.client.weight();
        if at_client > HEAVY || at_gateways > 2 * HEAVY {
            self.wrong(&format!(
                "left over: {at_client} at the client, {at_gateways} at the gateways"
            ));
        }
        if let Standing::Over(why) = self.client.course.standing() {
            self.wrong(&format!("the client gave up: {why:?}"));
        }
    }

    fn wrong(&mut self, what: &str) {
        let time = self.now.saturating_duration_since(self.start);
        let (hours, seconds) = (time.as_secs() / 3600, time.as_secs() % 3600);
        self.outcome
            .wrong
            .push(format!("{hours} h {seconds} s: {what}"));
    }

    /// Lets time pass.
    fn run(&mut self, until: Instant) {
        loop {
            let client = self.client.due().filter(|_| !self.asleep);
            let gateways = self.gateways.iter().filter_map(GatewayHost::due);
            let trouble = self.trouble.map(|(_, over)| over);
            let ping = Some(self.ping_at).filter(|_| !self.asleep);
            let next = self.net.next_at().into_iter().chain(client).chain(gateways);
            let next = next.chain(trouble).chain(ping).min();
            let next = next.unwrap_or(until).max(self.now);
            if next > until {
                self.now = until;
                return;
            }
            self.now = next;
            self.step();
        }
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(delivery) = self.net.deliver(now) {
            if delivery.to.ip() == self.client.address {
                self.client.receive(now, &mut self.net, &delivery);
            } else {
                let mut gateways = self.gateways.iter_mut();
                if let Some(gateway) = gateways.find(|it| it.address == delivery.to.ip()) {
                    gateway.receive(now, &mut self.net, &delivery);
                }
            }
        }
        for gateway in &mut self.gateways {
            gateway.drive(now, &mut self.net);
        }
        if self.trouble.is_some_and(|(_, over)| over <= now) {
            self.end();
        }
        if !self.asleep {
            let known = self.known();
            self.client.drive(now, &mut self.net, self.people, &known);
            self.echoes();
        }
    }

    /// What the resolver knows: nothing without a network.
    fn known(&self) -> Vec<IpAddr> {
        let gone = matches!(
            self.trouble,
            Some((Kind::Partition | Kind::LongPartition | Kind::OnlyOut, _))
        );
        if gone {
            Vec::new()
        } else {
            vec![GATEWAYS[self.active]]
        }
    }

    /// Asks for echoes, and sees to those that came back.
    fn echoes(&mut self) {
        while let Some((at, number)) = self.client.echoes.pop_front() {
            self.outcome.echoes.1 += 1;
            self.lost = 0;
            if self.waiting.is_none() && self.trouble.is_none() {
                self.ping_at = self.now + self.idle();
            }
            let sent = self.asked.iter().find(|(asked, _)| *asked == number);
            if let (Some((kind, since)), Some((_, sent))) = (self.waiting, sent)
                && *sent >= since
            {
                let time = at.saturating_duration_since(since);
                self.outcome.measure.add(kind, time);
                self.waiting = None;
                self.ping_at = self.now + self.idle();
            }
        }
        if let Some((kind, since)) = self.waiting
            && self.now.saturating_duration_since(since) > HOPELESS
        {
            let standing = self.client.course.standing();
            self.wrong(&format!("not back after {}: {standing:?}", kind.name()));
            self.waiting = None;
        }
        if self.now >= self.ping_at {
            self.ask();
        }
    }

    fn ask(&mut self) {
        if self.lost >= IN_A_ROW && self.trouble.is_none() && self.waiting.is_none() {
            let first = self.asked.iter().rev().nth(IN_A_ROW as usize - 1);
            self.waiting = first.map(|(_, at)| (Kind::Nothing, *at));
        }
        let number = self.outcome.echoes.0 + 1;
        self.outcome.echoes.0 = number;
        self.client.ping(self.now, &mut self.net, number);
        self.asked.push_back((number, self.now));
        if self.asked.len() > REMEMBERED {
            self.asked.pop_front();
        }
        self.lost += 1;
        // The answer makes the pause longer.
        let pause = match (self.waiting, self.trouble) {
            (Some(_), _) => EAGER,
            (None, Some(_)) if self.busy => EAGER,
            (None, Some(_)) => self.idle(),
            (None, None) => PATIENCE,
        };
        self.ping_at = self.now + pause;
    }

    /// How long nobody uses the tunnel.
    fn idle(&mut self) -> Duration {
        Duration::from_secs(10 + below(&mut self.random, 110))
    }
}
