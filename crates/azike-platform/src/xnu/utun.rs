//! Names of utun interfaces, and what is before each of their packets.
//!
//! ```text
//!   0 0 0 2  · IPv4 packet          the family, in the octet order of the network
//!   0 0 0 30 · IPv6 packet
//! ```

use rustix::io::Errno;

use super::sockaddr::{AF_INET, AF_INET6};
use crate::TunError;

/// The octets before each packet.
pub(crate) const HEADER: usize = 4;

/// How the names begin, here and in the kernel.
pub(crate) const PREFIX: &str = "utun";

/// What is before a packet that begins with `first`; `None` if it is not of IPv4 or IPv6.
pub(crate) const fn header(first: u8) -> Option<[u8; HEADER]> {
    match first >> 4 {
        4 => Some([0, 0, 0, AF_INET]),
        6 => Some([0, 0, 0, AF_INET6]),
        _ => None,
    }
}

/// Which interface `name` asks for: `utun7`, or `utun%d` for the first free one (`Ok(None)`).
///
/// [`TunError::BadName`] for anything else: a Mac gives its tunnels no other names.
pub(crate) fn asked_for(name: &str) -> Result<Option<&str>, TunError> {
    let bad = || TunError::BadName(name.to_owned());
    let number = name.strip_prefix(PREFIX).ok_or_else(bad)?;
    if number == "%d" {
        return Ok(None);
    }
    let canonical = number
        .parse::<u16>()
        .is_ok_and(|it| it.to_string() == number);
    if canonical {
        Ok(Some(name))
    } else {
        Err(bad())
    }
}

/// Why there is no interface `name`, by what the kernel said.
pub(crate) fn why_not(name: &str, error: std::io::Error) -> TunError {
    match Errno::from_io_error(&error) {
        Some(Errno::PERM | Errno::ACCESS) => TunError::NoPermission,
        Some(Errno::BUSY) => TunError::NameTaken(name.to_owned()),
        _ => TunError::Io(error),
    }
}

/// Whether the kernel has no room for a packet now. Its queue being full is `ENOSPC` or `ENOBUFS` here, and
/// `poll(2)` does not say when that is over.
pub(crate) fn is_full(error: Errno) -> bool {
    error == Errno::NOSPC || error == Errno::NOBUFS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_is_before_the_packet() {
        assert_eq!(header(0x45), Some([0, 0, 0, 2]));
        assert_eq!(header(0x60), Some([0, 0, 0, 30]));
        for first in [0, 0x30, 0x50, 0xff] {
            assert_eq!(header(first), None);
        }
    }

    #[test]
    fn a_mac_has_utun_interfaces_only() {
        assert_eq!(asked_for("utun7").unwrap(), Some("utun7"));
        assert_eq!(asked_for("utun%d").unwrap(), None);
        for name in [
            "azike0",
            "azike%d",
            "utun",
            "utun07",
            "utun-1",
            "utun+1",
            "utun70000",
            "en0",
        ] {
            let refused = asked_for(name);
            assert!(matches!(refused, Err(TunError::BadName(bad)) if bad == name));
        }
    }

    #[test]
    fn a_number_in_use_is_told_by_the_name_of_the_interface() {
        let taken = why_not("utun7", Errno::BUSY.into());
        assert!(matches!(&taken, TunError::NameTaken(name) if name == "utun7"));
        assert_eq!(
            taken.to_string(),
            "the interface utun7 is used by another program"
        );
        assert!(matches!(
            why_not("utun7", Errno::PERM.into()),
            TunError::NoPermission
        ));
        assert!(matches!(
            why_not("utun7", Errno::INVAL.into()),
            TunError::Io(_)
        ));
    }

    #[test]
    fn a_full_queue_is_no_failure_of_the_device() {
        assert!(is_full(Errno::NOSPC) && is_full(Errno::NOBUFS));
        assert!(!is_full(Errno::INVAL));
    }
}
