//! Who a gateway is, and whom it lets in.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use azike_crypto::{KeyError, SoftwareSigner};
use azike_wire::IdType;
use rustls_pki_types::{CertificateDer, UnixTime};

use crate::policy::Policy;
use crate::transmit::Transport;

/// Everything a [`Gateway`](crate::Gateway) needs.
#[derive(Debug)]
pub struct Config {
    /// Its address, and the ports of IKE and of encapsulated IKE.
    pub address: IpAddr,
    /// The port of bare IKE: 500.
    pub port_500: u16,
    /// The port of encapsulated IKE and ESP: 4500.
    pub port_4500: u16,
    /// Certificate and key, in IKE and in EAP-TLS.
    pub identity: Identity,
    /// Another certificate for EAP-TLS.
    pub tls_identity: Option<Identity>,
    /// The roots of the clients' certificates.
    pub client_roots: Vec<CertificateDer<'static>>,
    /// Which time of day it was at which instant.
    pub wall_clock: WallClock,
    /// How it behaves.
    pub policy: Policy,
}

impl Config {
    pub(crate) const fn socket(&self, transport: Transport) -> SocketAddr {
        let port = match transport {
            Transport::Udp500 => self.port_500,
            Transport::Udp4500 => self.port_4500,
        };
        SocketAddr::new(self.address, port)
    }
}

/// A certificate with its key, and a name.
pub struct Identity {
    /// Type of IDr.
    pub id_type: IdType,
    /// Octets of IDr.
    pub id: Vec<u8>,
    /// The certificate, then the intermediates above it: what is sent.
    pub certificates: Vec<CertificateDer<'static>>,
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) signer: SoftwareSigner,
}

impl Identity {
    /// `name` becomes an IDr of type `ID_FQDN`; `pkcs8` is the key of the first certificate, DER.
    pub fn new(
        name: &str,
        certificates: Vec<CertificateDer<'static>>,
        pkcs8: Vec<u8>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            id_type: IdType::ID_FQDN,
            id: name.as_bytes().to_vec(),
            certificates,
            signer: SoftwareSigner::from_pkcs8(&pkcs8)?,
            pkcs8,
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificates", &self.certificates.len())
            .finish_non_exhaustive()
    }
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
    pub(crate) fn read(&self, now: Instant) -> UnixTime {
        UnixTime::since_unix_epoch(self.unix + now.saturating_duration_since(self.at))
    }
}

/// Why there is no gateway.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigError {
    /// A certificate or key that TLS cannot use.
    Tls(rustls::Error),
    /// Roots from which no client can be verified.
    ClientRoots(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => write!(f, "certificate or key not usable in TLS: {error}"),
            Self::ClientRoots(error) => write!(f, "roots of the clients not usable: {error}"),
        }
    }
}

impl std::error::Error for ConfigError {}
