//! Octets to text: UTF-8, or UTF-16 as Windows programs and the Azure portal
//! write it.

use zeroize::Zeroizing;

/// Decodes `octets` by their byte order mark, or by where the zeros are when
/// there is none. What an XML declaration says does not count: the octets decide.
/// `None` when they are neither UTF-8 nor UTF-16.
///
/// The text may hold a private key, so it is overwritten when dropped.
pub(crate) fn decode(octets: &[u8]) -> Option<Zeroizing<String>> {
    match octets {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => utf16(octets, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(octets, u16::from_be_bytes),
        _ => utf8(octets),
    }
}

fn utf8(octets: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(octets).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

fn utf16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Zeroizing<String>> {
    let (units, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Enough room from the start: growing would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(units.len() * 3));
    for c in char::decode_utf16(units.iter().map(|&octets| unit(octets))) {
        text.push(c.ok()?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_encodings_give_the_same_text() {
        let text = "<a>ü€😀</a>";
        let units: Vec<u16> = text.encode_utf16().collect();
        let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for octets in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", le.as_slice()].concat(),
            [b"\xfe\xff", be.as_slice()].concat(),
            le,
            be,
        ] {
            assert_eq!(decode(&octets).unwrap().as_str(), text);
        }
    }

    #[test]
    fn half_a_character_is_refused() {
        for octets in [
            b"\xff\xfe<".as_slice(),
            b"\xff\xfe\x00\xd8<\x00",
            b"\xff\xfe<\x00\x00\xd8",
            b"<\xc3",
        ] {
            assert!(decode(octets).is_none(), "{octets:?}");
        }
    }
}
