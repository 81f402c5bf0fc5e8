//! `strongswan.conf`: what a daemon can only learn at its start.

use std::path::Path;

/// The plugins, in the order that matters: the first to offer the kernel's `IPsec` interface wins, so
/// kernel-libipsec stands before kernel-netlink, which then only does addresses and routes. aesni is quicker
/// than openssl for packets, and a peer is measured at its best.
const PLUGINS: &str = "random nonce aesni openssl aes gcm ccm chapoly sha1 sha2 hmac kdf gmp curve25519 mgf1 md5 x509 \
                       revocation constraints pubkey pkcs1 pkcs8 pkcs12 pem kernel-libipsec \
                       kernel-netlink socket-default vici updown attr resolve eap-identity eap-tls \
                       counters";

/// Versions of TLS inside EAP-TLS.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tls {
    /// Only 1.2: Azure's gateways.
    #[default]
    Only12,
    /// Only 1.3.
    Only13,
    /// Both: the reference client.
    Both,
}

/// What a daemon can only learn at its start. The default is like Azure's gateway.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Settings {
    /// Announces hashes and signs as RFC 7427 says. Azure's gateways do not.
    pub signature_hashes: bool,
    /// Size of IKE fragments (RFC 7383), in octets.
    pub fragment_size: Option<u16>,
    /// Asks for a cookie when so many IKE SAs are half open.
    pub cookie_threshold: Option<u32>,
    /// Seconds without an answer to a request that end an IKE SA; else it takes minutes.
    pub gives_up: Option<u32>,
    /// TLS inside EAP-TLS.
    pub tls: Tls,
    /// Size of the fragments of EAP-TLS, in octets.
    pub eap_fragment: Option<u16>,
    /// Leaves the length field of unfragmented EAP-TLS messages out.
    pub eap_without_length: bool,
    /// Writes key material to the log: an independent witness of our key derivation.
    pub log_keys: bool,
}

impl Settings {
    /// The file, for a daemon that lives in `dir`.
    pub fn text(&self, dir: &Path) -> String {
        let dir = dir.display();
        let (oldest, newest) = match self.tls {
            Tls::Only12 => ("1.2", "1.2"),
            Tls::Only13 => ("1.3", "1.3"),
            Tls::Both => ("1.2", "1.3"),
        };
        let level = if self.log_keys { 4 } else { 2 };
        let signature_hashes = yes(self.signature_hashes);
        let length = yes(!self.eap_without_length);
        let fragment = number("fragment_size", self.fragment_size.map(u32::from));
        // A row before us may have left IKE SAs half open: no cookies and no refusal for them unless asked for.
        let protection = yes(self.cookie_threshold.is_some());
        let cookie = number("cookie_threshold", self.cookie_threshold);
        // It sends again each second, and waits for one more after the last time.
        let again = self.gives_up.map(|seconds| seconds.saturating_sub(1));
        let every = again.map_or("", |_| "retransmit_timeout = 1\n  retransmit_base = 1");
        let again = number("retransmit_tries", again);
        let eap_fragment = number("fragment_size", self.eap_fragment.map(u32::from));
        format!(
            "charon-systemd {{\n  load_modular = no\n  load = {PLUGINS}\n  install_routes = yes\n  \
             signature_authentication = {signature_hashes}\n  {fragment}\n  {cookie}\n  {every}\n  {again}\n  dos_protection = {protection}\n  \
             tls {{\n    version_min = {oldest}\n    version_max = {newest}\n  }}\n  \
             filelog {{ log {{\n    path = {dir}/log\n    append = no\n    flush_line = yes\n    \
             time_format = %H:%M:%S\n    time_add_ms = yes\n    ike_name = yes\n    default = 1\n    \
             ike = {level}\n    chd = {level}\n    cfg = 2\n    knl = 1\n    net = 1\n    enc = 1\n  }} }}\n  \
             journal {{ default = -1 }}\n  plugins {{\n    \
             vici {{ socket = unix://{dir}/vici }}\n    \
             resolve {{\n      file = {dir}/resolv.conf\n      resolvconf {{ path = /nonexistent }}\n    }}\n    \
             eap-tls {{\n      include_length = {length}\n      {eap_fragment}\n      \
             max_message_count = 200\n    }}\n  }}\n}}\n"
        )
    }
}

const fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn number(name: &str, value: Option<u32>) -> String {
    value.map_or_else(String::new, |value| format!("{name} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_like_azures_gateway() {
        let text = Settings::default().text(Path::new("/lab/gateway"));
        assert!(text.contains("signature_authentication = no"));
        assert!(text.contains("version_max = 1.2"));
        assert!(!text.contains("fragment_size"));
        assert!(text.contains("dos_protection = no"));
    }

    #[test]
    fn userspace_esp_comes_before_the_kernels() {
        let libipsec = PLUGINS.find("kernel-libipsec");
        assert!(libipsec.is_some() && libipsec < PLUGINS.find("kernel-netlink"));
    }
}
