//! The azike binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    azike::cli::main(&azike::daemon::engine::TunnelEngines)
}
