//! What a tester may change about the built-in gateway from the command line.

use std::net::Ipv6Addr;
use std::time::Duration;

use anyhow::{Result, bail};
use azike_gateway::{ChildSuite, IkeSuite, Lifetimes, Login, Mobike, Policy, TlsVersion};
use azike_wire::{KeyExchangeMethod, TrafficSelector};

/// The gateway makes new keys every few seconds, and the demo stays to watch.
pub const REKEYS: &str = "rekeys";

/// The tunnel carries IPv6 too.
pub const IPV6: &str = "ipv6";

/// The gateway knows MOBIKE.
pub const MOBIKE: &str = "mobike";

/// Where clients get their IPv6 addresses from.
pub const POOL_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x172, 0x16, 0x201, 0, 0, 0, 1);

/// The first and the last IPv6 address behind the gateway.
const VNET_IPV6: (Ipv6Addr, Ipv6Addr) = (
    Ipv6Addr::new(0xfd00, 0x10, 1, 0, 0, 0, 0, 0),
    Ipv6Addr::new(0xfd00, 0x10, 1, 0, 0xffff, 0xffff, 0xffff, 0xffff),
);

/// A word, and what it changes.
type Switch = (&'static str, fn(&mut Policy));

/// All of them. The first group in the list of a gateway is the one it asks for.
const SWITCHES: [Switch; 11] = [
    ("cookie", |policy| policy.cookie = true),
    ("aes-cbc", |policy| {
        policy.ike = vec![IkeSuite::AES_256_CBC];
        policy.child = vec![ChildSuite::AES_256_CBC];
    }),
    ("group-19", |policy| {
        ask_group(policy, KeyExchangeMethod::ECP_256);
    }),
    ("group-20", |policy| {
        ask_group(policy, KeyExchangeMethod::ECP_384);
    }),
    ("tls-1.3", |policy| policy.eap.version = TlsVersion::V13),
    ("no-fragments", |policy| policy.fragment_size = None),
    ("signature-only", |policy| policy.login = Login::Signature),
    ("eap-tls-only", |policy| policy.login = Login::EapTls),
    (IPV6, |policy| {
        policy.pool_ipv6 = Some(POOL_IPV6);
        let (start, end) = VNET_IPV6;
        policy.networks.push(TrafficSelector::ipv6(start, end));
    }),
    (MOBIKE, |policy| policy.mobike = Mobike::Follows),
    (REKEYS, |policy| {
        policy.lifetimes = Some(Lifetimes {
            child: Duration::from_secs(2),
            ike: Duration::from_secs(3),
        });
    }),
];

/// A gateway like Azure's, with `words` applied in their order.
pub fn policy(words: &[String]) -> Result<Policy> {
    let mut policy = Policy::azure();
    for word in words {
        match SWITCHES.iter().find(|switch| switch.0 == word) {
            Some((_, change)) => change(&mut policy),
            None => bail!("no switch {word:?}; there are: {}", names().join(", ")),
        }
    }
    Ok(policy)
}

/// The words.
pub fn names() -> [&'static str; SWITCHES.len()] {
    SWITCHES.map(|switch| switch.0)
}

fn ask_group(policy: &mut Policy, group: KeyExchangeMethod) {
    for suite in &mut policy.ike {
        suite.group = group;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_answered_with_those_there_are() {
        let error = policy(&["cooky".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("\"cooky\"") && error.contains("cookie, "),
            "{error}"
        );
    }
}
