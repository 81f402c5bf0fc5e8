//! `TSi` and `TSr` (RFC 7296, section 3.13).

use crate::length::count8;
use crate::reader::Reader;
use crate::{Malformed, TrafficSelector};

/// Which packets a Child SA is for, on one side of it (RFC 7296, section 3.13).
///
/// To be sent, it needs 1 to 255 selectors. A received list leaves out selectors of unknown
/// types, and is empty when all of them are: then nothing can match.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrafficSelectors(pub Vec<TrafficSelector>);

impl TrafficSelectors {
    pub(crate) fn decode(mut body: Reader<'_>) -> Result<Self, Malformed> {
        let count = body.u8()?;
        let [_, _, _] = body.array()?; // reserved
        if count == 0 {
            return Err(Malformed::Count(body.payload()));
        }
        let mut selectors = Vec::new();
        for _ in 0..count {
            selectors.extend(TrafficSelector::decode(&mut body)?);
        }
        body.finish()?;
        Ok(Self(selectors))
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&[count8(self.0.len()), 0, 0, 0]);
        for selector in &self.0 {
            selector.encode(octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    const ONE: [u8; 16] = [7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, 0, 0, 0, 10, 0, 0, 255];

    fn decode(octets: &[u8]) -> Result<TrafficSelectors, Malformed> {
        TrafficSelectors::decode(Reader::new(PayloadType::TS_R, octets))
    }

    fn list(count: u8, selectors: &[&[u8]]) -> Vec<u8> {
        let mut octets = vec![count, 0xff, 0xff, 0xff];
        octets.extend(selectors.concat());
        octets
    }

    /// N-11: the reserved octets of `list` are all set.
    #[test]
    fn count_must_be_the_number_of_selectors() {
        let count = Malformed::Count(PayloadType::TS_R);
        let truncated = Malformed::Truncated(PayloadType::TS_R);
        let excess = Malformed::Excess(PayloadType::TS_R);
        assert_eq!(
            decode(&list(2, &[&ONE, &ONE])).map(|list| list.0.len()),
            Ok(2)
        );
        assert_eq!(decode(&list(0, &[])), Err(count));
        assert_eq!(decode(&list(0, &[&ONE])), Err(count));
        assert_eq!(decode(&list(2, &[&ONE])), Err(truncated));
        assert_eq!(decode(&list(1, &[&ONE, &ONE])), Err(excess));
        assert_eq!(decode(&[1, 0, 0]), Err(truncated));
    }

    /// N-78
    #[test]
    fn most_selectors_are_255() {
        let octets = list(255, &[&ONE[..]; 255]);
        let selectors = decode(&octets).unwrap();
        assert_eq!(selectors.0.len(), 255);
        let mut again = Vec::new();
        selectors.encode(&mut again);
        assert_eq!(again[4..], octets[4..]);
    }

    #[test]
    fn selector_of_an_unknown_type_is_counted_and_left_out() {
        let label = [10, 0, 0, 6, 1, 2];
        let selectors = decode(&list(2, &[&label, &ONE])).unwrap();
        assert_eq!(selectors.0.len(), 1);
        assert_eq!(
            decode(&list(1, &[&label])),
            Ok(TrafficSelectors(Vec::new()))
        );
    }
}
