//! strongSwan as a client in the same lab: it proves that the lab works, and azike is measured beside it.

use anyhow::Result;

use super::command::Finished;
use super::layout::{GATEWAY, Layout, SERVER_NAME};
use super::pki::Pki;
use super::pki::client::Client;
use super::strongswan::connection::{Auth, Child, Connection, Fragmentation, Mobike, Side};
use super::strongswan::settings::Settings;
use super::strongswan::{Charon, Credential};

/// How the reference client connects.
#[derive(Clone, Debug)]
pub struct ReferenceConfig {
    /// What the daemon learns at its start.
    pub settings: Settings,
    /// Who it is.
    pub client: Client,
    /// How it logs in.
    pub auth: Auth,
    /// IKE proposals.
    pub ike: String,
    /// ESP proposals.
    pub esp: String,
    /// IKE fragmentation.
    pub fragmentation: Fragmentation,
    /// What it wants to reach.
    pub networks: Vec<String>,
}

impl Default for ReferenceConfig {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            client: Client::Rsa,
            auth: Auth::Signature,
            ike: "aes256gcm16-prfsha384-modp2048".to_owned(),
            esp: "aes256gcm16".to_owned(),
            fragmentation: Fragmentation::Yes,
            networks: vec!["10.1.0.0/16".to_owned()],
        }
    }
}

/// A running reference client.
#[derive(Debug)]
pub struct Reference {
    charon: Charon,
}

impl Reference {
    /// Starts the daemon in the client's namespace; nothing is connected yet.
    pub fn start(layout: &Layout, pki: &Pki, config: &ReferenceConfig) -> Result<Self> {
        let namespace = layout.client();
        let settings = config.settings.clone();
        let charon = Charon::start(layout, "reference", &namespace, settings)?;
        let reference = Self { charon };
        reference.load(pki, config)?;
        Ok(reference)
    }

    /// Replaces connection and identity.
    pub fn load(&self, pki: &Pki, config: &ReferenceConfig) -> Result<()> {
        let client = config.client;
        let file = |folder, file| Credential { folder, file };
        let credentials = [
            file("x509", client.certificate(pki)),
            file("private", client.key(pki)),
            file("x509ca", pki.server_root.certificate.clone()),
            // It offers only certificates whose issuers it can follow to a root that the gateway names.
            file("x509ca", pki.client_root.certificate.clone()),
            file("x509ca", client.issuer(pki).certificate.clone()),
        ];
        self.charon.load(&swanctl(pki, config), &credentials)
    }

    /// Connects; ends when the Child SA is up or will not come up.
    pub fn connect(&self, limit_seconds: u32) -> Result<Finished> {
        let limit = limit_seconds.to_string();
        let args = ["--initiate", "--child", "net", "--timeout", &limit];
        self.charon.try_control(&args)
    }

    /// Connects by a command that is started in `namespace`, as a user of that namespace would.
    pub fn connect_inside(&self, namespace: &str, limit_seconds: u32) -> Result<Finished> {
        let limit = limit_seconds.to_string();
        let args = ["--initiate", "--child", "net", "--timeout", &limit];
        self.charon.control_inside(namespace, &args)
    }

    /// Disconnects.
    pub fn disconnect(&self) -> Result<()> {
        let args = ["--terminate", "--ike", "azure", "--timeout", "5"];
        self.charon.try_control(&args).map(drop)
    }

    /// The daemon.
    pub const fn charon(&self) -> &Charon {
        &self.charon
    }

    /// Ends the daemon.
    pub fn stop(self) {
        self.charon.stop();
    }
}

fn swanctl(pki: &Pki, config: &ReferenceConfig) -> String {
    let file_name = |path: &std::path::Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let name = config.client.name();
    let connection = Connection {
        name: "azure".to_owned(),
        local_addresses: Vec::new(),
        remote_address: Some(GATEWAY),
        ike: config.ike.clone(),
        pools: Vec::new(),
        addresses: vec!["0.0.0.0"],
        fragmentation: config.fragmentation,
        liveness: 0,
        rekey: 0,
        login: 0,
        mobike: Mobike::On,
        certificate_requests: true,
        local: Side {
            auth: config.auth.strongswan(),
            certificate: Some(file_name(&config.client.certificate(pki))),
            authority: None,
            id: (config.auth == Auth::Signature).then(|| name.to_owned()),
            eap_id: (config.auth == Auth::EapTls).then(|| name.to_owned()),
        },
        remote: Side {
            auth: "pubkey",
            certificate: None,
            authority: Some(file_name(&pki.server_root.certificate)),
            id: Some(format!("C=US, O=azike lab, CN={SERVER_NAME}")),
            eap_id: None,
        },
        child: Some(Child {
            esp: config.esp.clone(),
            local: Vec::new(),
            remote: config.networks.clone(),
            rekey: 0,
            life: 3600,
            more: String::new(),
        }),
    };
    format!("connections {{\n{connection}}}\n")
}
