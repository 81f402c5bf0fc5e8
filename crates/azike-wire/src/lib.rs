//! IKEv2 messages: parse and write (RFC 7296, section 3; RFC 7383, section 2.5).
//!
//! Octets in, checked values out, and back. No cryptography, no clock, no state: a value of
//! these types is *well formed*, and nothing more is known of it.
//!
//! ```text
//!  UDP 4500 ─▶ demultiplex ─▶ Ike ─▶ Message::decode ─▶ payloads() ─▶ Payload
//!                  │                                       │
//!                  ├─▶ Esp                                 └─▶ Encrypted { aad, body } ─▶ (open)
//!                  └─▶ Keepalive                                                            │
//!                                                    Payloads::new(first, plaintext) ◀──────┘
//!
//!  Payload ─▶ Chain ─▶ (first, octets) ─▶ write_message              plain message
//!                             │
//!                             └─▶ (seal) after protected_prefix      SK payload
//!                                        or    fragment_prefix       SKF payload
//! ```
//!
//! ```
//! use azike_wire::{Chain, Message, Notify, NotifyType, Payload, write_message};
//! # use azike_wire::{ExchangeType, Header, Malformed, MessageId, MessageKind, Role, Spi};
//! # let header = Header {
//! #     spi_i: Spi::new(7).ok_or(Malformed::NoInitiatorSpi)?,
//! #     spi_r: None,
//! #     exchange: ExchangeType::IKE_SA_INIT,
//! #     sender: Role::Responder,
//! #     kind: MessageKind::Response,
//! #     message_id: MessageId(0),
//! # };
//! let cookie = Payload::Notify(Notify::new(NotifyType::COOKIE, b"1234"));
//! let mut chain = Chain::new();
//! chain.push(&cookie);
//! let (first, octets) = chain.finish();
//! let datagram = write_message(&header, first, &octets);
//!
//! let message = Message::decode(&datagram)?;
//! let payloads = message.payloads().collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(payloads, [cookie]);
//! # Ok::<(), Malformed>(())
//! ```
//!
//! What the crate promises for input from anywhere: no panic, no recursion, no allocation
//! beyond a small multiple of the message, at most [`Payloads::BUDGET`] payloads.
//!
//! What it leaves to its caller: which payloads a message may have and how often, what an
//! unknown critical payload means, and everything that needs an earlier message to be judged.
#![forbid(unsafe_code)]

pub use chain::Chain;
pub use demultiplex::{Datagram, NON_ESP_MARKER, demultiplex};
pub use header::{Header, MessageId, MessageKind, Role};
pub use malformed::Malformed;
pub use message::{Message, write_message};
pub use payload::Payload;
pub use payload::authentication::Authentication;
pub use payload::certificate::Certificate;
pub use payload::certificate_request::CertificateRequest;
pub use payload::configuration::{ConfigAttribute, Configuration};
pub use payload::delete::Delete;
pub use payload::eap::EapPacket;
pub use payload::encrypted::{Encrypted, protected_prefix};
pub use payload::encrypted_fragment::{EncryptedFragment, fragment_prefix};
pub use payload::identification::Identification;
pub use payload::key_exchange::KeyExchange;
pub use payload::nonce::Nonce;
pub use payload::notify::Notify;
pub use payload::security_association::SecurityAssociation;
pub use payload::security_association::proposal::Proposal;
pub use payload::security_association::transform::Transform;
pub use payload::traffic_selector::TrafficSelector;
pub use payload::traffic_selectors::TrafficSelectors;
pub use payloads::Payloads;
pub use registry::{
    AuthMethod, CertificateEncoding, ConfigAttributeType, ConfigType, EapCode, EapType,
    EncryptionId, ExchangeType, ExtendedSequenceNumbers, IdType, IntegrityId, KeyExchangeMethod,
    NotifyType, PayloadType, PrfId, ProtocolId, SignatureHash, TrafficSelectorType, TransformType,
};
pub use spi::{EspSpi, Spi};

mod chain;
mod demultiplex;
mod header;
mod length;
mod malformed;
mod message;
mod payload;
mod payloads;
mod reader;
mod registry;
mod spi;
