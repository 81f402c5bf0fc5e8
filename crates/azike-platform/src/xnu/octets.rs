//! Numbers at places in octets.

/// `N` octets at `at`; `None` if they are not all there.
pub(super) fn at<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..)?.first_chunk().copied()
}

/// The number at `at`.
pub(super) fn u16_at(octets: &[u8], place: usize) -> Option<u16> {
    at(octets, place).map(u16::from_le_bytes)
}

/// The number at `at`.
pub(super) fn u32_at(octets: &[u8], place: usize) -> Option<u32> {
    at(octets, place).map(u32::from_le_bytes)
}

/// Writes `value` at `place`, as much of it as there is room for.
pub(super) fn put(octets: &mut [u8], place: usize, value: &[u8]) {
    let room = octets.get_mut(place..).unwrap_or_default();
    for (to, from) in room.iter_mut().zip(value) {
        *to = *from;
    }
}
