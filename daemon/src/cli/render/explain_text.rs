//! The catalogue on a terminal.

use azike_control::Exit;
use azike_control::code::Entry;

use super::paint;
use super::wrap::wrap;

/// One entry, several lines.
pub(in crate::cli) fn entry_text(entry: &Entry, color: bool) -> String {
    let head = paint(color, "1", &format!("{}  {}", entry.code, entry.title));
    let exit = if entry.exit == Exit::Ok {
        "A warning; the command does its work.".to_owned()
    } else {
        format!(
            "Exit code {}: {}.",
            entry.exit.number(),
            entry.exit.meaning()
        )
    };
    format!(
        "{head}\n\n{}\n{}\n{}",
        wrap(entry.meaning, "  ", 76),
        wrap(&format!("Next: {}", entry.next), "  ", 76),
        wrap(&exit, "  ", 76),
    )
}

/// All entries, a line for each.
pub(in crate::cli) fn list_text(entries: impl Iterator<Item = &'static Entry>) -> String {
    let lines = entries.map(|entry| format!("{}  {}\n", entry.code, entry.title));
    lines.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use azike_control::Code;

    use super::*;

    #[test]
    fn an_entry_is_a_short_page() {
        let entry = Code::ALREADY_DISCONNECTED.entry().unwrap();
        assert_eq!(
            entry_text(entry, false),
            "\
AZK-0821  No tunnel is connected

  There was nothing to do. Without --strict this is a success.

  Next: Nothing to do.

  Exit code 12: already in the requested state (only with --strict).
"
        );
    }
}
