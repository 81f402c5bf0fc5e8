//! The Child SAs that carry packets: a value that is replaced, never changed.
//!
//! ```text
//!   install A     [A]         A sends,             A receives
//!   install B     [A, B]      B sends,        A and B receive     a rekey settles
//!   remove A      [B]         B sends,             B receives
//! ```
//!
//! The halves of an SA are shared between the old table and the new one, so a sequence number or a
//! window is never copied. Each half belongs to one thread; its lock is there for the compiler and
//! is always free.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use azike_esp::{Inbound, Outbound};
use azike_wire::EspSpi;

use super::ChildSaKeys;

/// Both halves of one Child SA.
#[derive(Clone, Debug)]
pub(super) struct ChildSa {
    spi_in: EspSpi,
    inbound: Arc<Mutex<Inbound>>,
    outbound: Arc<Mutex<Outbound>>,
}

/// How to reach the gateway.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) socket: Arc<UdpSocket>,
    pub(super) peer: SocketAddr,
}

/// The Child SAs, the one that sends last, and the way to the gateway.
#[derive(Debug, Default)]
pub(super) struct SaTable {
    /// Those that only receive any more, then those that wait, then those that send; the last one
    /// does.
    sas: Vec<ChildSa>,
    /// How many of them only receive any more.
    retired: usize,
    path: Option<Path>,
}

impl ChildSa {
    pub(super) fn new(keys: &ChildSaKeys) -> Self {
        Self {
            spi_in: keys.spi_in,
            inbound: Arc::new(Mutex::new(Inbound::new(keys.spi_in, &keys.inbound))),
            outbound: Arc::new(Mutex::new(Outbound::new(keys.spi_out, &keys.outbound))),
        }
    }
}

impl SaTable {
    /// This table and `sa`, which sends from now on; one with its SPI is replaced.
    pub(super) fn with(&self, sa: ChildSa, path: Path) -> Self {
        let mut table = self.without(sa.spi_in);
        table.sas.push(sa);
        table.path = Some(path);
        table
    }

    /// This table and `sa`, which only receives until those that are there now are gone; one with
    /// its SPI is replaced.
    pub(super) fn with_standby(&self, sa: ChildSa, path: Path) -> Self {
        let mut table = self.without(sa.spi_in);
        table.sas.insert(table.retired, sa);
        table.path = Some(path);
        table
    }

    /// This table, but the SA of `spi_in` sends only if there is no other.
    pub(super) fn retiring(&self, spi_in: EspSpi) -> Self {
        let mut table = self.without(spi_in);
        if let Some(sa) = self.sas.iter().find(|sa| sa.spi_in == spi_in) {
            table.sas.insert(0, sa.clone());
            table.retired += 1;
        }
        table
    }

    /// This table without the SA of `spi_in`.
    pub(super) fn without(&self, spi_in: EspSpi) -> Self {
        let other = |sa: &&ChildSa| sa.spi_in != spi_in;
        let retired = self.sas.iter().take(self.retired).filter(other);
        Self {
            retired: retired.count(),
            sas: self.sas.iter().filter(other).cloned().collect(),
            path: self.path.clone(),
        }
    }

    /// This table with the gateway at `peer`.
    pub(super) fn towards(&self, peer: SocketAddr) -> Self {
        Self {
            sas: self.sas.clone(),
            retired: self.retired,
            path: self.path.clone().map(|path| Path { peer, ..path }),
        }
    }

    /// The SA that sends, and where to.
    pub(super) fn sending(&self) -> Option<(MutexGuard<'_, Outbound>, &Path)> {
        let sa = self.sas.last()?;
        Some((lock(&sa.outbound), self.path.as_ref()?))
    }

    /// The SA that receives with `spi`. A table has one SA, or two while a rekey settles; newest
    /// first finds most packets at once.
    pub(super) fn receiving(&self, spi: EspSpi) -> Option<MutexGuard<'_, Inbound>> {
        let sa = self.sas.iter().rev().find(|sa| sa.spi_in == spi)?;
        Some(lock(&sa.inbound))
    }

    /// Whether there is an SA that receives with `spi`.
    pub(super) fn receives(&self, spi: EspSpi) -> bool {
        self.sas.iter().any(|sa| sa.spi_in == spi)
    }

    /// How many packets the SA that sends can still seal.
    pub(super) fn remaining(&self) -> Option<u64> {
        Some(lock(&self.sas.last()?.outbound).remaining())
    }
}

/// A panic of another thread leaves nothing half done: a sequence number is used up before it is
/// used, and a window is marked after the packet.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
