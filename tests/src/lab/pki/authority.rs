//! An authority: a key, a certificate, and what it issues.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::lab::command::Call;

/// The kind of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// RSA, 2048 bits.
    Rsa,
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
}

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// Now, and for years.
    Now,
    /// In 2020.
    Past,
    /// In 2040.
    Future,
}

/// What to issue.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'a> {
    /// Kind of the key.
    pub key: KeyKind,
    /// The subject, as `C=US, CN=name`.
    pub subject: &'a str,
    /// Subject alternative names.
    pub names: &'a [&'a str],
    /// Extended key usage flags, in strongSwan's words.
    pub usage: &'a [&'a str],
    /// When it is valid.
    pub validity: Validity,
}

/// An authority's files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// The key, PEM.
    pub key: PathBuf,
    /// The list of what it revoked, PEM.
    pub crl: PathBuf,
}

impl Authority {
    /// The authority called `name` in `folder`; it need not exist yet.
    pub fn in_folder(folder: &Path, name: &str) -> Self {
        Self {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
            crl: folder.join(format!("{name}.crl")),
        }
    }

    /// Makes a root.
    pub fn self_signed(&self, subject: &str, key: KeyKind) -> Result<()> {
        make_key(key, &self.key)?;
        let call = pki("--self").args(["--ca", "--dn", subject, "--lifetime", "3650"]);
        let certificate = call.arg("--in").arg(&self.key).run()?;
        Ok(fs::write(&self.certificate, certificate)?)
    }

    /// Makes an intermediate below `parent`, with an RSA key.
    pub fn below(&self, parent: &Self, subject: &str) -> Result<()> {
        make_key(KeyKind::Rsa, &self.key)?;
        let options = ["--ca", "--pathlen", "0", "--lifetime", "1825"];
        parent.sign(&self.key, subject, &options, &self.certificate)
    }

    /// Makes a key and a certificate for it.
    pub fn issue(&self, leaf: Leaf<'_>, key: &Path, certificate: &Path) -> Result<()> {
        make_key(leaf.key, key)?;
        let mut options = Vec::new();
        for name in leaf.names {
            options.extend(["--san", name]);
        }
        for usage in leaf.usage {
            options.extend(["--flag", usage]);
        }
        options.extend(match leaf.validity {
            Validity::Now => &["--lifetime", "1825"][..],
            Validity::Past => &["-F", "01.01.20 00:00:00", "-T", "01.01.21 00:00:00"],
            Validity::Future => &["-F", "01.01.40 00:00:00", "-T", "01.01.41 00:00:00"],
        });
        self.sign(key, leaf.subject, &options, certificate)
    }

    /// Writes the list of revoked certificates.
    pub fn revoke(&self, certificates: &[PathBuf]) -> Result<()> {
        let mut call = pki("--signcrl").args(["--lifetime", "3650"]);
        call = call.arg("--cacert").arg(&self.certificate);
        call = call.arg("--cakey").arg(&self.key);
        for certificate in certificates {
            call = call.args(["--reason", "key-compromise", "--cert"]);
            call = call.arg(certificate);
        }
        Ok(fs::write(&self.crl, call.run()?)?)
    }

    fn sign(&self, key: &Path, subject: &str, options: &[&str], certificate: &Path) -> Result<()> {
        let public = Call::new("openssl").args(["pkey", "-pubout", "-in"]);
        let public = public.arg(key).run()?;
        let call = pki("--issue").args(["--type", "pub", "--dn", subject]);
        let call = call.arg("--cacert").arg(&self.certificate);
        let call = call.arg("--cakey").arg(&self.key).args(options);
        Ok(fs::write(certificate, call.input(public).run()?)?)
    }
}

/// The certificate in the PEM file as DER.
pub fn der(certificate: &Path) -> Result<Vec<u8>> {
    use base64::Engine as _;
    let pem = fs::read_to_string(certificate)?;
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Ok(base64::engine::general_purpose::STANDARD.decode(base64)?)
}

fn pki(command: &str) -> Call {
    Call::new("pki").arg(command).args(["--outform", "pem"])
}

fn make_key(kind: KeyKind, file: &Path) -> Result<()> {
    let call = Call::new("openssl").arg("genpkey");
    let call = match kind {
        KeyKind::Rsa => call.args(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        KeyKind::P256 => call.args(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        KeyKind::P384 => call.args(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    };
    fs::write(file, call.run()?)?;
    only_for_owner(file)
}

/// Takes the right to read `file` from everybody else, as a careful user does.
pub fn only_for_owner(file: &Path) -> Result<()> {
    Ok(fs::set_permissions(file, Permissions::from_mode(0o600))?)
}
