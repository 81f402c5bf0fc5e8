//! `os_log` without its macro. (Type-checked only: no Mac has run this yet.)
#![expect(unsafe_code, reason = "os_log is C")]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::fmt;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use crate::unified_log::{ARGUMENTS, FORMAT, Importance, arguments, c_text};

/// More categories than we have modules: what comes after them shares one.
const MOST: usize = 64;
/// The one they share.
const OTHER: &str = "other";

/// macOS finds the format by its place in the program, so it has to be in this section.
#[unsafe(link_section = "__TEXT,__oslogstring,cstring_literals")]
static FORMAT_IN_PLACE: [u8; FORMAT.len()] = FORMAT;

unsafe extern "C" {
    /// The linker's name for the program itself.
    static __dso_handle: u8;

    fn os_log_create(subsystem: *const c_char, category: *const c_char) -> *mut c_void;
    fn os_log_type_enabled(log: *mut c_void, kind: u8) -> bool;
    /// What the macro calls.
    fn _os_log_impl(
        program: *const u8,
        log: *mut c_void,
        kind: u8,
        format: *const c_char,
        arguments: *mut u8,
        length: u32,
    );
}

/// One log for each category. macOS keeps them for ever, so they are never given back.
pub(crate) struct Logs {
    subsystem: CString,
    categories: Mutex<BTreeMap<String, Log>>,
}

/// An `os_log_t`.
#[derive(Clone, Copy)]
struct Log(NonNull<c_void>);

// SAFETY: `os_log_t` is made to be used from all threads (os_log_create(3)).
unsafe impl Send for Log {}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}

impl Logs {
    /// `None` if macOS gives no log.
    pub(crate) fn open(subsystem: &str) -> Option<Self> {
        let subsystem = c_text(subsystem);
        let other = create(&subsystem, &c_text(OTHER))?;
        let categories = BTreeMap::from([(OTHER.to_owned(), other)]);
        Some(Self {
            subsystem,
            categories: Mutex::new(categories),
        })
    }

    /// Writes an entry.
    pub(crate) fn write(
        &self,
        importance: Importance,
        category: &str,
        public: &str,
        private: &str,
    ) {
        let Some(Log(log)) = self.category(category) else {
            return;
        };
        let kind = importance.number();
        // SAFETY: the log is one that macOS made, and it is never given back.
        if !unsafe { os_log_type_enabled(log.as_ptr(), kind) } {
            return;
        }
        let (public, private) = (c_text(public), c_text(private));
        let mut octets: [u8; ARGUMENTS] = arguments(address(&public), address(&private));
        let length = u32::try_from(octets.len()).unwrap_or_default();
        let program = &raw const __dso_handle;
        let format = FORMAT_IN_PLACE.as_ptr().cast();
        let octets = octets.as_mut_ptr();
        // SAFETY: the format ends with a zero and asks for two texts; the arguments are two
        // texts with an end that live until macOS has copied them, before the call returns.
        unsafe { _os_log_impl(program, log.as_ptr(), kind, format, octets, length) };
    }

    fn category(&self, name: &str) -> Option<Log> {
        let mut categories = self
            .categories
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = categories.get(name) {
            return Some(*log);
        }
        if categories.len() >= MOST {
            return categories.get(OTHER).copied();
        }
        let log = create(&self.subsystem, &c_text(name))?;
        categories.insert(name.to_owned(), log);
        Some(log)
    }
}

fn create(subsystem: &CStr, category: &CStr) -> Option<Log> {
    // SAFETY: two texts with an end, which macOS copies.
    let log = unsafe { os_log_create(subsystem.as_ptr(), category.as_ptr()) };
    NonNull::new(log).map(Log)
}

fn address(text: &CStr) -> u64 {
    // Addresses of both architectures have 64 bits.
    u64::try_from(text.as_ptr().expose_provenance()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Afterwards `log show --last 1m --predicate 'subsystem == "io.github.azike.test"'` has it.
    #[test]
    fn an_entry_is_taken() {
        let logs = Logs::open("io.github.azike.test").unwrap();
        for _ in 0..2 {
            logs.write(Importance::Default, "test", "seen by all", " hidden=yes");
        }
    }
}
