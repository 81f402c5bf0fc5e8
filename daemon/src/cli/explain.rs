//! `azike explain`: the catalogue.

use azike_control::code::{self, Entry, reference};
use azike_control::{Code, Exit, Failure};
use serde::Serialize;

use super::console::{Console, Ending, OutputFormat};
use super::render::{entry_text, list_text};

/// An entry for scripts.
#[derive(Serialize)]
struct EntryDocument {
    schema: &'static str,
    code: Code,
    exit: u8,
    title: &'static str,
    meaning: &'static str,
    next: &'static str,
}

impl From<&Entry> for EntryDocument {
    fn from(entry: &Entry) -> Self {
        Self {
            schema: "azike.code/1",
            code: entry.code,
            exit: entry.exit.number(),
            title: entry.title,
            meaning: entry.meaning,
            next: entry.next,
        }
    }
}

/// Prints one entry, all of them, or the page for `docs/errors.md`.
pub(super) fn run(
    code: Option<Code>,
    markdown: bool,
    console: &mut Console,
) -> Result<Exit, Ending> {
    if markdown {
        console.result(&reference::markdown())?;
        return Ok(Exit::Ok);
    }
    let json = console.format() == OutputFormat::Json;
    let Some(code) = code else {
        if json {
            for entry in code::entries() {
                console.document(&EntryDocument::from(entry))?;
            }
        } else {
            console.result(&list_text(code::entries()))?;
        }
        return Ok(Exit::Ok);
    };
    let Some(entry) = code.entry() else {
        let failure = Failure::new(Code::USAGE, format!("there is no {code}"));
        return Err(failure
            .advise("azike explain without a code lists all.")
            .into());
    };
    if json {
        console.document(&EntryDocument::from(entry))?;
    } else {
        let text = entry_text(entry, console.look().color_out);
        console.result(&text)?;
    }
    Ok(Exit::Ok)
}
