//! The log: standard error, one line for each event, nothing that acts on a terminal.

use std::io::{self, Write};

use azike_control::printable;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::arguments::Global;

/// Standard error, through which whole lines go in printable form (N-105): fields of the log may
/// hold what a peer sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrintableLines<M>(M);

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for PrintableLines<M> {
    type Writer = PrintableLine<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        PrintableLine(self.0.make_writer())
    }
}

/// One line of the log.
#[derive(Debug)]
pub(super) struct PrintableLine<W>(W);

impl<W: Write> Write for PrintableLine<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(octets);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let end = if line.len() < text.len() { "\n" } else { "" };
        // One write for one line: lines of several threads stay whole.
        self.0
            .write_all(format!("{}{end}", printable(line)).as_bytes())?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
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

/// Starts the log. A second call, as in tests, changes nothing.
pub(super) fn start(global: &Global, daemon: bool) {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_target(global.verbose > 0)
        .without_time()
        .with_writer(PrintableLines(io::stderr));
    let started = tracing_subscriber::registry()
        .with(level(global, daemon))
        .with(lines)
        .try_init();
    if started.is_err() {
        tracing::trace!("the log runs already");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_stays_one_line_and_does_nothing() {
        let mut log = PrintableLine(Vec::new());
        log.write_all(b"INFO gateway=\x1b[2J\nERROR forged line\n")
            .unwrap();
        let text = String::from_utf8(log.0).unwrap();
        assert_eq!(text, "INFO gateway=\\u{1b}[2J\\u{a}ERROR forged line\n");
    }
}
