//! `azike daemon`: an engine and the control socket, until a signal ends it.

use std::path::Path;
use std::sync::Arc;

use azike_control::Exit;
use azike_platform::service;
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::console::Ending;
use super::signals::Signals;
use crate::daemon::engine_face::{Engine as _, EngineSource};
use crate::daemon::keep_alive::keep_alive;
use crate::daemon::process;
use crate::daemon::server::{self, Access, Limits, Server};
use crate::failing;

/// Serves until SIGTERM or Ctrl-C, then takes the tunnel down and ends. That is a success: a
/// service manager asked for it.
///
/// A service manager may keep the control socket and want to be told how it goes.
pub(super) async fn run<S: EngineSource>(source: &S, socket: &Path) -> Result<Exit, Ending> {
    // Before there are other threads.
    let inherited = service::inherited().map_err(|error| failing::handover(&error))?;
    let notifier = inherited.notifier;
    if let Err(error) = process::keep_memory_private() {
        warn!(%error, "core dumps stay as they are");
    }
    source.check()?;
    let kept = inherited.listener;
    let claim = match &kept {
        Some(listener) => server::claim_kept(socket, listener)?,
        None => server::claim(socket)?,
    };
    let mut signals = Signals::listen()?;
    let engine = Arc::new(source.start(claim.places()).await?);
    let listener = match kept {
        Some(listener) => claim.adopt(listener)?,
        None => claim.open()?,
    };
    info!(socket = %listener.path().display(), "azike daemon serves");
    let server = Server::new(
        Arc::clone(&engine),
        Access::for_this_process(),
        Limits::default(),
    );
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(Arc::new(server).serve(listener, stopped));
    told(notifier.ready("no tunnel"));
    tokio::select! {
        _ = signals.next() => (),
        () = keep_alive(&notifier, &*engine) => (),
    }
    info!("azike daemon ends");
    told(notifier.stopping("ends"));
    let down = engine.down().await;
    drop(stop);
    if serving.await.is_err() {
        warn!("the control socket ended early");
    }
    down?;
    Ok(Exit::Ok)
}

/// A manager that did not hear us finds out by itself.
fn told(result: std::io::Result<()>) {
    if let Err(error) = result {
        warn!(%error, "the service manager was not told");
    }
}
