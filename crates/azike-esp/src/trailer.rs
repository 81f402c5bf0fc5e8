//! The end of the plaintext: padding, pad length, next header (RFC 4303, sections 2.4 to 2.6).

use crate::EspDrop;

/// The length of the trailer without padding: pad length and next header.
pub(crate) const LENGTH: usize = 2;

/// The pad octets of the longest padding: 1, 2, 3, … 255.
const PADDING: [u8; 255] = {
    let mut octets = [0; 255];
    let mut last = 0_u8;
    let (mut rest, _) = octets.split_at_mut(255);
    while let Some((first, others)) = rest.split_first_mut() {
        last += 1;
        *first = last;
        rest = others;
    }
    octets
};

/// Fills `tail` with padding, pad length and `next_header`. `None` if `tail` has no room for the
/// two fields, or asks for more than 255 pad octets.
pub(crate) fn write(tail: &mut [u8], next_header: u8) -> Option<()> {
    let (padding, fields) = tail.split_last_chunk_mut::<LENGTH>()?;
    *fields = [u8::try_from(padding.len()).ok()?, next_header];
    padding.copy_from_slice(PADDING.get(..padding.len())?);
    Some(())
}

/// Takes the trailer off an authentic plaintext: the length of what is left, and the next header.
pub(crate) fn strip(plaintext: &[u8]) -> Result<(usize, u8), EspDrop> {
    let (rest, &[pad_length, next_header]) = plaintext
        .split_last_chunk::<LENGTH>()
        .ok_or(EspDrop::Short)?;
    let pad_length = usize::from(pad_length);
    let left = rest.len().checked_sub(pad_length).ok_or(EspDrop::Padding)?;
    //= https://www.rfc-editor.org/rfc/rfc4303#section-2.4
    //# When this padding scheme is employed, the receiver SHOULD inspect the
    //# Padding field.
    if rest.get(left..) == PADDING.get(..pad_length) {
        Ok((left, next_header))
    } else {
        Err(EspDrop::Padding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plaintexts of RFC 3602, section 4, cases 7 and 8: an echo request in tunnel mode.
    #[test]
    fn trailer_is_the_one_of_rfc_3602() {
        let trailer = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 4];
        for payload in [84, 68] {
            let mut plaintext = vec![0x5a; payload + trailer.len()];
            write(&mut plaintext[payload..], 4).unwrap();
            assert_eq!(plaintext[payload..], trailer);
            assert_eq!(strip(&plaintext), Ok((payload, 4)));
        }
    }

    #[test]
    fn every_pad_length_goes_there_and_back() {
        for pad_length in 0..=255 {
            let mut plaintext = vec![0; 7 + pad_length + LENGTH];
            write(&mut plaintext[7..], 41).unwrap();
            assert_eq!(strip(&plaintext), Ok((7, 41)), "{pad_length} pad octets");
        }
        assert_eq!(write(&mut [0; 1], 4), None);
        assert_eq!(write(&mut [0; 258], 4), None);
    }

    /// N-86.
    #[test]
    fn any_other_padding_is_refused() {
        assert_eq!(strip(&[]), Err(EspDrop::Short));
        assert_eq!(strip(&[4]), Err(EspDrop::Short));
        assert_eq!(strip(&[1, 4]), Err(EspDrop::Padding));
        assert_eq!(strip(&[0, 255, 4]), Err(EspDrop::Padding));
        for wrong in 0..16 {
            let mut plaintext = vec![0; 18];
            write(&mut plaintext, 4).unwrap();
            plaintext[wrong] ^= 0x40;
            assert_eq!(
                strip(&plaintext),
                Err(EspDrop::Padding),
                "pad octet {wrong}"
            );
        }
    }
}
