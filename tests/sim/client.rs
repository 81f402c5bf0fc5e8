//! The client's machine: what `daemon/src/daemon/session` does on a real one, on the virtual
//! network. Decides nothing: the course, the engine and ESP are those of the program.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_crypto::Signer;
use azike_gateway::TunnelEnd;
use azike_ike::{ChildSa, Client, Datagram, Event, Maker, Transport};
use azike_testkit::{Delivery, Net, SeededRandom};
use azike_tunnel::course::{Action, Course, LinkId, Reading, Rules, Target, Trouble};
use azike_wire::{EspSpi, demultiplex};

use crate::echo;
use crate::people::{People, WAYS, random};

/// How long a Child SA still receives after it was replaced.
const GRACE: Duration = Duration::from_secs(5);
/// How long the resolver takes.
const RESOLVER: Duration = Duration::from_millis(40);

/// The client's machine.
pub(crate) struct ClientHost {
    pub(crate) course: Course,
    /// Its address at home.
    pub(crate) address: IpAddr,
    /// Echoes that came back: when, and which.
    pub(crate) echoes: VecDeque<(Instant, u64)>,
    /// Logins, new Child SAs and new IKE SAs.
    pub(crate) made: [u64; 3],
    links: BTreeMap<LinkId, Link>,
    /// The link that the routes point to, and the inner address.
    host: Option<(LinkId, Ipv4Addr)>,
    resolving: Option<Instant>,
    next_port: u16,
    random: SeededRandom,
    signer: Arc<dyn Signer>,
}

/// An engine with its sockets and Child SAs.
struct Link {
    client: Client,
    gateway: IpAddr,
    port_500: u16,
    port_4500: u16,
    inner: Option<Ipv4Addr>,
    sas: Vec<Sa>,
    /// Child SAs that only receive, and until when.
    retired: Vec<(Instant, EspSpi)>,
    reading: Reading,
    heard: Option<Instant>,
    spoke: Option<Instant>,
    closing: bool,
}

struct Sa {
    spi_in: EspSpi,
    end: TunnelEnd,
}

impl ClientHost {
    /// Somebody wants a tunnel.
    pub(crate) fn new(seed: u64, address: IpAddr, people: &People, now: Instant) -> Self {
        let rules = Rules {
            ways: WAYS.to_vec(),
            timeout: Duration::from_secs(30),
            group: None,
        };
        Self {
            course: Course::new(rules, now, Box::new(random(seed, 1))),
            address,
            echoes: VecDeque::new(),
            made: [0; 3],
            links: BTreeMap::new(),
            host: None,
            resolving: None,
            next_port: 40_000,
            random: random(seed, 2),
            signer: people.signer(),
        }
    }

    /// Does all that is due or wanted; `known` are the addresses that the resolver has.
    pub(crate) fn drive(&mut self, now: Instant, net: &mut Net, people: &People, known: &[IpAddr]) {
        if self.resolving.is_some_and(|at| at <= now) {
            self.resolving = None;
            self.course.handle_addresses(now, known);
        }
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            let due = link.due().is_some_and(|at| at <= now);
            if due {
                link.timeout(now);
            }
            self.drain(now, net, id);
        }
        if self.course.poll_timeout().is_some_and(|at| at <= now) {
            let reading = self.reading();
            self.course.handle_timeout(now, reading);
        }
        while let Some(action) = self.course.poll_action() {
            self.act(now, net, people, action);
        }
    }

    /// When [`ClientHost::drive`] is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        let links = self.links.values().filter_map(Link::due);
        let others = self.course.poll_timeout().into_iter().chain(self.resolving);
        links.chain(others).min()
    }

    fn reading(&mut self) -> Reading {
        let carrier = self.course.carrier();
        let carrier = carrier.and_then(|id| self.links.get_mut(&id));
        carrier.map_or_else(Reading::default, |link| Reading {
            unanswered: link.client.unanswered_since(),
            ..link.reading
        })
    }

    fn act(&mut self, now: Instant, net: &mut Net, people: &People, action: Action) {
        match action {
            Action::Resolve(target) => {
                assert_eq!(target, Target::Profile, "nobody redirects here");
                self.resolving = Some(now + RESOLVER);
            }
            Action::Open(attempt) => {
                let (port_500, port_4500) = (self.next_port, self.next_port + 1);
                self.next_port = if port_500 > 60_000 {
                    40_000
                } else {
                    port_500 + 2
                };
                let local = SocketAddr::new(self.address, port_500);
                let config = people.client(&attempt, local, now);
                let seed = SeededRandom::new(self.random.next());
                let link = Link {
                    client: Client::new(config, now, Box::new(seed)),
                    gateway: attempt.address,
                    port_500,
                    port_4500,
                    inner: None,
                    sas: Vec::new(),
                    retired: Vec::new(),
                    reading: Reading::default(),
                    heard: None,
                    spoke: None,
                    closing: false,
                };
                self.links.insert(attempt.link, link);
                self.drain(now, net, attempt.link);
            }
            Action::Configure(id) => {
                if let Some(inner) = self.links.get(&id).and_then(|link| link.inner) {
                    self.host = Some((id, inner));
                    self.course.handle_configured(now, id);
                }
            }
            Action::Probe(id) => self.tell(now, net, id, |link, local| {
                link.client.handle_path_change(now, Some(local));
            }),
            Action::Ask(id) => self.tell(now, net, id, |link, local| {
                if link.client.unanswered_since().is_none() {
                    link.client.handle_path_change(now, Some(local));
                }
            }),
            Action::NewKeys(id) => self.tell(now, net, id, |link, _| {
                link.client.rekey_child(now);
                link.client.handle_timeout(now);
            }),
            Action::Close(id) => self.tell(now, net, id, |link, _| {
                link.closing = true;
                link.client.close(now);
            }),
            Action::Drop(id) => drop(self.links.remove(&id)),
            Action::Restore => self.host = None,
        }
    }

    fn tell(
        &mut self,
        now: Instant,
        net: &mut Net,
        id: LinkId,
        command: impl FnOnce(&mut Link, SocketAddr),
    ) {
        let local = self.address;
        if let Some(link) = self.links.get_mut(&id) {
            let local = SocketAddr::new(local, link.port_500);
            command(link, local);
        }
        self.drain(now, net, id);
    }

    /// Sends what the engine of a link wants sent, and takes its events.
    fn drain(&mut self, now: Instant, net: &mut Net, id: LinkId) {
        while let Some(link) = self.links.get_mut(&id) {
            while let Some(transmit) = link.client.poll_transmit() {
                let port = match transmit.transport {
                    Transport::Udp500 => link.port_500,
                    Transport::Udp4500 => link.port_4500,
                };
                let from = SocketAddr::new(self.address, port);
                net.send(now, from, transmit.to, transmit.octets);
            }
            let Some(event) = link.client.poll_event() else {
                if link.closing && link.client.poll_timeout().is_none() {
                    self.links.remove(&id);
                }
                return;
            };
            self.hear(now, id, event);
        }
    }

    fn hear(&mut self, now: Instant, id: LinkId, event: Event) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        match event {
            Event::Sign(request) => {
                let signature = self.signer.sign(request.scheme, &request.octets).ok();
                link.client
                    .handle_signature(now, request.id, signature.as_deref());
            }
            Event::Progress(_) | Event::Moved => {}
            Event::IkeSaRekeyed { .. } => self.made[2] += 1,
            Event::RekeyRefused { until, .. } => {
                self.course.handle_rekey_refused(now, id, until);
            }
            Event::Established(established) => {
                self.made[0] += 1;
                let addresses = &established.assigned.addresses;
                link.inner = addresses.iter().find_map(|(address, _)| match address {
                    IpAddr::V4(v4) => Some(*v4),
                    IpAddr::V6(_) => None,
                });
                link.install(&established.child, Maker::Us);
                self.course.handle_established(id, None);
            }
            Event::ChildSaUp(child, maker) => {
                self.made[1] += 1;
                link.install(&child, maker);
                self.course.handle_rekeyed(id);
            }
            Event::ChildSaDown(spi_in) => {
                link.retire(now, spi_in);
                if link.sas.iter().all(|sa| link.is_retired(sa.spi_in)) {
                    link.closing = true;
                    link.client.close(now);
                    self.course.handle_closed(now, id, Trouble::Ended);
                }
            }
            Event::MoveRefused(_) => self.course.handle_refused(now, id),
            Event::AuthLifetime(lifetime) => self.course.handle_auth_lifetime(now, id, lifetime),
            Event::Closed(reason) => {
                let closing = link.closing;
                self.links.remove(&id);
                if !closing {
                    self.course.handle_closed(now, id, Trouble::of(&reason));
                }
            }
        }
    }
}

/// Packets.
impl ClientHost {
    /// A datagram came to one of its sockets.
    pub(crate) fn receive(&mut self, now: Instant, net: &mut Net, delivery: &Delivery) {
        let port = delivery.to.port();
        let mut links = self.links.iter_mut();
        let found = links.find(|(_, link)| link.port_500 == port || link.port_4500 == port);
        let Some((id, link)) = found else {
            return;
        };
        let id = *id;
        let (octets, transport) = if port == link.port_500 {
            (&delivery.octets[..], Transport::Udp500)
        } else {
            match demultiplex(&delivery.octets) {
                azike_wire::Datagram::Ike(octets) => (octets, Transport::Udp4500),
                azike_wire::Datagram::Esp(spi, esp) => {
                    if let Some(packet) = link.open(now, spi, esp) {
                        self.echoes
                            .extend(echo::number(&packet).map(|number| (now, number)));
                    }
                    return;
                }
                azike_wire::Datagram::Keepalive | azike_wire::Datagram::Malformed => return,
            }
        };
        let datagram = Datagram {
            octets,
            from: delivery.from,
            transport,
        };
        let _verdict = link.client.handle_datagram(now, datagram);
        self.drain(now, net, id);
    }

    /// Asks the host behind the gateway for an echo; false if the routes point nowhere.
    pub(crate) fn ping(&mut self, now: Instant, net: &mut Net, number: u64) -> bool {
        let Some((id, inner)) = self.host else {
            return false;
        };
        let Some(link) = self.links.get_mut(&id) else {
            return false;
        };
        let from = SocketAddr::new(self.address, link.port_4500);
        let to = SocketAddr::new(link.gateway, 4500);
        if let Some(esp) = link.seal(now, &echo::request(inner, number)) {
            net.send(now, from, to, esp);
        }
        true
    }

    /// How many engines, Child SAs and requests there are, for the look at what is left.
    pub(crate) fn weight(&self) -> usize {
        let sas = self.links.values().map(|link| link.sas.len());
        self.links.len() + sas.sum::<usize>()
    }
}

impl Link {
    fn due(&self) -> Option<Instant> {
        let engine = self.client.poll_timeout().map(|deadline| deadline.at);
        let retired = self.retired.iter().map(|(until, _)| *until);
        engine.into_iter().chain(retired).min()
    }

    fn timeout(&mut self, now: Instant) {
        self.client.handle_traffic(self.heard, self.spoke);
        let sas = &mut self.sas;
        self.retired.retain(|(until, spi_in)| {
            let kept = now < *until;
            if !kept {
                sas.retain(|sa| sa.spi_in != *spi_in);
            }
            kept
        });
        self.client.handle_timeout(now);
    }

    fn install(&mut self, child: &ChildSa, maker: Maker) {
        let inbound = (child.spi_in, &child.inbound);
        let sa = Sa {
            spi_in: child.spi_in,
            end: TunnelEnd::with_keys(inbound, (child.spi_out, &child.outbound)),
        };
        match maker {
            Maker::Us => self.sas.push(sa),
            Maker::Gateway => self.sas.insert(self.retired.len(), sa),
        }
    }

    fn retire(&mut self, now: Instant, spi_in: EspSpi) {
        if let Some(at) = self.sas.iter().position(|sa| sa.spi_in == spi_in) {
            let sa = self.sas.remove(at);
            self.sas.insert(0, sa);
            self.retired.push((now + GRACE, spi_in));
        }
    }

    fn is_retired(&self, spi_in: EspSpi) -> bool {
        self.retired.iter().any(|(_, retired)| *retired == spi_in)
    }

    fn open(&mut self, now: Instant, spi: EspSpi, esp: &[u8]) -> Option<Vec<u8>> {
        let sa = self.sas.iter_mut().find(|sa| sa.spi_in == spi)?;
        let packet = sa.end.open(esp)?;
        self.heard = Some(now);
        self.reading.received += 1;
        Some(packet)
    }

    fn seal(&mut self, now: Instant, packet: &[u8]) -> Option<Vec<u8>> {
        let esp = self.sas.last_mut()?.end.seal(packet)?;
        self.reading.sent += 1;
        // All that hosts send here is answered.
        self.reading.asked += 1;
        self.spoke = Some(now);
        Some(esp)
    }
}
