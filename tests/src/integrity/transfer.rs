//! A transfer over TCP, both ways at once, each octet compared with what it has to be.
//!
//! ```text
//!   client                                   server
//!      seed 8, length 8, window 8 ───────▶
//!      octets                  ◀─────────▶   octets
//!                              ◀──────────   8: where the first wrong octet came, or all ones
//! ```

use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use rustix::net::sockopt::set_socket_send_buffer_size;

use super::stream::{BLOCK, Stream, Way};
use crate::lab::stopwatch::Stopwatch;

/// How long nothing may move.
const PATIENCE: Duration = Duration::from_secs(30);
/// Says that no octet was wrong.
const NONE: u64 = u64::MAX;

/// What came of a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transferred {
    /// Octets each way.
    pub octets: u64,
    /// How long it took.
    pub seconds: f64,
    /// Where the first wrong octet came that the server got.
    pub wrong_there: Option<u64>,
    /// Where the first wrong octet came that we got.
    pub wrong_back: Option<u64>,
}

impl Transferred {
    /// Wants that no octet was wrong.
    pub fn check(&self) -> Result<()> {
        for (way, wrong) in [("up", self.wrong_there), ("down", self.wrong_back)] {
            if let Some(place) = wrong {
                return Err(anyhow!("{way}: octet {place} of {} is wrong", self.octets));
            }
        }
        Ok(())
    }

    /// Megabytes in a second, each way.
    pub fn rate(&self) -> f64 {
        // More than 2^53 octets take longer than anybody waits.
        #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
        let octets = self.octets as f64;
        octets / self.seconds / 1e6
    }
}

impl fmt::Display for Transferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (octets, seconds, rate) = (self.octets, self.seconds, self.rate());
        write!(
            f,
            "{octets} octets each way in {seconds:.1} s ({rate:.0} MB/s each way)"
        )
    }
}

/// What to transfer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// Which octets.
    pub seed: u64,
    /// How many each way.
    pub octets: u64,
    /// How many octets may be on their way at once, each way; 0 for what the system thinks best. The queue of a
    /// tun device has room for 500 packets: with less than that on the way, no packet is lost because of the load.
    pub window: u64,
}

/// Transfers to and from the server at `to`.
pub fn run(to: SocketAddr, plan: Plan) -> Result<Transferred> {
    let watch = Stopwatch::start();
    let mut connection = TcpStream::connect_timeout(&to, PATIENCE)?;
    for number in [plan.seed, plan.octets, plan.window] {
        connection.write_all(&number.to_be_bytes())?;
    }
    let wrong_back = both_ways(&connection, plan, (Way::There, Way::Back))?;
    let mut verdict = [0; 8];
    connection.read_exact(&mut verdict).context("the verdict")?;
    let verdict = u64::from_be_bytes(verdict);
    Ok(Transferred {
        octets: plan.octets,
        seconds: watch.seconds(),
        wrong_there: Some(verdict).filter(|place| *place != NONE),
        wrong_back,
    })
}

/// Answers everybody who connects.
pub fn serve(listener: &TcpListener) {
    for connection in listener.incoming().flatten() {
        // A client that goes away is no reason to stop serving the others, and it tells by itself.
        let serving = move || drop(answer(connection));
        drop(thread::Builder::new().spawn(serving));
    }
}

fn answer(mut connection: TcpStream) -> Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut number = || -> Result<u64> {
        let mut number = [0; 8];
        connection.read_exact(&mut number)?;
        Ok(u64::from_be_bytes(number))
    };
    let plan = Plan {
        seed: number()?,
        octets: number()?,
        window: number()?,
    };
    let wrong = both_ways(&connection, plan, (Way::Back, Way::There))?;
    connection.write_all(&wrong.unwrap_or(NONE).to_be_bytes())?;
    Ok(())
}

/// Sends and receives at once; where the first wrong octet came.
fn both_ways(
    connection: &TcpStream,
    plan: Plan,
    (ours, theirs): (Way, Way),
) -> Result<Option<u64>> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    if plan.window > 0 {
        // What is not acknowledged stays in this buffer.
        set_socket_send_buffer_size(connection, usize::try_from(plan.window)?)?;
    }
    let octets = plan.octets;
    let (ours, theirs) = (
        Stream::new(plan.seed, ours)?,
        Stream::new(plan.seed, theirs)?,
    );
    let mut writer = connection.try_clone()?;
    let mut reader = connection.try_clone()?;
    thread::scope(|scope| {
        let sending = scope.spawn(move || send(&mut writer, octets, &ours));
        let wrong = compare(&mut reader, octets, &theirs);
        let sent = sending.join().map_err(|_| anyhow!("the sender panicked"))?;
        let wrong = wrong?;
        sent?;
        Ok(wrong)
    })
}

/// The numbers and lengths of the blocks of `octets` octets.
fn blocks(octets: u64) -> impl Iterator<Item = (u64, usize)> {
    let whole = BLOCK as u64;
    (0..octets.div_ceil(whole)).map(move |number| {
        let left = octets - number * whole;
        (
            number,
            usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK)),
        )
    })
}

fn send(to: &mut impl Write, octets: u64, stream: &Stream) -> Result<()> {
    let mut room = vec![0; BLOCK];
    for (number, length) in blocks(octets) {
        let room = room.get_mut(..length).context("a block")?;
        stream.fill(number, room)?;
        let written = to.write_all(room);
        written.with_context(|| format!("sending block {number}"))?;
    }
    Ok(())
}

/// Where the first octet came that is not what `stream` has there.
fn compare(from: &mut impl Read, octets: u64, stream: &Stream) -> Result<Option<u64>> {
    let (mut came, mut wanted) = (vec![0; BLOCK], vec![0; BLOCK]);
    let mut wrong = None;
    for (number, length) in blocks(octets) {
        let came = came.get_mut(..length).context("a block")?;
        let read = from.read_exact(came);
        read.with_context(|| format!("receiving block {number}"))?;
        if wrong.is_some() {
            // The rest only makes room for the sender.
            continue;
        }
        let wanted = wanted.get_mut(..length).context("a block")?;
        stream.fill(number, wanted)?;
        if came != wanted {
            let place = came.iter().zip(&*wanted).position(|(a, b)| a != b);
            let before = number * BLOCK as u64;
            wrong = place.map(|place| before + place as u64);
            ensure!(wrong.is_some(), "block {number} is wrong nowhere");
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream::new(7, Way::Back).unwrap()
    }

    fn plan(seed: u64, octets: u64) -> Plan {
        Plan {
            seed,
            octets,
            window: 100_000,
        }
    }

    #[test]
    fn a_wrong_octet_is_found_where_it_is() {
        let octets = BLOCK as u64 * 2 + 5;
        let mut sent = Vec::new();
        send(&mut sent, octets, &stream()).unwrap();
        assert_eq!(compare(&mut &sent[..], octets, &stream()).unwrap(), None);
        for place in [0, BLOCK - 1, BLOCK, BLOCK * 2 + 4] {
            let mut damaged = sent.clone();
            damaged[place] ^= 1;
            damaged[BLOCK * 2 + 4] ^= 2;
            let wrong = compare(&mut &damaged[..], octets, &stream()).unwrap();
            assert_eq!(wrong, Some(place as u64));
        }
        assert!(compare(&mut &sent[1..], octets, &stream()).is_err());
    }

    #[test]
    fn both_ways_over_loopback_no_octet_is_wrong() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener));
        let transferred = run(to, plan(3, 1_000_001)).unwrap();
        transferred.check().unwrap();
        assert!(transferred.rate() > 0.0);
    }

    #[test]
    fn the_verdict_of_the_other_side_counts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            connection.read_exact(&mut [0; 24 + 10]).unwrap();
            send(&mut connection, 10, &stream()).unwrap();
            connection.write_all(&4_u64.to_be_bytes()).unwrap();
        });
        let transferred = run(to, plan(7, 10)).unwrap();
        assert_eq!(transferred.wrong_there, Some(4));
        let error = transferred.check().unwrap_err().to_string();
        assert_eq!(error, "up: octet 4 of 10 is wrong");
    }
}
