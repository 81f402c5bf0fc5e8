//! Control messages (`cmsg(3)`), laid out and read without pointers.
//!
//! ```text
//!   | length: usize | level: i32 | type: i32 | data, padded to a usize | length | …
//! ```

/// Octets before the data.
const HEADER: usize = size_of::<usize>() + 2 * size_of::<libc::c_int>();

/// Room for the control messages of one call: two of them, with an `int` each.
pub(super) const ROOM: usize = 64;

/// Control messages to send, or room for those that come.
#[derive(Clone, Copy, Debug)]
#[repr(align(8))]
pub(super) struct Control {
    pub(super) octets: [u8; ROOM],
    pub(super) used: usize,
}

impl Control {
    pub(super) const fn new() -> Self {
        Self {
            octets: [0; ROOM],
            used: 0,
        }
    }

    /// Appends a message, if there is room.
    pub(super) fn put(&mut self, level: libc::c_int, kind: libc::c_int, data: &[u8]) {
        let length = HEADER + data.len();
        let Some(room) = self
            .octets
            .get_mut(self.used..self.used + space(data.len()))
        else {
            return;
        };
        let header = length
            .to_ne_bytes()
            .into_iter()
            .chain(level.to_ne_bytes())
            .chain(kind.to_ne_bytes());
        room.fill(0);
        for (octet, value) in room.iter_mut().zip(header.chain(data.iter().copied())) {
            *octet = value;
        }
        self.used += space(data.len());
    }

    /// Each message among the first `length` octets: level, type and data.
    pub(super) fn messages(
        &self,
        length: usize,
    ) -> impl Iterator<Item = (libc::c_int, libc::c_int, &[u8])> {
        let mut rest = self.octets.get(..length).unwrap_or_default();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk()?;
            let (level, after) = after.split_first_chunk()?;
            let (kind, after) = after.split_first_chunk()?;
            let length = usize::from_ne_bytes(*length).checked_sub(HEADER)?;
            let data = after.get(..length)?;
            rest = rest.get(space(length)..).unwrap_or_default();
            let level = libc::c_int::from_ne_bytes(*level);
            Some((level, libc::c_int::from_ne_bytes(*kind), data))
        })
    }
}

/// A length as `msghdr` of this libc has it: `size_t` in glibc, `socklen_t` in musl.
pub(super) fn to_field<T: TryFrom<usize> + Default>(octets: usize) -> T {
    T::try_from(octets).unwrap_or_default()
}

/// And back.
pub(super) fn from_field(field: impl TryInto<usize>) -> usize {
    field.try_into().unwrap_or_default()
}

/// The octets of a message with so many octets of data, padding included.
const fn space(data: usize) -> usize {
    HEADER + data.next_multiple_of(size_of::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written() {
        let mut control = Control::new();
        control.put(17, 103, &1440_u16.to_ne_bytes());
        control.put(0, 1, &2_i32.to_ne_bytes());
        assert_eq!(control.used, 48);
        let read: Vec<_> = control.messages(control.used).collect();
        let expected: [(i32, i32, &[u8]); 2] = [
            (17, 103, &1440_u16.to_ne_bytes()),
            (0, 1, &2_i32.to_ne_bytes()),
        ];
        assert_eq!(read, expected);
        control.put(0, 1, &[0; 9]);
        assert_eq!(control.used, 48, "no room, nothing written");
    }

    /// The layout is the one of the system's own macros.
    #[test]
    fn sizes_are_those_of_the_system() {
        for data in [1_u32, 2, 4, 8, 9] {
            // SAFETY: computes, touches no memory.
            #[expect(unsafe_code, reason = "the macro is an unsafe function in libc")]
            let theirs = unsafe { libc::CMSG_SPACE(data) };
            assert_eq!(space(data as usize), theirs as usize);
        }
    }

    #[test]
    fn lengths_that_lie_end_the_list() {
        for length in [0, HEADER - 1, ROOM + 1, usize::MAX] {
            let mut control = Control::new();
            control.octets[..8].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(control.messages(ROOM).count(), 0, "{length}");
        }
        assert_eq!(Control::new().messages(usize::MAX).count(), 0);
    }
}
