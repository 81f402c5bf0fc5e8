//! Numbered datagrams beside the load: each is answered, so each that is lost has a number, and each silence a
//! length.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::lab::stopwatch::Stopwatch;

/// The time between two datagrams.
const PACE: Duration = Duration::from_millis(2);
/// How long to wait for the last answers.
const LAST: Duration = Duration::from_secs(1);
/// Octets in a datagram: it fits into every tunnel.
const LENGTH: usize = 1000;

/// A stream that runs.
#[derive(Debug)]
pub struct Numbered {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Counted>>,
}

/// What became of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// How many were sent.
    pub sent: u64,
    /// The numbers of those that were not answered.
    pub lost: BTreeSet<u64>,
    /// How many answers came twice.
    pub twice: u64,
    /// The longest time between two answers, in seconds.
    pub silence: f64,
}

impl Numbered {
    /// Begins to send to the server at `to`.
    pub fn start(to: SocketAddr) -> Result<Self> {
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => ([0; 4], 0).into(),
            SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("numbered".to_owned())
            .spawn(move || stream(&socket, to, &asked))?;
        Ok(Self { stop, thread })
    }

    /// Ends it, when the last answers had time to come.
    pub fn finish(self) -> Result<Counted> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the stream panicked"))?
    }
}

/// Answers each datagram with itself.
pub fn serve(socket: &UdpSocket) {
    let mut datagram = [0; 2 * LENGTH];
    loop {
        // Errors are of answers that found nobody.
        if let Ok((length, from)) = socket.recv_from(&mut datagram) {
            drop(socket.send_to(datagram.get(..length).unwrap_or_default(), from));
        }
    }
}

fn stream(socket: &UdpSocket, to: SocketAddr, stop: &AtomicBool) -> Result<Counted> {
    let watch = Stopwatch::start();
    let mut counted = Counted {
        sent: 0,
        lost: BTreeSet::new(),
        twice: 0,
        silence: 0.0,
    };
    let mut heard = watch.elapsed();
    let mut next = heard;
    let mut end = None;
    loop {
        let now = watch.elapsed();
        if end.is_none() && stop.load(Ordering::Relaxed) {
            end = Some(now + LAST);
        }
        if end.is_some_and(|end| now >= end || counted.lost.is_empty()) {
            return Ok(counted);
        }
        if end.is_none() && now >= next {
            next = now + PACE;
            counted.sent += 1;
            counted.lost.insert(counted.sent);
            let mut datagram = [0; LENGTH];
            for (to, from) in datagram.iter_mut().zip(counted.sent.to_be_bytes()) {
                *to = from;
            }
            // No route or no room: lost, and counted.
            drop(socket.send_to(&datagram, to));
        }
        let left = next.saturating_sub(watch.elapsed());
        socket.set_read_timeout(Some(left.max(Duration::from_micros(100))))?;
        let mut answer = [0; LENGTH];
        match socket.recv(&mut answer) {
            Ok(LENGTH) => {
                let number = answer.first_chunk().map(|it| u64::from_be_bytes(*it));
                if number.is_none_or(|number| !counted.lost.remove(&number)) {
                    counted.twice += 1;
                }
                let now = watch.elapsed();
                let silence = now.saturating_sub(heard).as_secs_f64();
                counted.silence = counted.silence.max(silence);
                heard = now;
            }
            Ok(_) => {}
            Err(error) if is_nothing(error.kind()) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// No answer yet, or an ICMP message about an earlier datagram.
const fn is_nothing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::stopwatch::pause;

    fn counted(server: impl FnOnce(UdpSocket) + Send + 'static) -> Counted {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = socket.local_addr().unwrap();
        thread::spawn(move || server(socket));
        let numbered = Numbered::start(to).unwrap();
        pause(Duration::from_millis(200));
        numbered.finish().unwrap()
    }

    #[test]
    fn what_is_answered_is_not_lost() {
        let counted = counted(|socket| serve(&socket));
        assert!(counted.sent > 10 && counted.lost.is_empty(), "{counted:?}");
        assert_eq!(counted.twice, 0);
    }

    #[test]
    fn what_is_lost_and_what_comes_twice_is_known() {
        let counted = counted(|socket| {
            let mut datagram = [0; LENGTH];
            for number in 1.. {
                let (_, from) = socket.recv_from(&mut datagram).unwrap();
                let copies = match number {
                    3 => 0,
                    5 => 2,
                    _ => 1,
                };
                for _ in 0..copies {
                    socket.send_to(&datagram, from).unwrap();
                }
            }
        });
        assert_eq!(counted.lost, BTreeSet::from([3]));
        assert_eq!(counted.twice, 1);
    }
}
