//! How a tunnel is to be made: what `azike up` takes beside the files.

use serde::{Deserialize, Serialize};

use crate::{Code, Failure};

/// How long `azike up` tries when nothing else is said, in milliseconds.
pub const TIMEOUT_DEFAULT_MS: u32 = 30_000;
/// The most domains of `--match`.
const MATCH_DOMAINS_MAX: usize = 64;
/// The shortest lifetime of keys, in seconds: with less there would be nothing but new keys.
const LIFETIME_MIN_S: u32 = 2;
/// The least octets and packets of a Child SA, for the same reason.
const CHILD_OCTETS_MIN: u64 = 100_000;
const CHILD_PACKETS_MIN: u64 = 100;
/// The longest name or identity, in octets.
const NAME_MAX: usize = 253;

/// How the client proves who it is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthChoice {
    /// Certificate signature first, EAP-TLS when the gateway refuses that.
    #[default]
    Auto,
    /// Certificate signature only.
    Signature,
    /// EAP-TLS only.
    EapTls,
}

/// Which gateway port the first message goes to.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortChoice {
    /// UDP 500, then 4500 (RFC 7296, section 2.23).
    #[default]
    From500,
    /// UDP 4500 from the first message.
    Only4500,
}

/// What becomes of the host's DNS.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsChoice {
    /// The gateway's servers, for the names of the tunnel where the system can tell them apart.
    #[default]
    Auto,
    /// DNS is left alone.
    Off,
    /// The gateway's servers for all names.
    All,
}

/// Whether the kernel may cut and join packets for us.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OffloadChoice {
    /// Wherever the system can.
    #[default]
    Auto,
    /// One packet for each system call.
    Off,
}

/// The DSCP of the packets to the gateway.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DscpChoice {
    /// Zero, best effort.
    #[default]
    Zero,
    /// That of the packet inside.
    Copy,
    /// Always this, 0 to 63.
    Fixed(u8),
}

/// The options of one `azike up`.
///
/// A field that the daemon does not know makes it refuse the request: an option that is silently
/// ignored could weaken the tunnel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpOptions {
    /// How the client logs in.
    pub auth: AuthChoice,
    /// The only name that the gateway's certificate may have, in place of the profile's names.
    pub server_name: Option<String>,
    /// Address or host name of the gateway, in place of resolving the profile's `VpnServer`.
    pub gateway_address: Option<String>,
    /// The identity to send (`IDi`), in place of the certificate's name.
    pub local_id: Option<String>,
    /// Offer group 2 and other algorithms that are too weak otherwise.
    pub allow_weak: bool,
    /// Which port to begin with.
    pub transport: PortChoice,
    /// When an attempt that is not finished ends, in milliseconds from its beginning.
    pub timeout_ms: u32,
    /// What becomes of the host's DNS.
    pub dns: DnsChoice,
    /// Domains whose names are asked of the gateway's DNS servers.
    pub match_domains: Vec<String>,
    /// The MTU of the tunnel device in octets, in place of the computed one.
    pub mtu: Option<u16>,
    /// The DSCP of the packets to the gateway.
    pub dscp: DscpChoice,
    /// For troubleshooting: segmentation offload of the tun device and the socket.
    pub offload: OffloadChoice,
    /// The local UDP port, in place of one that the system chooses.
    pub local_port: Option<u16>,
    /// The UDP ports of the gateway, in place of 500 and 4500: something forwards them.
    pub gateway_ports: Option<(u16, u16)>,
    /// For experts and tests: the only IKE proposals to offer.
    pub ike_proposals: Option<String>,
    /// For experts and tests: the only ESP proposals to offer.
    pub esp_proposals: Option<String>,
    /// For experts and tests: the longest IKE message before it is sent as fragments, in octets.
    pub fragment_size: Option<u16>,
    /// How long the keys of a Child SA are used, in seconds, in place of 50 minutes.
    pub child_lifetime_s: Option<u32>,
    /// How long the keys of an IKE SA are used, in seconds, in place of 7 hours.
    pub ike_lifetime_s: Option<u32>,
    /// How many octets go through a Child SA in one direction before it gets new keys; no limit but
    /// time if it is not set.
    pub child_octets: Option<u64>,
    /// How many packets go through a Child SA in one direction before it gets new keys.
    pub child_packets: Option<u64>,
}

impl Default for UpOptions {
    fn default() -> Self {
        Self {
            auth: AuthChoice::default(),
            server_name: None,
            gateway_address: None,
            local_id: None,
            allow_weak: false,
            transport: PortChoice::default(),
            timeout_ms: TIMEOUT_DEFAULT_MS,
            dns: DnsChoice::default(),
            match_domains: Vec::new(),
            mtu: None,
            dscp: DscpChoice::default(),
            offload: OffloadChoice::default(),
            local_port: None,
            gateway_ports: None,
            ike_proposals: None,
            esp_proposals: None,
            fragment_size: None,
            child_lifetime_s: None,
            ike_lifetime_s: None,
            child_octets: None,
            child_packets: None,
        }
    }
}

/// An option that cannot be used: which, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{option}: {problem}")]
pub struct OptionError {
    /// The option as the command line spells it.
    pub option: &'static str,
    /// Why its value cannot be used.
    pub problem: &'static str,
}

impl From<OptionError> for Failure {
    fn from(error: OptionError) -> Self {
        Self::new(Code::OPTION_INVALID, error.to_string())
    }
}

impl UpOptions {
    /// Checks every value. The command line does it for the user, the daemon for itself.
    pub fn check(&self) -> Result<(), OptionError> {
        let wrong = |option, problem| Err(OptionError { option, problem });
        if let Some(name) = &self.server_name
            && !is_dns_name(name)
        {
            return wrong(
                "--server-name",
                "a DNS name is wanted, such as vpn.example.org",
            );
        }
        if let Some(host) = &self.gateway_address
            && host.parse::<std::net::IpAddr>().is_err()
            && !is_dns_name(host)
        {
            return wrong("--address", "an IP address or a host name is wanted");
        }
        if let Some(id) = &self.local_id
            && (id.is_empty() || id.len() > NAME_MAX || id.chars().any(char::is_control))
        {
            return wrong("--local-id", "1 to 253 printable characters are wanted");
        }
        if !(1_000..=600_000).contains(&self.timeout_ms) {
            return wrong("--timeout", "1 second to 10 minutes are possible");
        }
        if self.match_domains.len() > MATCH_DOMAINS_MAX {
            return wrong("--match", "at most 64 domains are possible");
        }
        let is_domain = |domain: &String| is_dns_name(domain.strip_prefix("*.").unwrap_or(domain));
        if !self.match_domains.iter().all(is_domain) {
            return wrong("--match", "a domain is wanted, such as contoso.internal");
        }
        if self.mtu.is_some_and(|mtu| !(576..=9_000).contains(&mtu)) {
            return wrong("--mtu", "576 to 9000 octets are possible");
        }
        if matches!(self.dscp, DscpChoice::Fixed(64..)) {
            return wrong("--dscp", "zero, copy or a number from 0 to 63 is wanted");
        }
        if self.local_port == Some(0) {
            return wrong("--local-port", "a port between 1 and 65535 is wanted");
        }
        if !self.gateway_ports.is_none_or(are_two) {
            return wrong("--gateway-ports", "two ports are wanted, such as 500,4500");
        }
        let is_list = |list: &String| (1..=1024).contains(&list.len()) && list.is_ascii();
        let lists = [&self.ike_proposals, &self.esp_proposals];
        if !lists.into_iter().flatten().all(is_list) {
            return wrong("--ike/--esp", "a list of proposals is wanted");
        }
        let shortest = LIFETIME_MIN_S;
        if self.child_lifetime_s.is_some_and(|time| time < shortest) {
            return wrong("--child-lifetime", "2 seconds or more are wanted");
        }
        if self.ike_lifetime_s.is_some_and(|time| time < shortest) {
            return wrong("--ike-lifetime", "2 seconds or more are wanted");
        }
        if self
            .child_octets
            .is_some_and(|octets| octets < CHILD_OCTETS_MIN)
        {
            return wrong("--child-octets", "100000 octets or more are wanted");
        }
        if self
            .child_packets
            .is_some_and(|packets| packets < CHILD_PACKETS_MIN)
        {
            return wrong("--child-packets", "100 packets or more are wanted");
        }
        if self.fragment_size.is_some_and(|size| size < 256) {
            return wrong("--fragment-size", "256 octets or more are wanted");
        }
        Ok(())
    }
}

/// Whether there are two ports, and not one or none.
const fn are_two((one, other): (u16, u16)) -> bool {
    one != 0 && other != 0 && one != other
}

/// Whether `name` can be a name in the DNS: labels of letters, digits, dashes and underscores.
/// Names that are all digits and dots are not: they could be taken for addresses.
pub fn is_dns_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= NAME_MAX
        && name.split('.').all(is_label)
        && name.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut UpOptions)) -> Option<&'static str> {
        let mut options = UpOptions::default();
        change(&mut options);
        options.check().err().map(|error| error.option)
    }

    #[test]
    fn what_nobody_set_is_right() {
        assert_eq!(refused(|_| ()), None);
    }

    #[test]
    fn values_that_could_harm_are_refused() {
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (refused(|o| o.server_name = some("a b")), "--server-name"),
            (
                refused(|o| o.server_name = some("10.0.0.1")),
                "--server-name",
            ),
            (refused(|o| o.gateway_address = some("$(id)")), "--address"),
            (refused(|o| o.gateway_address = some("a/../b")), "--address"),
            (refused(|o| o.local_id = some("")), "--local-id"),
            (refused(|o| o.local_id = some("a\nb")), "--local-id"),
            (refused(|o| o.timeout_ms = 0), "--timeout"),
            (refused(|o| o.mtu = Some(100)), "--mtu"),
            (refused(|o| o.dscp = DscpChoice::Fixed(64)), "--dscp"),
            (refused(|o| o.local_port = Some(0)), "--local-port"),
            (refused(|o| o.fragment_size = Some(1)), "--fragment-size"),
            (
                refused(|o| o.child_lifetime_s = Some(0)),
                "--child-lifetime",
            ),
            (refused(|o| o.ike_lifetime_s = Some(1)), "--ike-lifetime"),
            (refused(|o| o.child_octets = Some(1)), "--child-octets"),
            (refused(|o| o.child_packets = Some(0)), "--child-packets"),
            (refused(|o| o.ike_proposals = some("")), "--ike/--esp"),
            (
                refused(|o| o.match_domains = vec!["a..b".into()]),
                "--match",
            ),
            (
                refused(|o| o.match_domains = vec!["a".into(); 65]),
                "--match",
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, Some(expected));
        }
    }

    #[test]
    fn values_of_the_real_world_are_accepted() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(refused(|o| o.gateway_address = some("2001:db8::1")), None);
        assert_eq!(refused(|o| o.gateway_address = some("203.0.113.10")), None);
        assert_eq!(refused(|o| o.gateway_address = some("gw.lab")), None);
        assert_eq!(refused(|o| o.dscp = DscpChoice::Fixed(63)), None);
        assert_eq!(refused(|o| o.local_id = some("ada@example.org")), None);
        assert_eq!(
            refused(|o| o.match_domains = vec!["*.lab.internal".into()]),
            None
        );
    }

    #[test]
    fn choices_are_words_and_numbers_on_the_control_socket() {
        let text = r#"{"dscp":{"fixed":46},"offload":"off"}"#;
        let read: UpOptions = serde_json::from_str(text).unwrap();
        assert_eq!(read.dscp, DscpChoice::Fixed(46));
        assert_eq!(read.offload, OffloadChoice::Off);
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<UpOptions>(&text).unwrap(), read);
        let read = serde_json::from_str::<UpOptions>(r#"{"dscp":{"fixed":256}}"#);
        assert!(read.is_err());
    }

    #[test]
    fn an_unknown_option_is_not_ignored() {
        let read = serde_json::from_str::<UpOptions>(r#"{"allow_weaker":true}"#);
        assert!(read.is_err());
        assert_eq!(
            serde_json::from_str::<UpOptions>("{}").unwrap(),
            UpOptions::default()
        );
    }
}
