//! Certificates for tests, made on the spot by `rcgen`; RSA keys are committed files.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_RSA_SHA256, SanType, SignatureAlgorithm, date_time_ymd,
};

/// The kind of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyType {
    /// RSA with 2048 bits, one of the committed keys.
    Rsa(RsaKey),
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
}

/// A committed RSA key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaKey {
    /// Signs certificates.
    Authority,
    /// Belongs to a client.
    Client,
    /// Belongs to a gateway.
    Gateway,
}

impl RsaKey {
    /// The key as PKCS#8, DER.
    pub const fn pkcs8(self) -> &'static [u8] {
        match self {
            Self::Authority => include_bytes!("../data/rsa-2048-authority.pk8"),
            Self::Client => include_bytes!("../data/rsa-2048-client.pk8"),
            Self::Gateway => include_bytes!("../data/rsa-2048-gateway.pk8"),
        }
    }
}

/// What a certificate is for: its extended key usage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// `serverAuth`.
    Gateway,
    /// `clientAuth`.
    Client,
    /// No extended key usage at all.
    Any,
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Common name, and the one DNS name among the subject's alternative names.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// First and last year of its validity, from 1 January to 1 January.
    pub years: (i32, i32),
}

impl Subject {
    /// The certificate of a gateway, valid from 2020 to 2120.
    pub fn gateway(name: &str) -> Self {
        Self::new(name, Purpose::Gateway)
    }

    /// The certificate of a client, valid from 2020 to 2120.
    pub fn client(name: &str) -> Self {
        Self::new(name, Purpose::Client)
    }

    fn new(name: &str, purpose: Purpose) -> Self {
        Self {
            name: name.to_owned(),
            purpose,
            years: (2020, 2120),
        }
    }
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Certified {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The key, PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

impl std::fmt::Debug for Certified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certified").finish_non_exhaustive()
    }
}

/// A certificate authority.
pub struct Authority {
    certificate: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

#[expect(
    clippy::expect_used,
    reason = "the parameters and the committed keys are fixed; a test uses each of them"
)]
impl Authority {
    /// A root.
    ///
    /// # Panics
    ///
    /// If `name` is not ASCII.
    pub fn root(name: &str, key: KeyType) -> Self {
        let (params, key) = (authority_params(name), key_pair(key));
        let certificate = params.self_signed(&key).expect("a root");
        Self {
            certificate: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    /// An authority below this one.
    ///
    /// # Panics
    ///
    /// If `name` is not ASCII.
    #[must_use]
    pub fn intermediate(&self, name: &str, key: KeyType) -> Self {
        let (params, key) = (authority_params(name), key_pair(key));
        let certificate = params.signed_by(&key, &self.issuer).expect("below");
        Self {
            certificate: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate below this authority.
    ///
    /// # Panics
    ///
    /// If the name is not a DNS name in ASCII.
    pub fn issue(&self, subject: &Subject, key: KeyType) -> Certified {
        let mut params = named(&subject.name);
        let name = subject.name.as_str().try_into().expect("a DNS name");
        params.subject_alt_names = vec![SanType::DnsName(name)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = match subject.purpose {
            Purpose::Gateway => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Purpose::Client => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Purpose::Any => Vec::new(),
        };
        params.not_before = date_time_ymd(subject.years.0, 1, 1);
        params.not_after = date_time_ymd(subject.years.1, 1, 1);
        let key = key_pair(key);
        let certificate = params.signed_by(&key, &self.issuer).expect("below");
        Certified {
            certificate: certificate.der().to_vec(),
            pkcs8: key.serialize_der(),
        }
    }

    /// The certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

#[expect(clippy::expect_used, reason = "the committed keys are keys")]
fn key_pair(key: KeyType) -> KeyPair {
    let generate = |algorithm: &'static SignatureAlgorithm| {
        KeyPair::generate_for(algorithm).expect("a key of a known kind")
    };
    match key {
        KeyType::Rsa(rsa) => {
            let der = rsa.pkcs8().into();
            KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).expect("a committed key")
        }
        KeyType::P256 => generate(&PKCS_ECDSA_P256_SHA256),
        KeyType::P384 => generate(&PKCS_ECDSA_P384_SHA384),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_gets_a_certificate() {
        let root = Authority::root("Root", KeyType::Rsa(RsaKey::Authority));
        for key in [KeyType::Rsa(RsaKey::Client), KeyType::P256, KeyType::P384] {
            let below = root.intermediate("Below", KeyType::P256);
            let certified = below.issue(&Subject::client("client"), key);
            assert!(certified.certificate.len() > 200, "{key:?}");
        }
    }

    #[test]
    fn rsa_certificates_are_the_same_each_time() {
        let issue = || {
            let root = Authority::root("Root", KeyType::Rsa(RsaKey::Authority));
            let subject = Subject::gateway("gateway.example");
            root.issue(&subject, KeyType::Rsa(RsaKey::Gateway))
                .certificate
        };
        assert_eq!(issue(), issue());
    }
}
