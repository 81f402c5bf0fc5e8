//! One row with azike as the client.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use serde_json::Value;

use super::{Run, Runner, files, traffic};
use crate::interop::matrix::Rekeys;
use crate::interop::scenario::{After, Evidence, Expect, Package, Scenario};
use crate::lab::azike::{Azike, UpArgs, User};
use crate::lab::command::Finished;
use crate::lab::layout::VNET_HOST;
use crate::lab::process::Background;
use crate::lab::profile_zip::Schema;
use crate::lab::snapshot::Snapshot;
use crate::lab::stopwatch::{Stopwatch, pause, wait_until};

impl Runner {
    /// Connects, looks, disconnects; nothing may be left in the client's namespace.
    pub(super) fn azike_row(&mut self, row: &Scenario, binary: &Path) -> Result<Run> {
        let layout = &self.lab.layout().clone();
        let args = files::write(&self.lab, row)?;
        let log_start = self.gateway_log()?.len();
        let before = Snapshot::of_namespace(&layout.client())?;
        let mut azike = Azike::new(layout, binary)?;
        shown(row, &azike.show(&args.package)?).context("azike profile show")?;
        let run = if row.after == After::CtrlC {
            self.foreground(&azike, &args)
        } else {
            // Without rights there is no daemon either: azike itself finds out.
            if row.user == User::Root {
                azike.start(layout)?;
            }
            let run = self.up_and_judge(row, &mut azike, &args, log_start);
            azike.stop();
            run
        };
        self.lab.settle()?;
        let left = before.difference(&Snapshot::of_namespace(&layout.client())?);
        let run = run?;
        ensure!(left.is_empty(), "left behind: {}", left.join(" | "));
        Ok(run)
    }

    fn up_and_judge(
        &mut self,
        row: &Scenario,
        azike: &mut Azike,
        args: &UpArgs,
        log_start: usize,
    ) -> Result<Run> {
        let finished = azike.up(row.user, args)?;
        let seconds = finished.seconds;
        match &row.expect {
            Expect::Refused { exit, code } => {
                let said = one_line(&finished);
                ensure!(
                    finished.code == Some(*exit) && finished.text().contains(code),
                    "wanted exit {exit} with {code}, got {:?}: {said}",
                    finished.code
                );
                let seen = format!("exit {exit}, {code}");
                Ok(Run::new(seconds, seen))
            }
            Expect::Connected(evidence) => {
                if finished.code != Some(0) {
                    bail!("exit {:?}: {}", finished.code, one_line(&finished));
                }
                let mut seen = self.look(row, evidence)?;
                let mut rekeys = Rekeys::default();
                if let After::Trouble(trouble) = row.after {
                    seen = self
                        .trouble(row, trouble, azike)
                        .inspect_err(|_| drop(self.keep_state(azike)))?;
                } else if let After::Rekeys { seconds, least } = row.after {
                    rekeys = self.rekeys(seconds, least)?;
                    seen = format!("{rekeys}, no echo lost in {seconds} s");
                }
                self.afterwards(row.after, azike, args)?;
                if let Some(words) = evidence.log {
                    self.gateway_said(words, log_start)?;
                }
                Ok(Run {
                    rekeys,
                    ..Run::new(seconds, seen)
                })
            }
        }
    }

    /// Sends packets and compares what the gateway negotiated.
    fn look(&self, row: &Scenario, evidence: &Evidence) -> Result<String> {
        let client = self.lab.layout().client();
        traffic::ping(&client, VNET_HOST, row.path.loss)?;
        for address in &evidence.answers {
            traffic::ping(&client, address, row.path.loss)?;
        }
        if evidence.page {
            traffic::page(&client, true)?;
        }
        self.negotiated(evidence)
    }

    /// The gateway's algorithms, which have to be the expected ones.
    pub(super) fn negotiated(&self, evidence: &Evidence) -> Result<String> {
        let established = self.lab.gateway()?.established()?;
        let sa = established.last().context("the gateway has no IKE SA")?;
        for (wanted, got) in [(&evidence.ike, &sa.ike), (&evidence.esp, &sa.esp)] {
            if let Some(wanted) = wanted {
                ensure!(wanted == got, "negotiated {got}, wanted {wanted}");
            }
        }
        Ok(format!("{} {} {}", sa.address, sa.ike, sa.esp))
    }

    /// Whether `words` are in the gateway's log since `start`.
    pub(super) fn gateway_said(&self, words: &str, start: usize) -> Result<()> {
        let log = self.gateway_log()?;
        let new = log.get(start..).unwrap_or(&log);
        ensure!(new.contains(words), "the gateway's log has no {words:?}");
        Ok(())
    }

    fn afterwards(&self, after: After, azike: &mut Azike, args: &UpArgs) -> Result<()> {
        let client = self.lab.layout().client();
        match after {
            // The daemon ends next, by SIGTERM, with the tunnel up.
            After::Terminated => return Ok(()),
            After::Nothing | After::CtrlC | After::Rekeys { .. } | After::Trouble(_) => {}
            After::GatewayProbes => {
                pause(Duration::from_millis(3500));
                traffic::ping(&client, VNET_HOST, 0).context("after the liveness checks")?;
            }
            After::GatewayDeletes => {
                self.lab.gateway()?.disconnect_all()?;
                let noticed = wait_until(Duration::from_secs(8), || {
                    azike.state().is_ok_and(|state| state != "connected")
                });
                ensure!(noticed, "azike still says connected");
                let back = wait_until(Duration::from_secs(15), || {
                    azike.state().is_ok_and(|state| state == "connected")
                });
                ensure!(back, "the tunnel does not come back by itself");
                traffic::ping(&client, VNET_HOST, 0).context("after it came back")?;
            }
            After::UpAgain => {
                let again = azike.up(User::Root, args)?;
                ensure!(again.code == Some(0), "second up: {}", one_line(&again));
                traffic::ping(&client, VNET_HOST, 0).context("after the second up")?;
            }
            After::DownTwice => expect_zero(&azike.down()?, "first down")?,
            After::Killed => {
                azike.kill();
                azike.start(self.lab.layout()).context("after SIGKILL")?;
                return Ok(());
            }
        }
        expect_zero(&azike.down()?, "down")?;
        let up = self.lab.gateway()?.established()?;
        ensure!(up.is_empty(), "the gateway still has {up:?}");
        ensure!(!traffic::answers(&client), "packets still get through");
        Ok(())
    }

    /// Writes down how client and tunnel are right now, for who looks into a red row.
    fn keep_state(&self, azike: &Azike) -> Result<()> {
        let layout = self.lab.layout();
        let status = azike.status()?.text();
        let network = Snapshot::of_namespace(&layout.client())?;
        let text = format!("{status}\n{network}");
        Ok(fs::write(layout.logs().join("state"), text)?)
    }

    /// New keys again and again, and every echo comes back.
    fn rekeys(&self, seconds: u32, least: usize) -> Result<Rekeys> {
        let start = self.gateway_log()?.len();
        traffic::steady(&self.lab.layout().client(), VNET_HOST, seconds)?;
        let log = self.gateway_log()?;
        let rekeys = Rekeys::in_log(log.get(start..).unwrap_or(&log));
        let made = rekeys.child + rekeys.ike;
        ensure!(made >= least, "new keys {made} times, wanted {least}");
        Ok(rekeys)
    }

    /// `azike up --foreground` in a terminal, ended with Ctrl-C.
    fn foreground(&self, azike: &Azike, args: &UpArgs) -> Result<Run> {
        let layout = self.lab.layout();
        let watch = Stopwatch::start();
        let call = azike.foreground(args);
        let mut process = Background::start(layout, "azike", call)?;
        let client = layout.client();
        let connected = wait_until(Duration::from_secs(15), || {
            traffic::answers(&client) || !process.is_running()
        });
        let seconds = watch.seconds();
        if !connected || !process.is_running() {
            let said = process.output();
            process.stop();
            bail!("no tunnel in the foreground: {said}");
        }
        process.signal(Signal::INT);
        let code = process.ended_within(Duration::from_secs(8));
        process.stop();
        ensure!(code == Some(130), "ended with {code:?}, not 130");
        Ok(Run::new(seconds, "exit 130".to_owned()))
    }
}

/// What `azike profile show` has to say about the package of `row`.
fn shown(row: &Scenario, finished: &Finished) -> Result<()> {
    let Package::Sound(profile) = &row.package else {
        let code = finished.code;
        ensure!(code == Some(9), "exit {code:?}: {}", one_line(finished));
        return Ok(());
    };
    expect_zero(finished, "sound package")?;
    let report: Value = serde_json::from_str(&finished.stdout)?;
    let server = report.get("server").and_then(Value::as_str);
    ensure!(server == Some(&profile.server), "server is {server:?}");
    let schema = match profile.schema {
        Schema::V1 => 1,
        Schema::V2 => 2,
    };
    let seen = report.get("settings_schema").and_then(Value::as_u64);
    ensure!(seen == Some(schema), "schema is {seen:?}, not {schema}");
    Ok(())
}

fn expect_zero(finished: &Finished, what: &str) -> Result<()> {
    ensure!(
        finished.code == Some(0),
        "{what}: exit {:?}: {}",
        finished.code,
        one_line(finished)
    );
    Ok(())
}

fn one_line(finished: &Finished) -> String {
    let text = finished.text();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" | ")
}
