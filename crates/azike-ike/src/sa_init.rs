//! `IKE_SA_INIT`: algorithms, nonces, key exchange (RFC 7296, sections 1.2, 2.6, 2.7).
//!
//! ```text
//!  HDR, [N(COOKIE),] SAi1, KEi, Ni, N(..)  -->
//!                                          <--  HDR, SAr1, KEr, Nr, [CERTREQ,] N(..)
//!                                          <--  HDR, N(COOKIE) | N(INVALID_KE_PAYLOAD)
//! ```
//!
//! A response proves nothing about its sender. It is *judged* by reference;
//! whatever it says, it can make us try again, or follow one more candidate.

use azike_crypto::{IkeKeys, KeyExchange, Random};
use azike_wire::{
    Chain, EspSpi, ExchangeType, Header, KeyExchangeMethod, Message, MessageId, MessageKind, Nonce,
    Notify, NotifyType, Payload, PayloadType, ProtocolId, Role, SignatureHash, Spi, write_message,
};

use crate::config::Config;
use crate::event::Negotiated;
use crate::nat;
use crate::payload_set::PayloadSet;
use crate::reason::DropReason;
use crate::redirect::{self, RedirectTarget, Said};

/// Octets of our nonce.
const NONCE: usize = 32;
/// How often a response may make us start again.
const MAX_RETRIES: u32 = 8;
/// How many cookies of a gateway we return.
const MAX_COOKIES: u32 = 3;

/// Waits for the `IKE_SA_INIT` response.
#[derive(Debug)]
pub(crate) struct SaInit {
    spi_i: Spi,
    nonce_i: [u8; NONCE],
    key_exchange: KeyExchange,
    /// Values and requests of groups that we left because somebody asked for another: the gateway
    /// may have answered them all the same.
    earlier: Vec<(KeyExchange, Vec<u8>)>,
    cookie: Option<Vec<u8>>,
    cookies: u32,
    retries: u32,
    source_hash: [u8; 20],
    request: Vec<u8>,
}

/// What a response asks for.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Send again with this cookie.
    Cookie(Vec<u8>),
    /// Send again with a value of this group.
    OtherGroup(KeyExchangeMethod),
    /// An error nobody signed, and a Windows error with it.
    Refused(NotifyType, Option<u32>),
    /// Another gateway, which nobody signed either.
    Redirected(RedirectTarget),
    /// Keys that fit to this response.
    Follow(Box<Candidate>),
}

/// One responder, unproven, and the keys we would have with it.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) negotiated: Negotiated,
    pub(crate) keys: IkeKeys,
    /// `RealMessage1` (RFC 7296, section 2.15).
    pub(crate) message_i: Vec<u8>,
    /// `RealMessage2`.
    pub(crate) message_r: Vec<u8>,
    pub(crate) nonce_i: Vec<u8>,
    pub(crate) nonce_r: Vec<u8>,
    /// Hash algorithms of RFC 7427 that the gateway takes.
    pub(crate) hashes: Vec<SignatureHash>,
    /// SHA-1 key identifiers of the roots it accepts.
    pub(crate) listed_roots: Vec<[u8; 20]>,
}

impl SaInit {
    /// Begins with the group that was taken the last time, or else the first of the offer. `None` if
    /// the offer has no group.
    pub(crate) fn new(config: &Config, random: &mut dyn Random) -> Option<Self> {
        let groups = config.offer.groups();
        let known = config.first_group.filter(|group| groups.contains(group));
        let group = known.or_else(|| groups.first().copied())?;
        let mut sa_init = Self {
            spi_i: new_spi(random),
            nonce_i: new_nonce(random),
            key_exchange: KeyExchange::generate(group, random)?,
            earlier: Vec::new(),
            cookie: None,
            cookies: 0,
            retries: 0,
            source_hash: nat::forced_hash(random),
            request: Vec::new(),
        };
        sa_init.write(config);
        Some(sa_init)
    }

    /// The message to send.
    pub(crate) fn request(&self) -> &[u8] {
        &self.request
    }

    /// Our SPI.
    pub(crate) fn spi_i(&self) -> Spi {
        self.spi_i
    }

    /// Decides what `message` asks for.
    pub(crate) fn judge(
        &self,
        config: &Config,
        message: &Message<'_>,
    ) -> Result<Judgement, DropReason> {
        let set = PayloadSet::collect(message.payloads())?;
        if let Some(cookie) = set.notify(NotifyType::COOKIE) {
            return self.judge_cookie(cookie.data);
        }
        if let Some(notify) = set.notify(NotifyType::INVALID_KE_PAYLOAD) {
            return self.judge_group(config, notify.data);
        }
        match redirect::said(&config.redirect, &set, Some(&self.nonce_i)) {
            Said::Nothing => {}
            Said::Nonsense => return Err(DropReason::Redirect),
            Said::Go(target) => return Ok(Judgement::Redirected(target)),
        }
        if let Some(error) = set.error() {
            return Ok(Judgement::Refused(error, set.ms_status()));
        }
        self.judge_selection(config, message, &set)
    }

    fn judge_cookie(&self, cookie: &[u8]) -> Result<Judgement, DropReason> {
        // RFC 7296, section 2.6: a cookie has 1 to 64 octets.
        if !(1..=64).contains(&cookie.len()) {
            return Err(DropReason::CookieLength(cookie.len()));
        }
        if self.cookies >= MAX_COOKIES || self.retries >= MAX_RETRIES {
            return Err(DropReason::TooManyRetries);
        }
        Ok(Judgement::Cookie(cookie.to_vec()))
    }

    fn judge_group(&self, config: &Config, data: &[u8]) -> Result<Judgement, DropReason> {
        let group = <[u8; 2]>::try_from(data).map_err(|_| DropReason::GroupNotOffered(0))?;
        let group = KeyExchangeMethod(u16::from_be_bytes(group));
        if !config.offer.groups().contains(&group) {
            return Err(DropReason::GroupNotOffered(group.0));
        }
        if self.key_exchange.method() == group {
            return Err(DropReason::GroupAlreadyTried(group.0));
        }
        if self.retries >= MAX_RETRIES {
            return Err(DropReason::TooManyRetries);
        }
        Ok(Judgement::OtherGroup(group))
    }

    fn judge_selection(
        &self,
        config: &Config,
        message: &Message<'_>,
        set: &PayloadSet<'_>,
    ) -> Result<Judgement, DropReason> {
        let need_sa = DropReason::Missing(PayloadType::SA);
        let spi_r = message.header().spi_r.ok_or(DropReason::UnknownSpi)?;
        let sa = set.sa.as_ref().ok_or(need_sa)?;
        let ke = PayloadSet::need(set.key_exchange.as_ref(), PayloadType::KE)?;
        let nonce_r = PayloadSet::need(set.nonce, PayloadType::NONCE)?.octets();
        let selection = config.offer.ike_selection(sa);
        let (algorithms, group, spi) = selection.ok_or(DropReason::ProposalNotOffered)?;
        if spi.is_some() {
            return Err(DropReason::ProposalNotOffered);
        }
        let (key_exchange, request) = self
            .sent(group)
            .filter(|_| ke.method == group)
            .ok_or(DropReason::GroupNotOffered(ke.method.0))?;
        if nonce_r == self.nonce_i || ke.data == key_exchange.public() || spi_r == self.spi_i {
            return Err(DropReason::Reflected);
        }
        let g_ir = key_exchange.agree(ke.data);
        let g_ir = g_ir.ok_or(DropReason::KeyExchangeInvalid)?;
        let keys = IkeKeys::derive(algorithms, &self.nonce_i, nonce_r, &g_ir, self.spi_i, spi_r);
        let hashes = hashes(set);
        let listed_roots = listed_roots(set);
        let fragmentation = set.notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED);
        let negotiated = Negotiated {
            spi_i: self.spi_i,
            spi_r,
            algorithms,
            group,
            nat: nat::status(set, self.spi_i, spi_r, config.local),
            fragmentation: fragmentation.is_some(),
            signature_hashes: !hashes.is_empty(),
            listed_roots: listed_roots.len(),
        };
        Ok(Judgement::Follow(Box::new(Candidate {
            negotiated,
            keys,
            message_i: request.to_vec(),
            message_r: message.octets().to_vec(),
            nonce_i: self.nonce_i.to_vec(),
            nonce_r: nonce_r.to_vec(),
            hashes,
            listed_roots,
        })))
    }

    /// The value that we sent for `group`, and the last request with it.
    fn sent(&self, group: KeyExchangeMethod) -> Option<(&KeyExchange, &[u8])> {
        let present = (&self.key_exchange, self.request.as_slice());
        let earlier = self
            .earlier
            .iter()
            .map(|(ours, request)| (ours, request.as_slice()));
        std::iter::once(present)
            .chain(earlier)
            .find(|(ours, _)| ours.method() == group)
    }

    /// Starts again with `cookie`.
    pub(crate) fn retry_with_cookie(&mut self, config: &Config, cookie: Vec<u8>) {
        self.cookie = Some(cookie);
        self.cookies += 1;
        self.retries += 1;
        self.write(config);
    }

    /// Starts again with `group`. False if the group cannot be had.
    pub(crate) fn retry_with_group(
        &mut self,
        config: &Config,
        random: &mut dyn Random,
        group: KeyExchangeMethod,
    ) -> bool {
        let known = self
            .earlier
            .iter()
            .position(|(ours, _)| ours.method() == group);
        let known = known.map(|at| self.earlier.swap_remove(at).0);
        let Some(key_exchange) = known.or_else(|| KeyExchange::generate(group, random)) else {
            return false;
        };
        let old = std::mem::replace(&mut self.key_exchange, key_exchange);
        self.earlier.push((old, std::mem::take(&mut self.request)));
        self.retries += 1;
        self.write(config);
        true
    }

    fn write(&mut self, config: &Config) {
        let group = self.key_exchange.method();
        let mut chain = Chain::new();
        if let Some(cookie) = &self.cookie {
            chain.push(&notify(NotifyType::COOKIE, cookie));
        }
        chain.push(&Payload::SecurityAssociation(
            config.offer.ike_payload(group, None),
        ));
        chain.push(&Payload::KeyExchange(azike_wire::KeyExchange {
            method: group,
            data: self.key_exchange.public(),
        }));
        if let Ok(nonce) = Nonce::new(&self.nonce_i) {
            chain.push(&Payload::Nonce(nonce));
        }
        let gateway = config.gateway.socket(config.first);
        let destination = nat::detection_hash(self.spi_i, None, gateway);
        chain.push(&notify(
            NotifyType::NAT_DETECTION_SOURCE_IP,
            &self.source_hash,
        ));
        chain.push(&notify(
            NotifyType::NAT_DETECTION_DESTINATION_IP,
            &destination,
        ));
        chain.push(&notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED, &[]));
        let hashes = [
            SignatureHash::SHA2_256,
            SignatureHash::SHA2_384,
            SignatureHash::SHA2_512,
        ];
        let hashes: Vec<u8> = hashes
            .iter()
            .flat_map(|hash| hash.0.to_be_bytes())
            .collect();
        chain.push(&notify(NotifyType::SIGNATURE_HASH_ALGORITHMS, &hashes));
        if let Some((kind, data)) = redirect::announcement(&config.redirect) {
            chain.push(&notify(kind, &data));
        }
        let (first, chain) = chain.finish();
        let header = Header {
            spi_i: self.spi_i,
            spi_r: None,
            exchange: ExchangeType::IKE_SA_INIT,
            sender: Role::Initiator,
            kind: MessageKind::Request,
            message_id: MessageId(0),
        };
        self.request = write_message(&header, first, &chain);
    }
}

/// A notify that concerns the IKE SA.
pub(crate) fn notify(kind: NotifyType, data: &[u8]) -> Payload<'_> {
    Payload::Notify(Notify {
        protocol: ProtocolId::NONE,
        spi: &[],
        kind,
        data,
    })
}

pub(crate) fn new_spi(random: &mut dyn Random) -> Spi {
    loop {
        let mut octets = [0; 8];
        random.fill(&mut octets);
        if let Some(spi) = Spi::new(u64::from_be_bytes(octets)) {
            return spi;
        }
    }
}

/// Our nonce.
pub(crate) fn new_nonce(random: &mut dyn Random) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce);
    nonce
}

/// An SPI for ESP packets to us.
pub(crate) fn new_esp_spi(random: &mut dyn Random) -> EspSpi {
    loop {
        let mut octets = [0; 4];
        random.fill(&mut octets);
        if let Some(spi) = EspSpi::new(u32::from_be_bytes(octets)) {
            return spi;
        }
    }
}

fn hashes(set: &PayloadSet<'_>) -> Vec<SignatureHash> {
    let notify = set.notify(NotifyType::SIGNATURE_HASH_ALGORITHMS);
    let octets = notify.map_or(&[][..], |notify| notify.data);
    let pairs = octets
        .chunks_exact(2)
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
    pairs
        .map(|pair| SignatureHash(u16::from_be_bytes(pair)))
        .collect()
}

fn listed_roots(set: &PayloadSet<'_>) -> Vec<[u8; 20]> {
    let ids = set
        .certificate_requests
        .iter()
        .flat_map(azike_wire::CertificateRequest::key_ids);
    ids.filter_map(|id| <[u8; 20]>::try_from(id).ok())
        .take(64)
        .collect()
}
