//! One instance of the gateway, and the host behind it that answers echoes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use azike_gateway::{
    Datagram, Event, Gateway, IkeSuite, Lifetimes, Mobike, Pfs, Policy, RekeyRefusal, Transport,
    TunnelEnd, UnknownSpi,
};
use azike_testkit::{Delivery, Net, SeededRandom};
use azike_wire::{EspSpi, KeyExchangeMethod, NotifyType, Spi, demultiplex};

use crate::echo;
use crate::people::{People, random};
use crate::plan::below;

/// An instance of the gateway.
pub(crate) struct GatewayHost {
    pub(crate) gateway: Gateway,
    pub(crate) address: IpAddr,
    /// It is switched off: nothing is heard, nothing is due.
    pub(crate) off: bool,
    /// Where a client is follows from its ESP, too, not from IKE alone.
    pub(crate) follows_esp: bool,
    ends: BTreeMap<EspSpi, End>,
    /// Where the client of an IKE SA is.
    peers: BTreeMap<Spi, SocketAddr>,
}

/// The gateway's end of a Child SA.
struct End {
    spi_r: Spi,
    end: TunnelEnd,
}

impl GatewayHost {
    pub(crate) fn new(seed: u64, address: IpAddr, people: &People, now: Instant) -> Self {
        let number = u64::from(matches!(address, IpAddr::V4(v4) if v4.octets()[3] == 10));
        let mut random = random(seed, 8 + number);
        let policy = policy(&mut random, number);
        let random = Box::new(random);
        let config = people.gateway(address, policy);
        Self {
            gateway: Gateway::new(config, now, random).unwrap(),
            address,
            off: false,
            follows_esp: true,
            ends: BTreeMap::new(),
            peers: BTreeMap::new(),
        }
    }

    /// It forgets everything, as after a restart.
    pub(crate) fn restart(&mut self) {
        self.gateway.forget();
        self.ends.clear();
        self.peers.clear();
    }

    /// A datagram came.
    pub(crate) fn receive(&mut self, now: Instant, net: &mut Net, delivery: &Delivery) {
        if self.off {
            return;
        }
        let transport = match delivery.to.port() {
            500 => Transport::Udp500,
            _ => Transport::Udp4500,
        };
        let datagram = Datagram {
            octets: &delivery.octets,
            from: delivery.from,
            transport,
        };
        // Of ESP the engine looks at the SPI only.
        self.gateway.handle_datagram(now, datagram);
        self.drain(now, net);
        if transport == Transport::Udp4500
            && let azike_wire::Datagram::Esp(spi, esp) = demultiplex(&delivery.octets)
        {
            self.receive_esp(now, net, (spi, esp), delivery.from);
        }
    }

    fn receive_esp(
        &mut self,
        now: Instant,
        net: &mut Net,
        (spi, esp): (EspSpi, &[u8]),
        from: SocketAddr,
    ) {
        let Some(end) = self.ends.get_mut(&spi) else {
            return;
        };
        let Some(packet) = end.end.open(esp) else {
            return;
        };
        if self.follows_esp {
            self.peers.insert(end.spi_r, from);
        }
        let answer = echo::answer(&packet).and_then(|answer| end.end.seal(&answer));
        if let (Some(esp), Some(peer)) = (answer, self.peers.get(&end.spi_r)) {
            let from = SocketAddr::new(self.address, 4500);
            net.send(now, from, *peer, esp);
        }
    }

    /// Does what is due.
    pub(crate) fn drive(&mut self, now: Instant, net: &mut Net) {
        if !self.off && self.gateway.poll_timeout().is_some_and(|at| at <= now) {
            self.gateway.handle_timeout(now);
        }
        self.drain(now, net);
    }

    /// When [`GatewayHost::drive`] is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.gateway.poll_timeout().filter(|_| !self.off)
    }

    /// An administrator ends all sessions.
    pub(crate) fn disconnect(&mut self, now: Instant, net: &mut Net) {
        let sas: Vec<Spi> = self.peers.keys().copied().collect();
        for spi_r in sas {
            self.gateway.delete_ike_sa(now, spi_r);
        }
        self.drain(now, net);
    }

    fn hear(&mut self, net: &mut Net, event: Event) {
        match event {
            Event::ChildSa(child) => {
                net.tap().esp_keys(child.spi_in, &child.inbound);
                net.tap().esp_keys(child.spi_out, &child.outbound);
                self.peers.insert(child.spi_r, child.peer);
                let end = End {
                    spi_r: child.spi_r,
                    end: TunnelEnd::new(&child),
                };
                self.ends.insert(child.spi_in, end);
            }
            Event::ChildSaDeleted(spi_in) => drop(self.ends.remove(&spi_in)),
            Event::IkeSaDeleted(spi_r)
            | Event::ClientRefused(spi_r, _)
            | Event::IkeSaGone(spi_r, _) => {
                self.peers.remove(&spi_r);
                self.ends.retain(|_, end| end.spi_r != spi_r);
            }
            Event::IkeSa(spi_r) => {
                if let Some((spi_i, keys)) = self.gateway.ike_keys(spi_r) {
                    net.tap().ike_keys(spi_i, spi_r, keys);
                }
            }
            Event::IkeSaRekeyed { old, new, .. } => {
                if let Some(peer) = self.peers.remove(&old) {
                    self.peers.insert(new, peer);
                }
                for end in self.ends.values_mut().filter(|end| end.spi_r == old) {
                    end.spi_r = new;
                }
            }
            Event::Moved(spi_r, peer) => {
                self.peers.entry(spi_r).and_modify(|it| *it = peer);
            }
            Event::Retransmission(_) | Event::Answered(_) | Event::LoginFailed(_) => {}
        }
    }

    fn drain(&mut self, now: Instant, net: &mut Net) {
        while let Some(event) = self.gateway.poll_event() {
            self.hear(net, event);
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            if !self.off {
                net.send(now, transmit.from, transmit.to, transmit.octets);
            }
        }
    }

    /// How many IKE SAs and Child SAs there are.
    pub(crate) fn weight(&self) -> usize {
        self.gateway.ike_sas() + self.ends.len()
    }
}

/// What this instance does differently, by chance; pools of two instances never overlap.
fn policy(random: &mut SeededRandom, number: u64) -> Policy {
    const GROUP: KeyExchangeMethod = KeyExchangeMethod::CURVE25519;
    let group = [GROUP, KeyExchangeMethod::ECP_256];
    let group = group[usize::from(random.chance(10))];
    let mut policy = Policy::azure();
    policy.ike = vec![IkeSuite::AES_256_GCM.with_group(group)];
    let net = if number == 0 { 201 } else { 202 };
    policy.pool = Some(Ipv4Addr::new(172, 16, net, 1));
    policy.pfs = match random.below(4) {
        0 => Pfs::Required(vec![GROUP]),
        1 => Pfs::Forbidden,
        2 => Pfs::Only(GROUP),
        _ => Pfs::Optional,
    };
    let minutes = |random: &mut SeededRandom, least, most| {
        Duration::from_secs(60 * (least + below(random, most - least)))
    };
    let lifetimes = Lifetimes {
        child: minutes(random, 20, 120),
        ike: minutes(random, 120, 600),
    };
    policy.lifetimes = random.chance(60).then_some(lifetimes);
    let liveness = Duration::from_secs(20 + below(random, 100));
    policy.liveness = random.chance(70).then_some(liveness);
    policy.follows_nat = random.chance(70);
    policy.mobike = match random.below(6) {
        0 | 1 => Mobike::Unknown,
        2 => Mobike::Checks,
        3 => Mobike::Refuses,
        _ => Mobike::Follows,
    };
    if random.chance(50) {
        policy.unknown_spi = UnknownSpi::Told;
    }
    let seconds = u32::try_from(3600 + below(random, 25_200)).unwrap_or_default();
    policy.auth_lifetime = random.chance(20).then_some(seconds);
    // A gateway that never gives new keys: there has to be a new login each time.
    if random.chance(5) {
        policy.rekey_refusal = Some(RekeyRefusal {
            notify: Some(NotifyType::NO_PROPOSAL_CHOSEN),
            ms_status: Some(13816),
        });
    }
    policy
}
