//! How long a packet takes there and back: ping, a hundred times a second or a thousand times. The kernel answers, so what the
//! tunnel adds is all that differs from one peer to the next.

use anyhow::{Result, ensure};

use super::netns::Site;
use crate::lab::command::Call;

/// Round trips in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTrip {
    /// Half of them took less.
    pub median: f64,
    /// One of a hundred took longer.
    pub p99: f64,
    /// Echoes without an answer, of a hundred.
    pub lost: f64,
}

/// The time between two echoes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// 10 ms: the processors may fall asleep, and waking one up takes its time.
    Slow,
    /// 1 ms.
    Brisk,
}

/// Sends `count` echoes.
pub fn ping(site: &Site, far: &str, count: u32, pace: Pace) -> Result<RoundTrip> {
    let gap = match pace {
        Pace::Slow => "0.01",
        Pace::Brisk => "0.001",
    };
    let number = count.to_string();
    let call = Call::inside(&site.layout().client(), "ping");
    let call = call.args(["-n", "-i", gap, "-W", "1", "-c", &number, far]);
    let finished = call.finish()?;
    let mut times = times(&finished.stdout);
    // What is left may say something only when it is most of them.
    let answered = u32::try_from(times.len()).unwrap_or(u32::MAX);
    ensure!(
        answered > count / 2,
        "{answered} of {count} echoes were answered: {}",
        finished.stderr.trim()
    );
    times.sort_by(f64::total_cmp);
    let at = |hundredth: usize| {
        let last = times.len().saturating_sub(1);
        times.get(last * hundredth / 100).copied()
    };
    Ok(RoundTrip {
        median: at(50).unwrap_or(f64::NAN),
        p99: at(99).unwrap_or(f64::NAN),
        lost: f64::from(count.saturating_sub(answered)) * 100.0 / f64::from(count.max(1)),
    })
}

/// The times in ping's output, in microseconds.
fn times(text: &str) -> Vec<f64> {
    let times = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" time=")?;
        let milliseconds: f64 = rest.strip_suffix(" ms")?.parse().ok()?;
        Some(milliseconds * 1000.0)
    });
    times.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_ping_are_read() {
        let text = "PING 10.1.0.4 (10.1.0.4) 56(84) bytes of data.\n\
                    64 bytes from 10.1.0.4: icmp_seq=1 ttl=64 time=0.250 ms\n\
                    64 bytes from 10.1.0.4: icmp_seq=2 ttl=64 time=1.5 ms\n\
                    rtt min/avg/max/mdev = 0.250/0.875/1.500/0.0 ms\n";
        assert_eq!(times(text), [250.0, 1500.0]);
    }
}
