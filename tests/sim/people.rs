//! Who takes part in a simulated week, and what they are set to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_crypto::{SignatureScheme, Signer, SoftwareSigner};
use azike_ike::trust::GatewayTrust;
use azike_ike::{
    Authentication, ClientIdentity, Config, Lifetimes, Offer, Patience, Redirect, Strength,
    Transport, WallClock,
};
use azike_testkit::{Authority, KeyType, SeededRandom, Subject};
use azike_tunnel::course::Attempt;
use azike_wire::{IdType, KeyExchangeMethod};

/// The name in the gateways' certificate.
const NAME: &str = "c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com";
/// The two instances of the gateway.
pub(crate) const GATEWAYS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(20, 61, 7, 9)),
    IpAddr::V4(Ipv4Addr::new(20, 61, 7, 10)),
];
/// The NAT of the client's network.
pub(crate) const NAT: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// 2027-06-01 00:00 UTC.
const UNIX: Duration = Duration::from_hours(503_280);

/// Certificates for everybody, made once.
pub(crate) struct People {
    identity: ClientIdentity,
    trust: Arc<GatewayTrust>,
    gateway: azike_testkit::Certified,
    client_root: Vec<u8>,
    start: Instant,
}

impl People {
    pub(crate) fn new(start: Instant) -> Self {
        let gateway_root = Authority::root("Gateway Root", KeyType::P256);
        let client_root = Authority::root("P2SRootCert", KeyType::P256);
        let certified = client_root.issue(&Subject::client("client"), KeyType::P256);
        let roots = vec![gateway_root.certificate().to_vec().into()];
        Self {
            identity: ClientIdentity {
                id_type: IdType::ID_FQDN,
                id: b"client".to_vec(),
                eap_identity: "client".to_owned(),
                certificates: vec![certified.certificate.into()],
                issuers: vec![client_root.certificate().to_vec().into()],
                signer: Arc::new(SoftwareSigner::from_pkcs8(&certified.pkcs8).unwrap()),
                schemes: vec![SignatureScheme::EcdsaP256Sha256],
            },
            trust: Arc::new(GatewayTrust::new(roots, &[NAME.to_owned()], &[]).unwrap()),
            gateway: gateway_root.issue(&Subject::gateway(NAME), KeyType::P256),
            client_root: client_root.certificate().to_vec(),
            start,
        }
    }

    /// The client's engine for one link.
    pub(crate) fn client(&self, attempt: &Attempt, local: SocketAddr, now: Instant) -> Config {
        let patience = Patience::default();
        Config {
            gateway: azike_ike::Gateway::new(attempt.address),
            first: Transport::Udp500,
            identity: self.identity.clone(),
            trust: Arc::clone(&self.trust),
            authentication: attempt.way,
            offer: offer(),
            first_group: attempt.group,
            local: Some(local),
            wall_clock: WallClock {
                at: now,
                unix: UNIX + now.saturating_duration_since(self.start),
            },
            patience: Patience {
                handshake: patience.handshake.min(attempt.share.mul_f32(0.9)),
                ..patience
            },
            lifetimes: Lifetimes::default(),
            fragment_size: 1200,
            mobike: true,
            redirect: Redirect::default(),
            initial_contact: !attempt.beside,
        }
    }

    /// Who signs for the client.
    pub(crate) fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.identity.signer)
    }

    /// One instance of the gateway.
    pub(crate) fn gateway(
        &self,
        address: IpAddr,
        policy: azike_gateway::Policy,
    ) -> azike_gateway::Config {
        let certificates = vec![self.gateway.certificate.clone().into()];
        let pkcs8 = self.gateway.pkcs8.clone();
        azike_gateway::Config {
            address,
            port_500: 500,
            port_4500: 4500,
            identity: azike_gateway::Identity::new(NAME, certificates, pkcs8).unwrap(),
            tls_identity: None,
            client_roots: vec![self.client_root.clone().into()],
            wall_clock: azike_gateway::WallClock {
                at: self.start,
                unix: UNIX,
            },
            policy,
        }
    }
}

/// Curve25519 in place of Azure's groups: the same messages, and a thousand weeks in minutes.
fn offer() -> Offer {
    let mut offer = Offer::azure(Strength::Strong);
    for proposal in &mut offer.ike {
        proposal.groups = vec![KeyExchangeMethod::CURVE25519, KeyExchangeMethod::ECP_256];
    }
    offer
}

/// Randomness of one part of a seed.
pub(crate) const fn random(seed: u64, part: u64) -> SeededRandom {
    SeededRandom::new(seed.wrapping_mul(64).wrapping_add(part))
}

/// The way to log in.
pub(crate) const WAYS: [Authentication; 1] = [Authentication::Signature];
