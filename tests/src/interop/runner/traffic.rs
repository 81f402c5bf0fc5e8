//! Packets through the tunnel.

use anyhow::{Context as _, Result, ensure};

use crate::lab::command::Call;
use crate::lab::layout::{GREETING, VNET_HOST, VNET_HOST_NAME};

/// One answered ping of `address`. On a path that loses packets a few more are sent.
pub(super) fn ping(client: &str, address: &str, loss: u32) -> Result<()> {
    let options: &[&str] = if loss == 0 {
        &["-c", "1", "-W", "2"]
    } else {
        &["-c", "12", "-i", "0.2", "-W", "2"]
    };
    let call = Call::inside(client, "ping").arg("-n").args(options);
    let finished = call.arg(address).finish()?;
    ensure!(
        finished.code == Some(0),
        "no answer from {address}: {}",
        finished.text().trim().replace('\n', " | ")
    );
    Ok(())
}

/// Fifty pings a second for about `seconds`, each answered.
pub(super) fn steady(client: &str, address: &str, seconds: u32) -> Result<()> {
    let count = (seconds * 50).to_string();
    let call = Call::inside(client, "ping").args(["-n", "-D", "-O", "-i", "0.02", "-c", &count]);
    let said = call.arg(address).finish()?.text();
    let lost_none = said.contains(" 0% packet loss");
    let telling = ["no answer yet", "From ", "packets transmitted"];
    let lines = said.lines();
    let lines = lines.filter(|line| telling.iter().any(|word| line.contains(word)));
    let lines: Vec<&str> = lines.collect();
    ensure!(lost_none, "echoes were lost: {}", lines.join(" | "));
    Ok(())
}

/// Four megabytes each way by TCP, each within ten seconds.
pub(super) fn transfers(client: &str) -> Result<()> {
    for way in [&[][..], &["-R"][..]] {
        let args = ["10", "iperf3", "-c", VNET_HOST, "-p", "5201", "-n", "4M"];
        let call = Call::inside(client, "timeout").args(args).args(way);
        let finished = call.finish()?;
        ensure!(
            finished.code == Some(0),
            "iperf3 {way:?}: {}",
            finished.text().trim().replace('\n', " | ")
        );
    }
    Ok(())
}

/// Whether the virtual network's host answers right now.
pub(super) fn answers(client: &str) -> bool {
    let args = ["-n", "-c", "1", "-W", "1", VNET_HOST];
    Call::inside(client, "ping").args(args).succeeds()
}

/// Fetches the page of the virtual network's host, by its name or by its address.
pub(super) fn page(client: &str, by_name: bool) -> Result<()> {
    let host = if by_name { VNET_HOST_NAME } else { VNET_HOST };
    let url = format!("http://{host}/");
    let call = Call::inside(client, "curl").args(["-sS", "--noproxy", "*", "--max-time", "15"]);
    let said = call.arg(&url).run().context("page")?;
    ensure!(said.trim() == GREETING, "the page says {said:?}");
    Ok(())
}
