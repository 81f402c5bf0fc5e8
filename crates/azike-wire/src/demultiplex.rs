//! What a datagram on UDP port 4500 is (RFC 3948, section 2).
//!
//! ```text
//!  0xff                      NAT keepalive
//!  00 00 00 00 | IKE         Non-ESP Marker, then an IKE message
//!  SPI | ...                 ESP, the SPI is never zero
//! ```

use crate::EspSpi;

/// The four zero octets in front of an IKE message on port 4500 (RFC 3948, section 2.2).
pub const NON_ESP_MARKER: [u8; 4] = [0; 4];

/// What came on port 4500.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Datagram<'a> {
    /// One octet that keeps a NAT mapping alive.
    Keepalive,
    /// An IKE message; the Non-ESP Marker is removed. May be empty: the message is not looked at.
    Ike(&'a [u8]),
    /// An ESP packet, with its SPI in front.
    Esp(EspSpi, &'a [u8]),
    /// Too short for an SPI, or an SPI of the reserved range.
    Malformed,
}

/// Tells what `datagram`, which came on port 4500, is.
pub fn demultiplex(datagram: &[u8]) -> Datagram<'_> {
    match datagram {
        [0xff] => Datagram::Keepalive,
        //= https://www.rfc-editor.org/rfc/rfc3948#section-2.2
        //# Non-ESP Marker is 4 zero-valued bytes aligned with the SPI field
        [0, 0, 0, 0, message @ ..] => Datagram::Ike(message),
        [a, b, c, d, ..] => match EspSpi::from_octets(&[*a, *b, *c, *d]) {
            Some(spi) => Datagram::Esp(spi, datagram),
            None => Datagram::Malformed,
        },
        _ => Datagram::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marker_spi_and_keepalive_are_told_apart() {
        let spi = EspSpi::new(256).unwrap();
        let table: [(&[u8], Datagram<'_>); 6] = [
            (&[0xff], Datagram::Keepalive),
            (&[0, 0, 0, 0, 1, 2], Datagram::Ike(&[1, 2])),
            (&[0, 0, 1, 0], Datagram::Esp(spi, &[0, 0, 1, 0])),
            (&[0, 0, 1, 0, 9], Datagram::Esp(spi, &[0, 0, 1, 0, 9])),
            (&[0, 0, 0, 1, 9], Datagram::Malformed),
            (&[0, 0, 0, 255], Datagram::Malformed),
        ];
        for (octets, datagram) in table {
            assert_eq!(demultiplex(octets), datagram, "{octets:?}");
        }
    }

    /// N-2: nothing behind the marker is a message without a header, not a panic.
    #[test]
    fn lone_marker_is_an_empty_message() {
        assert_eq!(demultiplex(&NON_ESP_MARKER), Datagram::Ike(&[]));
    }

    /// N-2: only exactly one octet 0xff is a keepalive.
    #[test]
    fn short_datagrams_are_malformed() {
        for octets in [
            &[][..],
            &[0],
            &[0xfe],
            &[0, 0, 0],
            &[0xff, 0xff],
            &[0xff; 3],
        ] {
            assert_eq!(demultiplex(octets), Datagram::Malformed, "{octets:?}");
        }
    }
}
