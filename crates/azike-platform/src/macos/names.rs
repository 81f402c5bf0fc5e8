//! Our names in the dynamic store, and whether another program changed them.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::dynamic_store::{DynamicStore, OUR_KEYS, Resolvers, StoreWatch, resolvers};
use crate::DnsConfig;

/// What this process wrote, by service.
static WRITTEN: Mutex<BTreeMap<String, Resolvers>> = Mutex::new(BTreeMap::new());

fn written() -> MutexGuard<'static, BTreeMap<String, Resolvers>> {
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The session that our keys live in: they go with it.
#[derive(Debug, Default)]
pub(super) struct Names(Option<DynamicStore>);

impl Names {
    pub(super) fn set(
        &mut self,
        service: &str,
        dns: &DnsConfig,
        interface: &str,
    ) -> io::Result<()> {
        if let Some(resolvers) = resolvers(service, dns, interface) {
            // Before the store tells that it changed.
            written().insert(service.to_owned(), resolvers);
        }
        self.store()?.set(service, dns, interface)
    }

    pub(super) fn remove(&mut self, service: &str) -> io::Result<()> {
        written().remove(service);
        self.store()?.remove(service)
    }

    pub(super) fn in_force(
        &mut self,
        service: &str,
        dns: &DnsConfig,
        interface: &str,
    ) -> io::Result<bool> {
        self.store()?.in_force(service, dns, interface)
    }

    fn store(&mut self) -> io::Result<&mut DynamicStore> {
        let store = match self.0.take() {
            Some(store) => store,
            None => DynamicStore::open()?,
        };
        Ok(self.0.insert(store))
    }
}

/// Tells when another program changed or removed our keys.
#[derive(Debug)]
pub(super) struct NamesWatch {
    store: DynamicStore,
    watch: StoreWatch,
}

impl NamesWatch {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self {
            store: DynamicStore::open()?,
            watch: StoreWatch::open(&[OUR_KEYS])?,
        })
    }

    /// Waits until our keys say something else than what we wrote.
    pub(super) async fn changed(&mut self) {
        loop {
            self.watch.changed().await;
            let ours = written().clone();
            for (service, wrote) in ours {
                match self.store.read(&service) {
                    Ok(found) => {
                        if found.unwrap_or_default() != wrote {
                            return;
                        }
                    }
                    Err(error) => tracing::debug!(%error, "the dynamic store cannot be read"),
                }
            }
        }
    }
}
