//! `azike daemon`: an engine and the control socket, until a signal ends it.

use std::path::Path;
use std::sync::Arc;

use azike_control::Exit;
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::console::Ending;
use super::signals::Signals;
use crate::daemon::engine_face::{Engine as _, EngineSource};
use crate::daemon::process;
use crate::daemon::server::{self, Access, Limits, Server};

/// Serves until SIGTERM or Ctrl-C, then takes the tunnel down and ends. That is a success: a
/// service manager asked for it.
pub(super) async fn run<S: EngineSource>(source: &S, socket: &Path) -> Result<Exit, Ending> {
    if let Err(error) = process::keep_memory_private() {
        warn!(%error, "core dumps stay as they are");
    }
    source.check()?;
    let claim = server::claim(socket)?;
    let mut signals = Signals::listen()?;
    let engine = Arc::new(source.start(claim.places()).await?);
    let listener = claim.open()?;
    info!(socket = %listener.path().display(), "azike daemon serves");
    let server = Server::new(
        Arc::clone(&engine),
        Access::for_this_process(),
        Limits::default(),
    );
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(Arc::new(server).serve(listener, stopped));
    signals.next().await;
    info!("azike daemon ends");
    let down = engine.down().await;
    drop(stop);
    if serving.await.is_err() {
        warn!("the control socket ended early");
    }
    down?;
    Ok(Exit::Ok)
}
