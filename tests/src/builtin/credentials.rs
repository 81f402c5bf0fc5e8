//! Certificates, the package and the client's identity, made on the spot. No program is needed; the RSA keys
//! are those that are committed for tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use azike_gateway::Identity;
use azike_testkit::{Authority, Certified, KeyType, RsaKey, Subject};
use base64::Engine as _;
use rustls_pki_types::CertificateDer;

use crate::lab::layout::SERVER_NAME;
use crate::lab::pki::authority::only_for_owner;
use crate::lab::profile_zip::ProfileZip;

/// The name in the client's certificate.
pub const CLIENT_NAME: &str = "azike-client";

/// Who is who, on both sides.
#[derive(Debug)]
pub struct Credentials {
    /// The gateway's certificate and key.
    pub gateway: Identity,
    /// The root that the customer uploaded.
    pub client_root: CertificateDer<'static>,
    /// The package, as Azure makes it.
    pub package: PathBuf,
    /// The client's certificates and key, PEM.
    pub identity: PathBuf,
}

impl Credentials {
    /// Makes them; the client's files are written to `folder`.
    pub fn make(folder: &Path) -> Result<Self> {
        let rsa = KeyType::Rsa(RsaKey::Authority);
        let server_root = Authority::root("azike lab server root", rsa);
        let client_root = Authority::root("azike P2S root", rsa);
        let subject = Subject::gateway(SERVER_NAME);
        let gateway = server_root.issue(&subject, KeyType::Rsa(RsaKey::Gateway));
        let subject = Subject::client(CLIENT_NAME);
        let client = client_root.issue(&subject, KeyType::Rsa(RsaKey::Client));

        let package = folder.join("profile.zip");
        let (server_root, client_root) = (server_root.certificate(), client_root.certificate());
        let zip = ProfileZip::default().octets_below(server_root, client_root)?;
        fs::write(&package, zip)?;
        let identity = folder.join(format!("{CLIENT_NAME}.pem"));
        write(&identity, &client, client_root)?;

        let certificates = vec![gateway.certificate.into()];
        let gateway = Identity::new(SERVER_NAME, certificates, gateway.pkcs8);
        Ok(Self {
            gateway: gateway.context("the gateway's key")?,
            client_root: client_root.to_vec().into(),
            package,
            identity,
        })
    }
}

/// Writes the identity of a client whose root no gateway knows.
pub fn stranger(identity: &Path) -> Result<()> {
    let root = Authority::root("somebody else's root", KeyType::P256);
    let client = root.issue(&Subject::client("stranger"), KeyType::P256);
    write(identity, &client, root.certificate())
}

fn write(identity: &Path, client: &Certified, root: &[u8]) -> Result<()> {
    fs::write(identity, pem(client, root))?;
    only_for_owner(identity)
}

/// Certificate, root and key (RFC 7468).
fn pem(client: &Certified, root: &[u8]) -> String {
    let block = |label: &str, der: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let mut lines = format!("-----BEGIN {label}-----\n");
        for line in text.as_bytes().chunks(64) {
            lines += &String::from_utf8_lossy(line);
            lines.push('\n');
        }
        lines + &format!("-----END {label}-----\n")
    };
    block("CERTIFICATE", &client.certificate)
        + &block("CERTIFICATE", root)
        + &block("PRIVATE KEY", &client.pkcs8)
}
