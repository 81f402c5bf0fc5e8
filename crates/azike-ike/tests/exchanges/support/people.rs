//! Who takes part: certificates for clients and gateways of every kind of key, made once.

use std::sync::{Arc, OnceLock};

use azike_crypto::{SignatureScheme, SoftwareSigner};
use azike_gateway::Identity;
use azike_ike::ClientIdentity;
use azike_testkit::{Authority, Certified, KeyType, RsaKey, Subject};
use azike_wire::IdType;
use rustls_pki_types::CertificateDer;

/// The name in the gateway's certificate, as Azure writes it.
pub(crate) const NAME: &str = "c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com";

/// The root of the gateways.
pub(crate) fn gateway_root() -> &'static Authority {
    static ROOT: OnceLock<Authority> = OnceLock::new();
    ROOT.get_or_init(|| Authority::root("Gateway Root", KeyType::Rsa(RsaKey::Authority)))
}

/// The root of the clients.
pub(crate) fn client_root() -> &'static Authority {
    static ROOT: OnceLock<Authority> = OnceLock::new();
    ROOT.get_or_init(|| Authority::root("P2SRootCert", KeyType::Rsa(RsaKey::Authority)))
}

/// RSA of the gateway: with it a seed reproduces each octet.
pub(crate) const RSA: KeyType = KeyType::Rsa(RsaKey::Gateway);

/// A gateway's certificate under `name` from `root`, and its key.
pub(crate) fn gateway(root: &Authority, subject: &Subject, key: KeyType) -> Identity {
    let certified = root.issue(subject, key);
    identity(&certified, Vec::new())
}

/// `certified` as a gateway's identity, with the certificates `above` it.
pub(crate) fn identity(certified: &Certified, above: Vec<CertificateDer<'static>>) -> Identity {
    let mut certificates = vec![certified.certificate.clone().into()];
    certificates.extend(above);
    Identity::new(NAME, certificates, certified.pkcs8.clone()).unwrap()
}

/// A client with a key of this kind.
pub(crate) fn client(root: &Authority, key: KeyType) -> ClientIdentity {
    let key = match key {
        KeyType::Rsa(_) => KeyType::Rsa(RsaKey::Client),
        KeyType::P256 | KeyType::P384 => key,
    };
    let certified = root.issue(&Subject::client("client"), key);
    ClientIdentity {
        id_type: IdType::ID_FQDN,
        id: b"client".to_vec(),
        eap_identity: "client".to_owned(),
        certificates: vec![certified.certificate.into()],
        issuers: vec![root.certificate().to_vec().into()],
        signer: Arc::new(SoftwareSigner::from_pkcs8(&certified.pkcs8).unwrap()),
        schemes: vec![
            SignatureScheme::RsaPssSha256,
            SignatureScheme::RsaPkcs1Sha256,
            SignatureScheme::EcdsaP256Sha256,
            SignatureScheme::EcdsaP384Sha384,
        ],
    }
}
