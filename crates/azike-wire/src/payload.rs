//! The payloads (RFC 7296, sections 3.3 to 3.16; RFC 7383, section 2.5): one file each.

use crate::reader::Reader;
use crate::{Malformed, PayloadType};
use authentication::Authentication;
use certificate::Certificate;
use certificate_request::CertificateRequest;
use configuration::Configuration;
use delete::Delete;
use eap::EapPacket;
use encrypted::Encrypted;
use encrypted_fragment::EncryptedFragment;
use identification::Identification;
use key_exchange::KeyExchange;
use nonce::Nonce;
use notify::Notify;
use security_association::SecurityAssociation;
use traffic_selectors::TrafficSelectors;

pub(crate) mod authentication;
pub(crate) mod certificate;
pub(crate) mod certificate_request;
pub(crate) mod configuration;
pub(crate) mod delete;
pub(crate) mod eap;
pub(crate) mod encrypted;
pub(crate) mod encrypted_fragment;
pub(crate) mod identification;
pub(crate) mod key_exchange;
pub(crate) mod nonce;
pub(crate) mod notify;
pub(crate) mod security_association;
pub(crate) mod traffic_selector;
pub(crate) mod traffic_selectors;

/// One payload of a message. Its lengths are right; nothing else is known of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Payload<'a> {
    /// SA: what is offered or chosen.
    SecurityAssociation(SecurityAssociation),
    /// KE: a public value.
    KeyExchange(KeyExchange<'a>),
    /// `IDi`: who the initiator is.
    IdI(Identification<'a>),
    /// `IDr`: who the responder is, or shall be.
    IdR(Identification<'a>),
    /// CERT.
    Certificate(Certificate<'a>),
    /// CERTREQ: which authorities are trusted.
    CertificateRequest(CertificateRequest<'a>),
    /// AUTH: proof of the identity.
    Authentication(Authentication<'a>),
    /// Ni or Nr.
    Nonce(Nonce<'a>),
    /// N.
    Notify(Notify<'a>),
    /// D: SAs that are gone.
    Delete(Delete<'a>),
    /// V: octets that name an implementation.
    VendorId(&'a [u8]),
    /// `TSi`: addresses on the initiator's side.
    TsI(TrafficSelectors),
    /// `TSr`: addresses on the responder's side.
    TsR(TrafficSelectors),
    /// SK: the encrypted rest of the message.
    Encrypted(Encrypted<'a>),
    /// SKF: a part of the encrypted rest of a message.
    EncryptedFragment(EncryptedFragment<'a>),
    /// CP: addresses and name servers.
    Configuration(Configuration<'a>),
    /// EAP.
    Eap(EapPacket<'a>),
    /// A payload of a type that we do not know, or know and do not use.
    Unknown {
        /// Its type.
        kind: PayloadType,
        /// Whether the message must be rejected because of it.
        critical: bool,
        /// Its octets after the generic header.
        body: &'a [u8],
    },
}

impl<'a> Payload<'a> {
    /// The type of this payload.
    pub const fn kind(&self) -> PayloadType {
        match self {
            Self::SecurityAssociation(_) => PayloadType::SA,
            Self::KeyExchange(_) => PayloadType::KE,
            Self::IdI(_) => PayloadType::ID_I,
            Self::IdR(_) => PayloadType::ID_R,
            Self::Certificate(_) => PayloadType::CERT,
            Self::CertificateRequest(_) => PayloadType::CERTREQ,
            Self::Authentication(_) => PayloadType::AUTH,
            Self::Nonce(_) => PayloadType::NONCE,
            Self::Notify(_) => PayloadType::NOTIFY,
            Self::Delete(_) => PayloadType::DELETE,
            Self::VendorId(_) => PayloadType::VENDOR_ID,
            Self::TsI(_) => PayloadType::TS_I,
            Self::TsR(_) => PayloadType::TS_R,
            Self::Encrypted(_) => PayloadType::SK,
            Self::EncryptedFragment(_) => PayloadType::SKF,
            Self::Configuration(_) => PayloadType::CP,
            Self::Eap(_) => PayloadType::EAP,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// Reads the body of a payload that is not SK or SKF.
    pub(crate) fn decode(
        kind: PayloadType,
        critical: bool,
        mut body: Reader<'a>,
    ) -> Result<Self, Malformed> {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.2
        //# MUST be ignored by the recipient if the recipient
        //# understands the payload type code.
        Ok(match kind {
            PayloadType::SA => Self::SecurityAssociation(SecurityAssociation::decode(body)?),
            PayloadType::KE => Self::KeyExchange(KeyExchange::decode(body)?),
            PayloadType::ID_I => Self::IdI(Identification::decode(body)?),
            PayloadType::ID_R => Self::IdR(Identification::decode(body)?),
            PayloadType::CERT => Self::Certificate(Certificate::decode(body)?),
            PayloadType::CERTREQ => Self::CertificateRequest(CertificateRequest::decode(body)?),
            PayloadType::AUTH => Self::Authentication(Authentication::decode(body)?),
            PayloadType::NONCE => Self::Nonce(Nonce::decode(body)?),
            PayloadType::NOTIFY => Self::Notify(Notify::decode(body)?),
            PayloadType::DELETE => Self::Delete(Delete::decode(body)?),
            PayloadType::VENDOR_ID => Self::VendorId(body.rest()),
            PayloadType::TS_I => Self::TsI(TrafficSelectors::decode(body)?),
            PayloadType::TS_R => Self::TsR(TrafficSelectors::decode(body)?),
            PayloadType::CP => Self::Configuration(Configuration::decode(body)?),
            PayloadType::EAP => Self::Eap(EapPacket::decode(body)?),
            _ => Self::Unknown {
                kind,
                critical,
                body: body.rest(),
            },
        })
    }

    /// Appends the body of this payload.
    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        match self {
            Self::SecurityAssociation(sa) => sa.encode(octets),
            Self::KeyExchange(ke) => ke.encode(octets),
            Self::IdI(id) | Self::IdR(id) => id.encode(octets),
            Self::Certificate(certificate) => certificate.encode(octets),
            Self::CertificateRequest(request) => request.encode(octets),
            Self::Authentication(authentication) => authentication.encode(octets),
            Self::Nonce(nonce) => octets.extend_from_slice(nonce.octets()),
            Self::Notify(notify) => notify.encode(octets),
            Self::Delete(delete) => delete.encode(octets),
            Self::TsI(selectors) | Self::TsR(selectors) => selectors.encode(octets),
            Self::Encrypted(encrypted) => octets.extend_from_slice(encrypted.body),
            Self::EncryptedFragment(fragment) => fragment.encode(octets),
            Self::Configuration(configuration) => configuration.encode(octets),
            Self::Eap(packet) => octets.extend_from_slice(packet.octets()),
            Self::VendorId(body) | Self::Unknown { body, .. } => octets.extend_from_slice(body),
        }
    }
}
