//! TCP through the tunnel: iperf3 at both ends.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::netns::Site;
use crate::lab::command::Call;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

const PORT: &str = "5201";
/// Seconds at the start that do not count for the rate: TCP looks for its window.
const WARM: f64 = 0.9;

/// Which way the octets go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the client to the gateway.
    Up,
    /// From the gateway to the client.
    Down,
}

/// What a transfer moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// Mbit/s of TCP payload after the first second.
    pub rate: f64,
    /// Payload octets received, from the first second on.
    pub octets: f64,
}

/// iperf3's server in the gateway's namespace.
#[derive(Debug)]
pub struct Server(Background);

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(site: &Site) -> Result<Self> {
        let gateway = site.layout().gateway();
        let call = Call::inside(&gateway, "iperf3").args(["-s", "-p", PORT]);
        let mut server = Background::start(site.layout(), "iperf3", call)?;
        let port = format!("sport = :{PORT}");
        let listens = || {
            let call = Call::inside(&gateway, "ss").args(["-Hlnt", &port]);
            call.run().is_ok_and(|text| !text.trim().is_empty())
        };
        let limit = Duration::from_secs(5);
        if !wait_until(limit, || listens() || !server.is_running()) || !server.is_running() {
            let said = server.output();
            server.stop();
            bail!("iperf3 did not start: {said}");
        }
        Ok(Self(server))
    }

    /// Ends it.
    pub fn stop(self) {
        self.0.stop();
    }
}

/// Moves octets for `seconds` that count, after one that does not.
pub fn transfer(
    site: &Site,
    far: &str,
    direction: Direction,
    streams: u8,
    seconds: u32,
) -> Result<Transfer> {
    let (time, limit) = ((seconds + 1).to_string(), (seconds + 12).to_string());
    let streams = streams.to_string();
    let call = Call::inside(&site.layout().client(), "timeout").args([&limit, "iperf3"]);
    let call = call.args(["-c", far, "-p", PORT, "-J", "--connect-timeout", "3000"]);
    let mut call = call.args(["-t", &time, "-P", &streams]);
    if direction == Direction::Down {
        call = call.arg("-R");
    }
    let finished = call.finish()?;
    read(&finished.stdout).with_context(|| format!("iperf3: {}", finished.stderr.trim()))
}

fn read(json: &str) -> Result<Transfer> {
    let json: Value = serde_json::from_str(json).context("no JSON")?;
    if let Some(error) = json.pointer("/error").and_then(Value::as_str) {
        bail!("{error}");
    }
    let intervals = json.pointer("/intervals").and_then(Value::as_array);
    let (mut octets, mut seconds) = (0.0, 0.0);
    for interval in intervals.context("no intervals")? {
        let value = |name: &str| interval.pointer(name).and_then(Value::as_f64);
        if value("/sum/start").is_some_and(|start| start >= WARM) {
            octets += value("/sum/bytes").unwrap_or_default();
            seconds += value("/sum/seconds").unwrap_or_default();
        }
    }
    ensure!(seconds > 0.0, "not a second was measured");
    let received = json
        .pointer("/end/sum_received/bytes")
        .and_then(Value::as_f64);
    Ok(Transfer {
        rate: octets * 8.0 / seconds / 1e6,
        octets: received.context("nothing about what was received")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_second_does_not_count_for_the_rate() {
        let json = r#"{"intervals": [
            {"sum": {"start": 0, "seconds": 1.0, "bytes": 999}},
            {"sum": {"start": 1.0, "seconds": 1.0, "bytes": 2000000}},
            {"sum": {"start": 2.0, "seconds": 1.0, "bytes": 4000000}}],
            "end": {"sum_received": {"bytes": 6000999}}}"#;
        let transfer = read(json).expect("a transfer");
        assert!((transfer.rate - 24.0).abs() < 1e-9, "{transfer:?}");
        assert!((transfer.octets - 6_000_999.0).abs() < 1e-9);
    }

    #[test]
    fn an_error_of_iperf3_is_an_error() {
        let error =
            read(r#"{"intervals": [], "error": "server is busy"}"#).expect_err("no figures");
        assert!(error.to_string().contains("busy"));
        assert!(read("").is_err());
    }
}
