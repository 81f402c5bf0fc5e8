//! A moment in documents: seconds since 1970, written as RFC 3339 does.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Seconds of a day.
const DAY: u64 = 86_400;
/// Days of 400 years of the Gregorian calendar, after which it repeats.
const CYCLE: u64 = 146_097;
/// Days from 1 March of year 0 to 1 January 1970.
const EPOCH: u64 = 719_468;

/// A moment to the second, UTC, printed as `2026-10-02T09:14:07Z`. Years 1970 to 9999.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UtcTime(u64);

/// The text is not a moment of the form `2026-10-02T09:14:07Z`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a UTC time of the form 2026-10-02T09:14:07Z")]
pub struct NotAUtcTime;

impl UtcTime {
    /// The last second of the year 9999; later moments become this one.
    const LAST: u64 = 253_402_300_799;

    /// The moment `since_1970` after the beginning of 1970; parts of a second are dropped.
    pub fn from_unix(since_1970: Duration) -> Self {
        Self(since_1970.as_secs().min(Self::LAST))
    }

    /// Seconds since the beginning of 1970.
    pub const fn unix_seconds(self) -> u64 {
        self.0
    }

    /// The date alone, `2026-10-02`.
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.0 / DAY);
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of the day number `days` after 1970-01-01.
///
/// Years are counted from March, so that the leap day is the last day of a year and the lengths
/// of the months repeat every five months (153 days).
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH;
    let in_cycle = days % CYCLE;
    let year_of_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let (month, turn) = if from_march < 10 {
        (from_march + 3, 0)
    } else {
        (from_march - 9, 1)
    };
    (days / CYCLE * 400 + year_of_cycle + turn, month, day)
}

/// The day number of a date from 1970 on; the inverse of [`civil`].
const fn day_number(year: u64, month: u64, day: u64) -> u64 {
    let (year, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    let year_of_cycle = year % 400;
    let in_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + in_year;
    (year / 400 * CYCLE + in_cycle).saturating_sub(EPOCH)
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0 / DAY);
        let (hour, minute, second) = (self.0 % DAY / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl FromStr for UtcTime {
    type Err = NotAUtcTime;

    fn from_str(text: &str) -> Result<Self, NotAUtcTime> {
        let field = |range| {
            let digits: &str = text.get(range).ok_or(NotAUtcTime)?;
            digits.parse::<u64>().map_err(|_| NotAUtcTime)
        };
        let (year, month, day) = (field(0..4)?, field(5..7)?, field(8..10)?);
        let (hour, minute, second) = (field(11..13)?, field(14..16)?, field(17..19)?);
        if year < 1970 || !(1..=12).contains(&month) {
            return Err(NotAUtcTime);
        }
        let days = day_number(year, month, day);
        let time = Self(days * DAY + hour * 3600 + minute * 60 + second);
        // A date that does not exist comes back as another text.
        if time.to_string() == text {
            Ok(time)
        } else {
            Err(NotAUtcTime)
        }
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_790_932_447, "2026-10-02T09:14:07Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (UtcTime::LAST, "9999-12-31T23:59:59Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(UtcTime(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(UtcTime(seconds)));
        }
    }

    #[test]
    fn every_day_of_two_centuries_comes_back() {
        for day in 0..73_049 {
            let time = UtcTime(day * DAY + 45_296);
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00",
            "",
        ] {
            assert_eq!(text.parse::<UtcTime>(), Err(NotAUtcTime), "{text}");
        }
    }
}
