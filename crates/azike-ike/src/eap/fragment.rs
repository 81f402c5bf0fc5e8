//! Long TLS messages in short EAP packets (RFC 5216, sections 2.1.5 and 3.1).
//!
//! ```text
//!   flags  L M S R R R R R     length included, more fragments, start
//!   TLS message length         4 octets, if L: of the whole message
//!   TLS data                   records of TLS
//! ```
//!
//! The side that receives a fragment with M answers with a packet without data.

use super::failure::FragmentFault;

const LENGTH_INCLUDED: u8 = 0x80;
const MORE_FRAGMENTS: u8 = 0x40;
const START: u8 = 0x20;

/// Octets of one TLS message. Real ones have up to about 16 000: a chain of RSA certificates.
const MAX_MESSAGE: usize = 64 * 1024;

/// The data of an EAP-TLS packet without TLS data: flags only.
pub(super) const ACKNOWLEDGEMENT: [u8; 1] = [0];

/// The data of one EAP-TLS request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    pub(super) start: bool,
    more: bool,
    total: Option<usize>,
    data: &'a [u8],
}

impl<'a> Fragment<'a> {
    pub(super) fn decode(octets: &'a [u8]) -> Result<Self, FragmentFault> {
        let (&flags, rest) = octets.split_first().ok_or(FragmentFault::Short)?;
        let (total, data) = if flags & LENGTH_INCLUDED == 0 {
            (None, rest)
        } else {
            let (total, data) = rest.split_first_chunk().ok_or(FragmentFault::Short)?;
            let total = usize::try_from(u32::from_be_bytes(*total));
            let total = total.ok().filter(|&total| total <= MAX_MESSAGE);
            (Some(total.ok_or(FragmentFault::TooLong)?), data)
        };
        Ok(Self {
            start: flags & START != 0,
            more: flags & MORE_FRAGMENTS != 0,
            total,
            data,
        })
    }

    /// Whether the packet says nothing but "go on".
    pub(super) const fn is_acknowledgement(&self) -> bool {
        !self.start && !self.more && self.data.is_empty()
    }
}

/// A message of the gateway, as far as it has arrived.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    message: Vec<u8>,
    total: Option<usize>,
}

impl Incoming {
    /// Adds a fragment. Gives the message once it is whole.
    ///
    /// Gateways differ in where they put the length: nowhere, in the first fragment, in all of
    /// them. Each is fine, as long as it is true.
    pub(super) fn add(&mut self, fragment: Fragment<'_>) -> Result<Option<Vec<u8>>, FragmentFault> {
        if fragment.more && fragment.data.is_empty() {
            return Err(FragmentFault::Empty);
        }
        if self.message.is_empty() {
            self.total = fragment.total;
        } else if fragment.total.is_some() && fragment.total != self.total {
            return Err(FragmentFault::Length);
        }
        let arrived = self.message.len() + fragment.data.len();
        if arrived > MAX_MESSAGE {
            return Err(FragmentFault::TooLong);
        }
        if self.total.is_some_and(|total| arrived > total) {
            return Err(FragmentFault::Length);
        }
        self.message.extend_from_slice(fragment.data);
        if fragment.more {
            return Ok(None);
        }
        match self.total.take() {
            Some(total) if total != arrived => Err(FragmentFault::Length),
            Some(_) | None => Ok(Some(std::mem::take(&mut self.message))),
        }
    }
}

/// A message of ours, as far as it has not left yet.
#[derive(Debug)]
pub(super) struct Outgoing {
    message: Vec<u8>,
    sent: usize,
    size: usize,
}

impl Outgoing {
    /// Cuts messages into pieces of `size` octets.
    pub(super) const fn new(size: usize) -> Self {
        Self {
            message: Vec::new(),
            sent: 0,
            size,
        }
    }

    /// Takes the next message. The last one must have left.
    pub(super) fn set(&mut self, message: Vec<u8>) {
        self.message = message;
        self.sent = 0;
    }

    /// Whether a part of the message is still here.
    pub(super) const fn is_pending(&self) -> bool {
        self.sent < self.message.len()
    }

    /// The data of the next EAP-TLS response. Without anything to say: an acknowledgement.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let rest = self.message.get(self.sent..).unwrap_or_default();
        let piece = rest.get(..self.size).unwrap_or(rest);
        let more = piece.len() < rest.len();
        let first = self.sent == 0;
        let mut data = Vec::with_capacity(piece.len() + 5);
        // The length is needed only where a message is cut; some servers stumble over it elsewhere.
        if more && first {
            let total = u32::try_from(self.message.len()).unwrap_or(u32::MAX);
            data.push(LENGTH_INCLUDED | MORE_FRAGMENTS);
            data.extend_from_slice(&total.to_be_bytes());
        } else {
            data.push(if more { MORE_FRAGMENTS } else { 0 });
        }
        data.extend_from_slice(piece);
        self.sent += piece.len();
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(incoming: &mut Incoming, octets: &[u8]) -> Result<Option<Vec<u8>>, FragmentFault> {
        incoming.add(Fragment::decode(octets)?)
    }

    #[test]
    fn a_message_survives_every_fragment_size() {
        let message: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for size in 1..1002 {
            let mut outgoing = Outgoing::new(size);
            outgoing.set(message.clone());
            let mut incoming = Incoming::default();
            let arrived = loop {
                let fragment = outgoing.next();
                let arrived = add(&mut incoming, &fragment).unwrap();
                assert_eq!(arrived.is_none(), outgoing.is_pending());
                if let Some(arrived) = arrived {
                    break arrived;
                }
            };
            assert_eq!(arrived, message, "fragments of {size} octets");
            assert_eq!(outgoing.next(), ACKNOWLEDGEMENT);
        }
    }

    #[test]
    fn only_a_cut_message_has_a_length() {
        let mut outgoing = Outgoing::new(3);
        outgoing.set(b"abc".to_vec());
        assert_eq!(outgoing.next(), b"\x00abc");
        outgoing.set(b"abcd".to_vec());
        assert_eq!(outgoing.next(), b"\xc0\0\0\0\x04abc");
        assert_eq!(outgoing.next(), b"\x00d");
    }

    #[test]
    fn the_length_may_be_absent_once_or_everywhere() {
        for fragments in [
            [&b"\x40ab"[..], b"\x40cd", b"\x00e"],
            [b"\xc0\0\0\0\x05ab", b"\x40cd", b"\x00e"],
            [b"\xc0\0\0\0\x05ab", b"\xc0\0\0\0\x05cd", b"\x80\0\0\0\x05e"],
            // Reserved flags are ignored.
            [b"\x5fab", b"\x41cd", b"\x1fe"],
        ] {
            let mut incoming = Incoming::default();
            assert_eq!(add(&mut incoming, fragments[0]), Ok(None));
            assert_eq!(add(&mut incoming, fragments[1]), Ok(None));
            let whole = add(&mut incoming, fragments[2]);
            assert_eq!(whole, Ok(Some(b"abcde".to_vec())));
        }
    }

    #[test]
    fn n_53_wrong_fragments_are_refused() {
        let mut huge = vec![0; 60_001];
        huge[0] = 0x40;
        for (fragments, fault) in [
            (vec![&b""[..]], FragmentFault::Short),
            (vec![b"\x80\0\0\0"], FragmentFault::Short),
            (vec![b"\xc0\xff\xff\xff\xffab"], FragmentFault::TooLong),
            (vec![b"\xc0\0\x01\0\x01ab"], FragmentFault::TooLong),
            (vec![b"\xc0\0\0\0\x03ab", b"\x00cd"], FragmentFault::Length),
            (vec![b"\xc0\0\0\0\x05ab", b"\x00cd"], FragmentFault::Length),
            (vec![b"\x80\0\0\0\x05ab"], FragmentFault::Length),
            (
                vec![b"\xc0\0\0\0\x05ab", b"\xc0\0\0\0\x06cd"],
                FragmentFault::Length,
            ),
            (vec![b"\x40ab", b"\x80\0\0\0\x04cd"], FragmentFault::Length),
            (vec![b"\x40"], FragmentFault::Empty),
            (vec![b"\x40ab", b"\x40"], FragmentFault::Empty),
            (vec![&huge, &huge], FragmentFault::TooLong),
        ] {
            let mut incoming = Incoming::default();
            let (last, first) = fragments.split_last().unwrap();
            for fragment in first {
                assert_eq!(add(&mut incoming, fragment), Ok(None));
            }
            assert_eq!(add(&mut incoming, last), Err(fault));
        }
    }
}
