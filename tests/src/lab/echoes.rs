//! A stream of echo requests through the tunnel, and when they were answered.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use super::command::Call;
use super::layout::{Layout, VNET_HOST};
use super::process::Background;
use super::stopwatch::{unix_seconds, wait_until};

/// Seconds between two requests.
const PACE: f64 = 0.1;

/// A stream that runs.
#[derive(Debug)]
pub struct Echoes(Background);

/// What became of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Echoed {
    /// Requests without an answer.
    pub lost: u64,
    /// The longest time between two answers, in seconds.
    pub silence: f64,
}

impl Echoes {
    /// Ten requests a second from the client to the `VNet` host.
    pub fn start(layout: &Layout) -> Result<Self> {
        let pace = PACE.to_string();
        let call = Call::inside(&layout.client(), "ping").args(["-n", "-D", "-i", &pace]);
        let process = Background::start(layout, "echoes", call.arg(VNET_HOST))?;
        Ok(Self(process))
    }

    /// Waits for an answer that comes after `moment` (of the wall clock), at most `limit` from then.
    /// Gives the seconds between the two.
    pub fn answered_after(&self, moment: f64, limit: Duration) -> Option<f64> {
        let mut found = None;
        let left = limit.as_secs_f64() - (unix_seconds() - moment);
        wait_until(Duration::from_secs_f64(left.max(0.0)), || {
            found = first_after(&self.0.output(), moment);
            found.is_some()
        });
        found.filter(|&seconds| seconds <= limit.as_secs_f64())
    }

    /// Ends it.
    pub fn finish(mut self) -> Result<Echoed> {
        self.0.signal(Signal::INT);
        self.0.ended_within(Duration::from_secs(3));
        let output = self.0.output();
        let lost = lost(&output).with_context(|| format!("ping said no sums:\n{output}"))?;
        let silence = silence(&output);
        Ok(Echoed { lost, silence })
    }
}

impl Drop for Echoes {
    fn drop(&mut self) {
        self.0.signal(Signal::KILL);
        // Its status is fetched as soon as it is gone.
        self.0.ended_within(Duration::from_secs(3));
    }
}

/// The moments at which answers came.
fn answers(output: &str) -> impl Iterator<Item = f64> {
    let answers = output.lines().filter(|line| line.contains("bytes from"));
    answers.filter_map(|line| line.strip_prefix('[')?.split(']').next()?.parse().ok())
}

fn first_after(output: &str, moment: f64) -> Option<f64> {
    let first = answers(output).find(|&answer| answer > moment);
    first.map(|answer| answer - moment)
}

fn silence(output: &str) -> f64 {
    let before = answers(output);
    let pairs = before.zip(answers(output).skip(1));
    pairs
        .map(|(before, after)| after - before)
        .fold(0.0, f64::max)
}

fn lost(output: &str) -> Option<u64> {
    let sums = output
        .lines()
        .find(|line| line.contains("packets transmitted"))?;
    let mut numbers = sums.split(' ').filter_map(|word| word.parse::<u64>().ok());
    let sent = numbers.next()?;
    Some(sent.saturating_sub(numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "PING 10.1.0.4 (10.1.0.4) 56(84) bytes of data.\n\
        [100.5] 64 bytes from 10.1.0.4: icmp_seq=1 ttl=63 time=0.6 ms\n\
        From 192.168.50.1 icmp_seq=2 Destination Host Unreachable\n\
        [103.0] 64 bytes from 10.1.0.4: icmp_seq=9 ttl=63 time=0.6 ms\n\
        [103.1] 64 bytes from 10.1.0.4: icmp_seq=10 ttl=63 time=0.6 ms\n\n\
        --- 10.1.0.4 ping statistics ---\n\
        10 packets transmitted, 3 received, +1 errors, 70% packet loss, time 2600ms\n";

    #[test]
    fn the_first_answer_after_a_moment_counts() {
        assert_eq!(first_after(SAID, 101.0), Some(2.0));
        assert_eq!(first_after(SAID, 103.1), None);
    }

    #[test]
    fn lost_echoes_and_the_longest_silence_are_known() {
        assert_eq!(lost(SAID), Some(7));
        assert!((silence(SAID) - 2.5).abs() < 0.001);
        assert_eq!(lost("PING"), None);
    }
}
