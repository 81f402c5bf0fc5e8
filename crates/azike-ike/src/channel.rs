//! The encrypted channel of an IKE SA: SK and SKF payloads
//! (RFC 7296, section 3.14; RFC 7383).

use azike_crypto::{IkeKeys, Random, SkCipher};
use azike_wire::{
    Chain, ExchangeType, Header, Message, MessageId, MessageKind, PayloadType, Payloads, Role, Spi,
    fragment_prefix, protected_prefix,
};

use crate::payload_set::{PayloadSet, Protected};
use crate::reason::DropReason;
use crate::reassembly::Reassembly;

/// Non-ESP Marker, header and generic payload header before the IV: protected messages go by port
/// 4500.
const PREFIX: usize = 4 + 28 + 4;
/// The same with fragment number and total.
const FRAGMENT_PREFIX: usize = PREFIX + 4;

/// Payloads in one message: a gateway may list a thousand addresses (RFC 4555, section 3.4).
const MAX_PAYLOADS: usize = 2048;

/// Seals our messages and opens the gateway's.
#[derive(Debug)]
pub(crate) struct Channel {
    role: Role,
    spi_i: Spi,
    spi_r: Spi,
    outbound: SkCipher,
    inbound: SkCipher,
    fragment_size: Option<usize>,
    reassembly: Reassembly,
}

/// The payloads of a message whose ICV was right.
///
/// [`Channel::open`] makes it and nothing else does.
#[derive(Debug)]
pub(crate) struct Opened {
    header: Header,
    first: PayloadType,
    plaintext: Vec<u8>,
}

impl Opened {
    /// The header of the message.
    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// The inner payloads.
    pub(crate) fn payloads(&self) -> Result<PayloadSet<'_>, DropReason> {
        let payloads = Payloads::new(self.first, &self.plaintext);
        PayloadSet::collect(payloads.with_budget(MAX_PAYLOADS))
    }
}

impl Channel {
    /// The channel of the IKE SA with these keys. `fragment_size` is the largest datagram, if the
    /// gateway takes fragments.
    pub(crate) fn new(
        role: Role,
        (spi_i, spi_r): (Spi, Spi),
        keys: &IkeKeys,
        fragment_size: Option<usize>,
    ) -> Self {
        let (outbound, inbound) = keys.ciphers(role);
        Self {
            role,
            spi_i,
            spi_r,
            outbound,
            inbound,
            fragment_size,
            reassembly: Reassembly::default(),
        }
    }

    /// Whether a message with this header belongs here.
    pub(crate) fn owns(&self, header: &Header) -> bool {
        header.spi_i == self.spi_i && header.spi_r == Some(self.spi_r)
    }

    /// The largest datagram, if the gateway takes fragments.
    pub(crate) const fn fragment_size(&self) -> Option<usize> {
        self.fragment_size
    }

    /// SPIs of the original initiator and responder.
    pub(crate) const fn spis(&self) -> (Spi, Spi) {
        (self.spi_i, self.spi_r)
    }

    /// SPI of the responder.
    pub(crate) fn spi_r(&self) -> Spi {
        self.spi_r
    }

    /// The message with this chain, in as many datagrams as it takes.
    pub(crate) fn seal(
        &mut self,
        random: &mut dyn Random,
        exchange: ExchangeType,
        kind: MessageKind,
        message_id: MessageId,
        chain: Chain,
    ) -> Vec<Vec<u8>> {
        let header = Header {
            spi_i: self.spi_i,
            spi_r: Some(self.spi_r),
            exchange,
            sender: self.role,
            kind,
            message_id,
        };
        let (first, plaintext) = chain.finish();
        let body = self.outbound.body_length(plaintext.len());
        match self.fragment_size {
            Some(size) if PREFIX + body > size => {
                self.seal_fragments(random, &header, first, &plaintext, size)
            }
            Some(_) | None => {
                let prefix = protected_prefix(&header, first, body);
                vec![self.outbound.seal(random, prefix, &plaintext)]
            }
        }
    }

    fn seal_fragments(
        &mut self,
        random: &mut dyn Random,
        header: &Header,
        first: PayloadType,
        plaintext: &[u8],
        size: usize,
    ) -> Vec<Vec<u8>> {
        let room = self
            .outbound
            .max_plaintext(size.saturating_sub(FRAGMENT_PREFIX));
        let chunks: Vec<&[u8]> = plaintext.chunks(room.max(64)).collect();
        let total = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
        let mut datagrams = Vec::with_capacity(chunks.len());
        for (chunk, number) in chunks.into_iter().zip(1_u16..) {
            // RFC 7383, section 2.5: only the first fragment names the first inner payload.
            let inner = if number == 1 {
                first
            } else {
                PayloadType::NONE
            };
            let body = self.outbound.body_length(chunk.len());
            let prefix = fragment_prefix(header, inner, number, total, body);
            datagrams.push(self.outbound.seal(random, prefix, chunk));
        }
        datagrams
    }

    /// Opens a message, or takes a fragment of it. `None` until the last fragment is there.
    pub(crate) fn open(
        &mut self,
        message: &Message<'_>,
        protected: &Protected<'_>,
    ) -> Result<Option<Opened>, DropReason> {
        let header = message.header();
        if header.sender == self.role {
            return Err(DropReason::Reflected);
        }
        let (first, plaintext) = match protected {
            Protected::Whole(whole) => {
                let plaintext = self.inbound.open(whole.aad, whole.body);
                (whole.first, plaintext.ok_or(DropReason::NotAuthentic)?)
            }
            Protected::Fragment(fragment) => {
                if self.fragment_size.is_none() {
                    return Err(DropReason::FragmentsNotAgreed);
                }
                let fresh = self.reassembly.check(&header, fragment)?;
                let plaintext = self.inbound.open(fragment.aad, fragment.body);
                let plaintext = plaintext.ok_or(DropReason::NotAuthentic)?;
                match fresh.accept(plaintext)? {
                    Some(whole) => whole,
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Opened {
            header,
            first,
            plaintext,
        }))
    }
}
