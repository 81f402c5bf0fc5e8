//! Signs of life for the service manager, with a line about the tunnel.
//!
//! They come from the loop that serves everything else. A daemon that hangs gives none, and the
//! manager starts another.

use azike_control::StatusDocument;
use azike_platform::service::Notifier;
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

use super::engine_face::Engine;

/// Gives signs of life for ever, if the manager wants them.
pub(crate) async fn keep_alive<E: Engine>(notifier: &Notifier, engine: &E) {
    let Some(limit) = notifier.watchdog() else {
        return std::future::pending().await;
    };
    let mut turns = interval(limit / 2);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let status = engine.status().await;
        if let Err(error) = notifier.alive(&line(&status)) {
            debug!(%error, "the service manager did not hear the sign of life");
        }
    }
}

/// `contoso: connected`.
fn line(status: &StatusDocument) -> String {
    let tunnels = status.tunnels.iter();
    let tunnels = tunnels.map(|tunnel| format!("{}: {}", tunnel.name, tunnel.state.name()));
    let line = tunnels.collect::<Vec<_>>().join(", ");
    if line.is_empty() {
        "no tunnel".to_owned()
    } else {
        line
    }
}
