//! Running a command of the system: by its whole path, with a clean environment, a time limit and
//! bounded output.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

/// How long a command may take: a start and a stop of the service have half a minute each.
const PATIENCE: Duration = Duration::from_secs(90);

/// The most that is kept of what it writes, in octets; the rest is read and forgotten.
const OUTPUT_MAX: usize = 64 << 10;

/// What became of a command.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Output {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It cannot be started.
    #[error("{} cannot be run", .0.display())]
    Start(PathBuf, #[source] io::Error),
    /// It did not end in time.
    #[error("{} did not end within {} seconds", .0.display(), .1.as_secs())]
    Timeout(PathBuf, Duration),
}

/// Runs commands: those of the system, or those of a test.
pub trait Runner {
    /// Runs `program`, a whole path, with `words`, until it ends.
    fn run(
        &mut self,
        program: &Path,
        words: &[String],
    ) -> impl Future<Output = Result<Output, CommandError>>;
}

/// Runs the real thing.
#[derive(Clone, Copy, Debug)]
pub struct SystemRunner {
    /// How long a command may take.
    pub patience: Duration,
}

impl Default for SystemRunner {
    fn default() -> Self {
        Self { patience: PATIENCE }
    }
}

impl Runner for SystemRunner {
    async fn run(&mut self, program: &Path, words: &[String]) -> Result<Output, CommandError> {
        tracing::debug!(program = %program.display(), ?words, "command");
        let failed = |error| CommandError::Start(program.to_owned(), error);
        let mut child = Command::new(program)
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let whole = async {
            let (stdout, stderr, status) = tokio::join!(read(stdout), read(stderr), child.wait());
            let output = Output {
                code: status?.code(),
                stdout,
                stderr,
            };
            Ok(output)
        };
        match tokio::time::timeout(self.patience, whole).await {
            Ok(result) => result.map_err(failed),
            Err(_) => Err(CommandError::Timeout(program.to_owned(), self.patience)),
        }
    }
}

/// Reads to the end and keeps the beginning.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        let mut octets = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut octets).await {
            let room = OUTPUT_MAX.saturating_sub(kept.len());
            kept.extend(octets.iter().take(count.min(room)));
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str) -> Output {
        let words = ["-c".to_owned(), script.to_owned()];
        let mut runner = SystemRunner::default();
        runner.run(Path::new("/bin/sh"), &words).await.unwrap()
    }

    #[tokio::test]
    async fn a_command_runs_without_our_environment_and_input() {
        let output = sh("read x; echo \"[$x$HOME]\"; echo no >&2; exit 3").await;
        let expected = Output {
            code: Some(3),
            stdout: "[]\n".to_owned(),
            stderr: "no\n".to_owned(),
        };
        assert_eq!(output, expected);
    }

    /// Nobody waits for the other on a full pipe.
    #[tokio::test]
    async fn a_flood_is_cut() {
        let output = sh("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo 0123456789012345678901234567890123456789012345678901234567890123456789; done; echo end >&2").await;
        assert_eq!(output.code, Some(0));
        assert_eq!(output.stdout.len(), OUTPUT_MAX);
        assert_eq!(output.stderr, "end\n");
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_an_error() {
        let mut runner = SystemRunner::default();
        let result = runner.run(Path::new("/no/such/program"), &[]).await;
        assert!(matches!(result, Err(CommandError::Start(..))));
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_given_up() {
        let words = ["1000".to_owned()];
        let patience = Duration::from_millis(50);
        let result = SystemRunner { patience }
            .run(Path::new("/bin/sleep"), &words)
            .await;
        assert!(
            matches!(result, Err(CommandError::Timeout(..))),
            "{result:?}"
        );
    }
}
