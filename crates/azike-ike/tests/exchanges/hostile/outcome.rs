//! What each lie must lead to.

use azike_gateway::{At, Lie};
use azike_ike::eap::{EapFailure, FragmentFault, Stage};
use azike_ike::trust::TrustError;
use azike_ike::{AuthFault, CloseReason, DropReason, ProtocolFault};
use azike_wire::{Malformed, NotifyType, PayloadType};

/// What a lie leads to.
pub(super) enum Outcome {
    /// It is seen and does no harm.
    Connects,
    /// The message is dropped for this reason, and nothing has changed.
    Drops(fn(DropReason) -> bool),
    /// The login ends so, and the gateway hears nothing of it.
    Ends(fn(&CloseReason) -> bool),
    /// The login ends so, and the gateway is told: `AUTHENTICATION_FAILED` or Delete.
    Leaves(fn(&CloseReason) -> bool),
}

macro_rules! drops {
    ($pattern:pat) => {
        Outcome::Drops(|reason| matches!(reason, $pattern))
    };
}

macro_rules! ends {
    ($pattern:pat) => {
        Outcome::Ends(|reason| matches!(reason, $pattern))
    };
}

macro_rules! leaves {
    ($pattern:pat) => {
        Outcome::Leaves(|reason| matches!(reason, $pattern))
    };
}

/// The outcome of a lie.
pub(super) fn outcome(lie: &Lie) -> Outcome {
    let found = match lie.at {
        At::SaInit => sa_init(lie.name),
        At::Auth(_) => proof(lie.name)
            .or_else(|| child(lie.name))
            .or_else(|| eap(lie.name))
            .or_else(|| sealed(lie.name)),
        At::Later | At::CreateChild(_) | At::Informational(_) => None,
    };
    found.unwrap_or_else(|| panic!("nobody says what \"{}\" must lead to", lie.name))
}

fn sa_init(name: &str) -> Option<Outcome> {
    Some(match name {
        "SA missing" | "no payloads" => drops!(DropReason::Missing(PayloadType::SA)),
        "KE missing" => drops!(DropReason::Missing(PayloadType::KE)),
        "nonce missing" => drops!(DropReason::Missing(PayloadType::NONCE)),
        "SA twice" => drops!(DropReason::Repeated(PayloadType::SA)),
        "KE twice" => drops!(DropReason::Repeated(PayloadType::KE)),
        "nonce twice" => drops!(DropReason::Repeated(PayloadType::NONCE)),
        "nonce of 15 octets" => drops!(DropReason::Malformed(Malformed::NonceLength(15))),
        "nonce of 257 octets" => drops!(DropReason::Malformed(Malformed::NonceLength(257))),
        "KE of zeros" | "KE of one" | "KE above the prime" | "KE one octet short"
        | "KE one octet long" => drops!(DropReason::KeyExchangeInvalid),
        "KE of another group" => drops!(DropReason::GroupNotOffered(19)),
        "proposal number zero" => drops!(DropReason::Malformed(Malformed::ProposalNumber(0))),
        "proposal number of another proposal"
        | "proposal number never offered"
        | "two proposals"
        | "proposal for ESP"
        | "proposal with an SPI"
        | "integrity beside an AEAD"
        | "ESN in an IKE proposal"
        | "two PRFs"
        | "PRF missing"
        | "group missing"
        | "no transforms"
        | "key length missing"
        | "key length 192"
        | "group 1025"
        | "PRF not offered"
        | "transform of an unknown type" => drops!(DropReason::ProposalNotOffered),
        "unknown critical payload" => drops!(DropReason::Critical(PayloadType(200))),
        "IDi in a response" | "response flag clear" => drops!(DropReason::NotExpected),
        "error beside the selection" => drops!(DropReason::Hint(NotifyType::INVALID_SYNTAX)),
        "hashes unknown" | "only SHA-1" => ends!(CloseReason::NotSigned),
        "hashes of odd length" | "announces SHA-256, signs with SHA-1" => {
            leaves!(CloseReason::Authentication(AuthFault::Method(1)))
        }
        "fragments without a word" => drops!(DropReason::FragmentsNotAgreed),
        "unknown payload"
        | "vendor ID of no octets"
        | "vendor ID of 60000 octets"
        | "private notifies"
        | "33 notifies"
        | "no NAT detection"
        | "NAT detection of 19 octets"
        | "hashes empty"
        | "minor version 1"
        | "reserved flags"
        | "critical bit on a known payload" => Outcome::Connects,
        "initiator SPI changed"
        | "responder SPI zero"
        | "exchange type 0"
        | "exchange type INFORMATIONAL" => drops!(DropReason::UnknownSpi),
        "initiator SPI zero" => drops!(DropReason::Malformed(Malformed::NoInitiatorSpi)),
        "major version 1" => drops!(DropReason::Malformed(Malformed::MajorVersion(1))),
        "major version 3" => drops!(DropReason::Malformed(Malformed::MajorVersion(3))),
        "initiator flag" => drops!(DropReason::Reflected),
        "Message ID 1" => drops!(DropReason::WrongMessageId),
        "length 27" | "length of 4 GiB" | "octets after the end" | "cut off" => {
            drops!(DropReason::Malformed(Malformed::MessageLength { .. }))
        }
        "payload of length 0" | "payload of length 3" | "payload past the end" => {
            drops!(DropReason::Malformed(Malformed::PayloadLength(
                PayloadType::SA,
                _
            )))
        }
        _ => return None,
    })
}

fn proof(name: &str) -> Option<Outcome> {
    Some(match name {
        "nothing inside" | "AUTH missing" => {
            ends!(CloseReason::Authentication(AuthFault::Missing))
        }
        "IDr missing" => leaves!(CloseReason::Authentication(AuthFault::NoIdentity)),
        "IDr twice" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Repeated(PayloadType::ID_R)
        ))),
        "AUTH twice" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Repeated(PayloadType::AUTH)
        ))),
        "CERT missing" | "CERT by hash and URL" | "CERT called a CRL" | "CERT called PKCS 7" => {
            leaves!(CloseReason::Trust(TrustError::NoCertificate))
        }
        "CERT empty" => leaves!(CloseReason::Trust(TrustError::Malformed)),
        "CERT changed by a bit" => leaves!(CloseReason::Trust(_)),
        "CERT eleven times" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Limit
        ))),
        "AUTH as shared key" => leaves!(CloseReason::Authentication(AuthFault::Method(2))),
        "AUTH as NULL" => leaves!(CloseReason::Authentication(AuthFault::Method(13))),
        "AUTH as digital signature of nothing known" | "SHA-1 as digital signature" => {
            leaves!(CloseReason::Authentication(AuthFault::Algorithm))
        }
        "IDr of another name"
        | "IDr with reserved octets set"
        | "AUTH without signature"
        | "AUTH of zeros"
        | "AUTH changed by a bit"
        | "AUTH cut by an octet"
        | "AUTH with an octet more"
        | "AUTH as P-256"
        | "AUTH over the client's message"
        | "AUTH over the gateway's nonce"
        | "AUTH over the client's identity"
        | "AUTH over no identity"
        | "AUTH with SK_pi"
        | "AUTH over what the client signs"
        | "AUTH with another key"
        | "AUTH with the MSK, without the pad"
        | "AUTH with an MSK of zeros"
        | "AUTH with SK_pr for the MSK" => {
            leaves!(CloseReason::Authentication(AuthFault::Signature))
        }
        "unknown critical payload inside" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Critical(PayloadType(200))
        ))),
        "unknown payload inside" => Outcome::Connects,
        "inner chain cut off" | "inner chain too long" => ends!(CloseReason::Protocol(
            ProtocolFault::Message(DropReason::Malformed(_))
        )),
        _ => return None,
    })
}

fn child(name: &str) -> Option<Outcome> {
    Some(match name {
        "no SA for the child" => leaves!(CloseReason::Protocol(ProtocolFault::Missing(
            PayloadType::SA
        ))),
        "no TSi" => leaves!(CloseReason::Protocol(ProtocolFault::Missing(
            PayloadType::TS_I
        ))),
        "no TSr" => leaves!(CloseReason::Protocol(ProtocolFault::Missing(
            PayloadType::TS_R
        ))),
        "no CP"
        | "CP is a request"
        | "CP without attributes"
        | "address 0.0.0.0"
        | "address 127.0.0.1"
        | "address 224.0.0.1"
        | "address of three octets" => {
            leaves!(CloseReason::Protocol(ProtocolFault::Configuration))
        }
        "CP twice"
        | "attribute past the end"
        | "TSr that ends before it starts"
        | "TSr of no selectors" => ends!(CloseReason::Protocol(ProtocolFault::Message(_))),
        "TSi of nobody" | "TSr of an unknown type only" => {
            leaves!(CloseReason::Protocol(ProtocolFault::TrafficSelectors))
        }
        "child proposal number 9"
        | "child proposal for AH"
        | "child SPI zero"
        | "child with ESN"
        | "child with a group"
        | "child with integrity beside an AEAD"
        | "child cipher not offered" => {
            leaves!(CloseReason::Protocol(ProtocolFault::ChildProposal))
        }
        "private notifies inside" => Outcome::Connects,
        _ => return None,
    })
}

fn eap(name: &str) -> Option<Outcome> {
    Some(match name {
        "EAP missing" => ends!(CloseReason::Protocol(ProtocolFault::Missing(
            PayloadType::EAP
        ))),
        "EAP-Success first" | "EAP-Success after the ClientHello" => {
            ends!(CloseReason::Eap(EapFailure::EarlySuccess))
        }
        "EAP-Failure first" => ends!(CloseReason::Eap(EapFailure::Refused(Stage::BeforeTls))),
        "EAP of another length" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Malformed(Malformed::EapLength(9))
        ))),
        "EAP code 5" | "EAP response from a gateway" => {
            ends!(CloseReason::Authentication(AuthFault::EapIncomplete))
        }
        "EAP twice" => ends!(CloseReason::Protocol(ProtocolFault::Message(
            DropReason::Repeated(PayloadType::EAP)
        ))),
        "IDr missing in EAP" => leaves!(CloseReason::Authentication(AuthFault::NoIdentity)),
        "AUTH missing in EAP" => ends!(CloseReason::Authentication(AuthFault::Missing)),
        "TLS of four gigabytes" => ends!(CloseReason::Eap(EapFailure::Fragment(
            FragmentFault::TooLong
        ))),
        "start flag twice" => ends!(CloseReason::Eap(EapFailure::Fragment(
            FragmentFault::SecondStart
        ))),
        _ => return None,
    })
}

fn sealed(name: &str) -> Option<Outcome> {
    Some(match name {
        "ICV changed by a bit"
        | "ciphertext changed by a bit"
        | "last octet missing"
        | "SK of four octets" => drops!(DropReason::NotAuthentic),
        "header changed by a bit" | "another responder SPI" => drops!(DropReason::UnknownSpi),
        "payload in the clear before SK" | "only in the clear" => {
            drops!(DropReason::NotProtected)
        }
        "payload after SK" => drops!(DropReason::Malformed(Malformed::NotLast(_))),
        "another Message ID" | "another exchange" => drops!(DropReason::WrongMessageId),
        "sent by the initiator" => drops!(DropReason::Reflected),
        "a request" => drops!(DropReason::NotExpected),
        _ => return None,
    })
}
