//! Writes chains of payloads: "Next Payload" and lengths are filled in here and nowhere else,
//! so a chain cannot be inconsistent.

use crate::length::structure;
use crate::payloads::CRITICAL;
use crate::{Payload, PayloadType};

/// A chain of payloads that is being written (RFC 7296, section 3.2).
///
/// The result goes behind a header ([`write_message`](crate::write_message)) or, encrypted,
/// behind a [`protected_prefix`](crate::protected_prefix).
#[derive(Clone, Debug, Default)]
pub struct Chain {
    octets: Vec<u8>,
    first: Option<PayloadType>,
    /// Where the "Next Payload" field of the last payload is.
    next_payload_at: usize,
}

impl Chain {
    /// An empty chain.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `payload`.
    ///
    /// The critical bit is set only for an [`Payload::Unknown`] that has it. Nothing may follow
    /// an SK or SKF payload: their "Next Payload" field names the first payload inside.
    ///
    /// # Panics
    ///
    /// If the payload is longer than 65 535 octets or has more than 255 proposals, transforms
    /// or selectors. What was decoded never is.
    pub fn push(&mut self, payload: &Payload<'_>) {
        let (next, flags) = match payload {
            Payload::Encrypted(encrypted) => (encrypted.first, 0),
            Payload::EncryptedFragment(fragment) => (fragment.first, 0),
            Payload::Unknown { critical: true, .. } => (PayloadType::NONE, CRITICAL),
            Payload::SecurityAssociation(_)
            | Payload::KeyExchange(_)
            | Payload::IdI(_)
            | Payload::IdR(_)
            | Payload::Certificate(_)
            | Payload::CertificateRequest(_)
            | Payload::Authentication(_)
            | Payload::Nonce(_)
            | Payload::Notify(_)
            | Payload::Delete(_)
            | Payload::VendorId(_)
            | Payload::TsI(_)
            | Payload::TsR(_)
            | Payload::Configuration(_)
            | Payload::Eap(_)
            | Payload::Unknown {
                critical: false, ..
            } => (PayloadType::NONE, 0),
        };
        self.append(payload.kind(), [next.0, flags], |body| payload.encode(body));
    }

    /// Appends a payload of type `kind` whose body is what `body` writes.
    ///
    /// # Panics
    ///
    /// If the body is longer than 65 531 octets; no caller writes a body whose size the peer
    /// chooses.
    pub fn payload(&mut self, kind: PayloadType, body: impl FnOnce(&mut Vec<u8>)) {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.2
        //# MUST be set to zero for
        //# payload types defined in this document.
        self.append(kind, [PayloadType::NONE.0, 0], body);
    }

    /// The type of the first payload, and the octets. An empty chain starts with
    /// [`PayloadType::NONE`].
    pub fn finish(self) -> (PayloadType, Vec<u8>) {
        (self.first.unwrap_or(PayloadType::NONE), self.octets)
    }

    fn append(&mut self, kind: PayloadType, head: [u8; 2], body: impl FnOnce(&mut Vec<u8>)) {
        if self.first.is_none() {
            self.first = Some(kind);
        } else if let Some(next_payload) = self.octets.get_mut(self.next_payload_at) {
            *next_payload = kind.0;
        }
        self.next_payload_at = self.octets.len();
        structure(&mut self.octets, head, body);
    }
}
