//! The only file that counts octets: no other one writes a length or a count field.

/// Appends a structure that starts with `head` and a 16-bit length of the whole.
///
/// Payloads, proposals, transforms and traffic selectors all start like that.
///
/// # Panics
///
/// If the structure is longer than 65 535 octets. What was decoded is never that long.
pub(crate) fn structure(octets: &mut Vec<u8>, head: [u8; 2], body: impl FnOnce(&mut Vec<u8>)) {
    let start = octets.len();
    octets.extend_from_slice(&head);
    octets.extend_from_slice(&[0, 0]);
    body(octets);
    let length = count16(octets.len() - start);
    if let Some(field) = octets.get_mut(start + 2..start + 4) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

/// A count or length for a field of one octet.
///
/// # Panics
///
/// Above 255. What was decoded never is.
#[expect(
    clippy::expect_used,
    reason = "documented limit; a peer cannot choose these counts"
)]
pub(crate) fn count8(count: usize) -> u8 {
    u8::try_from(count).expect("count fits 8 bits")
}

/// A count or length for a field of two octets.
///
/// # Panics
///
/// Above 65 535. What was decoded never is.
#[expect(
    clippy::expect_used,
    reason = "documented limit; a peer cannot choose these lengths"
)]
pub(crate) fn count16(count: usize) -> u16 {
    u16::try_from(count).expect("length fits 16 bits")
}

/// The length of a message, for the header.
///
/// # Panics
///
/// Above 4 GiB.
#[expect(
    clippy::expect_used,
    reason = "a message is made of payloads of 64 KiB, at most 64"
)]
pub(crate) fn count32(count: usize) -> u32 {
    u32::try_from(count).expect("length fits 32 bits")
}
