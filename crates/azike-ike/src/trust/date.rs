//! Validity periods (RFC 5280, section 4.1.2.5) and how a date is printed.

use std::fmt;
use std::time::Duration;

use rustls_pki_types::UnixTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::time::ASN1Time;

use super::error::TrustError;
use super::printable;

/// Refuses `certificate` when `now` is outside of its validity period.
pub(super) fn check(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), TrustError> {
    let not_before = unix(certificate.validity().not_before);
    let not_after = unix(certificate.validity().not_after);
    if now > not_after {
        return Err(TrustError::Expired {
            certificate: printable::name(certificate.subject()),
            not_after,
            now,
        });
    }
    if now < not_before {
        return Err(TrustError::NotYetValid {
            certificate: printable::name(certificate.subject()),
            not_before,
            now,
        });
    }
    Ok(())
}

/// The same moment in seconds since 1970. What was before that counts as 1970.
pub(super) fn unix(time: ASN1Time) -> UnixTime {
    let seconds = u64::try_from(time.timestamp()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// Prints a time as `2026-11-23 07:05 UTC`.
pub(super) struct Utc(pub(super) UnixTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (mut day, mut year) = (seconds / 86_400, 1970);
        // 400 years have the same number of days each time.
        year += day / 146_097 * 400;
        day %= 146_097;
        let mut month = 0;
        loop {
            let length = month_length(year, month);
            if day < length {
                break;
            }
            day -= length;
            month += 1;
            if month == 12 {
                (month, year) = (0, year + 1);
            }
        }
        let (hour, minute) = (seconds / 3_600 % 24, seconds / 60 % 60);
        let (month, day) = (month + 1, day + 1);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }
}

/// Days of `month` (0 is January) in `year`.
const fn month_length(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 if leap => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (2_147_483_648, "2038-01-19 03:14 UTC"),
            (2_524_607_999, "2049-12-31 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59 UTC"),
        ] {
            let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            assert_eq!(Utc(time).to_string(), text, "{seconds}");
        }
    }
}
