//! Many datagrams with one system call.
//!
//! ```text
//!   send      | datagram | datagram | … | last |    one buffer, one length but for the last
//!             Linux: UDP_SEGMENT, where it is refused sendmmsg(2); elsewhere one by one
//!
//!   receive   | datagram | datagram | … | last |    as the kernel put them together (UDP_GRO),
//!             | datagram |      | datagram |  …     or several by recvmmsg(2)
//! ```
//!
//! The stack below the system call, not the call itself, is what costs: 44 datagrams as one are ten to
//! twenty times cheaper than one by one.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;

use crate::Offload;
#[cfg(target_os = "linux")]
use crate::linux::udp_messages as messages;
#[cfg(not(target_os = "linux"))]
use crate::macos::udp_messages as messages;

/// The longest payload of a segmented send. UDP would take 65 507 octets, but with the headers of all layers
/// below it must stay under 65 536, or the kernel cuts it long before the interface does, at ten times the
/// price.
pub(crate) const LONGEST: usize = 65_000;

/// How many datagrams a segmented send may have (`UDP_MAX_SEGMENTS` of older kernels).
pub(crate) const MOST_SEGMENTS: usize = 64;

/// After a refusal that may pass (a narrower path), so many sends go without segmentation.
const REST: u16 = 1024;

/// Datagrams that lie one after the other, all of one length but the last, which may be shorter.
#[derive(Clone, Copy, Debug)]
pub struct Datagrams<'b> {
    octets: &'b [u8],
    each: usize,
}

impl<'b> Datagrams<'b> {
    /// How many octets of datagrams [`UdpSender::send`] takes at most, and how many datagrams.
    pub const LIMITS: (usize, usize) = (LONGEST, MOST_SEGMENTS);

    /// `octets`, of which `each` make a datagram.
    pub const fn new(octets: &'b [u8], each: usize) -> Self {
        // No octets at all are one empty datagram, of which nobody has need.
        let each = if each == 0 { 1 } else { each };
        Self { octets, each }
    }

    /// How many there are.
    pub const fn count(self) -> usize {
        self.octets.len().div_ceil(self.each)
    }

    /// The first of them.
    pub fn first(self) -> Option<&'b [u8]> {
        self.octets.chunks(self.each).next()
    }

    /// All but the first `count`.
    #[must_use]
    pub fn after(self, count: usize) -> Self {
        let octets = self.octets.get(count * self.each..).unwrap_or_default();
        Self { octets, ..self }
    }

    pub(crate) const fn octets(self) -> &'b [u8] {
        self.octets
    }

    pub(crate) const fn each(self) -> usize {
        self.each
    }
}

/// The first datagrams went out, the others did not.
#[derive(Debug)]
pub struct Unsent {
    /// How many went out.
    pub sent: usize,
    /// Why the next one did not. [`io::ErrorKind::WouldBlock`]: no room in the socket.
    pub error: io::Error,
}

/// Sends datagrams; belongs to one thread.
#[derive(Debug)]
pub struct UdpSender {
    messages: messages::Outgoing,
    segmentation: Segmentation,
}

/// Whether the kernel cuts the datagrams.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Segmentation {
    On,
    /// Refused, perhaps for this path only: to be tried again after so many sends.
    Resting(u16),
    Off,
}

impl UdpSender {
    /// Ready to send by any socket.
    pub fn new(offload: Offload) -> Self {
        let on = offload == Offload::Auto && messages::CAN_SEGMENT;
        Self {
            messages: messages::Outgoing::new(),
            segmentation: if on {
                Segmentation::On
            } else {
                Segmentation::Off
            },
        }
    }

    /// Whether the kernel cuts a buffer into datagrams at present.
    pub fn segments(&self) -> bool {
        self.segmentation == Segmentation::On
    }

    /// Sends `datagrams` to `to`. `traffic_class` is the octet of the IP header with DSCP and ECN.
    ///
    /// # Errors
    ///
    /// [`Unsent`] says how many went out before the error, which is about the one after them.
    pub fn send(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        traffic_class: u8,
        datagrams: Datagrams<'_>,
    ) -> Result<(), Unsent> {
        if datagrams.count() > 1 && self.may_segment() {
            let sent = self
                .messages
                .send_segments(socket, to, traffic_class, datagrams);
            match sent {
                Err(error) if messages::refuses_segments(&error) => self.step_down(&error),
                Err(error) => return Err(Unsent { sent: 0, error }),
                Ok(()) => return Ok(()),
            }
        }
        self.messages.send(socket, to, traffic_class, datagrams)
    }

    fn may_segment(&mut self) -> bool {
        if let Segmentation::Resting(left) = self.segmentation {
            self.segmentation = match left.checked_sub(1) {
                Some(left) => Segmentation::Resting(left),
                None => Segmentation::On,
            };
        }
        self.segmentation == Segmentation::On
    }

    fn step_down(&mut self, error: &io::Error) {
        self.segmentation = if messages::may_segment_later(error) {
            Segmentation::Resting(REST)
        } else {
            Segmentation::Off
        };
        tracing::info!(%error, "the system does not cut datagrams on this path; they go one by one");
    }
}

/// One or several datagrams of one sender, as they lie in the buffer of a [`UdpReceiver`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Received {
    /// Where they begin.
    pub at: usize,
    /// Octets of all of them.
    pub length: usize,
    /// Octets of each but the last.
    pub each: usize,
    /// Who sent them.
    pub from: SocketAddr,
    /// The octet of the IP header with DSCP and ECN; 0 where the system does not tell.
    pub traffic_class: u8,
}

impl Received {
    /// Where each datagram lies.
    pub fn datagrams(self) -> impl Iterator<Item = Range<usize>> {
        let end = self.at + self.length;
        // A datagram without octets is one too.
        let count = self.length.div_ceil(self.each.max(1)).max(1);
        (0..count).map(move |index| {
            let start = self.at + index * self.each;
            start..(start + self.each).min(end)
        })
    }
}

/// Receives datagrams into a buffer of its own; belongs to one thread.
pub struct UdpReceiver {
    messages: messages::Incoming,
}

impl UdpReceiver {
    /// Makes `socket` non-blocking, lets it tell the traffic class and, if wanted, put datagrams
    /// together.
    ///
    /// # Errors
    ///
    /// Those of the first; whatever the system does not know is done without.
    pub fn prepare(socket: &UdpSocket, offload: Offload) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        messages::prepare(socket, offload);
        Ok(())
    }

    /// With room for as many datagrams as one call gives.
    pub fn new() -> Self {
        Self {
            messages: messages::Incoming::new(),
        }
    }

    /// Takes what waits in `socket`, as much as one call gives; `WouldBlock` when there is nothing.
    ///
    /// The buffer, and what lies in it until the next call.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<(&mut [u8], &[Received])> {
        self.messages.receive(socket)
    }
}

impl Default for UdpReceiver {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for UdpReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UdpReceiver")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    /// Whatever way they take: every datagram arrives once, whole, in order, with its class and its sender.
    #[test]
    fn datagrams_arrive_as_they_were_laid_out() {
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(local) else {
                continue; // A machine without IPv6.
            };
            for (out, come_in) in [
                (Offload::Auto, Offload::Auto),
                (Offload::Auto, Offload::Off),
                (Offload::Off, Offload::Off),
            ] {
                let from = UdpSocket::bind(local).unwrap();
                let (mut sender, mut receiver) = (UdpSender::new(out), UdpReceiver::new());
                let socket = socket.try_clone().unwrap();
                UdpReceiver::prepare(&socket, come_in).unwrap();
                for (count, each, last, class) in [
                    (1, 9, 9, 0),
                    (2, 1, 1, 0b10),
                    (44, 1470, 3, 0),
                    (64, 64, 64, 0xb8 | 0b01),
                    (40, 1000, 1000, 0b11),
                ] {
                    let length = (count - 1) * each + last;
                    let octets: Vec<u8> = (0..length)
                        .map(|at| u8::try_from(at / each).unwrap())
                        .collect();
                    let datagrams = Datagrams::new(&octets, each);
                    assert_eq!(datagrams.count(), count);
                    let to = socket.local_addr().unwrap();
                    sender.send(&from, to, class, datagrams).unwrap();
                    let mut arrived = Vec::new();
                    while arrived.len() < count {
                        let (buffer, received) = receiver.receive(&socket).unwrap();
                        for call in received {
                            assert_eq!(call.from, from.local_addr().unwrap());
                            assert_eq!(call.traffic_class, class);
                            arrived.extend(call.datagrams().map(|it| buffer[it].to_vec()));
                        }
                    }
                    let sent: Vec<_> = octets.chunks(each).collect();
                    assert_eq!(arrived, sent, "{count} of {each} by {out:?}, {come_in:?}");
                }
            }
        }
    }

    /// A larger one than the interface takes in one piece cannot be cut by the kernel, but sent.
    #[cfg(target_os = "linux")]
    #[test]
    fn refused_segments_go_one_by_one() {
        let (from, socket) = (loopback(), loopback());
        let to = socket.local_addr().unwrap();
        let octets = vec![7; 60_000];
        let mut sender = UdpSender::new(Offload::Auto);
        // Segments of no length: as invalid as those that are too long for the path.
        let refused = sender
            .messages
            .send_segments(&from, to, 0, Datagrams::new(&octets, 70_000));
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        for (errno, later) in [
            (libc::EMSGSIZE, true),
            (libc::EINVAL, true),
            (libc::EIO, false),
        ] {
            let mut sender = UdpSender::new(Offload::Auto);
            let error = io::Error::from_raw_os_error(errno);
            assert!(messages::refuses_segments(&error), "{error}");
            sender.step_down(&error);
            assert!(!sender.segments());
            for _ in 0..=REST {
                sender
                    .send(&from, to, 0, Datagrams::new(&octets[..30], 10))
                    .unwrap();
            }
            assert_eq!(sender.segments(), later, "{error}");
        }
        for errno in [
            libc::EAGAIN,
            libc::ECONNREFUSED,
            libc::ENOBUFS,
            libc::ENETUNREACH,
        ] {
            let error = io::Error::from_raw_os_error(errno);
            assert!(!messages::refuses_segments(&error), "{error}");
        }
    }

    #[test]
    fn what_went_out_before_an_error_is_known() {
        let from = loopback();
        let octets = [7; 20];
        let nowhere = "[::1]:9".parse().unwrap();
        let unsent = UdpSender::new(Offload::Off)
            .send(&from, nowhere, 0, Datagrams::new(&octets, 10))
            .unwrap_err();
        assert_eq!(unsent.sent, 0);
        let left = Datagrams::new(&octets, 8).after(2);
        assert_eq!((left.count(), left.octets().len()), (1, 4));
        assert_eq!(Datagrams::new(&octets, 8).after(9).count(), 0);
    }

    #[test]
    fn nothing_there_would_block() {
        let socket = loopback();
        UdpReceiver::prepare(&socket, Offload::Auto).unwrap();
        let mut receiver = UdpReceiver::new();
        let error = receiver.receive(&socket).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn an_empty_datagram_is_one() {
        let nothing = Received {
            at: 9,
            length: 0,
            each: 1,
            from: (Ipv4Addr::LOCALHOST, 1).into(),
            traffic_class: 0,
        };
        assert_eq!(nothing.datagrams().count(), 1);
        assert_eq!(nothing.datagrams().next(), Some(9..9));
    }

    fn loopback() -> UdpSocket {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
    }
}
