//! `azike down`, `azike status`, `azike reset`: one request, one reply.

use std::path::Path;

use azike_control::{Code, Event, Exit, Failure, Reply, Request, ResetReport};

use super::client::{ask, connect, not_reachable, unexpected};
use super::console::{Console, Ending, OutputFormat};
use super::render::status_text;
use crate::daemon::engine_face::{Engine as _, EngineSource};
use crate::daemon::server;

/// Takes the tunnel down. Without a daemon there is none.
pub(super) async fn down(
    socket: &Path,
    strict: bool,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let reply = match connect(socket).await? {
        Some(stream) => ask(stream, &Request::Down).await?,
        None => Reply::NotConnected,
    };
    if reply == Reply::Disconnected {
        console.event(Event::Disconnected)?;
        console.say("Disconnected.")?;
        return Ok(Exit::Ok);
    }
    if reply != Reply::NotConnected {
        return Err(unexpected().into());
    }
    if strict {
        return Err(Failure::from(Code::ALREADY_DISCONNECTED).into());
    }
    console.event(Event::NotConnected)?;
    console.say("Not connected.")?;
    Ok(Exit::Ok)
}

/// Says what is. The exit code says whether a tunnel carries traffic.
pub(super) async fn status(socket: &Path, console: &mut Console) -> Result<Exit, Ending> {
    let stream = connect(socket).await?;
    let stream = stream.ok_or_else(|| not_reachable(socket))?;
    let Reply::Status(status) = ask(stream, &Request::Status).await? else {
        return Err(unexpected().into());
    };
    match console.format() {
        OutputFormat::Json => console.document(&status)?,
        OutputFormat::Text => {
            let text = status_text(&status, console.look().color_out);
            console.result(&text)?;
        }
    }
    Ok(if status.is_connected() {
        Exit::Ok
    } else {
        Exit::NotConnected
    })
}

/// Undoes what is left: through the daemon, or by itself where none runs.
pub(super) async fn reset<S: EngineSource>(
    source: &S,
    socket: &Path,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let report = match connect(socket).await? {
        Some(stream) => match ask(stream, &Request::Reset).await? {
            Reply::Reset(report) => report,
            Reply::Stage(_)
            | Reply::Connected(_)
            | Reply::AlreadyConnected(_)
            | Reply::Disconnected
            | Reply::NotConnected
            | Reply::Status(_)
            | Reply::Version(_)
            | Reply::Failed(_) => return Err(unexpected().into()),
        },
        None => reset_here(source, socket).await?,
    };
    for warning in &report.warnings {
        console.warn(warning)?;
    }
    if report.undone.is_empty() {
        console.say("Nothing was left to undo.")?;
    }
    for line in &report.undone {
        console.say(&azike_control::printable(line))?;
    }
    console.event(Event::Reset(report))?;
    Ok(Exit::Ok)
}

/// Starts an engine, which undoes what a dead process left, and asks it for the rest.
async fn reset_here<S: EngineSource>(source: &S, socket: &Path) -> Result<ResetReport, Failure> {
    source.check()?;
    let claim = server::claim(socket)?;
    let engine = source.start(claim.places()).await?;
    engine.reset().await
}
