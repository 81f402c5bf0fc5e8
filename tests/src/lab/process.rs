//! Programs in the background. Each has a file with its process identifier and start time, so that a later
//! `lab down` ends exactly what this lab started and nothing else.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::command::Call;
use super::layout::Layout;
use super::stopwatch::wait_until;

/// A program that was started in the background.
#[derive(Debug)]
pub struct Background {
    child: Child,
    pid_file: PathBuf,
    log: PathBuf,
}

impl Background {
    /// Starts `call` as `name`; its output goes to `logs/NAME.out`.
    pub fn start(layout: &Layout, name: &str, call: Call) -> Result<Self> {
        fs::create_dir_all(layout.pids())?;
        fs::create_dir_all(layout.logs())?;
        let log = layout.logs().join(format!("{name}.out"));
        let output = File::create(&log)?;
        let child = call
            .into_command()
            // Ctrl-C in the terminal is for us, not for them.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let pid_file = layout.pids().join(name);
        let started = start_time(child.id()).unwrap_or_default();
        fs::write(&pid_file, format!("{} {started}\n", child.id()))?;
        Ok(Self {
            child,
            pid_file,
            log,
        })
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its process identifier.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote so far.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends `signal`.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = pid(self.child.id()) {
            // It may have ended by itself: then there is nobody to tell.
            kill_process(pid, signal).unwrap_or(());
        }
    }

    /// Asks it to end, waits, ends it by force if it does not. Gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        if !wait_until(Duration::from_secs(8), || !self.is_running()) {
            self.signal(Signal::KILL);
        }
        let status = self.child.wait();
        drop(fs::remove_file(&self.pid_file));
        status.ok().and_then(|status| status.code())
    }

    /// Ends it as a power cut would.
    pub fn kill(self) {
        self.signal(Signal::KILL);
        self.stop();
    }

    /// Waits for it to end by itself, at most `limit`. Gives its exit code.
    pub fn ended_within(&mut self, limit: Duration) -> Option<i32> {
        wait_until(limit, || !self.is_running());
        let status = self.child.try_wait().ok().flatten();
        status.and_then(|status| status.code())
    }
}

/// Ends everything that the pid files in `folder` name: what another process started earlier.
pub fn stop_all(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let file = entry?.path();
        let text = fs::read_to_string(&file).unwrap_or_default();
        if let Some((id, started)) = text.trim().split_once(' ')
            && let Ok(id) = id.parse::<u32>()
        {
            stop_by_id(id, started);
        }
        fs::remove_file(&file)?;
    }
    Ok(())
}

fn stop_by_id(id: u32, started: &str) {
    // The same number with another start time is somebody else's process.
    let runs = || start_time(id).as_deref() == Some(started);
    for signal in [Signal::TERM, Signal::KILL] {
        if !runs() {
            return;
        }
        if let Some(pid) = pid(id) {
            kill_process(pid, signal).unwrap_or(());
        }
        wait_until(Duration::from_secs(8), || !runs());
    }
}

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// The start time of a process in clock ticks, as the kernel writes it; `None` when it is gone or a zombie.
fn start_time(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    if fields.next() == Some("Z") {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_start_time_is_known() {
        assert!(start_time(std::process::id()).is_some_and(|ticks| ticks.parse::<u64>().is_ok()));
    }

    #[test]
    fn a_process_that_is_not_there_has_no_start_time() {
        assert_eq!(start_time(u32::MAX), None);
    }
}
