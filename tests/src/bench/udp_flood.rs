//! Small packets: UDP as fast as one thread can send it, counted where it arrives.
//!
//! ```text
//!   client: send, send, send ──▶ tunnel ──▶ gateway: recv, count
//! ```
//!
//! Nobody asks the sender to wait, so all peers are measured overloaded: what they drop they drop.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use nix::sys::socket::{setsockopt, sockopt};

use super::cpu::number;
use super::netns::{Site, inside};
use crate::lab::stopwatch::{Stopwatch, pause};

const PORT: u16 = 5301;
/// Before it counts: queues fill, a processor wakes up.
const WARM: Duration = Duration::from_millis(500);
const BUFFER: usize = 16 << 20;

/// What a flood came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flood {
    /// Packets per second that one thread sent.
    pub sent: f64,
    /// Packets per second that arrived.
    pub delivered: f64,
}

/// Sends datagrams of `size` payload octets from the client to `far` for `time`.
pub fn flood(site: &Site, far: &str, size: usize, time: Duration) -> Result<Flood> {
    let far = SocketAddr::new(far.parse()?, PORT);
    let receiver = inside(&site.layout().gateway(), || {
        let socket = UdpSocket::bind(far)?;
        setsockopt(&socket, sockopt::RcvBufForce, &BUFFER)?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        Ok(socket)
    })?;
    let sender = inside(&site.layout().client(), || {
        let socket = UdpSocket::bind(("0.0.0.0", 0))?;
        socket.connect(far)?;
        Ok(socket)
    })?;
    let (arrived, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let counting = scope.spawn(|| count(&receiver, &arrived, &over));
        let sending = scope.spawn(|| send(&sender, size, &over));
        pause(WARM);
        let (watch, first) = (Stopwatch::start(), arrived.load(Ordering::Relaxed));
        pause(time);
        let (seconds, last) = (watch.seconds(), arrived.load(Ordering::Relaxed));
        over.store(true, Ordering::Relaxed);
        let sent = sending.join().map_err(|_| anyhow!("the sender panicked"))?;
        counting
            .join()
            .map_err(|_| anyhow!("the receiver panicked"))?;
        ensure!(last > first, "not a packet arrived");
        Ok(Flood {
            sent,
            delivered: number(last - first) / seconds,
        })
    })
}

fn count(socket: &UdpSocket, arrived: &AtomicU64, over: &AtomicBool) {
    let mut room = [0; 2048];
    while !over.load(Ordering::Relaxed) {
        // A quiet tenth of a second is no end: the tunnel may be busy dropping.
        if socket.recv(&mut room).is_ok() {
            arrived.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Gives packets per second.
fn send(socket: &UdpSocket, size: usize, over: &AtomicBool) -> f64 {
    let datagram = vec![0x5a; size];
    let (watch, mut sent) = (Stopwatch::start(), 0);
    while !over.load(Ordering::Relaxed) {
        // A full queue (ENOBUFS) is what a flood makes; the next one may pass.
        sent += u64::from(socket.send(&datagram).is_ok());
    }
    number(sent) / watch.seconds()
}
