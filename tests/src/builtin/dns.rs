//! A name server that knows one name (RFC 1035, section 4).

use std::net::Ipv4Addr;

/// The header of a message.
const HEADER: usize = 12;
/// Type A (section 3.2.2).
const TYPE_A: u16 = 1;
/// Class IN (section 3.2.4).
const CLASS_IN: u16 = 1;
/// No such name (section 4.1.1).
const NXDOMAIN: u8 = 3;
/// The name of the question, by a pointer to it (section 4.1.4).
const NAME_OF_QUESTION: [u8; 2] = [0xc0, 12];
/// How long an answer may be kept, in seconds.
const TIME_TO_LIVE: u32 = 1;

/// The answer to `query` of a server that knows only `name`, which has `address`.
///
/// `None` for what is not a query with one question.
pub fn answer(query: &[u8], name: &str, address: Ipv4Addr) -> Option<Vec<u8>> {
    let (header, rest) = query.split_first_chunk::<HEADER>()?;
    let [id_high, id_low, flags, _, 0, 1, ..] = *header else {
        return None;
    };
    // A response, or another kind of query.
    if flags & 0xf8 != 0 {
        return None;
    }
    let (asked, rest) = name_in(rest)?;
    let (kind, rest) = rest.split_first_chunk()?;
    let (class, after) = rest.split_first_chunk()?;
    let question = query.get(HEADER..query.len() - after.len())?;
    let known = asked.eq_ignore_ascii_case(name) && u16::from_be_bytes(*class) == CLASS_IN;
    let has_address = known && u16::from_be_bytes(*kind) == TYPE_A;

    let recursion_desired = flags & 1;
    let code = if known { 0 } else { NXDOMAIN };
    // Response, authoritative; recursion available, so that no resolver looks further.
    let mut answer = vec![id_high, id_low, 0x84 | recursion_desired, 0x80 | code];
    answer.extend([0, 1, 0, u8::from(has_address), 0, 0, 0, 0]);
    answer.extend(question);
    if has_address {
        answer.extend(NAME_OF_QUESTION);
        answer.extend(TYPE_A.to_be_bytes());
        answer.extend(CLASS_IN.to_be_bytes());
        answer.extend(TIME_TO_LIVE.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

/// A name as labels, with dots between them, and what follows it.
fn name_in(mut octets: &[u8]) -> Option<(String, &[u8])> {
    let mut labels = Vec::new();
    loop {
        let (&length, rest) = octets.split_first()?;
        match length {
            0 => return Some((labels.join("."), rest)),
            // A question has no pointers.
            64.. => return None,
            1..=63 => {
                let (label, rest) = rest.split_at_checked(length.into())?;
                labels.push(String::from_utf8_lossy(label).into_owned());
                octets = rest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "vm1.lab.internal";
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 4);

    fn query(labels: &[&str], kind: u8) -> Vec<u8> {
        let mut query = vec![0xbe, 0xef, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in labels {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend(label.as_bytes());
        }
        query.extend([0, 0, kind, 0, 1]);
        query
    }

    #[test]
    fn the_name_has_its_address() {
        let asked = query(&["VM1", "lab", "internal"], 1);
        let told = answer(&asked, NAME, ADDRESS).unwrap();
        assert_eq!(told[..8], [0xbe, 0xef, 0x85, 0x80, 0, 1, 0, 1]);
        assert_eq!(told[12..asked.len()], asked[12..]);
        assert!(told.ends_with(&[0, 4, 10, 1, 0, 4]));
    }

    #[test]
    fn it_has_no_ipv6_address_and_still_exists() {
        let told = answer(&query(&["vm1", "lab", "internal"], 28), NAME, ADDRESS).unwrap();
        assert_eq!(told[2..8], [0x85, 0x80, 0, 1, 0, 0]);
    }

    #[test]
    fn other_names_do_not_exist() {
        let told = answer(&query(&["vm2", "lab", "internal"], 1), NAME, ADDRESS).unwrap();
        assert_eq!(told[2..8], [0x85, 0x83, 0, 1, 0, 0]);
    }

    #[test]
    fn what_is_no_query_gets_no_answer() {
        let good = query(&["vm1"], 1);
        for length in 0..good.len() {
            assert_eq!(answer(&good[..length], NAME, ADDRESS), None, "{length}");
        }
        let mut response = good.clone();
        response[2] |= 0x80;
        assert_eq!(answer(&response, NAME, ADDRESS), None);
        let mut pointer = good;
        pointer[12] = 0xc0;
        assert_eq!(answer(&pointer, NAME, ADDRESS), None);
    }
}
