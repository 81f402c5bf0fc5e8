//! Certificates the gateway can show: the right one, and each way to be wrong.

use std::path::PathBuf;

use anyhow::Result;

use super::Pki;
use super::authority::{Authority, KeyKind, Leaf, Validity};
use crate::lab::layout::SERVER_NAME;

/// A certificate of the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    /// RSA, named `<VnetId>.vpn.azure.com`, for servers and IKE: like Azure's.
    Azure,
    /// The same with a P-256 key.
    P256,
    /// The same with a P-384 key.
    P384,
    /// The name only in the subject, no subject alternative name.
    OnlyCommonName,
    /// Another name.
    WrongName,
    /// For clients only.
    NotForServers,
    /// Ended in 2021.
    Expired,
    /// Starts in 2040.
    NotYetValid,
    /// Below a root that is not in the package.
    Rogue,
}

/// All of them.
pub const ALL: [Server; 9] = [
    Server::Azure,
    Server::P256,
    Server::P384,
    Server::OnlyCommonName,
    Server::WrongName,
    Server::NotForServers,
    Server::Expired,
    Server::NotYetValid,
    Server::Rogue,
];

impl Server {
    /// File name without ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Azure => "gateway",
            Self::P256 => "gateway-p256",
            Self::P384 => "gateway-p384",
            Self::OnlyCommonName => "gateway-only-cn",
            Self::WrongName => "gateway-wrong-name",
            Self::NotForServers => "gateway-not-for-servers",
            Self::Expired => "gateway-expired",
            Self::NotYetValid => "gateway-not-yet-valid",
            Self::Rogue => "gateway-rogue",
        }
    }

    /// The certificate, PEM.
    pub fn certificate(self, pki: &Pki) -> PathBuf {
        pki.server_root
            .certificate
            .with_file_name(format!("{}.crt", self.name()))
    }

    /// The key, PEM.
    pub fn key(self, pki: &Pki) -> PathBuf {
        self.certificate(pki).with_extension("key")
    }

    /// Who issues it.
    pub const fn issuer(self, pki: &Pki) -> &Authority {
        if matches!(self, Self::Rogue) {
            &pki.rogue_root
        } else {
            &pki.server_intermediate
        }
    }

    pub(super) fn issue(self, pki: &Pki) -> Result<()> {
        let name = if self == Self::WrongName {
            "evil.example"
        } else {
            SERVER_NAME
        };
        let names = [name];
        let leaf = Leaf {
            key: if self == Self::P256 {
                KeyKind::P256
            } else if self == Self::P384 {
                KeyKind::P384
            } else {
                KeyKind::Rsa
            },
            subject: &format!("C=US, O=azike lab, CN={name}"),
            names: if self == Self::OnlyCommonName {
                &[]
            } else {
                &names
            },
            usage: if self == Self::NotForServers {
                &["clientAuth"]
            } else {
                &["serverAuth", "ikeIntermediate"]
            },
            validity: if self == Self::Expired {
                Validity::Past
            } else if self == Self::NotYetValid {
                Validity::Future
            } else {
                Validity::Now
            },
        };
        self.issuer(pki)
            .issue(leaf, &self.key(pki), &self.certificate(pki))
    }
}
