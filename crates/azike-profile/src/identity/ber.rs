//! BER and DER (X.690): just enough to walk through a PKCS#12 file.
//!
//! Firefox and some tools of Apple write lengths that are "indefinite" and cut
//! octet strings into pieces, so a reader of DER alone is not enough.

use zeroize::Zeroizing;

use super::IdentityError;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0] EXPLICIT`, or `[0] IMPLICIT` of something constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;
/// `[0] IMPLICIT` of something primitive.
pub(super) const CONTEXT_0_PRIMITIVE: u8 = 0x80;

const CONSTRUCTED: u8 = 0x20;

/// How deep elements may nest. A PKCS#12 file has about twelve levels.
const DEEPEST: u8 = 32;

const DAMAGED: IdentityError = IdentityError::Malformed("its structure is not right");

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    /// The identifier octet; tags above 30 do not occur.
    pub tag: u8,
    /// What is in it, without the end mark of an indefinite length.
    pub content: &'a [u8],
}

/// Elements one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

/// Whether `octets` look like a file that begins with a SEQUENCE.
pub(super) fn is_sequence(octets: &[u8]) -> bool {
    matches!(octets, [SEQUENCE, length, ..] if *length >= 0x80 || usize::from(*length) + 2 == octets.len())
}

/// The elements that `octets` are.
pub(super) const fn elements(octets: &[u8]) -> Elements<'_> {
    Elements { rest: octets }
}

/// The one element that `octets` are.
pub(super) fn whole(octets: &[u8], tag: u8) -> Result<Element<'_>, IdentityError> {
    let mut elements = Elements { rest: octets };
    let element = elements.expect(tag)?;
    // Some programs pad the file with zeros.
    if elements.rest.iter().any(|&octet| octet != 0) {
        return Err(DAMAGED);
    }
    Ok(element)
}

impl<'a> Element<'a> {
    /// The elements in this one.
    pub(super) const fn inside(&self) -> Elements<'a> {
        Elements { rest: self.content }
    }

    /// The octets of an octet string, put together when it is in pieces.
    pub(super) fn octets(&self) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        let mut octets = Zeroizing::new(Vec::with_capacity(self.content.len()));
        if self.tag & CONSTRUCTED == 0 {
            octets.extend_from_slice(self.content);
            return Ok(octets);
        }
        let mut pieces = self.inside();
        while let Some(piece) = pieces.next()? {
            // Pieces of pieces are allowed and nobody writes them.
            if piece.tag != OCTET_STRING {
                return Err(DAMAGED);
            }
            octets.extend_from_slice(piece.content);
        }
        Ok(octets)
    }

    /// A small number that is not negative.
    pub(super) fn number(&self) -> Result<u64, IdentityError> {
        let digits = match self.content {
            [] => return Err(DAMAGED),
            [first, ..] if *first >= 0x80 => {
                return Err(IdentityError::Malformed("a count is negative"));
            }
            [0, digits @ ..] | digits => digits,
        };
        if digits.len() > 8 {
            return Ok(u64::MAX);
        }
        let add = |number: u64, digit: &u8| number << 8 | u64::from(*digit);
        Ok(digits.iter().fold(0, add))
    }

    /// The same element in DER, for parsers that read nothing else.
    pub(super) fn to_der(self) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        let mut der = Zeroizing::new(Vec::with_capacity(2 * self.content.len() + 8));
        self.write_der(&mut der, DEEPEST)?;
        Ok(der)
    }

    fn write_der(self, der: &mut Vec<u8>, depth: u8) -> Result<(), IdentityError> {
        let depth = depth.checked_sub(1).ok_or(DAMAGED)?;
        if self.tag == OCTET_STRING | CONSTRUCTED {
            write(der, OCTET_STRING, &self.octets()?);
            return Ok(());
        }
        if self.tag & CONSTRUCTED == 0 {
            write(der, self.tag, self.content);
            return Ok(());
        }
        let mut content = Zeroizing::new(Vec::with_capacity(self.content.len()));
        let mut inside = self.inside();
        while let Some(element) = inside.next()? {
            element.write_der(&mut content, depth)?;
        }
        write(der, self.tag, &content);
        Ok(())
    }
}

impl<'a> Elements<'a> {
    /// The next element, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, IdentityError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (element, rest) = split(self.rest, DEEPEST)?;
        self.rest = rest;
        Ok(Some(element))
    }

    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, IdentityError> {
        match self.next()? {
            Some(element) if element.tag == tag => Ok(element),
            _ => Err(DAMAGED),
        }
    }

    /// The next element, which must be an octet string, whole or in pieces.
    pub(super) fn expect_octets(&mut self) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        match self.next()? {
            Some(element) if element.tag & !CONSTRUCTED == OCTET_STRING => element.octets(),
            _ => Err(DAMAGED),
        }
    }
}

/// Appends an element in DER.
fn write(der: &mut Vec<u8>, tag: u8, content: &[u8]) {
    der.push(tag);
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|&&octet| octet == 0).count();
    let digits = length.get(zeros..).unwrap_or(&[]);
    match (digits, u8::try_from(content.len())) {
        (_, Ok(short @ 0..0x80)) => der.push(short),
        (digits, _) => {
            der.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            der.extend_from_slice(digits);
        }
    }
    der.extend_from_slice(content);
}

/// The first element of `octets`, and what is behind it.
fn split(octets: &[u8], depth: u8) -> Result<(Element<'_>, &[u8]), IdentityError> {
    let depth = depth.checked_sub(1).ok_or(DAMAGED)?;
    let [tag, first, rest @ ..] = octets else {
        return Err(DAMAGED);
    };
    if tag & 0x1f == 0x1f || *tag == 0 {
        return Err(DAMAGED);
    }
    let (length, rest) = match first {
        0..0x80 => (usize::from(*first), rest),
        0x80 if tag & CONSTRUCTED != 0 => return split_indefinite(*tag, rest, depth),
        0x81..=0x84 => {
            let (digits, rest) = rest
                .split_at_checked(usize::from(first & 0x7f))
                .ok_or(DAMAGED)?;
            let add = |number: usize, digit: &u8| number << 8 | usize::from(*digit);
            (digits.iter().fold(0, add), rest)
        }
        _ => return Err(DAMAGED),
    };
    let cut_off = IdentityError::Malformed("it is cut off");
    let (content, rest) = rest.split_at_checked(length).ok_or(cut_off)?;
    let element = Element { tag: *tag, content };
    Ok((element, rest))
}

/// An element that ends where two zeros stand in place of an element.
fn split_indefinite(
    tag: u8,
    octets: &[u8],
    depth: u8,
) -> Result<(Element<'_>, &[u8]), IdentityError> {
    let mut rest = octets;
    loop {
        if let [0, 0, behind @ ..] = rest {
            let length = octets.len() - rest.len();
            let content = octets.get(..length).ok_or(DAMAGED)?;
            return Ok((Element { tag, content }, behind));
        }
        (_, rest) = split(rest, depth)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(octets: &[u8]) -> Result<Vec<u8>, IdentityError> {
        let (element, _) = split(octets, DEEPEST)?;
        Ok(element.to_der()?.to_vec())
    }

    #[test]
    fn indefinite_lengths_and_pieces_become_der() {
        let ber = [
            0x30, 0x80, 0x02, 0x01, 0x03, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x82, 0x00, 0x01,
            0xbb, 0x00, 0x00, 0xa0, 0x80, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00,
        ];
        let wanted = [
            0x30, 0x0b, 0x02, 0x01, 0x03, 0x04, 0x02, 0xaa, 0xbb, 0xa0, 0x02, 0x05, 0x00,
        ];
        assert_eq!(der(&ber).unwrap(), wanted);
        assert_eq!(der(&wanted).unwrap(), wanted);
    }

    #[test]
    fn lengths_of_every_size_are_written_shortest() {
        for (length, head) in [
            (0x7f_usize, &[4, 0x7f][..]),
            (0x80, &[4, 0x81, 0x80]),
            (0xff, &[4, 0x81, 0xff]),
            (0x100, &[4, 0x82, 1, 0]),
            (0x1_0000, &[4, 0x83, 1, 0, 0]),
        ] {
            let mut octets = Vec::new();
            write(&mut octets, OCTET_STRING, &vec![7; length]);
            assert!(octets.starts_with(head), "{length}");
            let (element, rest) = split(&octets, DEEPEST).unwrap();
            assert_eq!((element.content.len(), rest.len()), (length, 0));
        }
    }

    /// N-99: depth 1000, lengths of 4 GiB, ends that are missing.
    #[test]
    fn nonsense_is_refused() {
        for octets in [
            &[0x30, 0x80].repeat(1000)[..],
            &[0x30][..],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0x80, 0x02],
            &[0x1f, 0x81, 0x00],
            &[0x00, 0x00],
        ] {
            assert!(der(octets).is_err(), "{octets:x?}");
        }
        let deep: Vec<u8> = (0..60_u8).rev().fold(vec![], |inner, _| {
            let mut outer = Vec::new();
            write(&mut outer, SEQUENCE, &inner);
            outer
        });
        assert!(der(&deep).is_err());
    }

    #[test]
    fn numbers_are_read_without_overflow() {
        let number = |content| {
            Element {
                tag: INTEGER,
                content,
            }
            .number()
        };
        assert_eq!(number(&[0x08, 0x00]), Ok(2048));
        assert_eq!(number(&[0, 0x80]), Ok(128));
        assert_eq!(number(&[0]), Ok(0));
        assert_eq!(number(&[0x7f; 9]), Ok(u64::MAX));
        assert!(number(&[0xff]).is_err());
        assert!(number(&[]).is_err());
    }
}
