//! A send buffer in the making: inner packets that already lie where they will be sealed.
//!
//! ```text
//!   | ESP, IV | inner packet | trailer, ICV | ESP, IV | inner packet | trailer, ICV | … | a shorter one |
//!   └────────── all of one length ─────────┘                                            └─ ends the train
//! ```
//!
//! A train goes out by one system call, so all but its last datagram are equally long, and all have one
//! traffic class.

use azike_esp::{NextHeader, Outbound, Overhead, SealError, Slot};
use azike_platform::Datagrams;

/// What one train holds at most: octets and datagrams.
const LIMITS: (usize, usize) = Datagrams::LIMITS;

/// The buffer and what lies in it.
#[derive(Debug)]
pub(super) struct Train {
    octets: Box<[u8]>,
    cars: Vec<Slot>,
    /// Octets of ESP packets so far.
    used: usize,
    /// Octets of each ESP packet but a shorter last one.
    each: usize,
    /// A shorter one came: nothing may follow it.
    ended: bool,
    traffic_class: u8,
    inner_octets: usize,
}

impl Train {
    pub(super) fn new() -> Self {
        Self {
            octets: vec![0; LIMITS.0].into_boxed_slice(),
            cars: Vec::with_capacity(LIMITS.1),
            used: 0,
            each: 0,
            ended: false,
            traffic_class: 0,
            inner_octets: 0,
        }
    }

    /// Whether an inner packet of `inner` octets may follow those that are there.
    pub(super) fn takes(&self, inner: usize, overhead: Overhead, traffic_class: u8) -> bool {
        let length = overhead.sealed(inner);
        self.cars.is_empty()
            || (!self.ended
                && length <= self.each
                && self.used + length <= LIMITS.0
                && self.cars.len() < LIMITS.1
                && self.traffic_class == traffic_class)
    }

    /// Appends the inner packet that `write` puts at the start of the slice it is given; `write` says how long
    /// it is, and what it is. `None`, and nothing changed, if it says nothing or wrote more than there is
    /// room for.
    ///
    /// Ask [`takes`](Self::takes) before.
    pub(super) fn append(
        &mut self,
        overhead: Overhead,
        traffic_class: u8,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        let start = self.used + overhead.before();
        let room = self.octets.get_mut(start..)?;
        let inner = write(room)?;
        let next_header = NextHeader::of(room)?;
        let length = overhead.sealed(inner);
        if self.used + length > LIMITS.0 {
            return None;
        }
        if self.cars.is_empty() {
            self.each = length;
            self.traffic_class = traffic_class;
        }
        self.ended = length < self.each;
        self.cars.push(Slot {
            at: self.used,
            inner,
            next_header,
        });
        self.used += length;
        self.inner_octets += inner;
        Some(inner)
    }

    /// Whether there is nothing to send.
    pub(super) const fn is_empty(&self) -> bool {
        self.cars.is_empty()
    }

    /// How many inner packets there are, and their octets.
    pub(super) const fn load(&self) -> (usize, usize) {
        (self.cars.len(), self.inner_octets)
    }

    /// The traffic class of the outer headers.
    pub(super) const fn traffic_class(&self) -> u8 {
        self.traffic_class
    }

    /// Seals all of it; `outbound` has the overhead that was counted with. What cannot be sealed is cut
    /// off: how many packets that were, and why.
    pub(super) fn seal(&mut self, outbound: &mut Outbound) -> Result<(), (usize, SealError)> {
        let room = self.octets.get_mut(..self.used).unwrap_or_default();
        let Err(error) = outbound.seal_batch(room, &self.cars) else {
            return Ok(());
        };
        let lost = self.cars.len() - error.sealed.min(self.cars.len());
        self.used = self.cars.get(error.sealed).map_or(self.used, |car| car.at);
        self.cars.truncate(error.sealed);
        self.inner_octets = self.cars.iter().map(|car| car.inner).sum();
        Err((lost, error.reason))
    }

    /// The ESP packets.
    pub(super) fn datagrams(&self) -> Datagrams<'_> {
        Datagrams::new(self.octets.get(..self.used).unwrap_or_default(), self.each)
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        self.cars.clear();
        self.used = 0;
        self.each = 0;
        self.ended = false;
        self.inner_octets = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};
    use azike_esp::Inbound;
    use azike_wire::EspSpi;

    #[test]
    fn cars_are_of_one_length_and_a_shorter_one_ends_the_train() {
        let (mut outbound, mut inbound) = sa();
        let overhead = outbound.overhead();
        let mut train = Train::new();
        // 100 and 99 octets are padded to the same length.
        for inner in [100, 99, 100] {
            assert!(train.takes(inner, overhead, 0));
            assert_eq!(append(&mut train, overhead, inner), Some(inner));
        }
        assert!(!train.takes(120, overhead, 0), "longer");
        assert!(!train.takes(100, overhead, 1), "another class");
        assert!(train.takes(40, overhead, 0));
        append(&mut train, overhead, 40).unwrap();
        assert!(!train.takes(40, overhead, 0), "behind a shorter one");
        assert_eq!(train.load(), (4, 339));
        assert_eq!(train.seal(&mut outbound), Ok(()));
        let octets: Vec<u8> = datagrams(&train).concat();
        let each = overhead.sealed(100);
        let mut lengths = Vec::new();
        for esp in octets.chunks(each) {
            let mut esp = esp.to_vec();
            lengths.push(inbound.open(&mut esp).unwrap().packet.len());
        }
        assert_eq!(lengths, [100, 99, 100, 40]);
        train.clear();
        assert!(train.is_empty() && train.takes(1400, overhead, 9));
    }

    #[test]
    fn a_train_is_no_longer_than_one_call_can_send() {
        let (mut outbound, _) = sa();
        let overhead = outbound.overhead();
        for inner in [20, 1438, 30_000, 64_900] {
            let mut train = Train::new();
            while train.takes(inner, overhead, 0) && append(&mut train, overhead, inner).is_some() {
            }
            let (octets, count) = LIMITS;
            let whole = count.min(octets / overhead.sealed(inner));
            assert_eq!(train.load().0, whole, "{inner}");
            assert_eq!(train.seal(&mut outbound), Ok(()));
            assert!(train.used <= octets);
        }
    }

    #[test]
    fn what_has_no_room_or_is_no_packet_changes_nothing() {
        let (outbound, _) = sa();
        let overhead = outbound.overhead();
        let mut train = Train::new();
        append(&mut train, overhead, 60_000).unwrap();
        let before = (train.load(), train.used);
        assert_eq!(append(&mut train, overhead, 6000), None);
        assert_eq!(train.append(overhead, 0, |_| None), None);
        assert_eq!(
            train.append(overhead, 0, |room| {
                room[0] = 0x15;
                Some(20)
            }),
            None
        );
        assert_eq!((train.load(), train.used), before);
    }

    fn append(train: &mut Train, overhead: Overhead, inner: usize) -> Option<usize> {
        train.append(overhead, 0, |room| {
            let packet = room.get_mut(..inner)?;
            packet.fill(0);
            packet[0] = 0x45;
            packet[2..4].copy_from_slice(&u16::try_from(inner).unwrap().to_be_bytes());
            Some(inner)
        })
    }

    fn datagrams(train: &Train) -> Vec<Vec<u8>> {
        let octets = &train.octets[..train.used];
        octets.chunks(train.each).map(<[u8]>::to_vec).collect()
    }

    fn sa() -> (Outbound, Inbound) {
        let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
        let key = || Secret::new(vec![7; 36].into_boxed_slice());
        let none = || Secret::new(Box::default());
        let keys = || DirectionKeys::new(algorithms, key(), none()).unwrap();
        let spi = EspSpi::new(0x1234).unwrap();
        (Outbound::new(spi, &keys()), Inbound::new(spi, &keys()))
    }
}
