//! How a gateway behaves: one switch for each thing that gateways do differently.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use azike_crypto::{Encryption, Integrity, Prf, SignatureScheme};
use azike_wire::{KeyExchangeMethod, NotifyType, SignatureHash, TrafficSelector};

use crate::lying::Lie;

mod place;
mod rekey;

pub use self::place::{AnswersFrom, Mobike, Redirect, RedirectAt, RedirectTarget, UnknownSpi};
pub use self::rekey::{Lifetimes, Pfs, RekeyRefusal};

/// The behaviour of a gateway. [`Policy::azure`] is what an Azure gateway does; change what a test
/// is about.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches: each of them is something that gateways do or do not"
)]
pub struct Policy {
    /// Suites of the IKE SA, best first: the gateway's order wins. A client that guessed another
    /// group gets `INVALID_KE_PAYLOAD`.
    pub ike: Vec<IkeSuite>,
    /// Suites of the Child SA, best first.
    pub child: Vec<ChildSuite>,
    /// Ask for a cookie first (RFC 7296, section 2.6).
    pub cookie: bool,
    /// Take and send fragments of at most so many octets of UDP payload (RFC 7383).
    pub fragment_size: Option<usize>,
    /// Hashes to announce for RFC 7427; none as Azure, which then signs with the old methods.
    pub hashes: Vec<SignatureHash>,
    /// Sign with this scheme, not with the best that both can.
    pub scheme: Option<SignatureScheme>,
    /// List the accepted roots in a CERTREQ of the `IKE_SA_INIT` response, as Azure does.
    pub list_roots: bool,
    /// Send the vendor IDs of a Windows gateway.
    pub vendor_ids: bool,
    /// Send NAT detection hashes (RFC 7296, section 2.23).
    pub nat_detection: bool,
    /// Octets of Nr. Windows sends 48.
    pub nonce_length: usize,
    /// Which logins are allowed.
    pub login: Login,
    /// How EAP-TLS runs.
    pub eap: EapPolicy,
    /// The address of the first client; the next one gets the next.
    pub pool: Option<Ipv4Addr>,
    /// The same for IPv6; prefixes are 64 bits long.
    pub pool_ipv6: Option<Ipv6Addr>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Domains of the name servers (RFC 8598).
    pub domains: Vec<String>,
    /// Configuration attributes besides, as type and value.
    pub attributes: Vec<(u16, Vec<u8>)>,
    /// What lies behind the gateway: TSr as it is sent. TSi is everything, once for each.
    pub networks: Vec<TrafficSelector>,
    /// Refuse, and where.
    pub refusal: Option<Refusal>,
    /// Refuse the client's rekeys.
    pub rekey_refusal: Option<RekeyRefusal>,
    /// Whether a rekeyed Child SA has a key exchange of its own.
    pub pfs: Pfs,
    /// After what time the gateway rekeys by itself; never by default.
    pub lifetimes: Option<Lifetimes>,
    /// How long a client may say nothing in IKE until it is asked whether it lives.
    pub liveness: Option<Duration>,
    /// Whether the gateway sends to where the last new message came from.
    pub follows_nat: bool,
    /// What it makes of MOBIKE.
    pub mobike: Mobike,
    /// From where it sends.
    pub answers_from: AnswersFrom,
    /// What it says of SAs that it does not know.
    pub unknown_spi: UnknownSpi,
    /// Seconds after which the client must log in again (RFC 4478).
    pub auth_lifetime: Option<u32>,
    /// Send clients to another gateway.
    pub redirect: Option<Redirect>,
    /// How long to wait before a request of ours is sent again.
    pub retransmit: Duration,
    /// What to change in messages that would otherwise be right.
    pub lies: Vec<Lie>,
}

/// Algorithms and group of an IKE SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IkeSuite {
    /// The cipher.
    pub encryption: Encryption,
    /// The integrity algorithm; none beside an AEAD.
    pub integrity: Option<Integrity>,
    /// The pseudorandom function.
    pub prf: Prf,
    /// The group.
    pub group: KeyExchangeMethod,
}

/// Algorithms of a Child SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChildSuite {
    /// The cipher.
    pub encryption: Encryption,
    /// The integrity algorithm; none beside an AEAD.
    pub integrity: Option<Integrity>,
}

/// Which logins a gateway allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Login {
    /// What the client asks for: a signature, or EAP-TLS.
    Either,
    /// A signature only.
    Signature,
    /// EAP-TLS only.
    EapTls,
}

/// How EAP-TLS runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EapPolicy {
    /// Ask for the identity first. The identity of the client is not looked at.
    pub identity_round: bool,
    /// The version of TLS.
    pub version: TlsVersion,
    /// TLS octets in one EAP packet.
    pub fragment: usize,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsVersion {
    /// 1.2 (RFC 5246).
    V12,
    /// 1.3 (RFC 8446, RFC 9190).
    V13,
}

/// A refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Where.
    pub stage: Stage,
    /// The error notify.
    pub notify: NotifyType,
    /// A Windows error code beside it, in private notify 12345.
    pub ms_status: Option<u32>,
}

/// Where a gateway refuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// In the `IKE_SA_INIT` response.
    SaInit,
    /// In place of the first `IKE_AUTH` response.
    Auth,
    /// In the last `IKE_AUTH` response: the IKE SA is there, the Child SA is not.
    Child,
}

impl Policy {
    /// What an Azure gateway with default settings does (docs/protocol.md).
    pub fn azure() -> Self {
        Self {
            ike: vec![IkeSuite::AES_256_GCM],
            child: vec![ChildSuite::AES_256_GCM],
            cookie: false,
            fragment_size: Some(1280),
            hashes: Vec::new(),
            scheme: None,
            list_roots: true,
            vendor_ids: true,
            nat_detection: true,
            nonce_length: 48,
            login: Login::Either,
            eap: EapPolicy {
                identity_round: true,
                version: TlsVersion::V12,
                fragment: 1024,
            },
            pool: Some(Ipv4Addr::new(172, 16, 201, 1)),
            pool_ipv6: None,
            dns: vec![IpAddr::V4(Ipv4Addr::new(10, 1, 0, 4))],
            domains: Vec::new(),
            attributes: Vec::new(),
            networks: vec![
                TrafficSelector::ipv4(Ipv4Addr::new(10, 2, 0, 0), Ipv4Addr::new(10, 2, 255, 255)),
                TrafficSelector::ipv4(Ipv4Addr::new(10, 1, 0, 0), Ipv4Addr::new(10, 1, 255, 255)),
            ],
            refusal: None,
            rekey_refusal: None,
            pfs: Pfs::Optional,
            lifetimes: None,
            liveness: None,
            follows_nat: true,
            mobike: Mobike::Unknown,
            answers_from: AnswersFrom::SamePort,
            unknown_spi: UnknownSpi::Silent,
            auth_lifetime: None,
            redirect: None,
            retransmit: Duration::from_secs(1),
            lies: Vec::new(),
        }
    }
}

impl IkeSuite {
    /// AES-256-GCM, HMAC-SHA-384, group 14: Azure's first choice.
    pub const AES_256_GCM: Self = Self {
        encryption: Encryption::Aes256Gcm16,
        integrity: None,
        prf: Prf::HmacSha384,
        group: KeyExchangeMethod::MODP_2048,
    };

    /// AES-256-CBC, HMAC-SHA-256, group 14.
    pub const AES_256_CBC: Self = Self {
        encryption: Encryption::Aes256Cbc,
        integrity: Some(Integrity::HmacSha256_128),
        prf: Prf::HmacSha256,
        group: KeyExchangeMethod::MODP_2048,
    };

    /// The same algorithms with another group.
    #[must_use]
    pub const fn with_group(self, group: KeyExchangeMethod) -> Self {
        Self { group, ..self }
    }
}

impl ChildSuite {
    /// AES-256-GCM.
    pub const AES_256_GCM: Self = Self {
        encryption: Encryption::Aes256Gcm16,
        integrity: None,
    };

    /// AES-256-CBC with HMAC-SHA-256.
    pub const AES_256_CBC: Self = Self {
        encryption: Encryption::Aes256Cbc,
        integrity: Some(Integrity::HmacSha256_128),
    };
}
