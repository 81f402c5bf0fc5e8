//! The threads that move packets between the tun device and the UDP sockets.
//!
//! ```text
//!            ┌── azike-packets ─────────────────────────────────────────────────┐
//!            │  read ─▶ inner policy ─▶ segments ─▶ seal ─▶ send                │────▶ UDP 4500
//!   tun ◀───▶│ write ◀─ super-packets ◀─ policy, ECN ◀─ open ◀─┐                │◀──── UDP 500, 4500
//!            │                            control plane ◀─ IKE ┴ receive        │
//!            └──────────────────────────────────────────────────────────────────┘
//!            ┌── azike-bulk: the first line, while the host has much to send ───┐
//!            └──────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Two operating-system threads that wait in `poll(2)`; no packet of the tunnel meets the async
//! runtime. One is enough for few packets, and answers faster: see `docs/decisions/0012`. Each takes as many
//! packets as there are with one system call, up to 64 KiB as one where the system can
//! (`azike_platform::Offload`), and never waits for more.
//!
//! The control plane sets the table of Child SAs, which is replaced as a whole, so that a rekey stops
//! no packet, and gets IKE messages by a bounded channel, which never makes a packet wait: what does
//! not fit is counted and lost, as UDP may.
//!
//! NAT keepalives (RFC 3948, section 4) are sent by the control plane, which knows when; those of
//! the gateway are thrown away here.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use arc_swap::{ArcSwap, ArcSwapOption};
use azike_crypto::DirectionKeys;
use azike_ike::Transport;
use azike_platform::{Clock, Offload, UdpReceiver};
use azike_tunnel::{DscpMode, InnerPolicy};
use azike_wire::EspSpi;

pub use counters::{DataCounters, FlowCounters};
pub use device::PacketDevice;
pub use drop_cause::DropCause;

use counters::Counters;
use mailbox::Caller;
use sa_table::{Path, SaTable};
use upload::Upload;

mod bulk;
mod counters;
mod device;
mod download;
mod drop_cause;
mod mailbox;
mod packets;
mod sa_table;
mod sending;
#[cfg(test)]
mod tests;
mod too_big;
mod train;
mod upload;

/// How many packets a thread moves before it looks again whether it should stop.
const BATCH: usize = 64;

/// The longest IP packet, and more than the longest datagram.
const LARGEST: usize = 65_535;

/// How packets travel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Settings {
    /// Whether the sockets take and give many datagrams as one. The tun device says for itself what it can.
    pub offload: Offload,
    /// The DSCP of the outer headers.
    pub dscp: DscpMode,
}

/// An IKE message as it came; the four zero octets of port 4500 are taken off.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IkeDatagram {
    /// The message. It may be anything, also empty.
    pub octets: Vec<u8>,
    /// Who sent it, as far as one can believe it.
    pub from: SocketAddr,
    /// What kind of socket it came by.
    pub transport: Transport,
}

/// A Child SA, ready to carry packets.
#[derive(Debug)]
pub struct ChildSaKeys {
    /// Our SPI: the gateway sends to it.
    pub spi_in: EspSpi,
    /// The gateway's SPI: we send to it.
    pub spi_out: EspSpi,
    /// Protects what the gateway sends.
    pub inbound: DirectionKeys,
    /// Protects what we send.
    pub outbound: DirectionKeys,
    /// Where the gateway is (port 4500).
    pub peer: SocketAddr,
    /// By which socket to send: one of those of [`DataPath::start`], of `peer`'s family.
    pub socket: Arc<UdpSocket>,
}

/// The tun device with what may pass through it.
#[derive(Debug)]
struct Attached {
    tun: Arc<dyn PacketDevice>,
    policy: InnerPolicy,
    /// What the host sends is ours to read.
    uploads: AtomicBool,
}

impl Attached {
    const fn new(tun: Arc<dyn PacketDevice>, policy: InnerPolicy) -> Self {
        Self {
            tun,
            policy,
            uploads: AtomicBool::new(true),
        }
    }

    fn may_upload(&self) -> bool {
        self.uploads.load(Ordering::Acquire)
    }
}

/// What the threads and the control plane share.
#[derive(Debug)]
struct Shared {
    sas: ArcSwap<SaTable>,
    attached: ArcSwapOption<Attached>,
    counters: Counters,
    clock: Clock,
    /// Held from the look at `sas` until what was read from the tun device is sent.
    burst: Mutex<()>,
    settings: Settings,
    /// The path may be another than the one that was asked how much it takes.
    path_changed: AtomicBool,
    /// Of the tun device; 65 535 while it is not known.
    mtu: AtomicU16,
}

/// Reads the counters of a data path.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Shared>);

impl Meter {
    /// What happened so far. Cheap; stops no packet.
    pub fn read(&self) -> DataCounters {
        self.0.read_counters()
    }
}

impl Shared {
    /// Replaces the Child SAs, and waits until no packet is under way by those before: a thread may
    /// have looked a moment ago. That takes microseconds, unless the socket is full.
    fn replace_sas(&self, change: impl Fn(&SaTable) -> SaTable) {
        self.sas.rcu(|table| change(table));
        drop(self.burst());
    }

    fn mtu(&self) -> u16 {
        self.mtu.load(Ordering::Relaxed)
    }

    fn burst(&self) -> MutexGuard<'_, ()> {
        self.burst.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_counters(&self) -> DataCounters {
        self.counters.read(self.sas.load().remaining())
    }
}

/// A thread, and who calls it.
#[derive(Debug)]
struct Worker {
    caller: Caller<Upload>,
    thread: Option<JoinHandle<()>>,
}

/// The data path of one connection.
///
/// Start it with the sockets before `IKE_SA_INIT`, [`attach`](Self::attach) the tun device and
/// [`install`](Self::install) the first Child SA in any order when they exist. Dropping it stops
/// the threads and waits for them, which takes no longer than the packet in hand.
#[derive(Debug)]
pub struct DataPath {
    shared: Arc<Shared>,
    packets: Worker,
    bulk: Worker,
}

impl DataPath {
    /// Starts to receive from `sockets`, which become non-blocking. Their IKE messages go to
    /// `ike`, which must not wait, and says whether it had room; a message it does not take is counted.
    ///
    /// The control plane may send by the same sockets, and must not receive from them. `clock`
    /// dates [`DataCounters::last_received`].
    pub fn start(
        sockets: Vec<(Arc<UdpSocket>, Transport)>,
        ike: impl FnMut(IkeDatagram) -> bool + Send + 'static,
        clock: Clock,
        settings: Settings,
    ) -> io::Result<Self> {
        for (socket, _) in &sockets {
            UdpReceiver::prepare(socket, settings.offload)?;
        }
        let shared = Arc::new(Shared {
            sas: ArcSwap::default(),
            attached: ArcSwapOption::empty(),
            counters: Counters::new(clock.now()),
            clock,
            burst: Mutex::new(()),
            settings,
            path_changed: AtomicBool::new(false),
            mtu: AtomicU16::new(u16::MAX),
        });
        let (to_packets, packets_mail) = mailbox::pair()?;
        let (to_bulk, bulk_mail) = mailbox::pair()?;
        let back = to_packets.clone();
        let bulk = Worker::start("azike-bulk", to_bulk, move || {
            bulk::run(&bulk_mail, &back);
        })?;
        let (theirs, to_bulk) = (Arc::clone(&shared), bulk.caller.clone());
        let packets = Worker::start("azike-packets", to_packets, move || {
            packets::run(&theirs, &sockets, ike, &packets_mail, &to_bulk);
        })?;
        Ok(Self {
            shared,
            packets,
            bulk,
        })
    }

    /// Connects the tun device and lets pass what `policy` allows. A device that was attached before is
    /// detached.
    pub fn attach(&mut self, tun: Arc<dyn PacketDevice>, policy: InnerPolicy) {
        self.detach();
        let attached = Arc::new(Attached::new(tun, policy));
        let upload = Upload::new(Arc::clone(&self.shared), Arc::clone(&attached));
        self.shared.attached.store(Some(attached));
        self.packets.caller.put(upload);
    }

    /// Reads no more from the tun device: another data path takes it over. What the gateway sends still
    /// comes in.
    pub fn stop_upload(&mut self) {
        if let Some(attached) = self.shared.attached.load_full() {
            attached.uploads.store(false, Ordering::Release);
            // After a burst that is under way nothing is read.
            drop(self.shared.burst());
            self.packets.caller.call();
            self.bulk.caller.call();
        }
    }

    /// Reads no more from the tun device and lets go of it, but for a packet that is just being written to it.
    pub fn detach(&mut self) {
        self.stop_upload();
        self.shared.attached.store(None);
    }

    /// Adds a Child SA: what goes out uses it at once, what comes in may use it or any older one
    /// until that is [removed](Self::remove).
    pub fn install(&self, keys: &ChildSaKeys) {
        let path = Path {
            socket: Arc::clone(&keys.socket),
            peer: keys.peer,
        };
        let sa = sa_table::ChildSa::new(keys);
        self.shared
            .replace_sas(|table| table.with(sa.clone(), path.clone()));
    }

    /// Adds a Child SA that receives at once, and sends when all older ones are
    /// [retired](Self::retire) or removed: the gateway made it and may not know yet that we agreed.
    pub fn install_standby(&self, keys: &ChildSaKeys) {
        let path = Path {
            socket: Arc::clone(&keys.socket),
            peer: keys.peer,
        };
        let sa = sa_table::ChildSa::new(keys);
        self.shared
            .replace_sas(|table| table.with_standby(sa.clone(), path.clone()));
    }

    /// Sends no more with the Child SA of our SPI `spi_in`, if there is another; still receives
    /// what the gateway sent before it knew.
    pub fn retire(&self, spi_in: EspSpi) {
        self.shared.replace_sas(|table| table.retiring(spi_in));
    }

    /// Removes the Child SA with our SPI `spi_in`, both directions. If it was the one that sends,
    /// the newest of those left takes over. An SPI that is not there changes nothing.
    pub fn remove(&self, spi_in: EspSpi) {
        self.shared.replace_sas(|table| table.without(spi_in));
    }

    /// Sends to another address from now on: the gateway or a NAT moved, and IKE proved it. An ESP
    /// packet alone never does this.
    pub fn set_peer(&self, peer: SocketAddr) {
        self.shared.replace_sas(|table| table.towards(peer));
    }

    /// The network changed: how much the path takes is to be learnt anew.
    pub fn path_changed(&self) {
        self.shared.path_changed.store(true, Ordering::Relaxed);
    }

    /// The tun device has this MTU now. TCP connections are told to send no longer segments, in both
    /// directions, and a longer packet is answered with an ICMP error.
    pub fn set_mtu(&self, mtu: u16) {
        self.shared.mtu.store(mtu, Ordering::Relaxed);
    }

    /// What happened so far. Cheap; stops no packet.
    pub fn counters(&self) -> DataCounters {
        self.shared.read_counters()
    }

    /// Something that reads the counters from anywhere, also after the end.
    pub fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.shared))
    }

    /// Stops all threads and waits for them.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for DataPath {
    fn drop(&mut self) {
        self.detach();
        self.packets.end();
        self.bulk.end();
        // A meter may live on; keys and sockets must not.
        self.shared.sas.store(Arc::default());
    }
}

impl Worker {
    fn start(
        name: &str,
        caller: Caller<Upload>,
        run: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let thread = Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self {
            caller,
            thread: Some(thread),
        })
    }

    fn end(&mut self) {
        self.caller.end();
        let ended = self.thread.take().map(JoinHandle::join);
        if ended.is_some_and(|ended| ended.is_err()) {
            tracing::error!("a data-path thread panicked");
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}
