//! `swanctl.conf`: connections, as a typed structure.

use std::fmt::{self, Display, Formatter};

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Auth {
    /// AUTH payload signed with the certificate's key.
    Signature,
    /// EAP-TLS.
    EapTls,
}

impl Auth {
    /// strongSwan's word.
    pub const fn strongswan(self) -> &'static str {
        match self {
            Self::Signature => "pubkey",
            Self::EapTls => "eap-tls",
        }
    }

    /// azike's word.
    pub const fn azike(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::EapTls => "eap-tls",
        }
    }
}

/// IKE fragmentation (RFC 7383).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fragmentation {
    /// When a message is too long.
    #[default]
    Yes,
    /// Even when it is not.
    Force,
    /// Never: long messages become IP fragments.
    No,
}

impl Fragmentation {
    const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Force => "force",
            Self::No => "no",
        }
    }
}

/// Whether the peer may move to another address (RFC 4555).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mobike {
    /// It may, and knows.
    #[default]
    On,
    /// It may not.
    Off,
}

impl Mobike {
    const fn word(self) -> &'static str {
        match self {
            Self::On => "yes",
            Self::Off => "no",
        }
    }
}

/// One side of the authentication.
#[derive(Clone, Debug)]
pub struct Side {
    /// How.
    pub auth: &'static str,
    /// Own certificate, a file name in `x509`.
    pub certificate: Option<String>,
    /// Authority of the other side, a file name in `x509ca`.
    pub authority: Option<String>,
    /// Identity.
    pub id: Option<String>,
    /// EAP identity, `%any` to ask for one.
    pub eap_id: Option<String>,
}

/// A connection. Times of zero switch a thing off.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// Own addresses.
    pub local_addresses: Vec<&'static str>,
    /// The other side's address.
    pub remote_address: Option<&'static str>,
    /// IKE proposals.
    pub ike: String,
    /// Pools to hand addresses out of, as a gateway.
    pub pools: Vec<&'static str>,
    /// Addresses to ask for, as a client.
    pub addresses: Vec<&'static str>,
    /// IKE fragmentation.
    pub fragmentation: Fragmentation,
    /// Seconds between liveness checks.
    pub liveness: u32,
    /// Seconds until it makes new keys for the IKE SA.
    pub rekey: u32,
    /// Seconds until the peer has to log in again, which it is told in `AUTH_LIFETIME` (RFC 4478).
    pub login: u32,
    /// Whether the peer may move.
    pub mobike: Mobike,
    /// Whether the CERTREQ payload is sent.
    pub certificate_requests: bool,
    /// Own side.
    pub local: Side,
    /// Other side.
    pub remote: Side,
    /// The Child SA; `None` for a connection without any.
    pub child: Option<Child>,
}

/// A Child SA.
#[derive(Clone, Debug)]
pub struct Child {
    /// ESP proposals.
    pub esp: String,
    /// Own traffic selectors; empty for the own address.
    pub local: Vec<String>,
    /// The other side's traffic selectors; empty for its address.
    pub remote: Vec<String>,
    /// Seconds until it makes new keys.
    pub rekey: u32,
    /// Seconds until it is deleted when there are no new keys.
    pub life: u32,
    /// More lines, as swanctl understands them.
    pub more: String,
}

/// A line that is there only when it has a value.
struct Line<'a, T>(&'a str, Option<T>);

impl<T: Display> Display for Line<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(value) => writeln!(f, "      {} = {value}", self.0),
            None => Ok(()),
        }
    }
}

fn list<S: AsRef<str>>(items: &[S]) -> Option<String> {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    (!items.is_empty()).then(|| items.join(","))
}

impl Display for Side {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Line("auth", Some(self.auth)))?;
        write!(f, "{}", Line("certs", self.certificate.as_ref()))?;
        write!(f, "{}", Line("cacerts", self.authority.as_ref()))?;
        let id = self.id.as_ref().map(|id| format!("\"{id}\""));
        write!(f, "{}", Line("id", id))?;
        write!(f, "{}", Line("eap_id", self.eap_id.as_ref()))
    }
}

impl Display for Child {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Line("esp_proposals", Some(&self.esp)))?;
        write!(f, "{}", Line("local_ts", list(&self.local)))?;
        write!(f, "{}", Line("remote_ts", list(&self.remote)))?;
        writeln!(
            f,
            "      rekey_time = {}s\n      life_time = {}s\n      rand_time = 0s",
            self.rekey, self.life
        )?;
        f.write_str("      dpd_action = clear\n")?;
        f.write_str(&self.more)
    }
}

impl Display for Connection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {} {{", self.name)?;
        writeln!(
            f,
            "      version = 2\n      rekey_time = {}s\n      reauth_time = {}s",
            self.rekey, self.login
        )?;
        write!(f, "{}", Line("mobike", Some(self.mobike.word())))?;
        f.write_str("      over_time = 60s\n      rand_time = 0s\n")?;
        f.write_str("      send_cert = always\n      unique = replace\n")?;
        write!(f, "{}", Line("local_addrs", list(&self.local_addresses)))?;
        write!(f, "{}", Line("remote_addrs", self.remote_address))?;
        write!(f, "{}", Line("proposals", Some(&self.ike)))?;
        write!(f, "{}", Line("pools", list(&self.pools)))?;
        write!(f, "{}", Line("vips", list(&self.addresses)))?;
        let fragmentation = self.fragmentation.word();
        write!(f, "{}", Line("fragmentation", Some(fragmentation)))?;
        write!(
            f,
            "{}",
            Line("dpd_delay", Some(format!("{}s", self.liveness)))
        )?;
        let requests = if self.certificate_requests {
            "yes"
        } else {
            "no"
        };
        write!(f, "{}", Line("send_certreq", Some(requests)))?;
        writeln!(f, "    local-1 {{\n{}    }}", self.local)?;
        writeln!(f, "    remote-1 {{\n{}    }}", self.remote)?;
        if let Some(child) = &self.child {
            writeln!(f, "    children {{ net {{\n{child}    }} }}")?;
        }
        writeln!(f, "  }}")
    }
}
