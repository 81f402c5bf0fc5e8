//! Names of hosts, checked before anything resolves, prints or compares them.

use std::fmt;

use serde::Serialize;

/// A host name: letters, digits and hyphens in labels of 1 to 63 octets, at
/// most 253 octets in all (RFC 1123, section 2.1). Kept in lower case, without
/// the dot of the root. Not an address: the last label is not a number.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct HostName(String);

/// Why a text is not a host name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostNameFault {
    /// Nothing is there.
    #[error("it is empty")]
    Empty,
    /// More than 253 octets, or a label of more than 63.
    #[error("it is too long for a host name")]
    TooLong,
    /// Two dots in a row, or a dot at the start.
    #[error("it has an empty part between two dots")]
    EmptyLabel,
    /// A label begins or ends with a hyphen.
    #[error("a part of it begins or ends with '-'")]
    Hyphen,
    /// A character that no host name has: a space, a slash, a colon…
    #[error("'{}' cannot be part of a host name", .0.escape_default())]
    Character(char),
    /// An IP address, where a name is needed to check the gateway's certificate.
    #[error("it is an address, not a name")]
    Address,
}

impl HostName {
    /// Checks `text`, and puts it in lower case.
    pub fn parse(text: &str) -> Result<Self, HostNameFault> {
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(HostNameFault::Empty);
        }
        if name.parse::<std::net::IpAddr>().is_ok() {
            return Err(HostNameFault::Address);
        }
        if let Some(wrong) = name.chars().find(|c| !is_allowed(*c)) {
            return Err(HostNameFault::Character(wrong));
        }
        if name.len() > 253 {
            return Err(HostNameFault::TooLong);
        }
        for label in name.split('.') {
            match label.len() {
                0 => return Err(HostNameFault::EmptyLabel),
                1..=63 if label.starts_with('-') || label.ends_with('-') => {
                    return Err(HostNameFault::Hyphen);
                }
                1..=63 => {}
                _ => return Err(HostNameFault::TooLong),
            }
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        if last.chars().all(|c| c.is_ascii_digit()) {
            return Err(HostNameFault::Address);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name behind the first dot, if there is one.
    pub fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.')
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for HostName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azure_names_are_host_names() {
        let name = "azuregateway-EC3C0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com";
        let name = HostName::parse(name).unwrap();
        assert!(name.as_str().starts_with("azuregateway-ec3c"));
        assert_eq!(name.parent(), Some("vpn.azure.com"));
        assert_eq!(
            HostName::parse("hub0.x.vpn.azure.com.").unwrap().as_str(),
            "hub0.x.vpn.azure.com"
        );
    }

    /// N-97: what must not reach a resolver, a shell or a screen.
    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, fault) in [
            ("", HostNameFault::Empty),
            (".", HostNameFault::Empty),
            ("gw.example:443", HostNameFault::Character(':')),
            ("https://gw.example/", HostNameFault::Character(':')),
            ("gw.example/x", HostNameFault::Character('/')),
            ("gw example", HostNameFault::Character(' ')),
            ("gw\n", HostNameFault::Character('\n')),
            ("$(reboot).example", HostNameFault::Character('$')),
            ("gw;id", HostNameFault::Character(';')),
            ("gẃ.example", HostNameFault::Character('ẃ')),
            ("-", HostNameFault::Hyphen),
            ("-oProxyCommand.example", HostNameFault::Hyphen),
            ("gw-.example", HostNameFault::Hyphen),
            ("gw..example", HostNameFault::EmptyLabel),
            ("192.0.2.1", HostNameFault::Address),
            ("2001:db8::1", HostNameFault::Address),
            ("1.2.3.256", HostNameFault::Address),
        ] {
            assert_eq!(HostName::parse(text), Err(fault), "{text:?}");
        }
        assert_eq!(
            HostName::parse(&"a".repeat(64)),
            Err(HostNameFault::TooLong)
        );
        assert_eq!(
            HostName::parse(&"abc.".repeat(64)),
            Err(HostNameFault::TooLong)
        );
    }
}
