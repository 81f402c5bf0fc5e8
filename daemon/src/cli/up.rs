//! `azike up`: the user's files and wishes become a tunnel, in the daemon or in this process.
//!
//! ```text
//!   files opened, password taken
//!      │      daemon answers?  yes ──▶ request to it ─────────────▶ connected, return
//!      └──────────────────────  no ──▶ engine in this process ────▶ connected, stay
//!                                       (Ctrl-C, or azike down elsewhere, ends it)
//!         --dry-run ──────────────────▶ the same, which only logs in and out
//! ```

mod attempts;

use std::path::Path;

use azike_control::{Code, Connected, Event, Exit, Failure};

use self::attempts::{Attempt, Place, attempts};
use super::arguments::Up;
use super::client::{connect, not_reachable};
use super::console::{Console, Ending};
use super::foreground::Foreground;
use super::render::seconds;
use super::signals::Signals;
use super::wish::Wish;
use crate::daemon::engine_face::{Ended, Engine, EngineSource};

/// Connects.
pub(super) async fn run<S: EngineSource>(
    source: &S,
    socket: &Path,
    arguments: &Up,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let mut wish = Wish::of(arguments, console)?;
    let mut signals = Signals::listen()?;
    let place = if arguments.dry_run {
        Place::Here(Box::new(Foreground::rehearse(source, socket)?))
    } else {
        place(source, socket, arguments.foreground).await?
    };
    let attempt = attempts(&place, &mut wish, &mut signals, console).await;
    drop(wish);
    match place {
        Place::Here(here) if arguments.dry_run => log_out(*here, attempt, console).await,
        Place::Daemon(_) => match attempt? {
            Attempt::Connected(connected) => {
                greet(&connected, &connected_in(&connected, "azike down"), console)?;
                console.event(Event::Connected(connected))?;
                Ok(Exit::Ok)
            }
            Attempt::AlreadyConnected(connected) => already(connected, arguments.strict, console),
            Attempt::Failed(failure) => Err(failure.into()),
            Attempt::Signal(exit) => Ok(exit),
        },
        Place::Here(here) => stay(*here, attempt, &mut signals, console).await,
    }
}

/// Finds the daemon, or starts an engine here.
async fn place<S: EngineSource>(
    source: &S,
    socket: &Path,
    foreground: bool,
) -> Result<Place<S::Engine>, Failure> {
    if !foreground && connect(socket).await?.is_some() {
        return Ok(Place::Daemon(socket.to_owned()));
    }
    match source.check() {
        Ok(()) => (),
        Err(failure) if failure.code == Code::NO_RIGHT_TUN && !foreground => {
            // Either would do; that there is no daemon is half of the reason.
            return Err(failure.seen(not_reachable(socket).what));
        }
        Err(failure) => return Err(failure),
    }
    let here = Foreground::start(source, socket).await?;
    Ok(Place::Here(Box::new(here)))
}

/// Keeps the tunnel of this process until somebody ends it.
async fn stay<E: Engine>(
    here: Foreground<E>,
    attempt: Result<Attempt, Ending>,
    signals: &mut Signals,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let connected = match attempt {
        Ok(Attempt::Connected(connected) | Attempt::AlreadyConnected(connected)) => connected,
        Ok(Attempt::Failed(failure)) => {
            here.stop().await?;
            return Err(failure.into());
        }
        Ok(Attempt::Signal(exit)) => {
            here.stop().await?;
            return Ok(exit);
        }
        Err(ending) => {
            here.stop().await?;
            return Err(ending);
        }
    };
    // A tunnel does not end because nobody reads what it says.
    let news = connected_in(&connected, "Ctrl-C, or azike down");
    let greeted = greet(&connected, &news, console);
    let told = console.event(Event::Connected(connected));
    for mute in [greeted, told].into_iter().filter_map(Result::err) {
        tracing::debug!(?mute, "nobody reads the output");
    }
    let exit = tokio::select! {
        ended = here.ended() => match ended {
            Ended::Down => Ok(Exit::Ok),
            Ended::Failed(failure) => Err(failure),
        },
        exit = signals.next() => {
            drop(console.say("Stopping."));
            Ok(exit)
        }
    };
    here.stop().await?;
    let exit = exit?;
    console.event(Event::Disconnected)?;
    console.say("Disconnected.")?;
    Ok(exit)
}

/// Ends a rehearsal, and says how it went.
async fn log_out<E: Engine>(
    here: Foreground<E>,
    attempt: Result<Attempt, Ending>,
    console: &mut Console,
) -> Result<Exit, Ending> {
    here.stop().await?;
    match attempt? {
        Attempt::Connected(connected) | Attempt::AlreadyConnected(connected) => {
            let end = "Logged out again; nothing on this computer was changed.";
            let time = seconds(connected.elapsed_ms);
            greet(
                &connected,
                &format!("The login works ({time} s). {end}"),
                console,
            )?;
            console.event(Event::DryRun(connected))?;
            Ok(Exit::Ok)
        }
        Attempt::Failed(failure) => Err(failure.into()),
        Attempt::Signal(exit) => Ok(exit),
    }
}

/// The good news, after what a person should look at.
fn greet(connected: &Connected, news: &str, console: &mut Console) -> Result<(), Ending> {
    for warning in &connected.warnings {
        console.warn(warning)?;
    }
    console.say(news)
}

fn connected_in(connected: &Connected, how_to_end: &str) -> String {
    let time = seconds(connected.elapsed_ms);
    format!("Connected in {time} s. Disconnect: {how_to_end}")
}

fn already(connected: Connected, strict: bool, console: &mut Console) -> Result<Exit, Ending> {
    if strict {
        return Err(Failure::from(Code::ALREADY_CONNECTED).into());
    }
    console.say("Already connected.")?;
    console.event(Event::AlreadyConnected(connected))?;
    Ok(Exit::Ok)
}
