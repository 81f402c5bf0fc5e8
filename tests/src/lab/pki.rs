//! Keys and certificates of the lab: the gateway's side, the customer's side, and everything that can be
//! wrong with either. Made by `pki` (strongSwan) and `openssl`, once for each lab.

pub mod authority;
pub mod client;
pub mod server;

use std::fs;

use anyhow::Result;

use super::layout::Layout;
use authority::{Authority, KeyKind};

/// The authorities of the lab.
#[derive(Debug)]
pub struct Pki {
    /// The root in the package: what Azure's gateways hang from.
    pub server_root: Authority,
    /// Between the root and the gateway.
    pub server_intermediate: Authority,
    /// A root nobody put into a package.
    pub rogue_root: Authority,
    /// The root the customer uploaded.
    pub client_root: Authority,
    /// Between the customer's root and some of the clients.
    pub client_intermediate: Authority,
    /// A root nobody uploaded.
    pub other_root: Authority,
}

impl Pki {
    /// The authorities in the lab's folder. Makes them and all certificates when there are none.
    pub fn open(layout: &Layout) -> Result<Self> {
        let dir = layout.pki();
        let authority = |name: &str| Authority::in_folder(&dir, name);
        let pki = Self {
            server_root: authority("server-root"),
            server_intermediate: authority("server-intermediate"),
            rogue_root: authority("rogue-root"),
            client_root: authority("client-root"),
            client_intermediate: authority("client-intermediate"),
            other_root: authority("other-root"),
        };
        let done = dir.join("done");
        if !done.exists() {
            fs::create_dir_all(&dir)?;
            pki.create()?;
            fs::write(done, "")?;
        }
        Ok(pki)
    }

    fn create(&self) -> Result<()> {
        let rsa = KeyKind::Rsa;
        self.server_root
            .self_signed("C=US, O=azike lab, CN=azike lab server root", rsa)?;
        let name = "C=US, O=azike lab, CN=azike lab server intermediate";
        self.server_intermediate.below(&self.server_root, name)?;
        self.rogue_root.self_signed("CN=rogue server root", rsa)?;
        self.client_root.self_signed("CN=azike P2S root", rsa)?;
        let name = "CN=azike P2S intermediate";
        self.client_intermediate.below(&self.client_root, name)?;
        self.other_root.self_signed("CN=some other root", rsa)?;
        for certificate in server::ALL {
            certificate.issue(self)?;
        }
        for client in client::ALL {
            client.issue(self)?;
        }
        let revoked = client::Client::Revoked.certificate(self);
        self.client_root.revoke(&[revoked])?;
        self.client_intermediate.revoke(&[])
    }
}
