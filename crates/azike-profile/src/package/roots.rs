//! Root certificates of the package, from files and from the XML.
//!
//! One bad root does not make a package useless as long as another one is good:
//! it is left out with a warning, because trusting less is safe.

use super::archive::Archive;
use super::{LARGEST_ROOT_FILE, PackageError, RootFault};
use crate::certificate::{Certificate, CertificateFault, KeyKind};
use crate::profile::Root;
use crate::{Warning, pem};

/// The most roots. During a migration Azure's packages have two or three.
const MOST_ROOTS: usize = 64;

/// RSA below this is not trusted.
const LEAST_RSA: usize = 2048;

/// The roots that were found, each once, and what was wrong with others.
#[derive(Debug, Default)]
pub(super) struct FoundRoots {
    pub roots: Vec<Root>,
    pub warnings: Vec<Warning>,
    first_fault: Option<(String, RootFault)>,
}

/// Reads all files whose name begins with `start`: `VpnServerRoot.cer`,
/// `VpnServerRoot.cer_0`, `_1`…
pub(super) fn in_files(archive: &mut Archive<'_>, start: &str) -> Result<FoundRoots, PackageError> {
    let mut found = FoundRoots::default();
    for name in archive.files(start) {
        let source = archive.written(&name);
        let octets = archive.read(&name, LARGEST_ROOT_FILE)?;
        found.add_file(&source, &octets.unwrap_or_default());
    }
    Ok(found)
}

impl FoundRoots {
    /// Why there is nothing to trust.
    pub(super) fn nothing(self) -> PackageError {
        match self.first_fault {
            None => PackageError::NoRoot,
            Some((file, fault)) => PackageError::BadRoot { file, fault },
        }
    }

    /// Adds the certificates that are Base64 in `VpnSettings.xml`.
    pub(super) fn add_encoded(&mut self, certificates: &[String]) {
        for text in certificates {
            let source = "VpnSettings.xml";
            match pem::base64(text) {
                Some(der) => self.add(source, &der),
                None => self.refuse(
                    source,
                    RootFault::NotACertificate(CertificateFault::NotX509),
                ),
            }
        }
    }

    /// Adds what is in a `.cer` file: DER, PEM, or bare Base64.
    fn add_file(&mut self, source: &str, octets: &[u8]) {
        if octets.is_empty() {
            return self.refuse(source, RootFault::Empty);
        }
        if !pem::is_pem(octets) {
            let text = std::str::from_utf8(octets).ok();
            return match text.and_then(pem::base64) {
                Some(der) => self.add(source, &der),
                None => self.add(source, octets),
            };
        }
        let not_x509 = RootFault::NotACertificate(CertificateFault::NotX509);
        let Ok(blocks) = pem::blocks(octets) else {
            return self.refuse(source, not_x509);
        };
        let mut certificates = 0;
        for block in blocks {
            if block.label.ends_with("PRIVATE KEY") {
                let warning = Warning::PrivateKeyInPackage(source.to_owned());
                self.warnings.push(warning);
            } else if block.label.ends_with("CERTIFICATE") {
                certificates += 1;
                self.add(source, &block.octets);
            }
        }
        if certificates == 0 {
            self.refuse(source, not_x509);
        }
    }

    fn add(&mut self, source: &str, der: &[u8]) {
        let certificate = match Certificate::from_der(der) {
            Ok(certificate) => certificate,
            Err(fault) => return self.refuse(source, RootFault::NotACertificate(fault)),
        };
        if self
            .roots
            .iter()
            .any(|root| root.sha256() == certificate.sha256)
        {
            return;
        }
        match certificate.authority {
            Some(true) => {}
            None if certificate.is_self_issued() => {
                let warning = Warning::RootWithoutConstraints(certificate.short_subject());
                self.warnings.push(warning);
            }
            None | Some(false) => return self.refuse(source, RootFault::NotAnAuthority),
        }
        if let KeyKind::Rsa(bits) = certificate.key
            && bits < LEAST_RSA
        {
            return self.refuse(source, RootFault::WeakKey(bits));
        }
        if self.roots.len() == MOST_ROOTS {
            return self.refuse(source, RootFault::TooMany);
        }
        let source = source.to_owned();
        self.roots.push(Root {
            source,
            certificate,
        });
    }

    fn refuse(&mut self, source: &str, fault: RootFault) {
        let source_file = source.to_owned();
        if self.warnings.len() < MOST_ROOTS {
            let reason = fault.to_string();
            self.warnings.push(Warning::RootIgnored {
                source_file,
                reason,
            });
        }
        self.first_fault
            .get_or_insert_with(|| (source.to_owned(), fault));
    }
}
