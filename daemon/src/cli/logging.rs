//! The log: standard error, one line for each event, nothing that acts on a terminal.
//!
//! | who started us | where it goes |
//! | --- | --- |
//! | a person | standard error |
//! | systemd | standard error, with a priority before each line |
//! | launchd | the unified log, subsystem `io.github.azike` |

mod journal;
mod unified;

use std::env;
use std::io::{self, Write};

use azike_control::printable;
use azike_platform::UnifiedLog;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::unified::Unified;
use super::arguments::Global;

/// Our name in the unified log.
const SUBSYSTEM: &str = "io.github.azike";

/// Standard error, through which whole lines go in printable form (N-105): fields of the log may
/// hold what a peer sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrintableLines<M> {
    writer: M,
    /// Whether each line begins with its priority.
    priorities: bool,
}

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for PrintableLines<M> {
    type Writer = PrintableLine<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        PrintableLine {
            prefix: "",
            writer: self.writer.make_writer(),
        }
    }

    fn make_writer_for(&'w self, event: &Metadata<'_>) -> Self::Writer {
        PrintableLine {
            prefix: self.prefix(*event.level()),
            writer: self.writer.make_writer(),
        }
    }
}

impl<M> PrintableLines<M> {
    const fn prefix(&self, level: Level) -> &'static str {
        if self.priorities {
            journal::priority(level)
        } else {
            ""
        }
    }
}

/// One line of the log.
#[derive(Debug)]
pub(super) struct PrintableLine<W> {
    prefix: &'static str,
    writer: W,
}

impl<W: Write> Write for PrintableLine<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(octets);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let end = if line.len() < text.len() { "\n" } else { "" };
        let prefix = self.prefix;
        // One write for one line: lines of several threads stay whole.
        self.writer
            .write_all(format!("{prefix}{}{end}", printable(line)).as_bytes())?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The least important events that are logged. A command says the important things itself; a
/// daemon has only the log.
const fn level(global: &Global, daemon: bool) -> LevelFilter {
    match (global.quiet, global.verbose, daemon) {
        (true, _, _) => LevelFilter::ERROR,
        (false, 0, false) => LevelFilter::WARN,
        (false, 0, true) => LevelFilter::INFO,
        (false, 1, _) => LevelFilter::DEBUG,
        (false, _, _) => LevelFilter::TRACE,
    }
}

/// The unified log, if launchd started this process: as a job it is a child of launchd itself, and
/// its label stands in the environment (`0` for what a person starts).
fn unified_log(daemon: bool) -> Option<UnifiedLog> {
    let label = env::var_os("XPC_SERVICE_NAME").filter(|label| label != "0");
    let of_init = rustix::process::getppid().is_some_and(rustix::process::Pid::is_init);
    (daemon && of_init && label.is_some())
        .then(|| UnifiedLog::open(SUBSYSTEM))
        .flatten()
}

/// Starts the log. A second call, as in tests, changes nothing.
pub(super) fn start(global: &Global, daemon: bool) {
    let level = level(global, daemon);
    let started = if let Some(log) = unified_log(daemon) {
        tracing_subscriber::registry()
            .with(level)
            .with(Unified(log))
            .try_init()
    } else {
        let stream = env::var_os("JOURNAL_STREAM");
        let stream = stream.as_deref().and_then(|stream| stream.to_str());
        let priorities = journal::reads(io::stderr(), stream);
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_level(!priorities)
            .with_target(global.verbose > 0)
            .without_time()
            .with_writer(PrintableLines {
                writer: io::stderr,
                priorities,
            });
        tracing_subscriber::registry()
            .with(level)
            .with(lines)
            .try_init()
    };
    if started.is_err() {
        tracing::trace!("the log runs already");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_line_of_the_log_stays_one_line_and_does_nothing() {
        let mut log = PrintableLine {
            prefix: "",
            writer: Vec::new(),
        };
        log.write_all(b"INFO gateway=\x1b[2J\nERROR forged line\n")
            .unwrap();
        let text = String::from_utf8(log.writer).unwrap();
        assert_eq!(text, "INFO gateway=\\u{1b}[2J\\u{a}ERROR forged line\n");
    }

    /// A file in memory.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            let mut paper = self.0.lock().map_err(|_| io::ErrorKind::Other)?;
            paper.extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A line of the journal has the priority of its event, and a peer cannot forge one.
    #[test]
    fn the_journal_gets_a_priority_before_each_line() {
        let paper = Paper::default();
        let writer = paper.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_level(false)
            .with_target(false)
            .without_time()
            .with_writer(PrintableLines {
                writer: move || writer.clone(),
                priorities: true,
            });
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!("it stopped");
            tracing::info!(name = %"x\n<0>forged", "somebody came");
        });
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let expected = ["<3>it stopped", "<6>somebody came name=x\\u{a}<0>forged"];
        assert_eq!(lines, expected);
    }
}
