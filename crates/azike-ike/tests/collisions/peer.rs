//! The gateway after the login, by the book: RFC 7296, sections 2.8 and 2.25, and no more.
//!
//! It takes the keys of the IKE SA over from `azike_gateway`, and shares nothing with the client's
//! engine. It can be told to begin any exchange at any time, as a collision needs it.

mod begin;
mod message;
mod sa;

use std::collections::VecDeque;
use std::time::Instant;

use azike_crypto::{
    ChildAlgorithms, ChildKeys, DirectionKeys, IkeKeys, KeyExchange, Random as _, Secret,
};
use azike_testkit::SeededRandom;
use azike_wire::{
    Chain, EspSpi, ExchangeType, KeyExchangeMethod, Message, MessageKind, NotifyType, Role, Spi,
    TrafficSelectors,
};

use self::message::Heard;
use self::sa::{RekeyChild, RekeyIke, Sa, Task};
use crate::traffic::Maker;
use crate::witness::IkeSpis;

/// What happened at the peer.
pub(crate) enum PeerEvent {
    /// There is an IKE SA.
    Ike(IkeSpis, Box<IkeKeys>),
    /// There is a Child SA: SPI and keys of packets to the peer, then from it.
    Up((EspSpi, DirectionKeys), (EspSpi, DirectionKeys), Maker),
    /// The Child SA with this SPI of the peer is gone.
    Down(EspSpi),
    /// A question was answered.
    Answered,
}

/// The peer.
pub(crate) struct Peer {
    pub(crate) transmits: VecDeque<Vec<u8>>,
    pub(crate) events: VecDeque<PeerEvent>,
    random: SeededRandom,
    sas: Vec<Sa>,
    current: IkeSpis,
    children: Vec<Child>,
    basis: ChildBasis,
}

/// What all Child SAs have in common.
pub(crate) struct ChildBasis {
    pub(crate) algorithms: ChildAlgorithms,
    pub(crate) group: KeyExchangeMethod,
    /// The client's side, and the peer's.
    pub(crate) selectors: (TrafficSelectors, TrafficSelectors),
}

struct Child {
    ours: EspSpi,
    theirs: EspSpi,
    /// The peer has said that it goes.
    leaving: bool,
}

impl Peer {
    /// Takes over after a login by signature.
    pub(crate) fn new(
        seed: u64,
        (spis, keys): (IkeSpis, &IkeKeys),
        (ours, theirs): (EspSpi, EspSpi),
        basis: ChildBasis,
    ) -> Self {
        let child = Child {
            ours,
            theirs,
            leaving: false,
        };
        Self {
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            // Not the gateway's own, which has made SPIs of the same seed.
            random: SeededRandom::new(!seed),
            sas: vec![Sa::new(Role::Responder, spis, keys).after_login()],
            current: spis,
            children: vec![child],
            basis,
        }
    }

    /// How many IKE SAs there are.
    pub(crate) fn ike_sas(&self) -> usize {
        self.sas.iter().filter(|sa| !sa.gone).count()
    }

    /// When to call [`Peer::handle_timeout`].
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.sas.iter().filter_map(Sa::due).min()
    }

    /// Asks again what was not answered.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let mut over = false;
        for sa in &mut self.sas {
            let before = sa.gone;
            self.transmits.extend(sa.resend(now));
            over |= sa.gone && !before && sa.spis == self.current;
        }
        if over {
            self.end_children();
        }
    }

    /// Takes an IKE message.
    pub(crate) fn handle(&mut self, now: Instant, octets: &[u8]) {
        let Ok(message) = Message::decode(octets) else {
            return;
        };
        let header = message.header();
        let mut sas = self.sas.iter();
        let Some(at) = sas.position(|sa| Some(sa.spis.1) == header.spi_r) else {
            return;
        };
        // Out of the list while it is worked on: a rekey adds another one.
        let mut sa = self.sas.remove(at);
        match header.kind {
            MessageKind::Request => self.request(&mut sa, &message),
            MessageKind::Response => self.response(now, &mut sa, &message),
        }
        self.sas.insert(at, sa);
        for sa in &mut self.sas {
            sa.in_use(now, sa.spis == self.current);
        }
    }

    fn request(&mut self, sa: &mut Sa, message: &Message<'_>) {
        if let Some(again) = sa.again(message) {
            self.transmits.push_back(again);
            return;
        }
        let header = message.header();
        let heard = sa.open(message).filter(|_| sa.expects(&header));
        let Some(heard) = heard else {
            return;
        };
        let chain = if header.exchange == ExchangeType::CREATE_CHILD_SA {
            let made = if heard.is_ike() {
                self.rekeyed_ike(sa, &heard)
            } else {
                self.rekeyed_child(sa, &heard)
            };
            made.unwrap_or_else(message::refuse)
        } else {
            self.informed(sa, &heard)
        };
        let answer = sa.answer(&mut self.random, message, chain);
        self.transmits.push_back(answer);
    }

    fn informed(&mut self, sa: &mut Sa, heard: &Heard) -> Chain {
        if heard.deletes_ike {
            self.deleted_ike(sa);
            return Chain::new();
        }
        let mut ours = Vec::new();
        for theirs in &heard.deletes {
            let mut children = self.children.iter();
            let Some(at) = children.position(|child| child.theirs == *theirs) else {
                continue;
            };
            let child = self.children.remove(at);
            // Section 1.4.1: who has deleted it as well does not say so again.
            if !child.leaving {
                ours.push(child.ours);
            }
            self.events.push_back(PeerEvent::Down(child.ours));
        }
        message::delete_children(&ours)
    }

    fn deleted_ike(&mut self, sa: &mut Sa) {
        sa.gone = true;
        let rival = sa.request.take().and_then(|request| match request.task {
            Task::RekeyIke(rekey) => rekey.rival,
            Task::Liveness
            | Task::NewChild
            | Task::RekeyChild(_)
            | Task::DeleteChild(_)
            | Task::DeleteIke => None,
        });
        if sa.spis != self.current {
            return;
        }
        match rival {
            Some((_, spis)) => self.current = spis,
            None => self.end_children(),
        }
    }

    fn end_children(&mut self) {
        let children = std::mem::take(&mut self.children).into_iter();
        self.events
            .extend(children.map(|child| PeerEvent::Down(child.ours)));
    }

    /// Sections 2.8.2 and 2.25.2.
    fn rekeyed_ike(&mut self, sa: &mut Sa, heard: &Heard) -> Result<Chain, NotifyType> {
        let task = sa.request.as_mut().map(|request| &mut request.task);
        let rekey = match task {
            None | Some(Task::Liveness) => None,
            Some(Task::RekeyIke(rekey)) => Some(rekey),
            Some(Task::NewChild | Task::RekeyChild(_) | Task::DeleteChild(_) | Task::DeleteIke) => {
                return Err(NotifyType::TEMPORARY_FAILURE);
            }
        };
        if sa.spis != self.current {
            return Err(NotifyType::TEMPORARY_FAILURE);
        }
        let nonce = new_nonce(&mut self.random);
        let spi_r = Spi::new(self.random.next() | 1).unwrap();
        let spi_i = Spi::from_octets(heard.spi()).unwrap();
        let (key_exchange, g_ir) = agree(&mut self.random, heard).unwrap();
        let chain = message::new_ike(&spi_r.octets(), &nonce, &key_exchange, Some(heard));
        let spis = (spi_i, spi_r);
        let nonces = (&heard.nonce[..], &nonce[..]);
        let keys = ike_keys((sa.algorithms, &sa.sk_d), nonces, &g_ir, spis);
        self.sas.push(Sa::new(Role::Responder, spis, &keys));
        self.events.push_back(PeerEvent::Ike(spis, Box::new(keys)));
        match rekey {
            Some(rekey) => rekey.rival = Some((heard.nonce.clone().min(nonce), spis)),
            None => self.current = spis,
        }
        Ok(chain)
    }

    /// Sections 2.8.1, 2.25.1 and 2.25.2.
    fn rekeyed_child(&mut self, sa: &mut Sa, heard: &Heard) -> Result<Chain, NotifyType> {
        let Some(theirs) = heard.rekeys else {
            return Err(NotifyType::NO_ADDITIONAL_SAS);
        };
        if sa.spis != self.current {
            return Err(NotifyType::TEMPORARY_FAILURE);
        }
        let rekey = match sa.request.as_mut().map(|request| &mut request.task) {
            None | Some(Task::Liveness | Task::NewChild | Task::DeleteChild(_)) => None,
            Some(Task::RekeyChild(rekey)) => Some(rekey),
            Some(Task::RekeyIke(_) | Task::DeleteIke) => {
                return Err(NotifyType::TEMPORARY_FAILURE);
            }
        };
        let child = self.children.iter().find(|child| child.theirs == theirs);
        let child = child.ok_or(NotifyType::CHILD_SA_NOT_FOUND)?;
        if child.leaving {
            return Err(NotifyType::TEMPORARY_FAILURE);
        }
        let rekey = rekey.filter(|rekey| rekey.old == child.ours);
        let (nonce, ours) = (new_nonce(&mut self.random), new_spi(&mut self.random));
        let agreed = agree(&mut self.random, heard);
        let (key_exchange, g_ir) = agreed.unzip();
        let (client, gateway) = &self.basis.selectors;
        let selectors = (client, gateway);
        let chain = message::new_child(ours, &nonce, key_exchange.as_ref(), Some(heard), selectors);
        let nonces = (&heard.nonce[..], &nonce[..]);
        let (algorithms, prf) = (self.basis.algorithms, sa.algorithms.prf());
        let keys = ChildKeys::derive(prf, &sa.sk_d, g_ir.as_ref(), nonces.0, nonces.1, algorithms);
        if let Some(rekey) = rekey {
            rekey.rival = Some(heard.nonce.clone().min(nonce));
        }
        let theirs = EspSpi::from_octets(heard.spi()).unwrap();
        let spis = (ours, theirs);
        self.up(spis, (keys.initiator, keys.responder), Maker::Them);
        Ok(chain)
    }

    fn up(
        &mut self,
        (ours, theirs): (EspSpi, EspSpi),
        (inbound, outbound): (DirectionKeys, DirectionKeys),
        maker: Maker,
    ) {
        self.children.push(Child {
            ours,
            theirs,
            leaving: false,
        });
        let up = PeerEvent::Up((ours, inbound), (theirs, outbound), maker);
        self.events.push_back(up);
    }

    fn response(&mut self, now: Instant, sa: &mut Sa, message: &Message<'_>) {
        let id = message.header().message_id;
        let waits = sa.request.as_ref().is_some_and(|request| request.id == id);
        let Some(heard) = sa.open(message).filter(|_| waits) else {
            return;
        };
        let Some(request) = sa.request.take() else {
            return;
        };
        self.events.push_back(PeerEvent::Answered);
        match request.task {
            Task::Liveness | Task::NewChild => {}
            Task::DeleteChild(ours) => self.forget_child(ours),
            Task::DeleteIke => {
                sa.gone = true;
                if sa.spis == self.current {
                    self.end_children();
                }
            }
            Task::RekeyChild(rekey) => self.made_child(now, sa, &rekey, &heard),
            Task::RekeyIke(rekey) => self.made_ike(now, sa, rekey, &heard),
        }
    }

    fn forget_child(&mut self, ours: EspSpi) {
        let before = self.children.len();
        self.children.retain(|child| child.ours != ours);
        if self.children.len() < before {
            self.events.push_back(PeerEvent::Down(ours));
        }
    }

    fn made_child(&mut self, now: Instant, sa: &mut Sa, rekey: &RekeyChild, heard: &Heard) {
        if heard.refused {
            return;
        }
        let g_ir = heard.key_exchange.as_ref();
        let g_ir = g_ir.map(|(_, public)| rekey.key_exchange.agree(public).unwrap());
        let (prf, algorithms) = (sa.algorithms.prf(), self.basis.algorithms);
        let (nonce_i, nonce_r) = (&rekey.nonce, &heard.nonce);
        let keys = ChildKeys::derive(prf, &sa.sk_d, g_ir.as_ref(), nonce_i, nonce_r, algorithms);
        let theirs = EspSpi::from_octets(heard.spi()).unwrap();
        let spis = (rekey.spi, theirs);
        let lowest = nonce_i.min(nonce_r);
        let lost = rekey.rival.as_ref().is_some_and(|rival| lowest < rival);
        // A redundant one is never sent with: the other side is not bound to know it.
        let maker = if lost { Maker::Them } else { Maker::Us };
        self.up(spis, (keys.responder, keys.initiator), maker);
        let goes = if lost { rekey.spi } else { rekey.old };
        self.leave(now, sa, goes);
    }

    fn leave(&mut self, now: Instant, sa: &mut Sa, ours: EspSpi) {
        let mut children = self.children.iter_mut();
        if let Some(child) = children.find(|child| child.ours == ours) {
            child.leaving = true;
            let chain = message::delete_children(&[ours]);
            let request = sa.ask((now, &mut self.random), chain, Task::DeleteChild(ours));
            self.transmits.push_back(request);
        }
    }

    fn made_ike(&mut self, now: Instant, sa: &mut Sa, rekey: RekeyIke, heard: &Heard) {
        if heard.refused {
            if let Some((_, spis)) = rekey.rival {
                self.current = spis;
            }
            return;
        }
        let (_, public) = heard.key_exchange.as_ref().unwrap();
        let g_ir = rekey.key_exchange.agree(public).unwrap();
        let spis = (rekey.spi, Spi::from_octets(heard.spi()).unwrap());
        let nonces = (&rekey.nonce[..], &heard.nonce[..]);
        let keys = ike_keys((sa.algorithms, &sa.sk_d), nonces, &g_ir, spis);
        let mut new = Sa::new(Role::Initiator, spis, &keys);
        self.events.push_back(PeerEvent::Ike(spis, Box::new(keys)));
        let lowest = nonces.0.min(nonces.1);
        let winner = rekey.rival.filter(|(rival, _)| lowest < &rival[..]);
        let goes = if let Some((_, rival)) = winner {
            self.current = rival;
            &mut new
        } else {
            self.current = spis;
            sa
        };
        let random = (now, &mut self.random);
        let request = goes.ask(random, message::delete_ike(), Task::DeleteIke);
        self.transmits.push_back(request);
        self.sas.push(new);
    }
}

fn ike_keys(
    (algorithms, sk_d): (azike_crypto::IkeAlgorithms, &Secret),
    (nonce_i, nonce_r): (&[u8], &[u8]),
    g_ir: &Secret,
    (spi_i, spi_r): IkeSpis,
) -> IkeKeys {
    let prf = algorithms.prf();
    IkeKeys::rekey(algorithms, prf, sk_d, nonce_i, nonce_r, g_ir, spi_i, spi_r)
}

/// Takes part in the key exchange of a message, if it has one.
fn agree(random: &mut SeededRandom, heard: &Heard) -> Option<(KeyExchange, Secret)> {
    let (group, public) = heard.key_exchange.as_ref()?;
    let ours = KeyExchange::generate(*group, random)?;
    let g_ir = ours.agree(public)?;
    Some((ours, g_ir))
}

fn new_nonce(random: &mut SeededRandom) -> Vec<u8> {
    let mut nonce = vec![0; 32];
    random.fill(&mut nonce);
    nonce
}

fn new_spi(random: &mut SeededRandom) -> EspSpi {
    let mut octets = [1; 4];
    random.fill(&mut octets);
    octets[0] |= 1;
    EspSpi::from_octets(&octets).unwrap()
}
