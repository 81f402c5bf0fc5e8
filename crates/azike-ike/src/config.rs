//! What a client must know before it starts. Nothing is left to check at run time.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_crypto::{SignatureScheme, Signer};
use azike_wire::{IdType, KeyExchangeMethod};
use rustls_pki_types::{CertificateDer, UnixTime};

use crate::proposal::Offer;
use crate::redirect::Redirect;
use crate::transmit::Transport;
use crate::trust::GatewayTrust;

/// Everything a [`Client`](crate::Client) needs.
#[derive(Debug)]
pub struct Config {
    /// Where the gateway is.
    pub gateway: Gateway,
    /// Which port the first request goes to.
    pub first: Transport,
    /// Who we are.
    pub identity: ClientIdentity,
    /// Whom we trust.
    pub trust: Arc<GatewayTrust>,
    /// How we prove who we are.
    pub authentication: Authentication,
    /// The algorithms we offer.
    pub offer: Offer,
    /// The group to try first: the one that this gateway took the last time. Only if it is offered.
    pub first_group: Option<KeyExchangeMethod>,
    /// Our address on the way to the gateway, as the socket for port 500 sees it. For NAT detection.
    pub local: Option<SocketAddr>,
    /// Which time of day it was at which instant: certificates have dates.
    pub wall_clock: WallClock,
    /// When to send again, when to give up.
    pub patience: Patience,
    /// How long keys are used.
    pub lifetimes: Lifetimes,
    /// The largest IKE datagram that we send without fragmenting, in octets of UDP payload.
    pub fragment_size: usize,
    /// Whether to announce MOBIKE (RFC 4555): the gateway then hears of a new address of ours.
    pub mobike: bool,
    /// Whether the gateway may send us to another one (RFC 5685).
    pub redirect: Redirect,
    /// Whether to say that this is our only IKE SA with the gateway, which then forgets all others
    /// (RFC 7296, section 2.4). Not when it is made beside one that still works.
    pub initial_contact: bool,
}

/// Address and ports of the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gateway {
    /// The address.
    pub address: IpAddr,
    /// The port of bare IKE: 500.
    pub port_500: u16,
    /// The port of encapsulated IKE and ESP: 4500.
    pub port_4500: u16,
}

impl Gateway {
    /// A gateway with the ports of the standard.
    pub const fn new(address: IpAddr) -> Self {
        Self {
            address,
            port_500: 500,
            port_4500: 4500,
        }
    }

    /// Where datagrams of `transport` go.
    pub const fn socket(self, transport: Transport) -> SocketAddr {
        match transport {
            Transport::Udp500 => SocketAddr::new(self.address, self.port_500),
            Transport::Udp4500 => SocketAddr::new(self.address, self.port_4500),
        }
    }
}

/// The client's certificate, key and names.
#[derive(Clone)]
pub struct ClientIdentity {
    /// Type of IDi.
    pub id_type: IdType,
    /// Octets of IDi.
    pub id: Vec<u8>,
    /// The EAP identity.
    pub eap_identity: String,
    /// The certificate, then the intermediates above it: what is sent.
    pub certificates: Vec<CertificateDer<'static>>,
    /// All issuers we know, the root among them: to compare with those the gateway lists.
    pub issuers: Vec<CertificateDer<'static>>,
    /// The private key.
    pub signer: Arc<dyn Signer>,
    /// What to sign with, best first, among what the key and the gateway can.
    pub schemes: Vec<SignatureScheme>,
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity")
            .field("certificates", &self.certificates.len())
            .finish_non_exhaustive()
    }
}

/// The two ways an Azure gateway accepts a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authentication {
    /// A signature in the AUTH payload (RFC 7296, section 2.15).
    Signature,
    /// EAP-TLS (RFC 5216, RFC 9190), then AUTH with its MSK (RFC 7296, section 2.16).
    EapTls,
}

/// The time of day at an instant.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    /// The instant.
    pub at: Instant,
    /// Since 1970.
    pub unix: Duration,
}

impl WallClock {
    /// The time of day at `now`.
    pub fn read(&self, now: Instant) -> UnixTime {
        UnixTime::since_unix_epoch(self.unix + now.saturating_duration_since(self.at))
    }
}

/// How long keys are used. New ones are made a little before the end.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of a Child SA.
    pub child: Duration,
    /// Of the IKE SA.
    pub ike: Duration,
    /// So many octets may go through a Child SA, in either direction.
    pub child_octets: Option<u64>,
    /// So many packets may go through a Child SA, in either direction. Sequence numbers are a limit
    /// of their own.
    pub child_packets: Option<u64>,
}

impl Default for Lifetimes {
    /// Well below what Azure's gateways are seen to use (27 000 and 28 800 s), so that the rekey is
    /// ours, in the forms that we know to work.
    fn default() -> Self {
        Self {
            child: Duration::from_mins(50),
            ike: Duration::from_hours(7),
            child_octets: None,
            child_packets: None,
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Before the first retransmission; doubled each time.
    pub first: Duration,
    /// The longest wait between two.
    pub longest: Duration,
    /// No answer to one request for so long ends a handshake.
    pub handshake: Duration,
    /// No answer to one request for so long ends an established IKE SA.
    pub established: Duration,
    /// How long an unauthenticated refusal waits for something better.
    pub refusal: Duration,
    /// Silence after which the gateway is asked whether it lives.
    pub liveness: Duration,
    /// How often the NAT wants a packet.
    pub keepalive: Duration,
    /// How often a hint that nobody signed may lead to a question.
    pub hint: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(4),
            handshake: Duration::from_secs(20),
            established: Duration::from_secs(30),
            refusal: Duration::from_millis(250),
            liveness: Duration::from_secs(30),
            keepalive: Duration::from_secs(20),
            hint: Duration::from_secs(10),
        }
    }
}
