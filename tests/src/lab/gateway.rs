//! The gateway: strongSwan that looks like Azure's, with a knob for each way a gateway may differ.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::layout::{GATEWAY, Layout, POOL, VNET, VNET_HOST, VNET_V6};
use super::pki::Pki;
use super::pki::server::Server;
use super::strongswan::connection::{Auth, Child, Connection, Fragmentation, Mobike, Side};
use super::strongswan::settings::Settings;
use super::strongswan::{Charon, Credential};
use super::topology;

/// Azure's default IKE policies (facts of Azure, 2.1), in the order of its table. Group 14 comes first: it is
/// what real gateways ask for when they do not like the client's guess.
pub const AZURE_IKE: &str = "aes256gcm16-prfsha384-modp2048-modp2048s256-ecp384-ecp256,\
                             aes256gcm16-prfsha256-modp2048-modp2048s256-ecp384-ecp256,\
                             aes256-sha384-modp2048-modp2048s256-ecp384-ecp256,\
                             aes256-sha256-modp2048-modp2048s256-ecp384-ecp256,\
                             aes256-sha256-modp1024";
/// Azure's default ESP policies.
pub const AZURE_ESP: &str = "aes256gcm16-modpnone-modp2048s256-modp2048-ecp384-ecp256,\
                             aes256-sha256-modpnone-modp2048s256-modp2048-ecp384-ecp256,aes256-sha1";

/// Everything that can be set at the gateway. The default is like Azure's.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// What the daemon learns at its start.
    pub settings: Settings,
    /// Its addresses in the "Internet".
    pub addresses: Vec<&'static str>,
    /// The certificate it shows.
    pub certificate: Server,
    /// Whether it also sends the intermediate.
    pub sends_intermediate: bool,
    /// IKE proposals.
    pub ike: String,
    /// ESP proposals; `None` for a gateway that has no Child SA to give.
    pub esp: Option<String>,
    /// How clients may log in.
    pub auths: Vec<Auth>,
    /// Whether EAP begins with a request for the identity.
    pub asks_identity: bool,
    /// IKE fragmentation.
    pub fragmentation: Fragmentation,
    /// The networks behind it.
    pub networks: Vec<String>,
    /// IPv4 pool; `None` for a gateway that has no addresses to give.
    pub pool: Option<String>,
    /// IPv6 pool.
    pub pool_v6: Option<String>,
    /// DNS servers it hands out.
    pub dns: Vec<String>,
    /// Seconds between its liveness checks; 0 for none.
    pub liveness: u32,
    /// Seconds until it makes new keys for the IKE SA; 0 for never.
    pub rekey_ike: u32,
    /// Seconds until it makes new keys for the Child SA; 0 for never.
    pub rekey_child: u32,
    /// Seconds until it deletes a Child SA without new keys.
    pub child_life: u32,
    /// Seconds until a client has to log in again; 0 for never.
    pub login: u32,
    /// Whether a client may move.
    pub mobike: Mobike,
    /// Whether it says which roots were uploaded.
    pub certificate_requests: bool,
    /// Identity, if it is not the subject of the certificate.
    pub id: Option<String>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            addresses: vec![GATEWAY],
            certificate: Server::Azure,
            sends_intermediate: true,
            ike: AZURE_IKE.to_owned(),
            esp: Some(AZURE_ESP.to_owned()),
            auths: vec![Auth::Signature, Auth::EapTls],
            asks_identity: true,
            fragmentation: Fragmentation::Yes,
            networks: vec![VNET.to_owned()],
            pool: Some(POOL.to_owned()),
            pool_v6: None,
            dns: vec![VNET_HOST.to_owned()],
            liveness: 0,
            rekey_ike: 0,
            rekey_child: 0,
            child_life: 3600,
            login: 0,
            mobike: Mobike::On,
            certificate_requests: true,
            id: None,
        }
    }
}

/// An IKE SA as the gateway sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GatewaySa {
    /// The address it gave.
    pub address: String,
    /// IKE algorithms: encryption, key size, integrity, PRF, group, in strongSwan's words.
    pub ike: String,
    /// ESP algorithms.
    pub esp: String,
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    charon: Charon,
}

impl Gateway {
    /// Starts it.
    pub fn start(layout: &Layout, pki: &Pki, config: &GatewayConfig) -> Result<Self> {
        topology::give_gateway(layout, &own_addresses(&config.networks))?;
        let namespace = layout.gateway();
        let settings = config.settings.clone();
        let charon = Charon::start(layout, "gateway", &namespace, settings)?;
        let gateway = Self { charon };
        gateway.load(pki, config)?;
        Ok(gateway)
    }

    /// Makes it behave as `config` says; restarts the daemon only when it must.
    pub fn set(self, layout: &Layout, pki: &Pki, config: &GatewayConfig) -> Result<Self> {
        // Of many new addresses at once the daemon misses some; at its start it sees them all.
        let new = topology::give_gateway(layout, &own_addresses(&config.networks))?;
        if !new && *self.charon.settings() == config.settings {
            self.load(pki, config)?;
            return Ok(self);
        }
        self.charon.stop();
        Self::start(layout, pki, config)
    }

    /// The daemon.
    pub const fn charon(&self) -> &Charon {
        &self.charon
    }

    /// The IKE SAs that are up.
    pub fn established(&self) -> Result<Vec<GatewaySa>> {
        let raw = self.charon.control(&["--list-sas", "--raw"])?;
        Ok(raw.lines().filter_map(parse_sa).collect())
    }

    /// Deletes every IKE SA, as an administrator who disconnects a session.
    pub fn disconnect_all(&self) -> Result<()> {
        for auth in [Auth::Signature, Auth::EapTls] {
            let name = connection_name(auth);
            self.charon
                .try_control(&["--terminate", "--ike", &name, "--timeout", "5"])?;
        }
        Ok(())
    }

    /// Sends every client to the gateway at `address` (REDIRECT, RFC 5685).
    pub fn redirect_all(&self, address: &str) -> Result<()> {
        for auth in [Auth::Signature, Auth::EapTls] {
            let name = connection_name(auth);
            let args = ["--redirect", "--ike", &name, "--gateway", address];
            self.charon.try_control(&args)?;
        }
        Ok(())
    }

    /// Ends it as a power cut would: clients are not told.
    pub fn kill(self) {
        self.charon.kill();
    }

    /// Ends it; clients are told.
    pub fn stop(self) {
        self.charon.stop();
    }

    fn load(&self, pki: &Pki, config: &GatewayConfig) -> Result<()> {
        let file = |folder, path: &std::path::Path| Credential {
            folder,
            file: path.to_path_buf(),
        };
        let mut credentials = vec![
            file("x509", &config.certificate.certificate(pki)),
            file("private", &config.certificate.key(pki)),
            file("x509ca", &pki.client_root.certificate),
            file("x509crl", &pki.client_root.crl),
            file("x509crl", &pki.client_intermediate.crl),
            file("x509ca", &pki.server_root.certificate),
        ];
        let issuer = config.certificate.issuer(pki);
        if config.sends_intermediate {
            credentials.push(file("x509ca", &issuer.certificate));
        }
        let text = swanctl(pki, config).context("gateway's swanctl.conf")?;
        self.charon.load(&text, &credentials)
    }
}

/// One address in each network that is not on a cable already.
fn own_addresses(networks: &[String]) -> Vec<String> {
    let known = [VNET, "10.1.0.0/29", VNET_V6, "0.0.0.0/0", "::/0"];
    let own = networks.iter().filter(|net| !known.contains(&net.as_str()));
    own.filter_map(|network| {
        let (address, _) = network.split_once(['/', '-'])?;
        let (front, last) = address.rsplit_once('.')?;
        let last: u8 = last.parse().ok()?;
        Some(format!("{front}.{}/32", last.saturating_add(1)))
    })
    .collect()
}

fn connection_name(auth: Auth) -> String {
    format!("azure-{}", auth.strongswan())
}

fn swanctl(pki: &Pki, config: &GatewayConfig) -> Result<String> {
    let mut pools = Vec::new();
    let mut text = String::from("pools {\n");
    let dns = config.dns.join(",");
    for (name, pool) in [("p2s", &config.pool), ("p2s6", &config.pool_v6)] {
        let Some(range) = pool else { continue };
        pools.push(name);
        writeln!(text, "  {name} {{\n    addrs = {range}")?;
        if name == "p2s" && !dns.is_empty() {
            writeln!(text, "    dns = {dns}")?;
        }
        text.push_str("  }\n");
    }
    text.push_str("}\nconnections {\n");
    for &auth in &config.auths {
        write!(text, "{}", connection(pki, config, auth, &pools))?;
    }
    text.push_str("}\n");
    Ok(text)
}

fn connection(pki: &Pki, config: &GatewayConfig, auth: Auth, pools: &[&'static str]) -> Connection {
    let name_of = |path: &std::path::Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let eap_id = (auth == Auth::EapTls && config.asks_identity).then(|| "%any".to_owned());
    Connection {
        name: connection_name(auth),
        local_addresses: config.addresses.clone(),
        remote_address: None,
        ike: config.ike.clone(),
        pools: pools.to_vec(),
        addresses: Vec::new(),
        fragmentation: config.fragmentation,
        liveness: config.liveness,
        rekey: config.rekey_ike,
        login: config.login,
        mobike: config.mobike,
        certificate_requests: config.certificate_requests,
        local: Side {
            auth: "pubkey",
            certificate: Some(name_of(&config.certificate.certificate(pki))),
            authority: None,
            id: config.id.clone(),
            eap_id: None,
        },
        remote: Side {
            auth: auth.strongswan(),
            certificate: None,
            authority: Some(name_of(&pki.client_root.certificate)),
            id: None,
            eap_id,
        },
        child: config.esp.clone().map(|esp| Child {
            esp,
            local: config.networks.clone(),
            remote: Vec::new(),
            rekey: config.rekey_child,
            life: config.child_life,
            more: String::new(),
        }),
    }
}

/// One line of `swanctl --list-sas --raw`.
fn parse_sa(line: &str) -> Option<GatewaySa> {
    if !line.contains("state=ESTABLISHED") {
        return None;
    }
    let (ike, child) = line.split_once("child-sas")?;
    let value = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}="))?;
        Some(rest.split([' ', '}']).next()?.to_owned())
    };
    let join = |text: &str, names: &[&str]| {
        let found: Vec<String> = names.iter().filter_map(|name| value(text, name)).collect();
        found.join("/")
    };
    let algorithms = [
        "encr-alg",
        "encr-keysize",
        "integ-alg",
        "prf-alg",
        "dh-group",
    ];
    let (_, addresses) = line.split_once("remote-vips=[")?;
    Some(GatewaySa {
        address: addresses.split([']', ' ']).next()?.to_owned(),
        ike: join(ike, &algorithms),
        esp: join(child, &algorithms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_swanctl_names_the_algorithms() {
        let line = "list-sa event {azure-pubkey {uniqueid=1 version=2 state=ESTABLISHED \
                    encr-alg=AES_GCM_16 encr-keysize=256 prf-alg=PRF_HMAC_SHA2_384 \
                    dh-group=ECP_384 remote-vips=[172.16.201.1] child-sas {net-1 {name=net \
                    encr-alg=AES_CBC encr-keysize=256 integ-alg=HMAC_SHA2_256_128 use-in=1}}}}";
        let sa = parse_sa(line).expect("an established IKE SA");
        assert_eq!(sa.address, "172.16.201.1");
        assert_eq!(sa.ike, "AES_GCM_16/256/PRF_HMAC_SHA2_384/ECP_384");
        assert_eq!(sa.esp, "AES_CBC/256/HMAC_SHA2_256_128");
    }

    #[test]
    fn the_gateway_lives_in_each_network_it_advertises() {
        let networks = ["10.1.0.0/16", "192.168.77.0/24", "10.9.0.7-10.9.0.200"];
        let networks = networks.map(str::to_owned);
        assert_eq!(own_addresses(&networks), ["192.168.77.1/32", "10.9.0.8/32"]);
    }
}
