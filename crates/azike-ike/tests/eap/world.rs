//! A gateway, its certificates, and clients for it.

use std::sync::Arc;

use azike_crypto::{SignError, SignatureScheme, Signer, SoftwareSigner};
use azike_ike::eap::{EapFailure, EapOutcome, EapPeer, EapTlsConfig};
use azike_ike::trust::GatewayTrust;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::CertificateDer;

use super::authority::{Authority, Leaf, authority, gateway};
use super::gateway::{Gateway, Lengths, Manner, Now, accepts, config};

pub(crate) const NAME: &str = "c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com";
pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// The certificates of a test: `Root` above `Lower`, `Lower` above the gateway.
pub(crate) struct World {
    pub(crate) root: Authority,
    pub(crate) lower: Authority,
    leaf: Leaf,
}

/// A client certificate and its key.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) root: CertificateDer<'static>,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = Authority::root("Root");
        let lower = root.below(authority("Lower"));
        let leaf = lower.issue(&gateway(NAME));
        Self { root, lower, leaf }
    }

    pub(crate) fn trust(&self) -> GatewayTrust {
        GatewayTrust::new(vec![self.root.der.clone()], &[NAME.to_owned()], &[]).unwrap()
    }

    pub(crate) fn ecdsa_client(&self) -> Client {
        let mut params = gateway("client");
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let leaf = self.lower.issue(&params);
        let signer = SoftwareSigner::from_pkcs8(&leaf.key.serialize_der()).unwrap();
        Client {
            certificates: vec![leaf.der, self.lower.der.clone()],
            signer: Arc::new(signer),
            root: self.root.der.clone(),
        }
    }

    pub(crate) fn config(
        &self,
        version: &'static SupportedProtocolVersion,
        clients: Arc<dyn rustls::server::danger::ClientCertVerifier>,
    ) -> rustls::ServerConfig {
        let chain = vec![self.leaf.der.clone(), self.lower.der.clone()];
        config(chain, self.leaf.key.serialize_der(), clients, version)
    }

    pub(crate) fn gateway(&self, manner: Manner, client: &Client) -> Gateway {
        let config = self.config(manner.version, accepts(&client.root));
        Gateway::new(config, manner)
    }

    pub(crate) fn meet(&self, client: &Client, manner: Manner) -> (EapPeer, Gateway) {
        let peer = EapPeer::new(client.config(self.trust()));
        (peer, self.gateway(manner, client))
    }
}

impl Client {
    pub(crate) fn config(&self, trust: GatewayTrust) -> EapTlsConfig {
        EapTlsConfig::new(
            "client".to_owned(),
            self.certificates.clone(),
            Arc::clone(&self.signer),
            Arc::new(trust),
        )
        .unwrap()
    }

    /// The same client with fewer abilities.
    pub(crate) fn limited(&self, schemes: Vec<SignatureScheme>, broken: bool) -> Self {
        let signer = Limited {
            signer: Arc::clone(&self.signer),
            schemes,
            broken,
        };
        Self {
            signer: Arc::new(signer),
            ..self.clone()
        }
    }
}

#[derive(Debug)]
struct Limited {
    signer: Arc<dyn Signer>,
    schemes: Vec<SignatureScheme>,
    broken: bool,
}

impl Signer for Limited {
    fn schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }

    fn public_key(&self) -> &[u8] {
        self.signer.public_key()
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if self.broken {
            return Err(SignError::Failed);
        }
        self.signer.sign(scheme, message)
    }
}

pub(crate) fn rsa_client() -> Client {
    let der = include_bytes!("../data-trust/client-rsa.der");
    let key = include_bytes!("../data-trust/client-rsa.pk8");
    Client {
        certificates: vec![CertificateDer::from(&der[..])],
        signer: Arc::new(SoftwareSigner::from_pkcs8(key).unwrap()),
        root: CertificateDer::from(&include_bytes!("../data-trust/root-rsa-2048.der")[..]),
    }
}

pub(crate) const fn plain(version: &'static SupportedProtocolVersion) -> Manner {
    Manner {
        version,
        fragment: 4000,
        lengths: Lengths::First,
        commitment: b"\0",
    }
}

/// The response to `packet`.
pub(crate) fn sent(peer: &mut EapPeer, packet: &[u8]) -> Vec<u8> {
    match peer.handle(Now::TIME, packet) {
        EapOutcome::Respond(response) => response,
        other => unreachable!("{other:?}"),
    }
}

/// Goes on from `packet` until there is nothing to respond.
pub(crate) fn converse(
    peer: &mut EapPeer,
    gateway: &mut Gateway,
    mut packet: Vec<u8>,
) -> EapOutcome {
    loop {
        match peer.handle(Now::TIME, &packet) {
            EapOutcome::Respond(response) => packet = gateway.answer(&response),
            end => break end,
        }
    }
}

/// Goes on for some rounds from the start. Gives the next packet of the gateway.
pub(crate) fn advance(peer: &mut EapPeer, gateway: &mut Gateway, rounds: usize) -> Vec<u8> {
    let mut packet = gateway.start();
    for _ in 0..rounds {
        let response = sent(peer, &packet);
        packet = gateway.answer(&response);
    }
    packet
}

/// How many requests a whole conversation has.
pub(crate) fn rounds(world: &World, version: &'static SupportedProtocolVersion) -> usize {
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
    let mut packet = gateway.start();
    let mut rounds = 0;
    while packet[0] != 3 {
        let response = sent(&mut peer, &packet);
        packet = gateway.answer(&response);
        rounds += 1;
    }
    rounds
}

/// The data of an EAP-TLS request with an alert in the clear.
pub(crate) const fn alert(number: u8) -> [u8; 8] {
    [0, 21, 3, 3, 0, 2, 2, number]
}

pub(crate) fn failed_as(outcome: EapOutcome, expected: &EapFailure) -> bool {
    match outcome {
        EapOutcome::Failure(failure) => {
            assert_eq!(&failure, expected);
            true
        }
        EapOutcome::Respond(_) | EapOutcome::Success | EapOutcome::Ignore => false,
    }
}
