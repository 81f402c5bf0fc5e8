//! A packet with room before and after it, so that sealing moves nothing.

use std::fmt;

/// Room for the ESP header and the longest IV, and for the inner packet to begin aligned.
const HEADROOM: usize = 32;
/// Room for the longest padding that we send, the trailer and the longest ICV.
const TAILROOM: usize = 64;

/// One packet in a buffer that is used again and again.
///
/// ```text
///   | headroom |            packet            | tailroom |      before `seal`
///        | ESP |            packet            | pad, ICV |      after
/// ```
pub struct PacketBuf {
    octets: Box<[u8]>,
    start: usize,
    end: usize,
}

impl PacketBuf {
    /// An empty buffer for packets of up to `largest` octets.
    pub fn new(largest: usize) -> Self {
        Self {
            octets: vec![0; HEADROOM + largest + TAILROOM].into_boxed_slice(),
            start: HEADROOM,
            end: HEADROOM,
        }
    }

    /// Replaces the packet by the one that `read` puts at the start of the slice it is given;
    /// `read` says how many octets it put there. After an error the buffer is empty.
    pub fn fill<E>(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        self.start = HEADROOM;
        self.end = HEADROOM;
        let limit = self.octets.len() - TAILROOM;
        let room = self.octets.get_mut(HEADROOM..limit).unwrap_or_default();
        let length = read(room)?;
        self.end = (HEADROOM + length).min(limit);
        Ok(self.len())
    }

    /// The packet.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or_default()
    }

    /// The packet, to be changed in place.
    pub fn octets_mut(&mut self) -> &mut [u8] {
        self.octets
            .get_mut(self.start..self.end)
            .unwrap_or_default()
    }

    /// The length of the packet in octets.
    pub const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether there is no packet.
    pub const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Lets the packet begin `before` octets earlier; `write` turns the octets from there to the
    /// end of the buffer into a new packet and says how long it is. Whatever it refuses leaves the
    /// packet as it was, as far as `write` did.
    pub(crate) fn wrap<E>(
        &mut self,
        before: usize,
        no_room: E,
        write: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let start = self.start.checked_sub(before);
        let room = start.and_then(|start| Some((start, self.octets.get_mut(start..)?)));
        let Some((start, room)) = room else {
            return Err(no_room);
        };
        let length = write(room)?;
        self.start = start;
        self.end = (start + length).min(self.octets.len());
        Ok(())
    }
}

impl fmt::Debug for PacketBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PacketBuf({} octets)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_replaces_the_packet_and_an_error_empties_it() {
        let mut packet = PacketBuf::new(100);
        let filled = packet.fill(|room| {
            assert_eq!(room.len(), 100);
            room[..3].copy_from_slice(b"abc");
            Ok::<_, ()>(3)
        });
        assert_eq!((filled, packet.octets()), (Ok(3), &b"abc"[..]));
        assert_eq!(packet.fill(|_| Err(())), Err(()));
        assert!(packet.is_empty());
        assert_eq!(packet.fill(|_| Ok::<_, ()>(1000)), Ok(100));
    }
}
