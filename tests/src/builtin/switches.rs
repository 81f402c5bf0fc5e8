//! What a tester may change about the built-in gateway from the command line.

use anyhow::{Result, bail};
use azike_gateway::{ChildSuite, IkeSuite, Login, Policy, TlsVersion};
use azike_wire::KeyExchangeMethod;

/// A word, and what it changes.
type Switch = (&'static str, fn(&mut Policy));

/// All of them. The first group in the list of a gateway is the one it asks for.
const SWITCHES: [Switch; 8] = [
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
