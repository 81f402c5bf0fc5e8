//! A cursor that cannot leave its payload.

use crate::{Malformed, PayloadType};

/// Reads big-endian fields from the front. What is too short is [`Malformed::Truncated`].
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    payload: PayloadType,
    octets: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `octets`, which belong to a `payload`.
    pub(crate) const fn new(payload: PayloadType, octets: &'a [u8]) -> Self {
        Self { payload, octets }
    }

    /// Takes one octet.
    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[octet]| octet)
    }

    /// Takes two octets.
    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    /// Takes `N` octets.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (front, rest) = self
            .octets
            .split_first_chunk()
            .ok_or(Malformed::Truncated(self.payload))?;
        self.octets = rest;
        Ok(*front)
    }

    /// Takes `length` octets.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (front, rest) = self
            .octets
            .split_at_checked(length)
            .ok_or(Malformed::Truncated(self.payload))?;
        self.octets = rest;
        Ok(front)
    }

    /// Takes `length` octets as a part to be read for itself.
    pub(crate) fn sub(&mut self, length: usize) -> Result<Self, Malformed> {
        Ok(Self::new(self.payload, self.take(length)?))
    }

    /// Takes all that is left.
    pub(crate) const fn rest(&mut self) -> &'a [u8] {
        let (all, nothing) = self.octets.split_at(self.octets.len());
        self.octets = nothing;
        all
    }

    /// The type of the payload that is being read.
    pub(crate) const fn payload(&self) -> PayloadType {
        self.payload
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Checks that nothing is left.
    pub(crate) const fn finish(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed::Excess(self.payload))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_network_order() {
        let mut reader = Reader::new(PayloadType::KE, &[1, 2, 3, 4, 5, 6]);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u16(), Ok(0x0203));
        assert_eq!(reader.array(), Ok([4, 5]));
        assert_eq!(reader.rest(), [6]);
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn short_field_is_an_error_and_takes_nothing() {
        let mut reader = Reader::new(PayloadType::KE, &[1]);
        assert_eq!(reader.u16(), Err(Malformed::Truncated(PayloadType::KE)));
        assert_eq!(reader.take(2), Err(Malformed::Truncated(PayloadType::KE)));
        assert_eq!(reader.u8(), Ok(1));
    }

    #[test]
    fn part_ends_where_it_was_said_to_end() {
        let mut reader = Reader::new(PayloadType::SA, &[1, 2, 3]);
        let mut part = reader.sub(2).unwrap();
        assert_eq!(part.payload(), PayloadType::SA);
        assert_eq!(part.take(3), Err(Malformed::Truncated(PayloadType::SA)));
        assert_eq!(part.finish(), Err(Malformed::Excess(PayloadType::SA)));
        assert_eq!(reader.rest(), [3]);
    }
}
