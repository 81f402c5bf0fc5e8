//! How long to wait between two tries: full jitter, so that the thousand clients of a gateway that
//! was restarted do not come at once.

use std::time::Duration;

use azike_crypto::Random;

use super::Trouble;

/// The longest first pause; doubled each time the gateway refuses.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause of all.
const LONGEST: Duration = Duration::from_mins(5);
/// The longest pause while nobody answers. A try is a single datagram every few seconds, and
/// traffic shall be back soon after the network.
const SILENT: Duration = Duration::from_secs(4);
/// After so long without any answer the pauses grow to [`SILENT_LATER`].
const PATIENT: Duration = Duration::from_mins(5);
/// The longest pause after that.
const SILENT_LATER: Duration = Duration::from_secs(30);

/// The pauses of one outage.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pauses {
    refused: u32,
}

impl Pauses {
    /// The next pause; the tunnel is gone for `lost` already.
    pub(super) fn next(
        &mut self,
        trouble: &Trouble,
        lost: Duration,
        random: &mut dyn Random,
    ) -> Duration {
        let longest = match trouble {
            Trouble::Silent | Trouble::TimedOut if lost < PATIENT => SILENT,
            Trouble::Silent | Trouble::TimedOut => SILENT_LATER,
            Trouble::Busy
            | Trouble::Ended
            | Trouble::Redirected(_)
            | Trouble::LoginRefused
            | Trouble::Final => {
                let doubled = FIRST.saturating_mul(1 << self.refused.min(16));
                self.refused = self.refused.saturating_add(1);
                doubled.min(LONGEST)
            }
        };
        part_of(longest, random)
    }
}

/// Anything from nothing to `longest`.
fn part_of(longest: Duration, random: &mut dyn Random) -> Duration {
    let mut octets = [0; 2];
    random.fill(&mut octets);
    longest.mul_f64(f64::from(u16::from_be_bytes(octets)) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest of all pauses.
    struct Most;

    impl Random for Most {
        fn fill(&mut self, octets: &mut [u8]) {
            octets.fill(0xff);
        }
    }

    fn seconds(trouble: &Trouble, lost: u64, times: u32) -> Vec<u64> {
        let mut pauses = Pauses::default();
        let lost = Duration::from_secs(lost);
        let next = |_| pauses.next(trouble, lost, &mut Most).as_secs();
        (0..times).map(next).collect()
    }

    #[test]
    fn a_gateway_that_refuses_is_asked_less_and_less() {
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
        assert_eq!(seconds(&Trouble::Busy, 0, 11), expected);
    }

    #[test]
    fn a_silent_network_is_asked_often_and_after_a_while_less() {
        assert_eq!(seconds(&Trouble::Silent, 10, 3), [4, 4, 4]);
        assert_eq!(seconds(&Trouble::Silent, 400, 3), [30, 30, 30]);
    }

    #[test]
    fn the_jitter_is_full() {
        struct Least;
        impl Random for Least {
            fn fill(&mut self, octets: &mut [u8]) {
                octets.fill(0);
            }
        }
        let mut pauses = Pauses::default();
        let pause = pauses.next(&Trouble::Busy, Duration::ZERO, &mut Least);
        assert_eq!(pause, Duration::ZERO);
    }
}
