//! `azike up`: the user's files and wishes become a tunnel, in the daemon or in this process.
//!
//! ```text
//!   files opened, password taken
//!      │      daemon answers?  yes ──▶ request to it ─────────────▶ connected, return
//!      └──────────────────────  no ──▶ engine in this process ────▶ connected, stay
//!                                       (Ctrl-C, or azike down elsewhere, ends it)
//! ```

use std::path::{Path, PathBuf};

use azike_control::{Code, Connected, Event, Exit, Failure, Reply, Stage, StageState};
use azike_profile::Selector;
use tokio::net::UnixStream;

use super::arguments::Up;
use super::client::{Conversation, connect, not_reachable, unexpected};
use super::console::{Console, Ending};
use super::foreground::Foreground;
use super::password;
use super::render::{Progress, seconds};
use super::signals::Signals;
use super::wish::Wish;
use crate::daemon::engine_face::{Ended, Engine, EngineSource};
use crate::daemon::keychain::Keychain;

/// Where the engine is.
enum Place<E> {
    Daemon(PathBuf),
    Here(Box<Foreground<E>>),
}

/// How an attempt ended.
enum Attempt {
    Connected(Connected),
    AlreadyConnected(Connected),
    Failed(Failure),
    Signal(Exit),
}

/// Connects.
pub(super) async fn run<S: EngineSource>(
    source: &S,
    socket: &Path,
    arguments: &Up,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let mut wish = Wish::of(arguments, console)?;
    let mut signals = Signals::listen()?;
    let place = place(source, socket, arguments.foreground).await?;
    let attempt = attempts(&place, &mut wish, &mut signals, console).await;
    drop(wish);
    match place {
        Place::Daemon(_) => match attempt? {
            Attempt::Connected(connected) => {
                greet(&connected, "Disconnect: azike down", console)?;
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

/// Tries, and tries again with a password when one is wanted and there is somebody to ask.
async fn attempts<E: Engine>(
    place: &Place<E>,
    wish: &mut Wish,
    signals: &mut Signals,
    console: &mut Console,
) -> Result<Attempt, Ending> {
    loop {
        let stream = match place {
            Place::Daemon(socket) => {
                let stream = connect(socket).await?;
                stream.ok_or_else(|| not_reachable(socket))?
            }
            Place::Here(here) => here.connect()?,
        };
        let attempt = attempt(stream, wish, signals, console).await?;
        let Attempt::Failed(failure) = attempt else {
            return Ok(attempt);
        };
        if let (Place::Daemon(_), Some(selector)) = (place, wish.selector()) {
            return Ok(Attempt::Failed(out_of_reach(failure, selector)));
        }
        let wrong = failure.code == Code::IDENTITY_PASSWORD_WRONG;
        if wish.questions == 0 || (!wrong && failure.code != Code::IDENTITY_PASSWORD_MISSING) {
            return Ok(Attempt::Failed(failure));
        }
        if wrong {
            console.say("The password is wrong.")?;
        }
        wish.questions -= 1;
        let Some(path) = wish.identity_path() else {
            return Ok(Attempt::Failed(failure));
        };
        let asked = tokio::select! {
            asked = password::ask(path) => asked?,
            exit = signals.next() => return Ok(Attempt::Signal(exit)),
        };
        match asked {
            Some(password) => wish.password = Some(password),
            None => return Ok(Attempt::Signal(Exit::Interrupted)),
        }
    }
}

/// One request and its replies.
async fn attempt(
    stream: UnixStream,
    wish: &Wish,
    signals: &mut Signals,
    console: &mut Console,
) -> Result<Attempt, Ending> {
    let (request, descriptors) = wish.request()?;
    let mut conversation = Conversation::begin(stream, &request, &descriptors).await?;
    drop(descriptors);
    let mut progress = if wish.questions > 0 {
        Progress::held_back()
    } else {
        Progress::live()
    };
    loop {
        let reply = tokio::select! {
            reply = conversation.next() => reply?,
            exit = signals.next() => {
                progress.end_line(console)?;
                console.say("Stopping.")?;
                conversation.abandon().await;
                return Ok(Attempt::Signal(exit));
            }
        };
        let report = match reply {
            Reply::Stage(report) => report,
            Reply::Connected(connected) => {
                progress.release(console)?;
                progress.end_line(console)?;
                return Ok(Attempt::Connected(connected));
            }
            Reply::AlreadyConnected(connected) => {
                return Ok(Attempt::AlreadyConnected(connected));
            }
            Reply::Failed(failure) => {
                if wish.questions == 0 || !asks_for_password(&failure) {
                    progress.release(console)?;
                }
                progress.end_line(console)?;
                return Ok(Attempt::Failed(failure));
            }
            Reply::Disconnected
            | Reply::NotConnected
            | Reply::Status(_)
            | Reply::Reset(_)
            | Reply::Version(_) => return Err(unexpected().into()),
        };
        // From here on the password is known to be right, or not to be needed.
        let decided = report.stage > Stage::Identity
            || (report.stage == Stage::Identity && report.state == StageState::Done);
        if decided && progress.is_held() {
            progress.release(console)?;
        }
        progress.show(report, console)?;
    }
}

/// The daemon's refusal, or that what it does not find is in a Keychain of the user.
fn out_of_reach(failure: Failure, selector: &str) -> Failure {
    let not_found = [Code::KEYCHAIN_NONE_FITS, Code::KEYCHAIN_NO_KEY];
    let Ok(selector) = selector.parse::<Selector>() else {
        return failure;
    };
    let here = || Keychain::open().and_then(|keychain| keychain.name(&selector));
    match not_found.contains(&failure.code).then(here) {
        Some(Ok(name)) => {
            let what = format!("{name} is in your Keychain, which the daemon cannot use");
            Failure::new(Code::KEYCHAIN_OF_USER, what).seen(failure.what)
        }
        Some(Err(_)) | None => failure,
    }
}

fn asks_for_password(failure: &Failure) -> bool {
    [
        Code::IDENTITY_PASSWORD_MISSING,
        Code::IDENTITY_PASSWORD_WRONG,
    ]
    .contains(&failure.code)
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
    let greeted = greet(&connected, "Disconnect: Ctrl-C, or azike down", console);
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

/// The good news, after what a person should look at.
fn greet(connected: &Connected, how_to_end: &str, console: &mut Console) -> Result<(), Ending> {
    for warning in &connected.warnings {
        console.warn(warning)?;
    }
    let time = seconds(connected.elapsed_ms);
    console.say(&format!("Connected in {time} s. {how_to_end}"))
}

fn already(connected: Connected, strict: bool, console: &mut Console) -> Result<Exit, Ending> {
    if strict {
        return Err(Failure::from(Code::ALREADY_CONNECTED).into());
    }
    console.say("Already connected.")?;
    console.event(Event::AlreadyConnected(connected))?;
    Ok(Exit::Ok)
}
