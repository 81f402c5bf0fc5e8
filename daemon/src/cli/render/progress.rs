//! The steps of `azike up` as they happen.
//!
//! On a terminal a step that runs is a line that is written again when it is done; elsewhere each
//! finished step is a line.

use azike_control::{Event, StageReport, StageState, printable};

use super::paint;
use super::units::milliseconds;
use crate::cli::console::{Console, Ending, OutputFormat};

/// The widest line with a time at its end.
const WIDEST: usize = 100;
/// Columns of the sign and the name of a stage.
const NAME_END: usize = 15;

/// Shows steps.
#[derive(Debug, Default)]
pub(in crate::cli) struct Progress {
    /// Steps that wait until it is clear that the attempt will not be repeated.
    held: Option<Vec<StageReport>>,
    /// A line that is going to be written again.
    open_line: bool,
}

impl Progress {
    /// Shows each step at once.
    pub(in crate::cli) const fn live() -> Self {
        Self {
            held: None,
            open_line: false,
        }
    }

    /// Keeps the steps back until [`Progress::release`].
    pub(in crate::cli) const fn held_back() -> Self {
        Self {
            held: Some(Vec::new()),
            open_line: false,
        }
    }

    /// Whether steps are kept back.
    pub(in crate::cli) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Shows what was kept back, and from now on each step at once.
    pub(in crate::cli) fn release(&mut self, console: &mut Console) -> Result<(), Ending> {
        for report in self.held.take().unwrap_or_default() {
            self.show(report, console)?;
        }
        Ok(())
    }

    /// Takes a step.
    pub(in crate::cli) fn show(
        &mut self,
        report: StageReport,
        console: &mut Console,
    ) -> Result<(), Ending> {
        if let Some(held) = &mut self.held {
            held.push(report);
            return Ok(());
        }
        if console.format() == OutputFormat::Json {
            return console.event(Event::Stage(report));
        }
        if !console.is_chatty() {
            return Ok(());
        }
        let look = console.look();
        let Some(columns) = look.columns else {
            return match plain_line(&report) {
                Some(line) => console.say(&line),
                None => Ok(()),
            };
        };
        self.end_line(console)?;
        let line = terminal_line(&report, columns.min(WIDEST), look.color);
        match report.state {
            StageState::Started => {
                self.open_line = true;
                console.progress(&line)
            }
            StageState::Done | StageState::Failed => console.say(&line),
        }
    }

    /// Takes an unfinished line away.
    pub(in crate::cli) fn end_line(&mut self, console: &mut Console) -> Result<(), Ending> {
        if std::mem::take(&mut self.open_line) {
            console.progress("\r\u{1b}[2K")?;
        }
        Ok(())
    }
}

/// A finished step where no terminal is; a step that begins is no line.
fn plain_line(report: &StageReport) -> Option<String> {
    let name = report.stage.name();
    let detail = printable(&report.detail);
    let time = report.elapsed_ms.map_or_else(String::new, |elapsed| {
        format!(" ({})", milliseconds(elapsed))
    });
    match report.state {
        StageState::Started => None,
        StageState::Done => Some(format!("{name}: {detail}{time}")),
        StageState::Failed => Some(format!("{name}: failed: {detail}{time}")),
    }
}

/// A step on a terminal with `columns` columns: sign, name, detail, and the time at the right.
fn terminal_line(report: &StageReport, columns: usize, color: bool) -> String {
    let sign = match report.state {
        StageState::Started => paint(color, "2", "·"),
        StageState::Done => paint(color, "32", "✓"),
        StageState::Failed => paint(color, "31", "✗"),
    };
    let detail = printable(&report.detail);
    let start = format!(" {sign} {:<11} {detail}", report.stage.name());
    let Some(elapsed) = report.elapsed_ms else {
        return start.trim_end().to_owned();
    };
    let time = milliseconds(elapsed);
    let used = NAME_END + detail.chars().count() + time.chars().count();
    let gap = columns.saturating_sub(used + 1).max(2);
    format!("{start}{:gap$}{time}", "")
}

#[cfg(test)]
mod tests {
    use azike_control::Stage;

    use super::*;

    #[test]
    fn lines_on_a_terminal_are_aligned() {
        let profile = StageReport::done(Stage::Profile, "contoso — 1 gateway, 2 roots", Some(4));
        let nat = StageReport::done(Stage::Nat, "behind NAT, UDP 4500, fragments on", None);
        let login = StageReport::failed(Stage::Login, "rejected", Some(1412));
        let started = StageReport::started(Stage::Resolve);
        let line = |report| terminal_line(report, 60, false);
        assert_eq!(
            line(&profile),
            " ✓ profile     contoso — 1 gateway, 2 roots            4 ms"
        );
        assert_eq!(
            line(&nat),
            " ✓ nat         behind NAT, UDP 4500, fragments on"
        );
        assert_eq!(
            line(&login),
            " ✗ login       rejected                              1.41 s"
        );
        assert_eq!(line(&started), " · resolve");
        assert_eq!(
            terminal_line(&login, 10, true),
            " \u{1b}[31m✗\u{1b}[0m login       rejected  1.41 s"
        );
    }

    #[test]
    fn elsewhere_a_finished_step_is_a_line() {
        let done = StageReport::done(Stage::Resolve, "gw → 192.0.2.1", Some(31));
        assert_eq!(
            plain_line(&done).unwrap(),
            "resolve: gw → 192.0.2.1 (31 ms)"
        );
        let failed = StageReport::failed(Stage::Login, "no\u{1b}[31m", None);
        assert_eq!(plain_line(&failed).unwrap(), "login: failed: no\\u{1b}[31m");
        assert_eq!(plain_line(&StageReport::started(Stage::Dns)), None);
    }
}
