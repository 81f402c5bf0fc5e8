//! Where a command says things: standard output for results, standard error for the rest.

use std::env;
use std::io::{self, IsTerminal as _, Write};

use azike_control::{ErrorDocument, Event, EventLine, Exit, Failure, Warning};
use serde::Serialize;

use super::BROKEN_PIPE;
use super::arguments::{ColorChoice, Global};
use super::password::can_ask;
use super::render::{ascii_json, failure_text, paint};

/// What the output is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OutputFormat {
    /// People.
    #[default]
    Text,
    /// Scripts: one JSON document on each line of standard output.
    Json,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Look {
    /// Whether escape sequences for colours are used on standard error.
    pub color: bool,
    /// The same for standard output.
    pub color_out: bool,
    /// The columns of the terminal at standard error; `None` when it is none, and then lines are
    /// never rewritten.
    pub columns: Option<usize>,
}

/// Standard output and standard error, and how to use them.
pub struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    look: Look,
    format: OutputFormat,
    quiet: bool,
    /// Whether questions may be asked on the terminal of the process.
    asks: bool,
}

/// Why a command ends before its end.
#[derive(Debug)]
pub enum Ending {
    /// Something could not be done.
    Failed(Failure),
    /// Nobody can hear us.
    Output(io::Error),
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for Ending {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("look", &self.look)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl Console {
    /// A console that writes to `out` and `err`, and asks nothing.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>, look: Look) -> Self {
        Self {
            out,
            err,
            look,
            format: OutputFormat::Text,
            quiet: false,
            asks: false,
        }
    }

    /// The console of this process.
    pub(super) fn of_this_process() -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        let forced = env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let color = |terminal: bool| (terminal || forced) && !plain;
        let look = Look {
            color: color(err.is_terminal()),
            color_out: color(out.is_terminal()),
            columns: columns(&err),
        };
        Self {
            asks: true,
            ..Self::new(Box::new(out), Box::new(err), look)
        }
    }

    /// Takes what the command line says about the output.
    pub(super) fn configure(&mut self, global: &Global) {
        self.quiet = global.quiet;
        if global.json {
            self.format = OutputFormat::Json;
        }
        let forced = match global.color {
            ColorChoice::Auto => return,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        (self.look.color, self.look.color_out) = (forced, forced);
    }

    /// What the output is for.
    pub(super) const fn format(&self) -> OutputFormat {
        self.format
    }

    /// How text looks.
    pub(super) const fn look(&self) -> Look {
        self.look
    }

    /// Whether the user can be asked something.
    pub(super) fn can_ask(&self) -> bool {
        self.asks && can_ask()
    }

    /// Whether progress and confirmations are shown.
    pub(super) fn is_chatty(&self) -> bool {
        !self.quiet && self.format == OutputFormat::Text
    }

    /// Prints a result; `text` ends with a line end.
    pub(super) fn result(&mut self, text: &str) -> Result<(), Ending> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Prints a document on one line. Characters beyond ASCII are escaped as JSON allows, so that
    /// no text of others acts on a terminal.
    pub(super) fn document(&mut self, document: &impl Serialize) -> Result<(), Ending> {
        let mut line = ascii_json(document).map_err(io::Error::from)?;
        line.push('\n');
        self.result(&line)
    }

    /// Tells a script what happened; people are told by [`Console::say`].
    pub(super) fn event(&mut self, event: Event) -> Result<(), Ending> {
        match self.format {
            OutputFormat::Text => Ok(()),
            OutputFormat::Json => self.document(&EventLine::new(event)),
        }
    }

    /// Prints a line for people on standard error, unless they want quiet or JSON.
    pub(super) fn say(&mut self, line: &str) -> Result<(), Ending> {
        if !self.is_chatty() {
            return Ok(());
        }
        Ok(writeln!(self.err, "{line}")?)
    }

    /// Prints a part of a line on standard error at once. Only for progress on a terminal.
    pub(super) fn progress(&mut self, text: &str) -> Result<(), Ending> {
        self.err.write_all(text.as_bytes())?;
        Ok(self.err.flush()?)
    }

    /// Prints a warning, also for those who want quiet.
    pub(super) fn warn(&mut self, warning: &Warning) -> Result<(), Ending> {
        if self.format == OutputFormat::Json {
            return Ok(());
        }
        let sign = paint(self.look.color, "33", "⚠");
        Ok(writeln!(
            self.err,
            " {sign} {} ({})",
            warning.text, warning.code
        )?)
    }

    /// Prints what clap has to say.
    pub(super) fn usage(
        &mut self,
        text: &clap::builder::StyledStr,
        help: bool,
    ) -> Result<(), Ending> {
        let color = if help {
            self.look.color_out
        } else {
            self.look.color
        };
        let text = if color {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        if help {
            self.result(&text)
        } else {
            Ok(self.err.write_all(text.as_bytes())?)
        }
    }

    /// Reports how a command ended and returns the exit code.
    pub(super) fn close(&mut self, ending: Result<Exit, Ending>) -> u8 {
        match ending {
            Ok(exit) => exit.number(),
            Err(Ending::Failed(failure)) => {
                let exit = failure.exit();
                let reported = match self.format {
                    OutputFormat::Json => self.document(&ErrorDocument::new(failure)),
                    OutputFormat::Text => {
                        let text = failure_text(&failure, self.look.color);
                        self.progress(&text)
                    }
                };
                // The exit code says it too, when nobody reads.
                reported.map_or_else(|_| exit, |()| exit)
            }
            Err(Ending::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => BROKEN_PIPE,
            Err(Ending::Output(error)) => {
                // Standard error may be gone too; the exit code stays.
                drop(self.progress(&format!("azike: the output cannot be written: {error}\n")));
                Exit::Internal.number()
            }
        }
    }
}

/// The columns of the terminal that `stream` is.
fn columns(stream: &io::Stderr) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(stream).ok();
    let columns = size.map_or(80, |size| usize::from(size.ws_col));
    Some(if columns == 0 { 80 } else { columns })
}
