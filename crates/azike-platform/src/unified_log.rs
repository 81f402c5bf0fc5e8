//! The unified log of a Mac (`log(1)`, Console): for a daemon that launchd started.
//!
//! ```text
//!   text of the event   %{public}s    everybody who may read the log sees it
//!   its fields          %{private}s   shown as <private>, unless the administrator of this Mac
//!                                     allows it (a profile with Enable-Private-Data)
//! ```
//!
//! `os_log` is a macro whose work the compiler does: it lays the arguments out in a
//! buffer. [`arguments`] lays out the same octets; clang was asked for them.

#[cfg(target_os = "macos")]
use crate::macos::os_log as native;

/// How important an entry is. macOS keeps those from [`Importance::Default`] on; the
/// others only while somebody looks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Importance {
    /// `OS_LOG_TYPE_DEBUG`.
    Debug,
    /// `OS_LOG_TYPE_INFO`.
    Info,
    /// `OS_LOG_TYPE_DEFAULT`.
    Default,
    /// `OS_LOG_TYPE_ERROR`.
    Error,
    /// `OS_LOG_TYPE_FAULT`.
    Fault,
}

impl Importance {
    /// `os/log.h`.
    #[cfg(any(target_os = "macos", test))]
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Default => 0x00,
            Self::Info => 0x01,
            Self::Debug => 0x02,
            Self::Error => 0x10,
            Self::Fault => 0x11,
        }
    }
}

/// The unified log under one subsystem.
#[derive(Debug)]
pub struct UnifiedLog {
    #[cfg(target_os = "macos")]
    logs: native::Logs,
}

impl UnifiedLog {
    /// The log for `subsystem`, such as `io.github.azike`. `None` on a system that has none.
    #[cfg(target_os = "macos")]
    pub fn open(subsystem: &str) -> Option<Self> {
        let logs = native::Logs::open(subsystem)?;
        Some(Self { logs })
    }

    /// The log for `subsystem`, such as `io.github.azike`. `None` on a system that has none.
    #[cfg(not(target_os = "macos"))]
    pub const fn open(_: &str) -> Option<Self> {
        None
    }

    /// Writes an entry. `public` is for every reader; `private` is hidden from most.
    #[cfg(target_os = "macos")]
    pub fn write(&self, importance: Importance, category: &str, public: &str, private: &str) {
        self.logs.write(importance, category, public, private);
    }

    /// Writes an entry. `public` is for every reader; `private` is hidden from most.
    #[cfg(not(target_os = "macos"))]
    #[expect(clippy::unused_self, reason = "the face of macOS")]
    pub const fn write(&self, _: Importance, _: &str, _: &str, _: &str) {}
}

/// The format that [`arguments`] are for.
#[cfg(any(target_os = "macos", test))]
pub(crate) const FORMAT: [u8; 22] = *b"%{public}s%{private}s\0";

/// The length of [`arguments`].
#[cfg(any(target_os = "macos", test))]
pub(crate) const ARGUMENTS: usize = 22;

/// Two texts with an end, by their addresses, as `__builtin_os_log_format` lays them out:
/// flags of the whole (1 private, 2 not only numbers), count; for each argument kind
/// (2 text) and flags (1 private, 2 public), size, and the address in the order of the machine.
#[cfg(any(target_os = "macos", test))]
pub(crate) fn arguments(public: u64, private: u64) -> [u8; ARGUMENTS] {
    let mut octets = [0; ARGUMENTS];
    let parts: [&[u8]; 5] = [
        &[3, 2, 0x22, 8],
        &public.to_ne_bytes(),
        &[0x21, 8],
        &private.to_ne_bytes(),
        &[],
    ];
    let parts = parts.into_iter().flatten();
    for (place, octet) in octets.iter_mut().zip(parts) {
        *place = *octet;
    }
    octets
}

/// `text` as C wants it: cut at what would end it early.
#[cfg(any(target_os = "macos", test))]
pub(crate) fn c_text(text: &str) -> std::ffi::CString {
    let end = text.find('\0').unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    std::ffi::CString::new(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `clang --target=arm64-apple-macosx11.0 -S -emit-llvm` stores for
    /// `__builtin_os_log_format(buf, "%{public}s%{private}s", a, b)`.
    #[test]
    fn the_arguments_are_laid_out_as_clang_does() {
        let octets = arguments(0x1122_3344_5566_7788, 0x99aa_bbcc_ddee_ff00);
        let mut expected = vec![3, 2, 34, 8];
        expected.extend(0x1122_3344_5566_7788_u64.to_ne_bytes());
        expected.extend([33, 8]);
        expected.extend(0x99aa_bbcc_ddee_ff00_u64.to_ne_bytes());
        assert_eq!(octets.to_vec(), expected);
    }

    #[test]
    fn a_text_ends_where_c_would_end_it() {
        assert_eq!(c_text("a\0b").as_bytes(), b"a");
        assert_eq!(c_text("äb").as_bytes(), "äb".as_bytes());
        let end = FORMAT.iter().position(|octet| *octet == 0);
        assert_eq!(end, Some(FORMAT.len() - 1));
    }

    #[test]
    fn the_types_are_those_of_the_header() {
        let all = [
            Importance::Debug,
            Importance::Info,
            Importance::Default,
            Importance::Error,
            Importance::Fault,
        ];
        assert_eq!(all.map(Importance::number), [2, 1, 0, 16, 17]);
    }
}
