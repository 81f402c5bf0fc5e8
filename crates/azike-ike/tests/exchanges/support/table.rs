//! A client and a gateway at one table, and the wire between them in the hands of the test.
//!
//! Nothing moves by itself: [`Table::to_gateway`] and [`Table::to_client`] are what lies on the
//! wire. A test delivers, loses, changes and repeats; [`Table::talk`] delivers all there is.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use azike_crypto::Signer;
use azike_gateway::Gateway;
use azike_ike::{
    Client, CloseReason, Datagram, Established, Event, Progress, Timer, Transmit, Transport,
    Verdict,
};
use azike_testkit::{Leave, Tap};

use super::setup::{CLIENT, GATEWAY};

/// More deadlines than any login or goodbye has.
const MOST_WAITS: usize = 60;

/// A client and a gateway.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) gateway: Gateway,
    pub(crate) now: Instant,
    /// Sent by the client and not delivered.
    pub(crate) to_gateway: VecDeque<Transmit>,
    /// Sent by the gateway and not delivered.
    pub(crate) to_client: VecDeque<azike_gateway::Transmit>,
    /// What the client reported, but for requests to sign.
    pub(crate) events: Vec<Event>,
    /// What the gateway reported.
    pub(crate) gateway_events: Vec<azike_gateway::Event>,
    /// What became of each datagram that the client got.
    pub(crate) verdicts: Vec<Verdict>,
    signer: Option<Arc<dyn Signer>>,
    tap: Tap,
}

impl Table {
    /// Sits down. The client's first message lies on the wire.
    pub(crate) fn new(
        (client, signer): (Client, Arc<dyn Signer>),
        gateway: Gateway,
        now: Instant,
    ) -> Self {
        let mut table = Self {
            client,
            gateway,
            now,
            to_gateway: VecDeque::new(),
            to_client: VecDeque::new(),
            events: Vec::new(),
            gateway_events: Vec::new(),
            verdicts: Vec::new(),
            signer: Some(signer),
            tap: Tap::new(now),
        };
        table.leave_capture();
        table.drain();
        table
    }

    /// Each test leaves what was sent at its first table, and at any other one where it fails.
    fn leave_capture(&mut self) {
        thread_local! {
            static LEFT: Cell<bool> = const { Cell::new(false) };
        }
        let when = if LEFT.replace(true) {
            Leave::OnPanic
        } else {
            Leave::Always
        };
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("test").replace("::", "-");
        self.tap.leave(when, &folder(), &name);
    }

    /// Takes everything from both, and signs what the client wants signed.
    pub(crate) fn drain(&mut self) {
        loop {
            let mut signs = Vec::new();
            while let Some(event) = self.client.poll_event() {
                match event {
                    Event::Sign(request) => signs.push(request),
                    Event::Progress(_)
                    | Event::Established(_)
                    | Event::ChildSaUp(..)
                    | Event::ChildSaDown(_)
                    | Event::IkeSaRekeyed { .. }
                    | Event::RekeyRefused { .. }
                    | Event::Moved
                    | Event::MoveRefused(_)
                    | Event::AuthLifetime(_)
                    | Event::Closed(_) => self.events.push(event),
                }
            }
            if signs.is_empty() {
                break;
            }
            for request in signs {
                let signer = self.signer.as_ref();
                let signature = signer.map(|it| it.sign(request.scheme, &request.octets).unwrap());
                let id = request.id;
                self.client
                    .handle_signature(self.now, id, signature.as_deref());
            }
        }
        while let Some(transmit) = self.client.poll_transmit() {
            let from = client_socket(transmit.transport);
            self.tap
                .datagram(self.now, from, transmit.to, &transmit.octets);
            self.to_gateway.push_back(transmit);
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            let from = gateway_socket(transmit.transport);
            self.tap
                .datagram(self.now, from, transmit.to, &transmit.octets);
            self.to_client.push_back(transmit);
        }
        while let Some(event) = self.gateway.poll_event() {
            self.tap_keys(&event);
            self.gateway_events.push(event);
        }
    }

    fn tap_keys(&mut self, event: &azike_gateway::Event) {
        if let azike_gateway::Event::IkeSa(spi_r) = event
            && let Some((spi_i, keys)) = self.gateway.ike_keys(*spi_r)
        {
            self.tap.ike_keys(spi_i, *spi_r, keys);
        }
        if let azike_gateway::Event::ChildSa(child) = event {
            self.tap.esp_keys(child.spi_in, &child.inbound);
            self.tap.esp_keys(child.spi_out, &child.outbound);
        }
    }

    /// From now on the key holder refuses to sign.
    pub(crate) fn lose_key(&mut self) {
        self.signer = None;
    }

    /// Gives the gateway a datagram of the client.
    pub(crate) fn give_gateway(&mut self, transmit: &Transmit) {
        let transport = match transmit.transport {
            Transport::Udp500 => azike_gateway::Transport::Udp500,
            Transport::Udp4500 => azike_gateway::Transport::Udp4500,
        };
        let datagram = azike_gateway::Datagram {
            octets: &transmit.octets,
            from: client_socket(transmit.transport),
            transport,
        };
        self.gateway.handle_datagram(self.now, datagram);
        self.drain();
    }

    /// Gives the client a datagram of the gateway.
    pub(crate) fn give_client(&mut self, transmit: &azike_gateway::Transmit) -> Verdict {
        let (octets, transport) = match transmit.transport {
            azike_gateway::Transport::Udp500 => (&transmit.octets[..], Transport::Udp500),
            azike_gateway::Transport::Udp4500 => (&transmit.octets[4..], Transport::Udp4500),
        };
        self.give_octets(octets, transport)
    }

    /// Gives the client these octets: an IKE message, or not.
    pub(crate) fn give_octets(&mut self, octets: &[u8], transport: Transport) -> Verdict {
        self.give_from(octets, (SocketAddr::new(GATEWAY, 4500), transport))
    }

    /// The same from this address, by this socket.
    pub(crate) fn give_from(
        &mut self,
        octets: &[u8],
        (from, transport): (SocketAddr, Transport),
    ) -> Verdict {
        let datagram = Datagram {
            octets,
            from,
            transport,
        };
        let verdict = self.client.handle_datagram(self.now, datagram);
        self.verdicts.push(verdict);
        self.drain();
        verdict
    }

    /// Delivers the oldest datagram to the gateway.
    pub(crate) fn deliver_request(&mut self) {
        let transmit = self.to_gateway.pop_front().unwrap();
        self.give_gateway(&transmit);
    }

    /// Delivers the oldest datagram to the client.
    pub(crate) fn deliver_response(&mut self) -> Verdict {
        let transmit = self.to_client.pop_front().unwrap();
        self.give_client(&transmit)
    }

    /// Delivers all, until both are silent.
    pub(crate) fn talk(&mut self) {
        while !(self.to_gateway.is_empty() && self.to_client.is_empty()) {
            while !self.to_gateway.is_empty() {
                self.deliver_request();
            }
            while !self.to_client.is_empty() {
                let _verdict = self.deliver_response();
            }
        }
    }

    /// Delivers all that lies on the wire to the client.
    pub(crate) fn talk_to_client(&mut self) {
        while !self.to_client.is_empty() {
            let _verdict = self.deliver_response();
        }
    }

    /// Goes to the next deadline of either side; false if there is none.
    pub(crate) fn wait(&mut self) -> bool {
        let client = self.client.poll_timeout().map(|deadline| deadline.at);
        let Some(next) = client.into_iter().chain(self.gateway.poll_timeout()).min() else {
            return false;
        };
        self.now = self.now.max(next);
        self.client.handle_timeout(self.now);
        self.gateway.handle_timeout(self.now);
        self.drain();
        true
    }

    /// Talks and waits until the client is connected or gave up.
    pub(crate) fn settle(&mut self) {
        self.talk();
        for _ in 0..MOST_WAITS {
            if self.established().is_some() || self.closed().is_some() || !self.wait() {
                return;
            }
            self.talk();
        }
        panic!("neither connected nor closed: {:?}", self.events);
    }

    /// Talks and waits until the client gave up.
    pub(crate) fn end(&mut self) -> CloseReason {
        self.talk();
        for _ in 0..MOST_WAITS {
            if self.closed().is_some() || !self.wait() {
                break;
            }
            self.talk();
        }
        let closed = self.closed().cloned();
        closed.unwrap_or_else(|| panic!("not closed: {:?}", self.events))
    }

    /// Goes to the deadline for this timer, through all that come before it.
    pub(crate) fn wait_for(&mut self, timer: Timer) {
        loop {
            let deadline = self.client.poll_timeout().unwrap();
            self.wait();
            if deadline.timer == timer {
                return;
            }
        }
    }

    /// Takes what a command left, and delivers it.
    pub(crate) fn talk_after_drain(&mut self) {
        self.drain();
        self.talk();
    }

    /// The SPI of the first IKE SA at the gateway, before there is a Child SA.
    pub(crate) fn half_open(&self) -> azike_wire::Spi {
        let found = self.gateway_events.iter().find_map(|event| {
            if let azike_gateway::Event::IkeSa(spi_r) = event {
                Some(*spi_r)
            } else {
                None
            }
        });
        found.unwrap()
    }

    /// Waits until the client gave up; all that it sends is lost.
    pub(crate) fn end_in_silence(&mut self) -> CloseReason {
        while self.closed().is_none() && self.wait() {
            self.to_gateway.clear();
        }
        self.closed().unwrap().clone()
    }

    /// The SPI of the IKE SA at the gateway.
    pub(crate) fn spi_r(&self) -> azike_wire::Spi {
        self.gateway_child().unwrap().spi_r
    }

    /// What the client got, once it is connected.
    pub(crate) fn established(&self) -> Option<&Established> {
        self.events.iter().find_map(|event| {
            if let Event::Established(established) = event {
                Some(&**established)
            } else {
                None
            }
        })
    }

    /// Why the client gave up, once it did.
    pub(crate) fn closed(&self) -> Option<&CloseReason> {
        self.events.iter().find_map(|event| {
            if let Event::Closed(reason) = event {
                Some(reason)
            } else {
                None
            }
        })
    }

    /// The steps that the client reported.
    pub(crate) fn progress(&self) -> impl Iterator<Item = &Progress> {
        self.events.iter().filter_map(|event| {
            if let Event::Progress(progress) = event {
                Some(progress)
            } else {
                None
            }
        })
    }

    /// What the client reported that is neither a step nor a state of the tunnel, as text.
    pub(crate) fn news(&self) -> Vec<String> {
        let news = self.events.iter().filter(|event| match event {
            Event::Moved | Event::MoveRefused(_) | Event::AuthLifetime(_) => true,
            Event::Progress(_)
            | Event::Sign(_)
            | Event::Established(_)
            | Event::ChildSaUp(..)
            | Event::ChildSaDown(_)
            | Event::IkeSaRekeyed { .. }
            | Event::RekeyRefused { .. }
            | Event::Closed(_) => false,
        });
        news.map(|event| format!("{event:?}")).collect()
    }

    /// The Child SA at the gateway, once there is one.
    pub(crate) fn gateway_child(&self) -> Option<&azike_gateway::ChildSa> {
        self.gateway_events.iter().find_map(|event| {
            if let azike_gateway::Event::ChildSa(child) = event {
                Some(&**child)
            } else {
                None
            }
        })
    }

    /// Writes the capture: `name.pcapng` and the keys.
    pub(crate) fn capture(&self, name: &str) -> PathBuf {
        let folder = folder();
        self.tap.write(&folder, name).unwrap();
        folder
    }
}

/// Where captures are left.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pcap")
}

fn client_socket(transport: Transport) -> SocketAddr {
    match transport {
        Transport::Udp500 => SocketAddr::new(CLIENT, 1500),
        Transport::Udp4500 => SocketAddr::new(CLIENT, 14500),
    }
}

fn gateway_socket(transport: azike_gateway::Transport) -> SocketAddr {
    match transport {
        azike_gateway::Transport::Udp500 => SocketAddr::new(GATEWAY, 500),
        azike_gateway::Transport::Udp4500 => SocketAddr::new(GATEWAY, 4500),
    }
}
