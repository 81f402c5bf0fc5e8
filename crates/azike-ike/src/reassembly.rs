//! Fragments of an IKE message put together again (RFC 7383, section 2.6).
//!
//! One message at a time, bounded in number and octets. A fragment is checked
//! before its ICV is verified and kept after: a forged one leaves no trace.

use std::collections::BTreeMap;

use azike_wire::{EncryptedFragment, ExchangeType, Header, MessageId, MessageKind, PayloadType};

use crate::reason::DropReason;

/// More fragments than any honest message has.
const MAX_FRAGMENTS: u16 = 64;
/// The longest message, in octets of plaintext.
const MAX_OCTETS: usize = 64 * 1024;

/// The fragments of one message.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    key: Option<Key>,
    first: Option<PayloadType>,
    parts: BTreeMap<u16, Vec<u8>>,
    octets: usize,
}

/// Which message the fragments belong to, and in how many pieces it was cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Key {
    kind: MessageKind,
    exchange: ExchangeType,
    message_id: MessageId,
    total: u16,
}

/// A fragment that is wanted; keep it once it is authentic.
#[derive(Debug)]
#[must_use = "an authentic fragment must be accepted"]
pub(crate) struct Fresh<'r> {
    reassembly: &'r mut Reassembly,
    key: Key,
    number: u16,
    first: PayloadType,
}

impl Reassembly {
    /// Looks whether a fragment is wanted. Changes nothing.
    pub(crate) fn check(
        &mut self,
        header: &Header,
        fragment: &EncryptedFragment<'_>,
    ) -> Result<Fresh<'_>, DropReason> {
        if fragment.total > MAX_FRAGMENTS {
            return Err(DropReason::TooManyFragments);
        }
        let key = Key {
            kind: header.kind,
            exchange: header.exchange,
            message_id: header.message_id,
            total: fragment.total,
        };
        if let Some(present) = self.key
            && present.same_message(key)
        {
            // RFC 7383, section 2.6: who cuts a message anew cuts it into more pieces, never into fewer.
            let smaller = key.total < present.total;
            let duplicate = key.total == present.total && self.parts.contains_key(&fragment.number);
            if smaller || duplicate {
                return Err(DropReason::Fragment);
            }
        }
        Ok(Fresh {
            reassembly: self,
            key,
            number: fragment.number,
            first: fragment.first,
        })
    }
}

impl Key {
    fn same_message(self, other: Self) -> bool {
        self.kind == other.kind
            && self.exchange == other.exchange
            && self.message_id == other.message_id
    }
}

impl Fresh<'_> {
    /// Keeps the authentic `plaintext`; gives the whole message once all are there.
    pub(crate) fn accept(
        self,
        plaintext: Vec<u8>,
    ) -> Result<Option<(PayloadType, Vec<u8>)>, DropReason> {
        let set = self.reassembly;
        if set.key != Some(self.key) {
            *set = Reassembly {
                key: Some(self.key),
                ..Reassembly::default()
            };
        }
        set.octets += plaintext.len();
        if set.octets > MAX_OCTETS {
            *set = Reassembly::default();
            return Err(DropReason::TooManyFragments);
        }
        if self.number == 1 {
            set.first = Some(self.first);
        }
        set.parts.insert(self.number, plaintext);
        if set.parts.len() < usize::from(self.key.total) {
            return Ok(None);
        }
        let whole = std::mem::take(set);
        let first = whole.first.unwrap_or(PayloadType::NONE);
        let plaintext = whole.parts.into_values().flatten().collect();
        Ok(Some((first, plaintext)))
    }
}
