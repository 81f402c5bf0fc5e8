//! The payloads of our `IKE_AUTH` requests (RFC 7296, sections 1.2 and 2.16).

use azike_wire::{
    AuthMethod, Authentication, Certificate, CertificateEncoding, CertificateRequest, Chain,
    ConfigType, Configuration, EapPacket, EspSpi, Identification, NotifyType, Payload,
    TrafficSelector, TrafficSelectors,
};

use crate::config::Config;
use crate::configuration;
use crate::key_id::key_id;
use crate::mobike;
use crate::sa_init::notify;

/// Our identity, as payload and as it enters the AUTH computation.
pub(crate) fn identification(config: &Config) -> Identification<'_> {
    Identification::new(config.identity.id_type, &config.identity.id)
}

/// The request with our signature.
///
/// ```text
/// IDi, CERT.., [N(INITIAL_CONTACT),] CERTREQ, AUTH, CP(CFG_REQUEST), SAi2, TSi, TSr,
/// [N(MOBIKE_SUPPORTED), N(NO_ADDITIONAL_ADDRESSES)]
/// ```
pub(crate) fn signed(config: &Config, spi_in: EspSpi, auth: (AuthMethod, &[u8])) -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::IdI(identification(config)));
    for certificate in &config.identity.certificates {
        chain.push(&Payload::Certificate(Certificate {
            encoding: CertificateEncoding::X509_SIGNATURE,
            data: certificate,
        }));
    }
    push_contact(&mut chain, config);
    push_auth(&mut chain, auth);
    push_child(&mut chain, config, spi_in);
    chain
}

/// The request without AUTH: "authenticate me with EAP" (section 2.16).
pub(crate) fn unsigned(config: &Config, spi_in: EspSpi) -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::IdI(identification(config)));
    push_contact(&mut chain, config);
    push_child(&mut chain, config, spi_in);
    chain
}

/// An EAP response.
pub(crate) fn eap(packet: EapPacket<'_>) -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::Eap(packet));
    chain
}

/// AUTH alone: the last request after EAP.
pub(crate) fn auth_only(auth: (AuthMethod, &[u8])) -> Chain {
    let mut chain = Chain::new();
    push_auth(&mut chain, auth);
    chain
}

fn push_contact(chain: &mut Chain, config: &Config) {
    if config.initial_contact {
        chain.push(&notify(NotifyType::INITIAL_CONTACT, &[]));
    }
    let authorities = config
        .trust
        .roots()
        .iter()
        .filter_map(|root| key_id(root))
        .collect::<Vec<_>>()
        .concat();
    chain.push(&Payload::CertificateRequest(CertificateRequest {
        encoding: CertificateEncoding::X509_SIGNATURE,
        authorities: &authorities,
    }));
}

fn push_auth(chain: &mut Chain, (method, data): (AuthMethod, &[u8])) {
    chain.push(&Payload::Authentication(Authentication { method, data }));
}

fn push_child(chain: &mut Chain, config: &Config, spi_in: EspSpi) {
    let attributes = configuration::request();
    let request = Configuration::new(ConfigType::CFG_REQUEST, &attributes);
    chain.push(&Payload::Configuration(request));
    chain.push(&Payload::SecurityAssociation(
        config.offer.child_payload(spi_in, None),
    ));
    chain.push(&Payload::TsI(everything()));
    chain.push(&Payload::TsR(everything()));
    if config.mobike {
        mobike::announce(chain);
    }
}

/// All traffic, IPv4 and IPv6: the gateway says which part of it is the tunnel's.
fn everything() -> TrafficSelectors {
    TrafficSelectors(vec![
        TrafficSelector::all_ipv4(),
        TrafficSelector::all_ipv6(),
    ])
}
