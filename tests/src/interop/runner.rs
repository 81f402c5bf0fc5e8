//! Runs the rows, one after the other, in one lab.

mod azike_row;
mod files;
mod reference_row;
mod traffic;
mod trouble;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::matrix::{Line, Outcome, Rekeys};
use super::scenario::{Before, Scenario};
use crate::lab::Lab;
use crate::lab::errand::Errand;
use crate::lab::gateway::GatewayConfig;
use crate::lab::layout::Layout;
use crate::lab::process::Background;
use crate::lab::reference::Reference;

/// Who is the client.
#[derive(Clone, Debug)]
pub enum Peer {
    /// The azike binary at this path.
    Azike(PathBuf),
    /// strongSwan: shows that the lab itself works.
    Reference,
}

/// A lab with a client in it.
#[derive(Debug)]
pub struct Runner {
    lab: Lab,
    peer: Peer,
    reference: Option<Reference>,
    artifacts: PathBuf,
}

/// How a row went: what was seen, and the seconds of the connection attempt.
struct Run {
    seconds: f64,
    seen: String,
    rekeys: Rekeys,
}

impl Run {
    fn new(seconds: f64, seen: String) -> Self {
        let rekeys = Rekeys::default();
        Self {
            seconds,
            seen,
            rekeys,
        }
    }
}

impl Runner {
    /// Raises a lab. Logs of red rows go to the folder `artifacts`.
    pub fn new(layout: Layout, peer: Peer, artifacts: &Path) -> Result<Self> {
        let lab = Lab::raise(layout, &GatewayConfig::default())?;
        Ok(Self {
            lab,
            peer,
            reference: None,
            artifacts: artifacts.to_path_buf(),
        })
    }

    /// Runs one row.
    pub fn run(&mut self, row: &Scenario) -> Line {
        let run = match self.peer.clone() {
            Peer::Reference if !row.reference => {
                let why = "only azike can show it";
                return Line::new(row, Outcome::Skipped(why), 0.0);
            }
            Peer::Reference => self.prepare(row).and_then(|held| {
                let run = self.reference_row(row);
                stop(held);
                run
            }),
            Peer::Azike(binary) => self.prepare(row).and_then(|held| {
                let run = self.azike_row(row, &binary);
                stop(held);
                run
            }),
        };
        match run {
            Ok(run) => Line::new(row, Outcome::Green(run.seen), run.seconds).with(run.rekeys),
            Err(error) => {
                let mut why = format!("{error:#}").trim().replace('\n', " | ");
                if let Err(error) = self.keep_logs(row, &why) {
                    why = format!("{why} (logs not kept: {error:#})");
                }
                Line::new(row, Outcome::Red(why), 0.0)
            }
        }
    }

    /// Sets up gateway and network. Gives what runs beside the client, if anything does.
    fn prepare(&mut self, row: &Scenario) -> Result<Option<Background>> {
        // A clean path first: half-open requests and the gateway's last goodbyes must get through.
        self.lab.set_path(crate::lab::router::Path::default())?;
        self.lab.set_gateway(&row.gateway).context("gateway")?;
        let client = self.lab.layout().client();
        let held = match row.before {
            Before::Nothing => None,
            Before::HalfOpen(count) => {
                Errand::HalfOpen(count).inside(&client)?.run()?;
                None
            }
            Before::PortTaken(port) => {
                let call = Errand::HoldPort(port).inside(&client)?;
                Some(Background::start(self.lab.layout(), "held-port", call)?)
            }
        };
        self.lab.set_path(row.path)?;
        Ok(held)
    }

    fn gateway_log(&self) -> Result<String> {
        Ok(self.lab.gateway()?.charon().log())
    }

    fn keep_logs(&self, row: &Scenario, why: &str) -> Result<()> {
        let name: String = row
            .title()
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        let folder = self.artifacts.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("why"), why)?;
        fs::write(
            folder.join("gateway.log"),
            self.gateway_log().unwrap_or_default(),
        )?;
        if let Some(reference) = &self.reference {
            fs::write(folder.join("client.log"), reference.charon().log())?;
        } else {
            let logs = self.lab.layout().logs();
            for (from, to) in [("azike.out", "client.log"), ("state", "state")] {
                let from = logs.join(from);
                if from.exists() {
                    fs::copy(&from, folder.join(to))?;
                    // The next row may not write it.
                    fs::remove_file(from)?;
                }
            }
        }
        Ok(())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(reference) = self.reference.take() {
            reference.stop();
        }
    }
}

fn stop(held: Option<Background>) {
    if let Some(held) = held {
        held.stop();
    }
}
