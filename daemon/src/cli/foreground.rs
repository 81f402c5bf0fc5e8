//! An engine in the process of `azike up` itself, for computers without a daemon. Other commands
//! reach it by the control socket, as they would a daemon; not while it only rehearses.

use std::path::Path;
use std::sync::Arc;

use azike_control::{Code, Failure};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::daemon::engine_face::{Ended, Engine, EngineSource};
use crate::daemon::process;
use crate::daemon::server::{self, Access, Limits, Server};

/// The engine and its socket.
#[derive(Debug)]
pub(super) struct Foreground<E> {
    server: Arc<Server<E>>,
    /// Ends who serves the control socket.
    socket: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl<E: Engine> Foreground<E> {
    /// Starts an engine and serves the socket at `path`.
    pub(super) async fn start<S>(source: &S, path: &Path) -> Result<Self, Failure>
    where
        S: EngineSource<Engine = E>,
    {
        keep_memory_private();
        let claim = server::claim(path)?;
        let server = server(source.start(claim.places()).await?);
        let listener = claim.open()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(Arc::clone(&server).serve(listener, stopped));
        Ok(Self {
            server,
            socket: Some((stop, serving)),
        })
    }

    /// Starts an engine that only logs in. Nobody else reaches it, so that it stands beside any other at `path`.
    pub(super) fn rehearse<S>(source: &S, path: &Path) -> Result<Self, Failure>
    where
        S: EngineSource<Engine = E>,
    {
        keep_memory_private();
        Ok(Self {
            server: server(source.rehearse(&server::state_of(path))?),
            socket: None,
        })
    }

    /// A connection to the engine, as one by the socket would be.
    pub(super) fn connect(&self) -> Result<UnixStream, Failure> {
        let (ours, theirs) = UnixStream::pair().map_err(|error| {
            Failure::new(Code::INTERNAL, "no connection inside the process").seen(error.to_string())
        })?;
        let server = Arc::clone(&self.server);
        tokio::spawn(async move { server.converse(theirs).await });
        Ok(ours)
    }

    /// Waits until the tunnel is down for good.
    pub(super) async fn ended(&self) -> Ended {
        self.server.engine().ended().await
    }

    /// Takes the tunnel down, answers those who still wait, and removes the socket.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        let down = self.server.engine().down().await;
        if let Some((stop, serving)) = self.socket {
            drop(stop);
            if serving.await.is_err() {
                warn!("the control socket ended early");
            }
        }
        down.map(|_| ())
    }
}

/// Serves who speaks for this process.
fn server<E: Engine>(engine: E) -> Arc<Server<E>> {
    let access = Access::for_this_process();
    Arc::new(Server::new(Arc::new(engine), access, Limits::default()))
}

fn keep_memory_private() {
    if let Err(error) = process::keep_memory_private() {
        warn!(%error, "core dumps stay as they are");
    }
}
