//! Calls of programs that are not cargo.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// Runs it with its output on the terminal; wants it to succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| name(command))?;
    ensure!(status.success(), "{} failed: {status}", name(command));
    Ok(())
}

/// Runs it; gives what it printed, without the line feed at the end.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| name(command))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        name(command),
        output.status
    );
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// The command as a person would type it.
fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
