//! Clippy, and a build of everything, by cargo with the tools.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::linker;
use crate::cargo::target_directory;
use crate::toolchain::{Toolchain, run};

/// Nothing is run, so nothing needs to be quick: a third of the time.
const PLAIN: [&str; 3] = [
    "profile.dev.debug=false",
    "profile.dev.package.\"*\".opt-level=0",
    "profile.dev.package.azike-crypto.opt-level=0",
];

/// What to build, with what.
#[derive(Debug)]
pub(super) struct Work<'t> {
    tools: &'t Toolchain,
    variables: &'t [(String, OsString)],
    arguments: Vec<String>,
    output: PathBuf,
}

impl<'t> Work<'t> {
    /// Of the whole workspace, or of some packages.
    pub(super) fn new(
        tools: &'t Toolchain,
        variables: &'t [(String, OsString)],
        targets: &[&str],
        packages: &[String],
    ) -> Result<Self> {
        // What is wrong is told in one run, as far as one thing does not need the other.
        let mut arguments = ["--all-targets", "--locked", "--keep-going"]
            .map(str::to_owned)
            .to_vec();
        for setting in PLAIN {
            arguments.extend(["--config".to_owned(), setting.to_owned()]);
        }
        for target in targets {
            arguments.extend(["--target".to_owned(), (*target).to_owned()]);
        }
        if packages.is_empty() {
            arguments.push("--workspace".to_owned());
        }
        for package in packages {
            arguments.extend(["--package".to_owned(), package.clone()]);
        }
        Ok(Self {
            tools,
            variables,
            arguments,
            output: target_directory()?.join("macos"),
        })
    }

    /// Type errors and lints are failures.
    pub(super) fn lint(&self) -> Result<()> {
        let mut clippy = self.prepare(self.tools.clippy());
        clippy.arg("clippy").args(&self.arguments);
        clippy.args(["--", "-D", "warnings"]);
        println!("$ cargo clippy {} -- -D warnings", self.arguments.join(" "));
        run::run(&mut clippy)
    }

    /// Links programs and tests of each kind. Gives their paths.
    pub(super) fn link(&self) -> Result<Vec<PathBuf>> {
        let mut build = self.prepare(self.tools.cargo());
        build.arg("build").args(&self.arguments);
        println!("$ cargo build {}", self.arguments.join(" "));
        build.arg("--message-format=json-render-diagnostics");
        let mut build = build
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let complaints = build.stderr.take().context("cargo has no standard error")?;
        let complaints = std::thread::spawn(move || {
            let mut text = String::new();
            for line in BufReader::new(complaints).lines().map_while(Result::ok) {
                eprintln!("{line}");
                text.push_str(&line);
                text.push('\n');
            }
            text
        });
        let messages = build
            .stdout
            .take()
            .context("cargo has no standard output")?;
        let mut files = Vec::new();
        for line in BufReader::new(messages).lines() {
            let message: Value = serde_json::from_str(&line?)?;
            let file = message.get("executable").and_then(Value::as_str);
            // Build scripts are programs of this machine.
            files.extend(
                file.map(PathBuf::from)
                    .filter(|file| self.is_for_a_mac(file)),
            );
        }
        let status = build.wait()?;
        let complaints = complaints.join().unwrap_or_default();
        if !status.success() {
            if let Some(advice) = linker::advice(&complaints) {
                bail!("{advice}");
            }
            bail!("cargo build for macOS failed");
        }
        files.sort();
        Ok(files)
    }

    fn is_for_a_mac(&self, file: &std::path::Path) -> bool {
        let inside = file.strip_prefix(&self.output).ok();
        let first = inside.and_then(|path| path.components().next());
        first.is_some_and(|name| name.as_os_str().to_string_lossy().contains("apple"))
    }

    fn prepare(&self, mut command: Command) -> Command {
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("CARGO_TARGET_DIR", &self.output)
            .env("CARGO_INCREMENTAL", "0");
        command
    }
}
