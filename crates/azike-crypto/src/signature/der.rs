//! The little of DER that is written here: nested values with a definite
//! length (ITU-T X.690, section 10.1).

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const SEQUENCE: u8 = 0x30;

/// A value with its tag and its length, the shortest form of it.
///
/// # Panics
///
/// If the content has 2^32 octets or more; keys and identifiers have not.
pub(super) fn value(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let length: usize = content.iter().map(|part| part.len()).sum();
    let mut der = vec![tag];
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        der.push(short);
    } else {
        #[expect(clippy::expect_used, reason = "documented limit of this function")]
        let length = u32::try_from(length).expect("length fits 32 bits");
        let octets = length.to_be_bytes().into_iter();
        let octets: Vec<u8> = octets.skip_while(|octet| *octet == 0).collect();
        der.push(0x80 | u8::try_from(octets.len()).unwrap_or(4));
        der.extend_from_slice(&octets);
    }
    for part in content {
        der.extend_from_slice(part);
    }
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_takes_its_shortest_form() {
        for (length, header) in [
            (0, &[SEQUENCE, 0][..]),
            (127, &[SEQUENCE, 127]),
            (128, &[SEQUENCE, 0x81, 128]),
            (255, &[SEQUENCE, 0x81, 255]),
            (256, &[SEQUENCE, 0x82, 1, 0]),
            (65536, &[SEQUENCE, 0x83, 1, 0, 0]),
        ] {
            let der = value(SEQUENCE, &[&vec![7; length]]);
            assert_eq!(der.split_at(header.len()).0, header, "{length} octets");
            assert_eq!(der.len(), header.len() + length);
        }
    }
}
