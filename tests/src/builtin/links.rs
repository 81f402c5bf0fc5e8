//! What the data path is told when something happens at the gateway. A value without IO.
//!
//! ```text
//!   a client logs in        Standby(A)                             it is the only one: it sends
//!   … replaces a Child SA   Standby(B)   B receives, A sends       until the client deletes A (RFC 7296, 2.8)
//!   … deletes A             Retire(A)    B sends, A still receives what was on its way
//!   the gateway replaces B  Install(C)   the client has answered: it has C
//!   the client logs in once more, beside that
//!                           Standby(D), and when the answer has left: Retire(all the others)
//! ```

use std::iter;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use azike_gateway::{ChildSa, Event, Maker};
use azike_wire::{EspSpi, Spi};

/// How long a Child SA still receives after it was deleted.
const LINGER: Duration = Duration::from_secs(5);

/// What the data path is to do.
#[derive(Debug)]
pub enum Order {
    /// Let these addresses of clients through.
    Admit(Vec<IpAddr>),
    /// Receive with it; send with it when there is no older one.
    Standby(Box<ChildSa>),
    /// Receive and send with it.
    Install(Box<ChildSa>),
    /// Send with another one.
    Retire(EspSpi),
    /// Forget it.
    Remove(EspSpi),
    /// Send to there.
    Peer(SocketAddr),
}

/// One login, oldest first; the last one is in use.
#[derive(Debug)]
struct Login {
    ike_sa: Spi,
    peer: SocketAddr,
    addresses: Vec<IpAddr>,
    children: Vec<EspSpi>,
}

/// Logins and their Child SAs.
#[derive(Debug, Default)]
pub struct Links {
    logins: Vec<Login>,
    /// What sends no more as soon as the answer to a new login has left.
    superseded: Vec<EspSpi>,
    /// What only receives any more, and until when.
    leaving: Vec<(Instant, EspSpi)>,
}

impl Links {
    /// Something happened at the gateway. The orders are to be obeyed before the gateway's messages leave: a
    /// responder has to be ready to receive before it answers.
    pub fn follow(&mut self, now: Instant, event: Event) -> Vec<Order> {
        match event {
            Event::ChildSa(child) => self.add(child),
            Event::ChildSaDeleted(spi_in) => self.delete(now, spi_in),
            Event::IkeSaRekeyed { old, new, .. } => {
                for login in self.logins.iter_mut().filter(|login| login.ike_sa == old) {
                    login.ike_sa = new;
                }
                Vec::new()
            }
            Event::Moved(ike_sa, peer) => self.go(ike_sa, peer),
            Event::IkeSaDeleted(ike_sa)
            | Event::IkeSaGone(ike_sa, _)
            | Event::ClientRefused(ike_sa, _) => self.forget(ike_sa),
            Event::IkeSa(_)
            | Event::Retransmission(_)
            | Event::Answered(_)
            | Event::LoginFailed(_) => Vec::new(),
        }
    }

    /// The gateway's messages have left.
    pub fn answered(&mut self) -> Vec<Order> {
        self.superseded.drain(..).map(Order::Retire).collect()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Order> {
        let (over, left) = self.leaving.drain(..).partition(|(at, _)| *at <= now);
        self.leaving = left;
        removed(over)
    }

    /// When to call [`Self::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.leaving.iter().map(|(at, _)| *at).min()
    }

    fn add(&mut self, child: Box<ChildSa>) -> Vec<Order> {
        let known = self.logins.iter_mut();
        if let Some(login) = known.into_iter().find(|login| login.ike_sa == child.spi_r) {
            login.children.push(child.spi_in);
            return vec![match child.maker {
                Maker::Gateway => Order::Install(child),
                Maker::Client => Order::Standby(child),
            }];
        }
        let others = self.logins.iter().flat_map(|login| &login.children);
        self.superseded.extend(others);
        self.logins.push(Login {
            ike_sa: child.spi_r,
            peer: child.peer,
            addresses: child.addresses.clone(),
            children: vec![child.spi_in],
        });
        let addresses = self.logins.iter().flat_map(|login| login.addresses.clone());
        vec![Order::Admit(addresses.collect()), Order::Standby(child)]
    }

    fn delete(&mut self, now: Instant, spi_in: EspSpi) -> Vec<Order> {
        for login in &mut self.logins {
            login.children.retain(|other| *other != spi_in);
        }
        if self.logins.iter().all(|login| login.children.is_empty()) {
            // What was deleted before must not send in its place.
            let before = removed(self.leaving.drain(..).collect());
            return iter::once(Order::Remove(spi_in)).chain(before).collect();
        }
        self.leaving.push((now + LINGER, spi_in));
        vec![Order::Retire(spi_in)]
    }

    fn go(&mut self, ike_sa: Spi, peer: SocketAddr) -> Vec<Order> {
        let is_in_use = self
            .logins
            .last()
            .is_some_and(|login| login.ike_sa == ike_sa);
        for login in self
            .logins
            .iter_mut()
            .filter(|login| login.ike_sa == ike_sa)
        {
            login.peer = peer;
        }
        let order = is_in_use.then_some(Order::Peer(peer));
        order.into_iter().collect()
    }

    fn forget(&mut self, ike_sa: Spi) -> Vec<Order> {
        let Some(at) = self.logins.iter().position(|login| login.ike_sa == ike_sa) else {
            return Vec::new();
        };
        let login = self.logins.remove(at);
        self.superseded.retain(|spi| !login.children.contains(spi));
        let mut orders: Vec<_> = login.children.into_iter().map(Order::Remove).collect();
        if at == self.logins.len() {
            // An older login is in use again, and nothing that was deleted may send in its place.
            orders.extend(removed(self.leaving.drain(..).collect()));
            orders.extend(self.logins.last().map(|login| Order::Peer(login.peer)));
        }
        orders
    }
}

fn removed(leaving: Vec<(Instant, EspSpi)>) -> Vec<Order> {
    let spis = leaving.into_iter().map(|(_, spi_in)| spi_in);
    spis.map(Order::Remove).collect()
}

#[cfg(test)]
mod tests;
