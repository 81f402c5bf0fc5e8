//! The encrypted channel of an IKE SA as the gateway sees it: SK and SKF payloads
//! (RFC 7296, section 3.14; RFC 7383).

use std::collections::BTreeMap;

use azike_crypto::{Random, SkCipher};
use azike_wire::{
    EncryptedFragment, ExchangeType, Header, Message, MessageId, MessageKind, Payload, PayloadType,
    Role, Spi, fragment_prefix, protected_prefix,
};

use crate::basis::Basis;

/// Octets before the IV of an SK payload: the header and the generic header.
const PREFIX: usize = 32;

/// Seals and opens messages.
#[derive(Debug)]
pub(crate) struct Channel {
    spi_i: Spi,
    spi_r: Spi,
    role: Role,
    outbound: SkCipher,
    inbound: SkCipher,
    fragment_size: Option<usize>,
    /// Fragments of one request, by number.
    parts: BTreeMap<u16, (PayloadType, Vec<u8>)>,
    /// Kind, Message ID and number of fragments of the message that `parts` are of.
    set: Option<(MessageKind, MessageId, u16)>,
}

impl Channel {
    /// With the keys of an IKE SA; fragments only if both said that they take them.
    pub(crate) fn new(basis: &Basis, fragment_size: Option<usize>) -> Self {
        let (outbound, inbound) = basis.keys.ciphers(basis.role);
        Self {
            spi_i: basis.spi_i,
            spi_r: basis.spi_r,
            role: basis.role,
            outbound,
            inbound,
            fragment_size: fragment_size.filter(|_| basis.fragments),
            parts: BTreeMap::new(),
            set: None,
        }
    }

    /// The message with this plaintext, whose first payload is a `first`.
    pub(crate) fn seal(
        &mut self,
        random: &mut dyn Random,
        (exchange, kind, message_id): (ExchangeType, MessageKind, MessageId),
        (first, plaintext): (PayloadType, &[u8]),
    ) -> Vec<Vec<u8>> {
        let header = Header {
            spi_i: self.spi_i,
            spi_r: Some(self.spi_r),
            exchange,
            sender: self.role,
            kind,
            message_id,
        };
        let body = self.outbound.body_length(plaintext.len());
        let Some(size) = self.fragment_size.filter(|size| PREFIX + body > *size) else {
            let prefix = protected_prefix(&header, first, body);
            return vec![self.outbound.seal(random, prefix, plaintext)];
        };
        let room = self.outbound.max_plaintext(size.saturating_sub(PREFIX + 4));
        let chunks: Vec<&[u8]> = plaintext.chunks(room.max(1)).collect();
        let total = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
        let mut datagrams = Vec::with_capacity(chunks.len());
        for (chunk, number) in chunks.into_iter().zip(1..) {
            let inner = if number == 1 {
                first
            } else {
                PayloadType::NONE
            };
            let body = self.outbound.body_length(chunk.len());
            let prefix = fragment_prefix(&header, inner, number, total, body);
            datagrams.push(self.outbound.seal(random, prefix, chunk));
        }
        datagrams
    }

    /// The plaintext of a message, once all of it is there.
    pub(crate) fn open(&mut self, message: &Message<'_>) -> Option<(PayloadType, Vec<u8>)> {
        let last = message.payloads().last()?.ok()?;
        if let Payload::Encrypted(whole) = last {
            let plaintext = self.inbound.open(whole.aad, whole.body)?;
            return Some((whole.first, plaintext));
        }
        if let Payload::EncryptedFragment(fragment) = last {
            return self.open_fragment(message.header(), &fragment);
        }
        None
    }

    fn open_fragment(
        &mut self,
        header: Header,
        fragment: &EncryptedFragment<'_>,
    ) -> Option<(PayloadType, Vec<u8>)> {
        self.fragment_size?;
        let plaintext = self.inbound.open(fragment.aad, fragment.body)?;
        let set = Some((header.kind, header.message_id, fragment.total));
        if self.set != set {
            self.set = set;
            self.parts.clear();
        }
        self.parts
            .insert(fragment.number, (fragment.first, plaintext));
        if self.parts.len() < usize::from(fragment.total) {
            return None;
        }
        let parts = std::mem::take(&mut self.parts);
        let (first, _) = parts.get(&1)?;
        let first = *first;
        Some((
            first,
            parts.into_values().flat_map(|(_, part)| part).collect(),
        ))
    }
}
