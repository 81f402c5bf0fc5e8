//! Runs one program to its end and keeps what it said.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::stopwatch::Stopwatch;

/// What became of a program that ran to its end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How long it ran.
    pub seconds: f64,
}

impl Finished {
    /// Both outputs, one after the other.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A program with its arguments.
#[derive(Debug)]
pub struct Call {
    command: Command,
    input: Vec<u8>,
}

impl Call {
    /// A call of `program`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            command: Command::new(program),
            input: Vec::new(),
        }
    }

    /// A call of `program` inside the network namespace `namespace`.
    pub fn inside(namespace: &str, program: impl AsRef<OsStr>) -> Self {
        Self::new("ip")
            .args(["netns", "exec", namespace])
            .arg(program)
    }

    /// Appends an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Appends arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives the program something to read on standard input.
    #[must_use]
    pub fn input(mut self, octets: impl Into<Vec<u8>>) -> Self {
        self.input = octets.into();
        self
    }

    /// The command itself, to be started in the background.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end, whatever the end is.
    pub fn finish(mut self) -> Result<Finished> {
        let shown = format!("{:?}", self.command);
        let watch = Stopwatch::start();
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {shown}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input ends before we have written it: not our trouble.
            drop(stdin.write_all(&self.input));
        }
        let output = child.wait_with_output().with_context(|| shown.clone())?;
        Ok(Finished {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            seconds: watch.seconds(),
        })
    }

    /// Runs it, wants exit code 0, gives standard output.
    pub fn run(self) -> Result<String> {
        let shown = format!("{:?}", self.command);
        let finished = self.finish()?;
        if finished.code != Some(0) {
            bail!(
                "{shown} ended with {:?}:\n{}",
                finished.code,
                finished.text().trim_end()
            );
        }
        Ok(finished.stdout)
    }

    /// Whether it ends with exit code 0.
    pub fn succeeds(self) -> bool {
        self.finish().is_ok_and(|finished| finished.code == Some(0))
    }
}
