//! SA (RFC 7296, section 3.3).
//!
//! ```text
//!  SA ─┬─ proposal 1: ESP, SPI ─┬─ transform ENCR 20 ── key length 256
//!      │                        └─ transform ESN 0
//!      └─ proposal 2: ...
//! ```

use crate::Malformed;
use crate::reader::Reader;
use proposal::Proposal;

pub(crate) mod proposal;
pub(crate) mod transform;

/// What is offered, best first, or the one proposal that was chosen (RFC 7296, section 3.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityAssociation {
    /// One or more proposals, at most 255. Several are numbered from 1 without gaps; a single
    /// one may have any number but 0, for it may be the one that was chosen.
    pub proposals: Vec<Proposal>,
}

impl SecurityAssociation {
    pub(crate) fn decode(mut body: Reader<'_>) -> Result<Self, Malformed> {
        let mut proposals = Vec::<Proposal>::new();
        loop {
            let proposal = Proposal::decode(&mut body)?;
            let number = proposal.number;
            let in_order = match proposals.last() {
                None => number == 1 || (number > 1 && body.is_empty()),
                Some(previous) => Some(number) == previous.number.checked_add(1),
            };
            //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.1
            //# When a proposal is made, the first
            //# proposal in an SA payload MUST be 1, and subsequent proposals MUST
            //# be one more than the previous proposal
            if !in_order {
                return Err(Malformed::ProposalNumber(number));
            }
            proposals.push(proposal);
            if body.is_empty() {
                return Ok(Self { proposals });
            }
        }
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        let mut left = self.proposals.len();
        for proposal in &self.proposals {
            left -= 1;
            proposal.encode(left == 0, octets);
        }
    }
}

/// Checks the "Last Substruc" field of a proposal or transform, which is `more` unless the
/// substructure is the `last` one.
fn check_last(field: u8, more: u8, last: bool) -> Result<(), Malformed> {
    let expected = if last { 0 } else { more };
    if field == expected {
        Ok(())
    } else {
        Err(Malformed::LastSubstructure(field))
    }
}

/// Takes the octets of a proposal or transform after its length field, which counts the four
/// octets up to itself.
fn take_substructure<'a>(body: &mut Reader<'a>, length: u16) -> Result<Reader<'a>, Malformed> {
    usize::from(length)
        .checked_sub(4)
        .and_then(|rest| body.sub(rest).ok())
        .ok_or(Malformed::SubstructureLength(body.payload(), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<SecurityAssociation, Malformed> {
        SecurityAssociation::decode(Reader::new(PayloadType::SA, octets))
    }

    /// Proposals for IKE without transforms, with these numbers.
    fn numbered(numbers: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        for (at, number) in numbers.iter().enumerate() {
            let more = if at + 1 == numbers.len() { 0 } else { 2 };
            octets.extend_from_slice(&[more, 0xff, 0, 8, *number, 1, 0, 0]);
        }
        octets
    }

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.1
    //= type=test
    //# When a proposal is made, the first
    //# proposal in an SA payload MUST be 1, and subsequent proposals MUST
    //# be one more than the previous proposal
    /// N-15
    #[test]
    fn several_proposals_count_from_one() {
        let all: Vec<u8> = (1..=255).collect();
        let table: [(&[u8], Option<u8>); 8] = [
            (&[1], None),
            (&[1, 2, 3], None),
            (&all, None),
            (&[0], Some(0)),
            (&[0, 1], Some(0)),
            (&[1, 3], Some(3)),
            (&[1, 1], Some(1)),
            (&[2, 3], Some(2)),
        ];
        for (numbers, wrong) in table {
            let expected = match wrong {
                None => Ok(numbers.len()),
                Some(number) => Err(Malformed::ProposalNumber(number)),
            };
            let count = decode(&numbered(numbers)).map(|sa| sa.proposals.len());
            assert_eq!(count, expected, "{numbers:?}");
        }
    }

    #[test]
    fn number_after_255_does_not_start_again() {
        let mut numbers: Vec<u8> = (1..=255).collect();
        numbers.push(0);
        assert_eq!(
            decode(&numbered(&numbers)),
            Err(Malformed::ProposalNumber(0))
        );
    }

    /// The answer repeats the number of the proposal that was chosen.
    #[test]
    fn single_proposal_may_have_any_number_but_zero() {
        for number in 1..=255 {
            assert!(decode(&numbered(&[number])).is_ok(), "{number}");
        }
    }

    #[test]
    fn payload_without_a_proposal_is_truncated() {
        assert_eq!(decode(&[]), Err(Malformed::Truncated(PayloadType::SA)));
    }

    #[test]
    fn last_proposal_says_so_and_no_other_one() {
        for (at, value) in [(0, 0), (0, 3), (8, 2), (8, 0xff)] {
            let mut octets = numbered(&[1, 2]);
            octets[at] = value;
            assert_eq!(
                decode(&octets),
                Err(Malformed::LastSubstructure(value)),
                "{octets:?}"
            );
        }
    }

    #[test]
    fn proposal_length_stays_inside_the_payload() {
        for length in [0, 1, 3, 9, 255] {
            let mut octets = numbered(&[1]);
            octets[3] = length;
            let malformed = Malformed::SubstructureLength(PayloadType::SA, length.into());
            assert_eq!(decode(&octets), Err(malformed), "{length}");
        }
        for length in 4..8 {
            let mut octets = numbered(&[1]);
            octets[3] = length;
            assert!(decode(&octets).is_err(), "{length}");
        }
    }
}
