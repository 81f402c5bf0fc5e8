//! What holds for every input, from anywhere. The fuzz target `decode` includes this file.

use azike_wire::{
    Chain, EapPacket, Malformed, Message, Payload, PayloadType, Payloads, demultiplex,
    write_message,
};

/// Reads `input` in every way in which octets of a stranger are read.
///
/// # Panics
///
/// If one of the promises of the crate is broken.
pub(crate) fn check(input: &[u8]) {
    demultiplex(input);
    if let Ok(packet) = EapPacket::new(input) {
        assert_eq!(packet.octets(), input);
    }
    if let Ok(message) = Message::decode(input) {
        check_message(&message);
    }
    if let Some((first, body)) = input.split_first() {
        let first = PayloadType(*first);
        let payloads = read(Payloads::new(first, body));
        check_again(&payloads, |chain| {
            let (first, body) = chain.finish();
            read(Payloads::new(first, &body))
                .iter()
                .map(loose)
                .collect()
        });
    }
}

/// What is read, is written, and is read again is the same.
fn check_message(message: &Message<'_>) {
    let payloads = read(message.payloads());
    check_again(&payloads, |chain| {
        let (first, body) = chain.finish();
        let octets = write_message(&message.header(), first, &body);
        let again = Message::decode(&octets).unwrap();
        assert_eq!(again.header(), message.header());
        read(again.payloads()).iter().map(loose).collect()
    });
}

/// Reads a chain to its end: it ends, and an error is the last thing in it.
fn read(mut payloads: Payloads<'_>) -> Vec<Result<Payload<'_>, Malformed>> {
    let read: Vec<_> = payloads.by_ref().collect();
    assert!(read.len() <= Payloads::BUDGET + 1, "the budget holds");
    let errors = read.iter().filter(|payload| payload.is_err()).count();
    let last_is_error = read.last().is_some_and(Result::is_err);
    assert_eq!(
        errors,
        usize::from(last_is_error),
        "an error ends the chain"
    );
    assert!(payloads.next().is_none(), "an ended chain stays ended");
    read
}

/// Writes the legal part of a chain and compares what `read_back` finds in it.
fn check_again(
    payloads: &[Result<Payload<'_>, Malformed>],
    read_back: impl FnOnce(Chain) -> Vec<String>,
) {
    let legal: Vec<_> = payloads
        .iter()
        .filter(|payload| is_writable(payload))
        .collect();
    let mut chain = Chain::new();
    for payload in legal.iter().copied().flatten() {
        chain.push(payload);
    }
    let expected: Vec<_> = legal.into_iter().map(loose).collect();
    assert_eq!(read_back(chain), expected);
}

/// Whether `payload` says all that its octets said: parts that we do not know are not written.
fn is_writable(payload: &Result<Payload<'_>, Malformed>) -> bool {
    match payload {
        Ok(Payload::SecurityAssociation(sa)) => {
            let mut transforms = sa
                .proposals
                .iter()
                .flat_map(|proposal| &proposal.transforms);
            !transforms.any(|transform| transform.unknown_attribute)
        }
        Ok(Payload::TsI(selectors) | Payload::TsR(selectors)) => !selectors.0.is_empty(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// A payload as text, without what its surroundings decide.
fn loose(payload: &Result<Payload<'_>, Malformed>) -> String {
    match payload {
        Ok(Payload::Encrypted(encrypted)) => {
            format!("SK {:?} {:?}", encrypted.first, encrypted.body)
        }
        Ok(Payload::EncryptedFragment(fragment)) => {
            let numbers = (fragment.number, fragment.total);
            format!("SKF {:?} {numbers:?} {:?}", fragment.first, fragment.body)
        }
        Ok(payload) => format!("{payload:?}"),
        Err(malformed) => malformed.to_string(),
    }
}
