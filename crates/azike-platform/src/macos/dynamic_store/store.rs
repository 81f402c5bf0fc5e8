//! The session with `configd`.
#![expect(unsafe_code, reason = "SCError, and a session that changes threads")]

use std::ffi::c_int;
use std::fmt;
use std::io;

use core_foundation::string::CFString;
use system_configuration::dynamic_store::{SCDynamicStore, SCDynamicStoreBuilder};

use super::property_list::{from_property_list, to_property_list};
use super::{Dictionary, Resolvers, keys, resolvers};
use crate::DnsConfig;

/// `SystemConfiguration.h`: only root may write.
const ACCESS_ERROR: c_int = 1003;
/// There is no such key.
const NO_KEY: c_int = 1004;
/// The session is gone: `configd` was started anew.
const NO_SESSION: c_int = 2001;
/// `configd` does not run.
const NO_SERVER: c_int = 2002;

#[link(name = "SystemConfiguration", kind = "framework")]
unsafe extern "C" {
    /// Why the last call of this thread failed.
    safe fn SCError() -> c_int;
}

/// Our keys in the dynamic store. They live as long as this does.
pub(crate) struct DynamicStore {
    session: SCDynamicStore,
}

// SAFETY: a session is an object of Core Foundation with a Mach port of the
// process; neither belongs to a thread. All that uses it takes `&mut self`.
unsafe impl Send for DynamicStore {}

impl fmt::Debug for DynamicStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicStore").finish_non_exhaustive()
    }
}

impl DynamicStore {
    /// Begins a session. Anybody may; only root can write.
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            session: session()?,
        })
    }

    /// What the keys of `service` say now; `None` if it has none.
    pub(crate) fn read(&mut self, service: &str) -> io::Result<Option<Resolvers>> {
        let mut found = Resolvers::new();
        for key in keys(service).ok_or_else(not_ours)? {
            if let Some(dictionary) = self.read_key(&key)? {
                found.insert(key, dictionary);
            }
        }
        Ok((!found.is_empty()).then_some(found))
    }

    /// Whether the keys of `service` say what [`DynamicStore::set`] would write.
    pub(crate) fn in_force(
        &mut self,
        service: &str,
        dns: &DnsConfig,
        interface: &str,
    ) -> io::Result<bool> {
        let wanted = resolvers(service, dns, interface).ok_or_else(not_ours)?;
        Ok(self.read(service)?.unwrap_or_default() == wanted)
    }

    /// Brings `dns` into force for the names it is meant for. A second time changes nothing.
    pub(crate) fn set(
        &mut self,
        service: &str,
        dns: &DnsConfig,
        interface: &str,
    ) -> io::Result<()> {
        let wanted = resolvers(service, dns, interface).ok_or_else(not_ours)?;
        for key in keys(service).ok_or_else(not_ours)? {
            match wanted.get(&key) {
                Some(dictionary) => self.write_key(&key, dictionary)?,
                None => self.remove_key(&key)?,
            }
        }
        Ok(())
    }

    /// Takes the keys of `service` away. It is no error if there are none.
    pub(crate) fn remove(&mut self, service: &str) -> io::Result<()> {
        for key in keys(service).ok_or_else(not_ours)? {
            self.remove_key(&key)?;
        }
        Ok(())
    }

    fn read_key(&mut self, key: &str) -> io::Result<Option<Dictionary>> {
        let value = self.call(|session| session.get(key))?;
        Ok(value.as_ref().map(from_property_list))
    }

    fn write_key(&mut self, key: &str, dictionary: &Dictionary) -> io::Result<()> {
        let value = to_property_list(dictionary);
        let written = self.call(|session| session.set_raw(key, &value).then_some(()))?;
        written.ok_or_else(|| failed(NO_KEY))
    }

    fn remove_key(&mut self, key: &str) -> io::Result<()> {
        let removed = self.call(|session| session.remove(key).then_some(()));
        removed.map(|_| ())
    }

    /// Calls `configd`, once more in a new session if it was started anew.
    /// `None` if there is no such key.
    fn call<T>(&mut self, attempt: impl Fn(&SCDynamicStore) -> Option<T>) -> io::Result<Option<T>> {
        if let Some(value) = attempt(&self.session) {
            return Ok(Some(value));
        }
        let mut status = SCError();
        if matches!(status, NO_SESSION | NO_SERVER) {
            self.session = session()?;
            if let Some(value) = attempt(&self.session) {
                return Ok(Some(value));
            }
            status = SCError();
        }
        if status == NO_KEY {
            Ok(None)
        } else {
            Err(failed(status))
        }
    }
}

fn session() -> io::Result<SCDynamicStore> {
    let builder = SCDynamicStoreBuilder::new(CFString::from_static_string("azike"));
    let session = builder.session_keys(true).build();
    session.ok_or_else(|| failed(SCError()))
}

/// An error of `SystemConfiguration` as one of the system.
pub(super) fn failed(status: c_int) -> io::Error {
    let kind = match status {
        ACCESS_ERROR => io::ErrorKind::PermissionDenied,
        NO_KEY => io::ErrorKind::NotFound,
        NO_SESSION | NO_SERVER => io::ErrorKind::NotConnected,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, format!("configd refused (SCError {status})"))
}

/// Why the last call of this thread failed.
pub(super) fn last_error() -> io::Error {
    failed(SCError())
}

fn not_ours() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "no name of a service of ours")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anybody_may_read_and_only_root_may_write() {
        let mut store = DynamicStore::open().unwrap();
        let service = "azike-test-of-the-store";
        assert_eq!(store.read(service).unwrap(), None);
        let dns = DnsConfig {
            servers: vec!["192.0.2.1".parse().unwrap()],
            match_domains: vec!["azike.invalid".to_owned()],
            ..DnsConfig::default()
        };
        match store.set(service, &dns, "utun99") {
            Ok(()) => {
                assert!(store.in_force(service, &dns, "utun99").unwrap());
                store.remove(service).unwrap();
                assert_eq!(store.read(service).unwrap(), None);
            }
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::PermissionDenied),
        }
        store.remove("utun7").unwrap_err();
    }
}
