//! A virtual network: datagrams go in with a time, and come out later, elsewhere, twice or never.
//!
//! ```text
//!   send(now, from, to, octets)                              deliver(now) ─▶ Delivery
//!        │                                                        ▲
//!        ▼                                                        │
//!     asleep? ─▶ NAT ─▶ Tap ─▶ disturb ─▶ Conditions ─▶ Schedule ─▶ NAT ─▶ asleep?
//!              (outbound)              (loss, delay,    (by time)  (inbound)
//!                                       copies, MTU)
//! ```
//!
//! It does nothing by itself and knows nothing of its hosts but their addresses. The loop of a test:
//! take the earliest of [`Net::next_at`] and the deadlines of all hosts, go there
//! ([`Timeline`](crate::Timeline)), hand over what [`Net::deliver`] gives, call the timers that are
//! due, [`Net::send`] what they say. All chance comes from one seed, and nothing depends on the
//! order of a hash: a seed is a run.

mod conditions;
mod nat;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

pub use self::conditions::{Blocked, Conditions, Loss, Way};
pub use self::nat::Nat;
use self::schedule::Schedule;
use crate::{SeededRandom, Tap};

/// A datagram on the Internet, with the addresses that are seen there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Packet {
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// All that UDP carries.
    pub octets: Vec<u8>,
}

/// A datagram that arrived.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// When.
    pub at: Instant,
    /// Who sent it, as the receiver sees it.
    pub from: SocketAddr,
    /// The receiver's own socket.
    pub to: SocketAddr,
    /// All that UDP carries.
    pub octets: Vec<u8>,
}

/// Names a NAT of a network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NatId(usize);

/// What a test does to one datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// It is lost.
    Loss,
    /// It comes this much later.
    Delay(Duration),
    /// It comes, and this much later it comes again.
    Again(Duration),
}

type Meddler = Box<dyn FnMut(&Packet) -> Disturbance>;

/// A network.
pub struct Net {
    random: SeededRandom,
    hosts: BTreeMap<IpAddr, Option<NatId>>,
    asleep: BTreeSet<IpAddr>,
    nats: Vec<Nat>,
    conditions: Vec<(Way, Conditions)>,
    meddlers: Vec<Meddler>,
    schedule: Schedule<Packet>,
    losses: BTreeMap<Loss, u64>,
    tap: Tap,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net")
            .field("hosts", &self.hosts)
            .field("asleep", &self.asleep)
            .field("nats", &self.nats)
            .field("conditions", &self.conditions)
            .field("waiting", &self.schedule.len())
            .field("losses", &self.losses)
            .finish_non_exhaustive()
    }
}

impl Net {
    /// A network with [`Conditions::GOOD`] and nobody in it. All that is sent passes `tap`.
    pub fn new(seed: u64, tap: Tap) -> Self {
        Self {
            random: SeededRandom::new(seed),
            hosts: BTreeMap::new(),
            asleep: BTreeSet::new(),
            nats: Vec::new(),
            conditions: vec![(Way::ALL, Conditions::GOOD)],
            meddlers: Vec::new(),
            schedule: Schedule::new(),
            losses: BTreeMap::new(),
            tap,
        }
    }

    /// From now on chance is that of another seed.
    pub const fn reseed(&mut self, seed: u64) {
        self.random = SeededRandom::new(seed);
    }

    /// Puts up a NAT.
    pub fn add_nat(&mut self, nat: Nat) -> NatId {
        self.nats.push(nat);
        NatId(self.nats.len() - 1)
    }

    /// Adds a host that everybody can reach.
    pub fn add_host(&mut self, address: IpAddr) {
        self.hosts.insert(address, None);
    }

    /// Adds a host behind a NAT.
    pub fn add_host_behind(&mut self, address: IpAddr, nat: NatId) {
        self.hosts.insert(address, Some(nat));
    }

    /// A host is gone: what comes to its address arrives nowhere.
    pub fn remove_host(&mut self, address: IpAddr) {
        self.hosts.remove(&address);
        self.asleep.remove(&address);
    }

    /// A host moves to another address, behind `nat` or behind none. What is under way to the old
    /// one is lost, and what it still sends from there is, too.
    pub fn roam(&mut self, old: IpAddr, new: IpAddr, nat: Option<NatId>) {
        self.remove_host(old);
        self.hosts.insert(new, nat);
    }

    /// A NAT, to look at it or to rebind it.
    pub fn nat(&mut self, id: NatId) -> Option<&mut Nat> {
        self.nats.get_mut(id.0)
    }

    /// A host sleeps, or its cable is out: what arrives meanwhile is lost, what it sends does not
    /// leave it. That its timers stand still until it wakes is the caller's business.
    pub fn sleep(&mut self, address: IpAddr) {
        self.asleep.insert(address);
    }

    /// A host wakes up.
    pub fn wake(&mut self, address: IpAddr) {
        self.asleep.remove(&address);
    }

    /// From now on `conditions` hold on `way`, whatever was set before for any part of it.
    pub fn set(&mut self, way: Way, conditions: Conditions) {
        self.conditions.retain(|(other, _)| *other != way);
        self.conditions.push((way, conditions));
    }

    /// Forgets all conditions: [`Conditions::GOOD`] everywhere. What disturbs stays.
    pub fn reset(&mut self) {
        self.conditions = vec![(Way::ALL, Conditions::GOOD)];
    }

    /// Does to each datagram what `meddler` says. It sees each once, when it is sent, with the
    /// addresses of the Internet; the first of several that says something is obeyed.
    pub fn disturb(&mut self, meddler: impl FnMut(&Packet) -> Disturbance + 'static) {
        self.meddlers.push(Box::new(meddler));
    }

    /// Loses each datagram for which `filter` is true.
    pub fn drop_if(&mut self, mut filter: impl FnMut(&Packet) -> bool + 'static) {
        self.disturb(move |packet| {
            if filter(packet) {
                Disturbance::Loss
            } else {
                Disturbance::None
            }
        });
    }

    /// Nobody disturbs any more.
    pub fn leave_alone(&mut self) {
        self.meddlers.clear();
    }

    /// Sends a datagram from a host's own socket.
    pub fn send(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, octets: Vec<u8>) {
        if let Err(loss) = self.try_send(now, from, to, octets) {
            self.lose(loss);
        }
    }

    fn try_send(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        octets: Vec<u8>,
    ) -> Result<(), Loss> {
        let nat = *self.hosts.get(&from.ip()).ok_or(Loss::Nowhere)?;
        if self.asleep.contains(&from.ip()) {
            return Err(Loss::Asleep);
        }
        let nat = nat.and_then(|id| self.nats.get_mut(id.0));
        let from = nat.map_or(from, |nat| nat.outbound(now, from, to));
        self.tap.datagram(now, from, to, &octets);
        let packet = Packet { from, to, octets };
        let disturbance = self.disturbance(&packet);
        let mut fitting = self.conditions.iter().rev();
        let conditions = fitting.find(|(way, _)| way.fits(from, to));
        let conditions = conditions.map_or(Conditions::GOOD, |(_, conditions)| *conditions);
        let ends = (from, to);
        let (first, again) = conditions.pass(&mut self.random, ends, &packet.octets)?;
        let (first, third) = match disturbance {
            Disturbance::None => (first, None),
            Disturbance::Loss => return Err(Loss::Blocked),
            Disturbance::Delay(more) => (first + more, None),
            Disturbance::Again(later) => (first, Some(first + later)),
        };
        for after in again.into_iter().chain(third) {
            self.schedule.push(now + after, packet.clone());
        }
        self.schedule.push(now + first, packet);
        Ok(())
    }

    /// Everybody who disturbs sees each datagram: one may be counting.
    fn disturbance(&mut self, packet: &Packet) -> Disturbance {
        let mut obeyed = Disturbance::None;
        for meddler in &mut self.meddlers {
            let said = meddler(packet);
            if obeyed == Disturbance::None {
                obeyed = said;
            }
        }
        obeyed
    }

    /// When the next datagram comes to its destination, if it is not lost there.
    pub fn next_at(&self) -> Option<Instant> {
        self.schedule.next_at()
    }

    /// The next datagram that has arrived by `now`. Call it until there is none.
    pub fn deliver(&mut self, now: Instant) -> Option<Delivery> {
        while let Some((at, packet)) = self.schedule.pop(now) {
            match self.receiver(at, &packet) {
                Ok(to) => {
                    return Some(Delivery {
                        at,
                        from: packet.from,
                        to,
                        octets: packet.octets,
                    });
                }
                Err(loss) => self.lose(loss),
            }
        }
        None
    }

    fn receiver(&self, at: Instant, packet: &Packet) -> Result<SocketAddr, Loss> {
        let address = packet.to.ip();
        let nat = self.nats.iter().position(|nat| nat.outside() == address);
        let to = match nat {
            Some(id) => {
                let nat = self.nats.get(id);
                let inside = nat.and_then(|nat| nat.inbound(at, packet.to.port(), packet.from));
                let inside = inside.ok_or(Loss::NoMapping)?;
                let host = self.hosts.get(&inside.ip());
                let behind = host.is_some_and(|behind| *behind == Some(NatId(id)));
                behind.then_some(inside).ok_or(Loss::Nowhere)?
            }
            // An inside address means nothing on the Internet.
            None => match self.hosts.get(&address) {
                Some(None) => packet.to,
                Some(Some(_)) | None => return Err(Loss::Nowhere),
            },
        };
        if self.asleep.contains(&to.ip()) {
            return Err(Loss::Asleep);
        }
        Ok(to)
    }

    fn lose(&mut self, loss: Loss) {
        *self.losses.entry(loss).or_default() += 1;
    }

    /// How many datagrams were lost for this reason.
    pub fn lost(&self, loss: Loss) -> u64 {
        self.losses.get(&loss).copied().unwrap_or_default()
    }

    /// How many datagrams are under way.
    pub fn under_way(&self) -> usize {
        self.schedule.len()
    }

    /// The capture: for keys, and to write it.
    pub const fn tap(&mut self) -> &mut Tap {
        &mut self.tap
    }
}

#[cfg(test)]
mod tests;
