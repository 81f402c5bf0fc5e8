//! A request to the engine, and another one when a password was missing or wrong.

use std::path::PathBuf;

use azike_control::{Code, Connected, Exit, Failure, Reply, Stage, StageState};
use azike_profile::Selector;
use tokio::net::UnixStream;

use crate::cli::client::{Conversation, connect, not_reachable, unexpected};
use crate::cli::console::{Console, Ending};
use crate::cli::foreground::Foreground;
use crate::cli::password;
use crate::cli::render::Progress;
use crate::cli::signals::Signals;
use crate::cli::wish::Wish;
use crate::daemon::engine_face::Engine;
use crate::daemon::keychain::Keychain;

/// Where the engine is.
pub(super) enum Place<E> {
    Daemon(PathBuf),
    Here(Box<Foreground<E>>),
}

/// How an attempt ended.
pub(super) enum Attempt {
    Connected(Connected),
    AlreadyConnected(Connected),
    Failed(Failure),
    Signal(Exit),
}

/// Tries, and tries again with a password when one is wanted and there is somebody to ask.
pub(super) async fn attempts<E: Engine>(
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
