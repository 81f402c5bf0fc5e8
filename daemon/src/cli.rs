//! What a person types and reads.
//!
//! ```text
//!   arguments ──▶ a command ──▶ client ──▶ the daemon, or an engine in this process
//!                     │
//!                 console ──▶ render: text for people, JSON for scripts, exit code for both
//! ```
//!
//! Results and JSON go to standard output; progress, prompts, warnings and errors go to standard
//! error.

mod arguments;
mod cert_list;
mod client;
mod console;
mod explain;
mod files;
mod foreground;
mod logging;
mod manual;
mod password;
mod plain_commands;
mod profile_show;
mod render;
mod serve;
mod service;
mod signals;
mod up;
mod wish;

use std::ffi::OsString;
use std::process::ExitCode;

use azike_control::{Code, Exit, Failure};
use clap::Parser as _;
use clap::error::ErrorKind;

use self::arguments::{Arguments, CertCommand, Command, ProfileCommand};
pub use self::console::{Console, Ending, Look, OutputFormat};
use crate::daemon::engine_face::EngineSource;

/// What the shell sees of a process that a closed pipe ended.
const BROKEN_PIPE: u8 = 128 + 13;

/// Runs the command line of this process on an engine of `source`.
pub fn main<S: EngineSource>(source: &S) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut console = Console::of_this_process();
    let number = match runtime {
        Ok(runtime) => {
            let arguments = std::env::args_os();
            let number = runtime.block_on(run(arguments, source, &mut console));
            // A prompt that nobody answers must not keep the process.
            runtime.shutdown_background();
            number
        }
        Err(error) => {
            let failure = Failure::new(Code::INTERNAL, "no runtime").seen(error.to_string());
            console.close(Err(failure.into()))
        }
    };
    ExitCode::from(number)
}

/// Runs one command line and returns the exit code. Tests call it with a console in memory.
pub async fn run<S: EngineSource>(
    arguments: impl IntoIterator<Item = OsString>,
    source: &S,
    console: &mut Console,
) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            let exit = if help { Exit::Ok } else { Exit::Usage };
            let text = error.render();
            let shown = console.usage(&text, help);
            return console.close(shown.map(|()| exit));
        }
    };
    console.configure(&arguments.global);
    logging::start(
        &arguments.global,
        matches!(arguments.command, Command::Daemon),
    );
    let ending = dispatch(arguments, source, console).await;
    console.close(ending)
}

async fn dispatch<S: EngineSource>(
    arguments: Arguments,
    source: &S,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let socket = &arguments.global.socket;
    match arguments.command {
        Command::Up(up) => up::run(source, socket, &up, console).await,
        Command::Down(down) => plain_commands::down(socket, down.strict, console).await,
        Command::Status => plain_commands::status(socket, console).await,
        Command::Reset => plain_commands::reset(source, socket, console).await,
        Command::Daemon => serve::run(source, socket).await,
        Command::Service { command } => service::run(command, socket, console).await,
        Command::Profile {
            command: ProfileCommand::Show { file },
        } => profile_show::run(&file, console),
        Command::Cert {
            command:
                CertCommand::List {
                    files,
                    password_file,
                },
        } => cert_list::run(&files, password_file.as_deref(), console).await,
        Command::Explain { code, markdown } => explain::run(code, markdown, console),
        Command::Completions { shell } => manual::completions(shell, console),
        Command::Man { dir } => manual::pages(&dir, console),
    }
}
