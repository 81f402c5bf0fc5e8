//! Small packets: how many a second come through. Each peer is offered more and more until it delivers less;
//! its best is what counts, so that nobody is judged only by how it drops.
//!
//! ```text
//!   client: sendmmsg at 10 000, 14 100, 20 000 … a second ──▶ tunnel ──▶ gateway: a full socket
//! ```
//!
//! Nobody reads that socket: the kernel drops what arrives at it and counts (`drops` in /proc/net/udp). So the
//! counting takes next to nothing from the processors that the tunnel runs on.

use std::fs::File;
use std::io::IoSlice;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use nix::sys::socket::{setsockopt, sockopt};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};

use super::cpu::number;
use super::netns::{Site, inside};
use crate::lab::stopwatch::{Stopwatch, pause};

const PORT: u16 = 5301;
/// What is offered first, in packets a second.
const FIRST: f64 = 10_000.0;
/// More than one thread can send here.
const LAST: f64 = 2_000_000.0;
/// So much more is offered each time.
const STEP: f64 = std::f64::consts::SQRT_2;
/// A peer that delivers only this share of its best is over it.
const OVER: f64 = 0.8;
/// Before it counts: queues fill, a processor wakes up.
const WARM: Duration = Duration::from_millis(150);
const BATCH: usize = 32;

/// A sender and a socket to count at.
struct Way {
    sender: UdpSocket,
    counter: Counter,
}

/// A socket that nobody reads.
struct Counter {
    _socket: UdpSocket,
    table: File,
}

/// The most packets a second that arrived at `far`, of `size` octets of payload, sent by the client. Each
/// offer is measured for `time`.
pub fn most(site: &Site, far: &str, size: usize, time: Duration) -> Result<f64> {
    let far = SocketAddr::new(far.parse()?, PORT);
    let way = Way {
        counter: inside(&site.layout().gateway(), || Counter::new(far))?,
        sender: inside(&site.layout().client(), || {
            let socket = UdpSocket::bind(("0.0.0.0", 0))?;
            socket.connect(far)?;
            Ok(socket)
        })?,
    };
    let (mut best, mut rate) = (0.0, FIRST);
    while rate < LAST {
        let (offered, delivered) = way.offer(rate, size, time)?;
        best = f64::max(best, delivered);
        // Not even sent: more will not be either.
        if delivered < best * OVER || offered < rate * OVER {
            break;
        }
        rate *= STEP;
    }
    ensure!(best > 0.0, "not a packet arrived");
    Ok(best)
}

impl Way {
    /// Gives packets a second, sent and arrived.
    fn offer(&self, rate: f64, size: usize, time: Duration) -> Result<(f64, f64)> {
        self.send(rate, size, WARM)?;
        let (watch, before) = (Stopwatch::start(), self.counter.drops()?);
        let sent = self.send(rate, size, time)?;
        let arrived = self.counter.drops()?.saturating_sub(before);
        let seconds = watch.seconds();
        // What still waits in queues must not be taken for the next offer's.
        pause(WARM);
        Ok((number(sent) / seconds, number(arrived) / seconds))
    }

    fn send(&self, rate: f64, size: usize, time: Duration) -> Result<u64> {
        let datagram = vec![0x5a; size];
        let slice = [IoSlice::new(&datagram)];
        let mut nothing: Vec<SendAncillaryBuffer<'_, '_, '_>> =
            (0..BATCH).map(|_| SendAncillaryBuffer::default()).collect();
        let messages = nothing.iter_mut().map(|none| MMsgHdr::new(&slice, none));
        let mut messages: Vec<MMsgHdr<'_>> = messages.collect();
        let (watch, mut sent) = (Stopwatch::start(), 0);
        while watch.elapsed() < time {
            if number(sent) >= watch.seconds() * rate {
                pause(Duration::from_micros(50));
                continue;
            }
            match sendmmsg(&self.sender, &mut messages, SendFlags::empty()) {
                Ok(count) => sent += u64::try_from(count)?,
                // A full queue is what a flood makes; the next ones may pass.
                Err(rustix::io::Errno::NOBUFS | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error).context("sending UDP"),
            }
        }
        Ok(sent)
    }
}

impl Counter {
    /// On this thread's side of the world.
    fn new(address: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind(address)?;
        setsockopt(&socket, sockopt::RcvBuf, &0)?;
        Ok(Self {
            _socket: socket,
            table: File::open("/proc/thread-self/net/udp")?,
        })
    }

    fn drops(&self) -> Result<u64> {
        let mut room = vec![0; 64 << 10];
        let length = self.table.read_at(&mut room, 0)?;
        room.truncate(length);
        let text = String::from_utf8(room)?;
        drops(&text, PORT).with_context(|| format!("no port {PORT} in {text}"))
    }
}

/// The last column of the socket's line.
fn drops(table: &str, port: u16) -> Option<u64> {
    let port = format!(":{port:04X}");
    let line = table.lines().find(|line| {
        let local = line.split_whitespace().nth(1);
        local.is_some_and(|local| local.ends_with(&port))
    });
    line?.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drops_of_our_socket_are_found() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n \
                     10: 00000000:1194 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 3\n \
                     11: 0400010A:14B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9 2 0000000000000000 4711\n";
        assert_eq!(drops(table, PORT), Some(4711));
        assert_eq!(drops(table, 1), None);
    }

    #[test]
    fn a_full_socket_counts_what_arrives() {
        let counter = Counter::new(SocketAddr::from(([127, 0, 0, 1], PORT))).expect("a port");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port");
        sender.connect(("127.0.0.1", PORT)).expect("a way");
        let way = Way { sender, counter };
        let (sent, arrived) = way
            .offer(FIRST, 64, Duration::from_millis(200))
            .expect("loopback carries");
        assert!(sent > FIRST / 2.0, "{sent}");
        // All that was sent, but what the socket had room for.
        assert!((sent - arrived).abs() < sent / 10.0, "{sent} {arrived}");
    }
}
