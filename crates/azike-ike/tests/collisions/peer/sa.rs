//! One IKE SA of the peer: keys, both windows of Message IDs, and the request that is out.

use std::time::{Duration, Instant};

use azike_crypto::{IkeAlgorithms, IkeKeys, KeyExchange, Secret, SkCipher};
use azike_testkit::SeededRandom;
use azike_wire::{
    Chain, EspSpi, ExchangeType, Header, Message, MessageId, MessageKind, Payload, Role, Spi,
    protected_prefix,
};

use super::message::Heard;
use crate::witness::IkeSpis;

/// How long the peer waits before it repeats itself the first time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How long an IKE SA that nobody uses waits for the client's Delete.
const REDUNDANT: Duration = Duration::from_secs(15);
/// How often it asks.
const TRIES: u32 = 6;

/// An IKE SA.
pub(super) struct Sa {
    pub(super) spis: IkeSpis,
    pub(super) algorithms: IkeAlgorithms,
    pub(super) sk_d: Secret,
    /// Deleted: it only repeats its last answer.
    pub(super) gone: bool,
    pub(super) request: Option<Request>,
    /// Another one is in use: when the peer does not wait for a Delete any more.
    until: Option<Instant>,
    role: Role,
    outbound: SkCipher,
    inbound: SkCipher,
    next_id: u32,
    expected: u32,
    answered: Option<(Vec<u8>, Vec<u8>)>,
}

/// A request that is out.
pub(super) struct Request {
    pub(super) task: Task,
    pub(super) id: MessageId,
    octets: Vec<u8>,
    due: Instant,
    wait: Duration,
    sent: u32,
}

/// What a request is for.
pub(super) enum Task {
    Liveness,
    NewChild,
    RekeyChild(RekeyChild),
    RekeyIke(RekeyIke),
    DeleteChild(EspSpi),
    DeleteIke,
}

/// New keys for the Child SA with the SPI `old` of the peer.
pub(super) struct RekeyChild {
    pub(super) old: EspSpi,
    pub(super) spi: EspSpi,
    pub(super) nonce: Vec<u8>,
    pub(super) key_exchange: KeyExchange,
    /// The client's rekey of the same: the lowest nonce of it.
    pub(super) rival: Option<Vec<u8>>,
}

/// New keys for the IKE SA.
pub(super) struct RekeyIke {
    pub(super) spi: Spi,
    pub(super) nonce: Vec<u8>,
    pub(super) key_exchange: KeyExchange,
    /// The client's rekey of the same: its lowest nonce, and the new IKE SA.
    pub(super) rival: Option<(Vec<u8>, IkeSpis)>,
}

impl Sa {
    pub(super) fn new(role: Role, spis: IkeSpis, keys: &IkeKeys) -> Self {
        let (outbound, inbound) = keys.ciphers(role);
        Self {
            spis,
            algorithms: keys.algorithms(),
            sk_d: Secret::new(keys.sk_d.expose().into()),
            gone: false,
            request: None,
            until: None,
            role,
            outbound,
            inbound,
            next_id: 0,
            expected: 0,
            answered: None,
        }
    }

    /// The same after a login by signature: two requests of the client were answered.
    pub(super) const fn after_login(mut self) -> Self {
        self.expected = 2;
        self
    }

    pub(super) fn open(&self, message: &Message<'_>) -> Option<Heard> {
        message.payloads().flatten().find_map(|payload| {
            if let Payload::Encrypted(sk) = payload {
                let plaintext = self.inbound.open(sk.aad, sk.body)?;
                Some(Heard::read(sk.first, &plaintext))
            } else {
                None
            }
        })
    }

    /// The answer that was given to this very request.
    pub(super) fn again(&self, request: &Message<'_>) -> Option<Vec<u8>> {
        let answered = self.answered.as_ref();
        let same = answered.filter(|(asked, _)| asked == request.octets());
        same.map(|(_, answer)| answer.clone())
    }

    /// Whether this is the next request.
    pub(super) fn expects(&self, header: &Header) -> bool {
        !self.gone && header.message_id.0 == self.expected
    }

    /// Answers a request.
    pub(super) fn answer(
        &mut self,
        random: &mut SeededRandom,
        request: &Message<'_>,
        chain: Chain,
    ) -> Vec<u8> {
        let header = Header {
            sender: self.role,
            kind: MessageKind::Response,
            ..request.header()
        };
        let octets = self.seal(random, &header, chain);
        self.expected += 1;
        self.answered = Some((request.octets().to_vec(), octets.clone()));
        octets
    }

    /// Asks.
    pub(super) fn ask(
        &mut self,
        (now, random): (Instant, &mut SeededRandom),
        chain: Chain,
        task: Task,
    ) -> Vec<u8> {
        let exchange = match task {
            Task::Liveness | Task::DeleteChild(_) | Task::DeleteIke => ExchangeType::INFORMATIONAL,
            Task::NewChild | Task::RekeyChild(_) | Task::RekeyIke(_) => {
                ExchangeType::CREATE_CHILD_SA
            }
        };
        let header = Header {
            spi_i: self.spis.0,
            spi_r: Some(self.spis.1),
            exchange,
            sender: self.role,
            kind: MessageKind::Request,
            message_id: MessageId(self.next_id),
        };
        self.next_id += 1;
        let octets = self.seal(random, &header, chain);
        self.request = Some(Request {
            task,
            id: header.message_id,
            octets: octets.clone(),
            due: now + FIRST_WAIT,
            wait: FIRST_WAIT,
            sent: 1,
        });
        octets
    }

    /// Whether it is the one in use.
    pub(super) fn in_use(&mut self, now: Instant, used: bool) {
        let until = *self.until.get_or_insert(now + REDUNDANT);
        self.until = (!used).then_some(until);
    }

    /// When to ask again, or to forget it.
    pub(super) fn due(&self) -> Option<Instant> {
        let due = self.request.as_ref().map(|request| request.due);
        due.or(self.until.filter(|_| !self.gone))
    }

    /// Asks again if it is time; the last time it gives up, and the IKE SA is gone.
    pub(super) fn resend(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.request.is_none() {
            self.gone |= self.until.is_some_and(|until| until <= now);
        }
        let request = self.request.as_mut().filter(|request| request.due <= now)?;
        if request.sent == TRIES {
            self.request = None;
            self.gone = true;
            return None;
        }
        request.sent += 1;
        request.wait *= 2;
        request.due = now + request.wait;
        Some(request.octets.clone())
    }

    fn seal(&mut self, random: &mut SeededRandom, header: &Header, chain: Chain) -> Vec<u8> {
        let (first, plaintext) = chain.finish();
        let prefix = protected_prefix(header, first, self.outbound.body_length(plaintext.len()));
        self.outbound.seal(random, prefix, &plaintext)
    }
}
