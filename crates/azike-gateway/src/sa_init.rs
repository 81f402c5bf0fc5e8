//! `IKE_SA_INIT` from the responder's side (RFC 7296, sections 1.2, 2.6, 2.7).
//!
//! ```text
//!  HDR, [N(COOKIE),] SAi1, KEi, Ni, N(..)  -->
//!                  <--  HDR, N(COOKIE) | N(INVALID_KE_PAYLOAD, group) | N(error)
//!                  <--  HDR, SAr1, KEr, Nr, N(..), V, V, CERTREQ
//! ```

use std::net::{IpAddr, SocketAddr};

use azike_crypto::{IkeKeys, KeyExchange, Random, sha1};
use azike_wire::{
    CertificateEncoding, CertificateRequest, ExchangeType, Header, Message, MessageId, MessageKind,
    Nonce, NotifyType, Payload, PayloadType, Role, SignatureHash, Spi, write_message,
};

use crate::basis::Basis;
use crate::client_trust;
use crate::config::Config;
use crate::draft::Draft;
use crate::incoming::Incoming;
use crate::lying::{self, At};
use crate::names::new_spi;
use crate::policy::{Policy, RedirectAt, Refusal, Stage};
use crate::selection;
use crate::transmit::Transport;

/// "MS NT5 ISAKMPOAKLEY v9" and "MS-Negotiation Discovery Capable", as Azure sends them.
const VENDOR_IDS: [&[u8]; 2] = [
    &[
        0x1e, 0x2b, 0x51, 0x69, 0x05, 0x99, 0x1c, 0x7d, 0x7c, 0x96, 0xfc, 0xbf, 0xb5, 0x87, 0xe4,
        0x61, 0, 0, 0, 9,
    ],
    &[
        0xfb, 0x1d, 0xe3, 0xcd, 0xf3, 0x41, 0xb7, 0xea, 0x16, 0xb7, 0xe5, 0xbe, 0x08, 0x55, 0xf1,
        0x20,
    ],
];

/// What both ends know after `IKE_SA_INIT`.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) basis: Basis,
    pub(crate) transcript: Transcript,
}

/// What was said in `IKE_SA_INIT`: the login depends on it, nothing after that does.
#[derive(Debug)]
pub(crate) struct Transcript {
    /// `RealMessage1` (RFC 7296, section 2.15).
    pub(crate) message_i: Vec<u8>,
    /// `RealMessage2`.
    pub(crate) message_r: Vec<u8>,
    pub(crate) nonce_i: Vec<u8>,
    pub(crate) nonce_r: Vec<u8>,
    /// Hashes that the client announced.
    pub(crate) hashes: Vec<SignatureHash>,
    /// The client can be sent to another gateway.
    pub(crate) redirectable: bool,
}

/// The same, for who only reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    pub(crate) basis: &'a Basis,
    pub(crate) transcript: &'a Transcript,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Send these and remember nothing.
    Refuse(Vec<Vec<u8>>),
    /// Send these; an IKE SA begins.
    Accept(Box<Accepted>, Vec<Vec<u8>>),
}

/// Who asks, and how he can be reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) transport: Transport,
}

/// Answers `message`; `None` if it is no request to make an IKE SA.
pub(crate) fn answer(
    config: &Config,
    random: &mut dyn Random,
    secret: &[u8; 16],
    (peer, message): (Peer, &Message<'_>),
) -> Option<Answer> {
    let policy = &config.policy;
    let incoming = Incoming::collect(message.payloads()).ok()?;
    let (offer, ke, nonce_i) = (
        incoming.sa.as_ref()?,
        incoming.key_exchange?,
        incoming.nonce?,
    );
    let spi_i = message.header().spi_i;
    let refuse = |kind: NotifyType, data: &[u8]| {
        let draft = Draft::only(kind, data);
        Some(Answer::Refuse(vec![write(spi_i, None, &draft)]))
    };
    if let Some(draft) = decline(config, secret, (peer, spi_i), (&incoming, nonce_i.octets())) {
        return Some(Answer::Refuse(vec![write(spi_i, None, &draft)]));
    }
    let Some(choice) = selection::ike(&policy.ike, offer, None) else {
        return refuse(NotifyType::NO_PROPOSAL_CHOSEN, &[]);
    };
    let (group, algorithms) = (choice.group, choice.algorithms);
    if ke.method != group {
        return refuse(NotifyType::INVALID_KE_PAYLOAD, &group.0.to_be_bytes());
    }
    let key_exchange = KeyExchange::generate(group, random)?;
    let Some(g_ir) = key_exchange.agree(ke.data) else {
        return refuse(NotifyType::INVALID_SYNTAX, &[]);
    };
    let spi_r = new_spi(random);
    let mut nonce_r = vec![0; policy.nonce_length];
    random.fill(&mut nonce_r);

    let mut draft = Draft::new();
    draft.push(&Payload::SecurityAssociation(choice.answer));
    draft.push(&Payload::KeyExchange(azike_wire::KeyExchange {
        method: group,
        data: key_exchange.public(),
    }));
    draft.push(&Payload::Nonce(Nonce::new(&nonce_r).ok()?));
    push_extensions(&mut draft, config, (spi_i, spi_r), peer);
    lying::change_draft(&policy.lies, At::SaInit, &mut draft);
    let mut octets = write(spi_i, Some(spi_r), &draft);
    lying::change_plaintext(&policy.lies, At::SaInit, &mut octets);
    let message_r = octets.clone();
    let mut datagrams = vec![octets];
    lying::change_sealed(&policy.lies, At::SaInit, &mut datagrams);

    let (nonce_i, fragments) = (
        nonce_i.octets(),
        incoming.notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED),
    );
    let basis = Basis {
        role: Role::Responder,
        spi_i,
        spi_r,
        keys: IkeKeys::derive(algorithms, nonce_i, &nonce_r, &g_ir, spi_i, spi_r),
        group,
        fragments: fragments.is_some(),
    };
    let transcript = Transcript {
        message_i: message.octets().to_vec(),
        message_r,
        nonce_i: nonce_i.to_vec(),
        nonce_r,
        hashes: incoming.hashes(),
        redirectable: redirectable(&incoming),
    };
    let accepted = Accepted { basis, transcript };
    Some(Answer::Accept(Box::new(accepted), datagrams))
}

/// Whether the client can be sent to another gateway (RFC 5685, sections 3 and 7.3).
fn redirectable(incoming: &Incoming<'_>) -> bool {
    let known = [NotifyType::REDIRECT_SUPPORTED, NotifyType::REDIRECTED_FROM];
    known.iter().any(|kind| incoming.notify(*kind).is_some())
}

/// What is said before anything is looked at: the cookie, another gateway, a refusal.
fn decline(
    config: &Config,
    secret: &[u8; 16],
    (peer, spi_i): (Peer, Spi),
    (incoming, nonce_i): (&Incoming<'_>, &[u8]),
) -> Option<Draft> {
    let policy = &config.policy;
    if policy.cookie {
        let cookie = cookie(secret, nonce_i, peer.address.ip(), spi_i);
        let returned = incoming.notify(NotifyType::COOKIE);
        if returned.is_none_or(|notify| notify.data != cookie) {
            return Some(Draft::only(NotifyType::COOKIE, &cookie));
        }
    }
    if let Some(redirect) = &policy.redirect
        && redirect.at == RedirectAt::SaInit
        && redirectable(incoming)
    {
        let data = redirect.target.encode(nonce_i);
        return Some(Draft::only(NotifyType::REDIRECT, &data));
    }
    let refusal = policy.refusal.filter(|it| it.stage == Stage::SaInit)?;
    let mut draft = Draft::new();
    push_refusal(&mut draft, refusal);
    Some(draft)
}

fn push_extensions(draft: &mut Draft, config: &Config, spis: (Spi, Spi), peer: Peer) {
    let policy: &Policy = &config.policy;
    if policy.fragment_size.is_some() {
        draft.notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED, &[]);
    }
    if policy.nat_detection {
        push_nat_detection(draft, config, spis, peer);
    }
    if !policy.hashes.is_empty() {
        let hashes = policy.hashes.iter().flat_map(|hash| hash.0.to_be_bytes());
        let hashes: Vec<u8> = hashes.collect();
        draft.notify(NotifyType::SIGNATURE_HASH_ALGORITHMS, &hashes);
    }
    if policy.vendor_ids {
        for id in VENDOR_IDS {
            draft.push(&Payload::VendorId(id));
        }
    }
    if policy.list_roots {
        let roots = config.client_roots.iter();
        let ids: Vec<[u8; 20]> = roots
            .filter_map(|root| client_trust::key_id(root))
            .collect();
        draft.push(&Payload::CertificateRequest(CertificateRequest {
            encoding: CertificateEncoding::X509_SIGNATURE,
            authorities: ids.as_flattened(),
        }));
    }
}

/// Where a message comes from and where it goes, as hashes (RFC 7296, section 2.23).
pub(crate) fn push_nat_detection(draft: &mut Draft, config: &Config, spis: (Spi, Spi), peer: Peer) {
    let source = nat_hash(spis, config.socket(peer.transport));
    let destination = nat_hash(spis, peer.address);
    draft.notify(NotifyType::NAT_DETECTION_SOURCE_IP, &source);
    draft.notify(NotifyType::NAT_DETECTION_DESTINATION_IP, &destination);
}

/// The notifies of a refusal.
pub(crate) fn push_refusal(draft: &mut Draft, refusal: Refusal) {
    push_error(draft, Some(refusal.notify), refusal.ms_status);
}

/// An error as Windows says it: a notify of the RFC, a code of its own, or both.
pub(crate) fn push_error(draft: &mut Draft, notify: Option<NotifyType>, ms_status: Option<u32>) {
    if let Some(notify) = notify {
        draft.notify(notify, &[]);
    }
    if let Some(status) = ms_status {
        draft.notify(NotifyType::MS_STATUS, &status.to_be_bytes());
    }
}

fn write(spi_i: Spi, spi_r: Option<Spi>, draft: &Draft) -> Vec<u8> {
    let (first, chain): (PayloadType, Vec<u8>) = draft.encode();
    let header = Header {
        spi_i,
        spi_r,
        exchange: ExchangeType::IKE_SA_INIT,
        sender: Role::Responder,
        kind: MessageKind::Response,
        message_id: MessageId(0),
    };
    write_message(&header, first, &chain)
}

/// A cookie that needs no memory (RFC 7296, section 2.6).
fn cookie(secret: &[u8; 16], nonce_i: &[u8], address: IpAddr, spi_i: Spi) -> [u8; 20] {
    let spi_i = spi_i.octets();
    match address {
        IpAddr::V4(v4) => sha1(&[nonce_i, &v4.octets(), &spi_i, secret]),
        IpAddr::V6(v6) => sha1(&[nonce_i, &v6.octets(), &spi_i, secret]),
    }
}

fn nat_hash((spi_i, spi_r): (Spi, Spi), end: SocketAddr) -> [u8; 20] {
    let (spi_i, spi_r, port) = (spi_i.octets(), spi_r.octets(), end.port().to_be_bytes());
    match end.ip() {
        IpAddr::V4(v4) => sha1(&[&spi_i, &spi_r, &v4.octets(), &port]),
        IpAddr::V6(v6) => sha1(&[&spi_i, &spi_r, &v6.octets(), &port]),
    }
}
