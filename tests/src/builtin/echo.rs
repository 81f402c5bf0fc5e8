//! Echo requests (RFC 792), without `ping`.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrV4, SocketFlags, SocketType, ipproto, recv,
    sendto, socket_with,
};

use crate::lab::stopwatch::Stopwatch;

const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;

/// Sends echo requests to one address.
#[derive(Debug)]
pub struct Echo {
    socket: OwnedFd,
    to: Ipv4Addr,
    identifier: [u8; 2],
    sequence: u16,
}

impl Echo {
    /// To `to`; needs `CAP_NET_RAW`.
    pub fn open(to: Ipv4Addr) -> Result<Self> {
        let flags = SocketFlags::CLOEXEC;
        let protocol = Some(ipproto::ICMP);
        let socket = socket_with(AddressFamily::INET, SocketType::RAW, flags, protocol)?;
        let [.., high, low] = std::process::id().to_be_bytes();
        Ok(Self {
            socket,
            to,
            identifier: [high, low],
            sequence: 0,
        })
    }

    /// Sends one request; the time until its answer, or `None` if there was none within `limit`.
    pub fn once(&mut self, limit: Duration) -> Result<Option<Duration>> {
        self.sequence = self.sequence.wrapping_add(1);
        let [id_high, id_low] = self.identifier;
        let [sequence_high, sequence_low] = self.sequence.to_be_bytes();
        let echo = [id_high, id_low, sequence_high, sequence_low];
        let watch = Stopwatch::start();
        let flags = SendFlags::empty();
        let to = SocketAddrV4::new(self.to, 0);
        let request = message(ECHO_REQUEST, echo);
        let sent = sendto(&self.socket, &request, flags, &to)?;
        ensure!(sent == request.len(), "half an echo request");
        let wanted = message(ECHO_REPLY, echo);
        while let Some(left) = limit.checked_sub(watch.elapsed()) {
            let mut waiting = [PollFd::new(&self.socket, PollFlags::IN)];
            if poll(&mut waiting, Some(&Timespec::try_from(left)?))? == 0 {
                break;
            }
            // All ICMP messages of this host come here, each with its IPv4 header of 20 octets.
            let mut packet = [0; 1500];
            let (_, length) = recv(&self.socket, packet.as_mut_slice(), RecvFlags::DONTWAIT)?;
            if packet.get(20..length) == Some(&wanted[..]) {
                return Ok(Some(watch.elapsed()));
            }
        }
        Ok(None)
    }
}

/// An echo message with its checksum.
fn message(kind: u8, echo: [u8; 4]) -> Vec<u8> {
    let [a, b, c, d] = echo;
    let words = [[kind, 0], [a, b], [c, d]].map(|word| u32::from(u16::from_be_bytes(word)));
    let sum: u32 = words.iter().sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let [.., high, low] = (!folded).to_be_bytes();
    vec![kind, 0, high, low, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_of_a_message_add_up_to_ones() {
        for echo in [[0, 0, 0, 1], [0xff, 0xff, 0xff, 0xff], [0x12, 0x34, 0, 7]] {
            let message = message(ECHO_REQUEST, echo);
            let words = message
                .chunks(2)
                .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
            let sum: u32 = words.sum();
            assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff, "{echo:?}");
        }
    }
}
