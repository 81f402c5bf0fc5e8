//! Another gateway than the one we asked (RFC 5685).
//!
//! ```text
//!  HDR, SAi1, KEi, Ni, N(REDIRECT_SUPPORTED)  -->
//!                          <--  HDR, N(REDIRECT, other gateway, Ni)
//!                          <--  HDR, SK { IDr, AUTH, N(REDIRECT, other gateway) }   or later
//!
//!  to the other gateway:
//!  HDR, SAi1, KEi, Ni, N(REDIRECTED_FROM)  -->
//!
//!  data of REDIRECT:  GW Ident Type | GW Ident Len | identity | nonce, in IKE_SA_INIT only
//! ```
//!
//! We only report it, as [`CloseReason::Redirected`](crate::CloseReason::Redirected): whether it is
//! followed, and how often, is decided by the caller with a [`RedirectLimit`].

mod limit;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use azike_wire::NotifyType;

pub use self::limit::{RedirectFault, RedirectLimit};
use crate::payload_set::PayloadSet;

/// GW Ident Types (RFC 5685, section 7.2).
const IPV4: u8 = 1;
const IPV6: u8 = 2;
const FQDN: u8 = 3;

/// Whether a client lets itself be sent to another gateway.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Redirect {
    /// Announce it, and take a REDIRECT of the gateway seriously.
    pub accept: bool,
    /// Who sent us here.
    pub from: Option<RedirectSource>,
}

/// The address of the gateway that sent us to this one (RFC 5685, section 7.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RedirectSource(pub IpAddr);

/// The gateway that we are sent to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RedirectTarget {
    /// By its address.
    Address(IpAddr),
    /// By its name, in lower case, without the last dot.
    Name(String),
}

impl RedirectTarget {
    /// Whether a gateway may be at `address`: not here, not on the link alone, not everywhere.
    ///
    /// To be asked once more of each address that a [`RedirectTarget::Name`] has.
    pub fn may_be_at(address: IpAddr) -> bool {
        let special = match address {
            IpAddr::V4(v4) => {
                let first = v4.octets().first().copied();
                v4.is_link_local() || first == Some(0) || v4 == Ipv4Addr::BROADCAST
            }
            IpAddr::V6(v6) => {
                v6.is_unicast_link_local() || v6 == Ipv6Addr::UNSPECIFIED || v6.to_ipv4().is_some()
            }
        };
        !(special || address.is_loopback() || address.is_multicast())
    }

    /// Reads the data of REDIRECT. `nonce` is our Ni, if the message is the `IKE_SA_INIT` response.
    fn decode(data: &[u8], nonce: Option<&[u8]>) -> Option<Self> {
        let (&[kind, length], rest) = data.split_first_chunk()?;
        let (identity, rest) = rest.split_at_checked(length.into())?;
        // RFC 5685, section 3: the nonce shows that who sent this saw our request.
        if rest != nonce.unwrap_or_default() {
            return None;
        }
        match kind {
            IPV4 => address(<[u8; 4]>::try_from(identity).ok()?.into()),
            IPV6 => address(<[u8; 16]>::try_from(identity).ok()?.into()),
            FQDN => host_name(identity).map(Self::Name),
            _ => None,
        }
    }
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What a message says of another gateway.
#[derive(Debug)]
pub(crate) enum Said {
    /// Nothing that concerns us.
    Nothing,
    /// Something that nobody can follow.
    Nonsense,
    /// Where to go.
    Go(RedirectTarget),
}

/// Looks for a REDIRECT that we are ready for.
pub(crate) fn said(redirect: &Redirect, set: &PayloadSet<'_>, nonce: Option<&[u8]>) -> Said {
    let notify = set.notify(NotifyType::REDIRECT);
    match notify.filter(|_| redirect.accept) {
        None => Said::Nothing,
        Some(notify) => match RedirectTarget::decode(notify.data, nonce) {
            Some(target) => Said::Go(target),
            None => Said::Nonsense,
        },
    }
}

/// The notify in the `IKE_SA_INIT` request. `REDIRECTED_FROM` says by itself that we know
/// redirects (RFC 5685, section 4).
pub(crate) fn announcement(redirect: &Redirect) -> Option<(NotifyType, Vec<u8>)> {
    match redirect.from {
        Some(RedirectSource(IpAddr::V4(v4))) => {
            let data = [&[IPV4, 4], &v4.octets()[..]].concat();
            Some((NotifyType::REDIRECTED_FROM, data))
        }
        Some(RedirectSource(IpAddr::V6(v6))) => {
            let data = [&[IPV6, 16], &v6.octets()[..]].concat();
            Some((NotifyType::REDIRECTED_FROM, data))
        }
        None => redirect
            .accept
            .then_some((NotifyType::REDIRECT_SUPPORTED, Vec::new())),
    }
}

fn address(address: IpAddr) -> Option<RedirectTarget> {
    RedirectTarget::may_be_at(address).then_some(RedirectTarget::Address(address))
}

/// A host name of two labels or more (RFC 1123, section 2.1) that is no address and not this host.
fn host_name(octets: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(octets).ok()?;
    let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (_, last) = text.rsplit_once('.')?;
    let number = last.bytes().all(|c| c.is_ascii_digit()) || last.starts_with("0x");
    let legal = text.len() <= 253 && text.split('.').all(label);
    (legal && !number && last != "localhost").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; 16] = [7; 16];

    fn data(kind: u8, identity: &[u8]) -> Vec<u8> {
        let length = u8::try_from(identity.len()).expect("an identity");
        [&[kind, length], identity].concat()
    }

    /// N-26: addresses where no gateway is.
    #[test]
    fn n26_a_gateway_has_an_address_of_its_own() {
        for (text, fits) in [
            ("20.61.7.10", true),
            ("10.0.0.1", true),
            ("0.0.0.0", false),
            ("0.0.0.1", false),
            ("127.0.0.1", false),
            ("127.9.9.9", false),
            ("169.254.169.254", false),
            ("224.0.0.1", false),
            ("239.255.255.255", false),
            ("255.255.255.255", false),
            ("2001:db8::1", true),
            ("fd00::1", true),
            ("::", false),
            ("::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::127.0.0.1", false),
        ] {
            let address: IpAddr = text.parse().expect("an address");
            let octets = match address {
                IpAddr::V4(v4) => data(IPV4, &v4.octets()),
                IpAddr::V6(v6) => data(IPV6, &v6.octets()),
            };
            let expected = fits.then_some(RedirectTarget::Address(address));
            assert_eq!(RedirectTarget::decode(&octets, None), expected, "{text}");
        }
    }

    /// N-26: names that are none.
    #[test]
    fn n26_a_gateway_has_a_legal_name() {
        let long = |labels: usize| format!("{}example", "a.".repeat(labels));
        for (name, wanted) in [
            ("gw2.example.com", Some("gw2.example.com")),
            ("GW2.Example.COM.", Some("gw2.example.com")),
            ("a-b.example", Some("a-b.example")),
            (&long(123), Some(long(123).as_str())),
            (&long(124), None),
            ("", None),
            (".", None),
            ("gateway", None),
            ("localhost", None),
            ("my.localhost", None),
            ("127.0.0.1", None),
            ("gw.0x7f", None),
            ("gw..example", None),
            ("-gw.example", None),
            ("gw-.example", None),
            ("gw_2.example", None),
            ("gw 2.example", None),
            ("gw2.example\n", None),
            ("gw2\0.example", None),
            ("gw2.example\u{1b}[0m", None),
            ("g\u{fc}2.example", None),
            ("https://gw2.example", None),
        ] {
            let found = RedirectTarget::decode(&data(FQDN, name.as_bytes()), None);
            let wanted = wanted.map(|it| RedirectTarget::Name(it.to_owned()));
            assert_eq!(found, wanted, "{name:?}");
        }
        let longest = format!("{}.example", "a".repeat(63));
        assert!(RedirectTarget::decode(&data(FQDN, longest.as_bytes()), None).is_some());
        let label = format!("{}.example", "a".repeat(64));
        assert_eq!(
            RedirectTarget::decode(&data(FQDN, label.as_bytes()), None),
            None
        );
        assert_eq!(
            RedirectTarget::decode(&data(FQDN, &[0xff; 255]), None),
            None
        );
    }

    /// N-26: lengths and nonces.
    #[test]
    fn n26_every_octet_has_its_meaning() {
        let honest = data(IPV4, &[20, 61, 7, 10]);
        let with = |nonce: &[u8]| [&honest, nonce].concat();
        let target = || Some(RedirectTarget::Address([20, 61, 7, 10].into()));
        for (octets, nonce, wanted) in [
            (with(&NONCE), Some(&NONCE[..]), target()),
            (with(&[]), None, target()),
            (with(&[8; 16]), Some(&NONCE), None),
            (with(&NONCE[..15]), Some(&NONCE), None),
            (with(&[]), Some(&NONCE), None),
            (with(&[0]), None, None),
            (data(IPV4, &[1; 3]), None, None),
            (data(IPV4, &[1; 5]), None, None),
            (data(IPV6, &[0x20; 15]), None, None),
            (data(0, &[1; 4]), None, None),
            (data(4, &[1; 4]), None, None),
            (vec![IPV4, 5, 1, 1, 1, 1], None, None),
            (vec![FQDN, 255, b'a'], None, None),
            (vec![IPV4], None, None),
            (Vec::new(), None, None),
        ] {
            assert_eq!(RedirectTarget::decode(&octets, nonce), wanted, "{octets:?}");
        }
    }
}
