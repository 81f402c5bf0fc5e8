//! The catalogue as a page: `docs/errors.md` is this text, and a test says so.

use std::fmt::Write as _;

use super::entries;
use crate::Exit;

/// The areas: the first number of each, and its heading.
const AREAS: [(u16, &str); 9] = [
    (0, "azike and the command line"),
    (100, "The package from Azure"),
    (200, "The client certificate"),
    (300, "Who the gateway is"),
    (400, "What the gateway answers"),
    (500, "The way to the gateway"),
    (600, "Warnings"),
    (700, "This computer"),
    (800, "Command line and daemon"),
];

/// The whole catalogue in Markdown.
pub fn markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    for exit in Exit::ALL {
        line(
            &mut page,
            &format!("| {} | {} |", exit.number(), exit.meaning()),
        );
    }
    for (first, heading) in AREAS {
        line(&mut page, &format!("\n## {heading}"));
        let area = entries().filter(|entry| entry.code.number() / 100 == first / 100);
        for entry in area {
            line(
                &mut page,
                &format!("\n### {}: {}\n", entry.code, entry.title),
            );
            line(
                &mut page,
                &format!("{} Exit code {}.\n", entry.meaning, entry.exit.number()),
            );
            line(&mut page, &format!("**Next:** {}", entry.next));
        }
    }
    page
}

/// What stands above the table of exit codes.
const INTRODUCTION: &str = "\
# Errors, warnings and exit codes

Each problem that azike reports has a number. `azike explain AZK-0401` prints its entry; with
`--json` the number, what happened, what was seen and the next step are fields of the document
`azike.error/1`. A number never changes its meaning.

This page is written by `azike explain --markdown`; a test fails when it is old.

## Exit codes

| code | meaning |
| --- | --- |
";

fn line(page: &mut String, text: &str) {
    #[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
    writeln!(page, "{text}").expect("a String takes any text");
}
