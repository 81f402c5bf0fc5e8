//! The chain of payloads (RFC 7296, section 3.2).
//!
//! ```text
//!  Next Payload |C| reserved |  Payload Length     names the *next* payload; the length is of
//!  body ...                                        this one, these four octets included
//! ```

use crate::payload::encrypted::Encrypted;
use crate::payload::encrypted_fragment::EncryptedFragment;
use crate::reader::Reader;
use crate::{Malformed, Payload, PayloadType, header};

/// Octets before the body of a payload.
pub(crate) const GENERIC_HEADER: usize = 4;

/// The critical bit.
pub(crate) const CRITICAL: u8 = 0x80;

/// Reads payloads one after the other. After the first error there is nothing more.
///
/// A caller that acts on a message reads the chain to its end first: an error may be the last
/// thing that comes.
#[derive(Clone, Debug)]
pub struct Payloads<'a> {
    layer: Layer,
    next: PayloadType,
    octets: &'a [u8],
    at: usize,
    budget: usize,
}

/// Where a chain was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layer {
    /// Behind the header of a message. `octets` is the message.
    Outer,
    /// Inside an SK payload, or in fragments put together. `octets` is the plaintext.
    Inner,
}

impl<'a> Payloads<'a> {
    /// Most payloads that one chain may have. A certificate chain and every notify of the
    /// registry fit.
    pub const BUDGET: usize = 64;

    /// Reads a decrypted chain, which starts with a `first`. It can have no SK or SKF payload.
    pub const fn new(first: PayloadType, body: &'a [u8]) -> Self {
        Self {
            layer: Layer::Inner,
            next: first,
            octets: body,
            at: 0,
            budget: Self::BUDGET,
        }
    }

    /// The same with room for `budget` payloads: for a chain that is decrypted and not long.
    #[must_use]
    pub const fn with_budget(self, budget: usize) -> Self {
        Self { budget, ..self }
    }

    /// Reads the chain behind the header of `message`.
    pub(crate) const fn outer(first: PayloadType, message: &'a [u8]) -> Self {
        let at = header::LENGTH;
        Self {
            layer: Layer::Outer,
            next: first,
            octets: message,
            at,
            budget: Self::BUDGET,
        }
    }

    /// What is not read yet.
    fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    /// Reads the payload that `self.next` names.
    fn advance(&mut self) -> Result<Payload<'a>, Malformed> {
        let kind = self.next;
        let rest = self.rest();
        if kind == PayloadType::NONE {
            return Err(Malformed::Trailing(rest.len()));
        }
        self.budget = self
            .budget
            .checked_sub(1)
            .ok_or(Malformed::TooManyPayloads)?;

        let mut reader = Reader::new(kind, rest);
        let next = PayloadType(reader.u8()?);
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.2
        //# MUST be sent as zero; MUST be ignored on
        //# receipt.
        let critical = reader.u8()? & CRITICAL != 0;
        let length = reader.u16()?;
        let body = usize::from(length)
            .checked_sub(GENERIC_HEADER)
            .and_then(|length| reader.take(length).ok())
            .ok_or(Malformed::PayloadLength(kind, length))?;

        if kind == PayloadType::SK || kind == PayloadType::SKF {
            return self.encrypted(kind, next, body, reader.is_empty());
        }
        self.next = next;
        self.at += usize::from(length);
        Payload::decode(kind, critical, Reader::new(kind, body))
    }

    /// Ends the chain with an SK or SKF payload, whose Next Payload field is `first`.
    fn encrypted(
        &mut self,
        kind: PayloadType,
        first: PayloadType,
        body: &'a [u8],
        last: bool,
    ) -> Result<Payload<'a>, Malformed> {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# an Encrypted payload MUST NOT contain another
        //# Encrypted payload.
        if self.layer == Layer::Inner {
            return Err(Malformed::Nested(kind));
        }
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.14
        //# The Encrypted payload, if present
        //# in a message, MUST be the last payload in the message.
        //
        //= https://www.rfc-editor.org/rfc/rfc7383#section-2.5
        //# As is the case for the Encrypted payload, the Encrypted Fragment
        //# payload, if present in a message, MUST be the last payload in the
        //# message.
        if !last {
            return Err(Malformed::NotLast(kind));
        }
        let message = self.octets;
        self.end();
        if kind == PayloadType::SKF {
            EncryptedFragment::decode(first, message, body).map(Payload::EncryptedFragment)
        } else {
            Ok(Payload::Encrypted(Encrypted::new(first, message, body)))
        }
    }

    /// Leaves nothing to read.
    const fn end(&mut self) {
        self.next = PayloadType::NONE;
        self.at = self.octets.len();
    }
}

impl<'a> Iterator for Payloads<'a> {
    type Item = Result<Payload<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == PayloadType::NONE && self.rest().is_empty() {
            return None;
        }
        let payload = self.advance();
        if payload.is_err() {
            self.end();
        }
        Some(payload)
    }
}

impl std::iter::FusedIterator for Payloads<'_> {}
