//! What packages bring beside the binary, made from the command line itself: completions and manual pages.

use std::path::Path;

use azike_control::{Code, Exit, Failure};
use clap::CommandFactory as _;

use super::arguments::Arguments;
use super::console::{Console, Ending};

/// Prints the completions for a shell.
pub(super) fn completions(
    shell: clap_complete::Shell,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "azike", &mut script);
    console.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}

/// Writes `azike.1`, and one page for each command, into `folder`.
pub(super) fn pages(folder: &Path, console: &mut Console) -> Result<Exit, Ending> {
    clap_mangen::generate_to(Arguments::command(), folder).map_err(|error| {
        Failure::new(
            Code::USAGE,
            format!("{} cannot be written", folder.display()),
        )
        .seen(error.to_string())
    })?;
    console.say(&format!("manual pages: {}", folder.display()))?;
    Ok(Exit::Ok)
}
