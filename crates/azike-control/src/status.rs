//! `azike status --json`: document `azike.status/1`.
//!
//! Inside a major version of the schema fields are only added. Every field is always present;
//! what is not known yet is `null` or an empty list.

use serde::{Deserialize, Serialize};

use crate::{Failure, Intent, State, UtcTime, Waiting, Warning};

/// What is, at one moment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StatusDocument {
    /// Always [`StatusDocument::SCHEMA`].
    pub schema: String,
    /// Grows with every change of any state since the daemon started.
    pub seq: u64,
    /// The tunnels, at most one in this version; empty when none was asked for.
    pub tunnels: Vec<TunnelStatus>,
}

impl StatusDocument {
    /// The name and major version of the schema.
    pub const SCHEMA: &str = "azike.status/1";

    /// Makes the document.
    pub fn new(seq: u64, tunnels: Vec<TunnelStatus>) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            seq,
            tunnels,
        }
    }

    /// Whether a tunnel carries traffic.
    pub fn is_connected(&self) -> bool {
        self.tunnels
            .iter()
            .any(|tunnel| tunnel.state == State::Connected)
    }
}

/// One tunnel.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TunnelStatus {
    /// The profile's name.
    pub name: String,
    /// What it does at the moment.
    pub state: State,
    /// What the user asked for.
    pub intent: Intent,
    /// Since when it is in this state.
    pub since: UtcTime,
    /// How long it has been in this state, in seconds; sleep of the computer counts.
    pub since_s: u64,
    /// Whether new keys are being made; traffic flows meanwhile.
    pub rekeying: bool,
    /// Why it waits; only in [`State::Waiting`].
    pub waiting: Option<Waiting>,
    /// The other end.
    pub gateway: GatewayStatus,
    /// The IKE SA, once it is established.
    pub ike: Option<IkeStatus>,
    /// The Child SAs, newest first.
    pub child: Vec<ChildStatus>,
    /// Our addresses inside the tunnel.
    pub address: Vec<String>,
    /// The tunnel device.
    pub interface: Option<String>,
    /// The MTU of the tunnel device, in octets.
    pub mtu: Option<u32>,
    /// The networks behind the gateway, as prefixes.
    pub routes: Vec<String>,
    /// Names.
    pub dns: DnsStatus,
    /// How the gateway does.
    pub liveness: Liveness,
    /// The client certificate.
    pub certificate: Option<CertificateStatus>,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// Why the last attempt failed.
    pub last_error: Option<Failure>,
}

/// The gateway of a tunnel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GatewayStatus {
    /// Its name in the profile.
    pub host: String,
    /// The address in use, once it is known.
    pub addr: Option<String>,
    /// The UDP port in use, 500 or 4500.
    pub port: u16,
    /// How the packets travel.
    pub transport: TransportKind,
}

/// How ESP travels.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// In UDP datagrams (RFC 3948).
    #[default]
    Udp,
}

/// The IKE SA.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IkeStatus {
    /// The initiator's SPI, 16 hexadecimal digits.
    pub spi_i: String,
    /// The responder's SPI, 16 hexadecimal digits.
    pub spi_r: String,
    /// The algorithms, for example `aes256gcm16-prfsha256-modp2048`.
    pub suite: String,
    /// How long ago its keys were made, in seconds.
    pub age_s: u64,
    /// When we make new keys, in seconds from now.
    pub rekey_in_s: Option<u64>,
    /// Whether it can move to another address (RFC 4555).
    pub mobike: bool,
    /// Whether big messages travel as IKE fragments (RFC 7383).
    pub fragmentation: bool,
}

/// A Child SA pair.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChildStatus {
    /// The SPI of packets to us, 8 hexadecimal digits.
    pub spi_in: String,
    /// The SPI of packets to the gateway, 8 hexadecimal digits.
    pub spi_out: String,
    /// The algorithms, for example `aes256gcm16`.
    pub suite: String,
    /// Octets of inner packets that came in.
    pub bytes_in: u64,
    /// Octets of inner packets that went out.
    pub bytes_out: u64,
    /// Inner packets that came in.
    pub packets_in: u64,
    /// Inner packets that went out.
    pub packets_out: u64,
    /// Packets that were not let through.
    pub drops: Drops,
    /// Our traffic selectors.
    pub local_ts: Vec<String>,
    /// The gateway's traffic selectors.
    pub remote_ts: Vec<String>,
    /// How long ago its keys were made, in seconds.
    pub age_s: u64,
    /// When we make new keys, in seconds from now.
    pub rekey_in_s: Option<u64>,
}

/// Packets that were not let through, by reason.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Drops {
    /// Seen before, or too old to tell.
    pub replay: u64,
    /// Not authentic.
    pub icv: u64,
    /// Source or destination outside what was agreed.
    pub policy: u64,
    /// Not well-formed, or of an unknown SA.
    pub malformed: u64,
}

/// Names.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DnsStatus {
    /// The servers that came with the tunnel.
    pub servers: Vec<String>,
    /// The domains whose names are asked of them; empty when all are, or none.
    #[serde(rename = "match")]
    pub match_domains: Vec<String>,
    /// Whether a server answered; `None` when nobody asked.
    pub verified: Option<bool>,
}

/// How the gateway does.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Liveness {
    /// When an authentic packet came last, in seconds before now.
    pub last_rx_s: Option<u64>,
    /// How long the last exchange took, in milliseconds.
    pub rtt_ms: Option<u64>,
}

/// The client certificate.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CertificateStatus {
    /// Its subject.
    pub subject: String,
    /// When it expires.
    pub not_after: UtcTime,
    /// Whole days until then; negative when it has expired.
    pub days_left: i64,
}
