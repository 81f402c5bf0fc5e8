//! A moment as certificates know it: whole seconds since 1970, UTC.

use std::fmt;

use rustls_pki_types::UnixTime;
use serde::{Serialize, Serializer};

/// Seconds in a day.
const DAY: i64 = 86_400;

/// A moment in seconds since 1970-01-01 00:00:00 UTC; negative before.
///
/// `Display` prints the date alone (`2031-01-05`), serde writes RFC 3339
/// (`2031-01-05T12:00:00Z`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole days from `self` to `later`, rounded down; negative when `later`
    /// has passed.
    pub const fn days_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0).div_euclid(DAY)
    }

    /// RFC 3339 text, `2031-01-05T12:00:00Z`.
    pub fn rfc3339(self) -> String {
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{self}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl From<UnixTime> for Timestamp {
    fn from(time: UnixTime) -> Self {
        Self(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

/// Year, month and day of a day counted from 1970-01-01, Gregorian calendar.
///
/// Counts in years that begin in March, so that the leap day is the last one
/// and months have a fixed place in the year.
const fn civil(day: i64) -> (i64, i64, i64) {
    // 0000-03-01 is 719 468 days before 1970-01-01; 400 years have 146 097 days.
    let day = day.saturating_add(719_468);
    let (cycle, of_cycle) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let leap_days = of_cycle / 1_460 - of_cycle / 36_524 + of_cycle / 146_096;
    let year_of_cycle = (of_cycle - leap_days) / 365;
    let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let (month, next_year) = if march_month < 10 {
        (march_month + 3, 0)
    } else {
        (march_month - 9, 1)
    };
    (cycle * 400 + year_of_cycle + next_year, month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (2_147_483_648, "2038-01-19T03:14:08Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp(seconds).rfc3339(), text);
        }
    }

    #[test]
    fn a_day_that_has_begun_does_not_count() {
        let now = Timestamp(1_000_000);
        assert_eq!(now.days_until(Timestamp(1_000_000 + DAY - 1)), 0);
        assert_eq!(now.days_until(Timestamp(1_000_000 + DAY)), 1);
        assert_eq!(now.days_until(Timestamp(999_999)), -1);
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        for end in [i64::MIN, i64::MAX] {
            assert!(!Timestamp(end).rfc3339().is_empty());
        }
        assert!(Timestamp(i64::MIN).days_until(Timestamp(i64::MAX)) > 0);
    }
}
