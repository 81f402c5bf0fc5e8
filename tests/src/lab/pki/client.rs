//! Client identities: each kind a user may bring, and each way to be refused.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Pki;
use super::authority::{Authority, KeyKind, Leaf, Validity, only_for_owner};
use crate::lab::command::Call;

/// The password of every PKCS#12 file in the lab.
pub const PASSWORD: &str = "azike lab";

/// A client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Client {
    /// RSA, directly below the customer's root: what Azure's instructions make.
    Rsa,
    /// ECDSA, P-256.
    P256,
    /// ECDSA, P-384.
    P384,
    /// Below an intermediate that the gateway has not.
    Intermediate,
    /// Its name is an e-mail address.
    Mail,
    /// Revoked by the customer.
    Revoked,
    /// Ended in 2021.
    Expired,
    /// Starts in 2040.
    NotYetValid,
    /// Not for clients.
    NotForClients,
    /// Below a root that the customer did not upload.
    Untrusted,
}

/// All of them.
pub const ALL: [Client; 10] = [
    Client::Rsa,
    Client::P256,
    Client::P384,
    Client::Intermediate,
    Client::Mail,
    Client::Revoked,
    Client::Expired,
    Client::NotYetValid,
    Client::NotForClients,
    Client::Untrusted,
];

/// How the identity is packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Container {
    /// PKCS#12 as OpenSSL 3 writes it: PBES2, AES.
    Pkcs12,
    /// PKCS#12 as Windows and old tools write it: RC2 and 3DES.
    LegacyPkcs12,
    /// PEM: certificates, then the key in PKCS#8.
    Pem,
    /// PEM with the key in its own format (PKCS#1 for RSA, SEC1 for ECDSA).
    PemTraditional,
    /// PEM with an encrypted PKCS#8 key.
    PemEncrypted,
    /// PEM with somebody else's key.
    PemOfAnotherKey,
}

impl Client {
    /// Common name, subject alternative name, and file name without ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "azike-client",
            Self::P256 => "azike-client-p256",
            Self::P384 => "azike-client-p384",
            Self::Intermediate => "azike-client-intermediate",
            Self::Mail => "ada@lab.example",
            Self::Revoked => "azike-client-revoked",
            Self::Expired => "azike-client-expired",
            Self::NotYetValid => "azike-client-not-yet-valid",
            Self::NotForClients => "azike-client-not-for-clients",
            Self::Untrusted => "azike-client-untrusted",
        }
    }

    /// The certificate, PEM.
    pub fn certificate(self, pki: &Pki) -> PathBuf {
        self.file(pki, "crt")
    }

    /// The key, PEM.
    pub fn key(self, pki: &Pki) -> PathBuf {
        self.file(pki, "key")
    }

    /// Who issues it.
    pub fn issuer(self, pki: &Pki) -> &Authority {
        if self == Self::Intermediate {
            &pki.client_intermediate
        } else if self == Self::Untrusted {
            &pki.other_root
        } else {
            &pki.client_root
        }
    }

    /// The identity as a user has it: a file of the given kind. Made when first asked for.
    pub fn packed(self, pki: &Pki, container: Container) -> Result<PathBuf> {
        let ending = match container {
            Container::Pkcs12 => "p12",
            Container::LegacyPkcs12 => "legacy.p12",
            Container::Pem => "pem",
            Container::PemTraditional => "traditional.pem",
            Container::PemEncrypted => "encrypted.pem",
            Container::PemOfAnotherKey => "mismatch.pem",
        };
        let file = self.file(pki, ending);
        if !file.exists() {
            match container {
                Container::Pkcs12 => self.write_pkcs12(pki, &file, &[])?,
                Container::LegacyPkcs12 => self.write_pkcs12(pki, &file, &["-legacy"])?,
                Container::Pem => self.write_pem(pki, &file, &[])?,
                Container::PemTraditional => self.write_pem(pki, &file, &["-traditional"])?,
                Container::PemEncrypted => {
                    let pass = format!("pass:{PASSWORD}");
                    self.write_pem(pki, &file, &["-aes256", "-passout", &pass])?;
                }
                Container::PemOfAnotherKey => {
                    let certificate = fs::read_to_string(self.certificate(pki))?;
                    let key = fs::read_to_string(Self::Mail.key(pki))?;
                    fs::write(&file, certificate + &key)?;
                    only_for_owner(&file)?;
                }
            }
        }
        Ok(file)
    }

    pub(super) fn issue(self, pki: &Pki) -> Result<()> {
        let leaf = Leaf {
            key: if self == Self::P256 {
                KeyKind::P256
            } else if self == Self::P384 {
                KeyKind::P384
            } else {
                KeyKind::Rsa
            },
            subject: &format!("CN={}", self.name()),
            names: &[self.name()],
            usage: if self == Self::NotForClients {
                &["serverAuth"]
            } else {
                &["clientAuth"]
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

    fn file(self, pki: &Pki, ending: &str) -> PathBuf {
        let name = format!("{}.{ending}", self.name().replace('@', "-at-"));
        pki.client_root.certificate.with_file_name(name)
    }

    /// The issuers up to the root, PEM.
    fn path(self, pki: &Pki) -> Result<String> {
        let mut path = String::new();
        if self == Self::Intermediate {
            path += &fs::read_to_string(&pki.client_intermediate.certificate)?;
        }
        let root = if self == Self::Untrusted {
            &pki.other_root
        } else {
            &pki.client_root
        };
        Ok(path + &fs::read_to_string(&root.certificate)?)
    }

    fn write_pkcs12(self, pki: &Pki, file: &Path, options: &[&str]) -> Result<()> {
        let mut call = Call::new("openssl").args(["pkcs12", "-export"]);
        call = call.arg("-inkey").arg(self.key(pki));
        call = call.arg("-in").arg(self.certificate(pki));
        // As Azure's documentation asks for: "all certificates in the certification path".
        let path = file.with_extension("path.pem");
        fs::write(&path, self.path(pki)?)?;
        call = call.arg("-certfile").arg(&path);
        call = call.args(["-name", self.name(), "-passout"]);
        call = call.arg(format!("pass:{PASSWORD}")).args(options);
        call.arg("-out").arg(file).run()?;
        only_for_owner(file)
    }

    fn write_pem(self, pki: &Pki, file: &Path, options: &[&str]) -> Result<()> {
        let mut pem = fs::read_to_string(self.certificate(pki))?;
        pem += &self.path(pki)?;
        let call = Call::new("openssl").arg("pkey").args(options);
        pem += &call.arg("-in").arg(self.key(pki)).run()?;
        fs::write(file, pem)?;
        only_for_owner(file)
    }
}
