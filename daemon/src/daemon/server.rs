//! The control socket: who may use it, and what one connection can do.
//!
//! ```text
//!   SocketPlace::claim ──▶ open ──▶ Server::serve ──▶ one task for each connection
//!   lock, folder, stale    private,  peer's user        request within 5 s, replies,
//!   sockets                renamed   checked            then the end
//! ```
//!
//! Everything here expects hostile clients: other users of the computer, and members of the
//! group `azike` who are not root.

mod access;
mod connection;
mod descriptors;
mod socket_place;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use azike_control::{Code, Failure};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tracing::{debug, warn};

pub use self::access::{Access, Group, Peer};
pub use self::descriptors::{IDENTITY_MAX, PACKAGE_MAX, PASSWORD_MAX};
pub(crate) use self::socket_place::state_of;
pub use self::socket_place::{Claim, ControlListener, DEFAULT_SOCKET, claim, claim_kept};
use super::engine_face::Engine;

/// How many users who may not connect are named in the log.
const STRANGERS_MAX: usize = 64;

/// How much one client may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long a request may take to arrive, files included.
    pub request_time: Duration,
    /// How long a client may take to read one reply.
    pub reply_time: Duration,
    /// Connections of one user at a time.
    pub connections_per_user: usize,
    /// How long the end waits for open connections to get their last reply.
    pub farewell_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_time: Duration::from_secs(5),
            reply_time: Duration::from_secs(5),
            connections_per_user: 16,
            farewell_time: Duration::from_secs(2),
        }
    }
}

/// Serves an engine to the command lines that connect.
#[derive(Debug)]
pub struct Server<E> {
    engine: Arc<E>,
    access: Access,
    limits: Limits,
    /// Open connections by user.
    open: Mutex<BTreeMap<u32, usize>>,
    /// Users who tried and may not.
    strangers: Mutex<BTreeSet<u32>>,
}

/// One open connection of a user, counted until it is dropped.
struct Counted<'s, E> {
    server: &'s Server<E>,
    uid: u32,
}

impl<E: Engine> Server<E> {
    /// A server for `engine`.
    pub const fn new(engine: Arc<E>, access: Access, limits: Limits) -> Self {
        Self {
            engine,
            access,
            limits,
            open: Mutex::new(BTreeMap::new()),
            strangers: Mutex::new(BTreeSet::new()),
        }
    }

    /// The engine.
    pub const fn engine(&self) -> &Arc<E> {
        &self.engine
    }

    /// Serves until `stop`, then removes the socket and waits a moment for the replies that are
    /// still on their way.
    pub async fn serve(self: Arc<Self>, listener: ControlListener, stop: impl Future) {
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                _ = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok(stream) => {
                        let server = Arc::clone(&self);
                        connections.spawn(async move { server.admit(stream).await });
                    }
                    Err(error) => {
                        // Out of descriptors, most likely: those in use are going to end.
                        warn!(%error, "control socket cannot accept");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(_) = connections.join_next() => (),
            }
        }
        drop(listener);
        let farewell = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.farewell_time, farewell)
            .await
            .is_err()
        {
            debug!("connections cut at the end");
        }
    }

    /// Checks who connected and serves the connection.
    async fn admit(&self, stream: UnixStream) {
        let peer = match Peer::of(&stream) {
            Ok(peer) => peer,
            Err(error) => return debug!(%error, "control connection without credentials"),
        };
        if !self.access.allows(peer) {
            self.note_stranger(peer.uid);
            let what = format!("user {} may not use this daemon", peer.uid);
            let failure = Failure::new(Code::DAEMON_NOT_ALLOWED, what);
            return self.refuse(&stream, failure).await;
        }
        let Some(_counted) = self.count(peer.uid) else {
            debug!(uid = peer.uid, "control connection refused: too many");
            return self.refuse(&stream, Code::DAEMON_BUSY.into()).await;
        };
        self.converse(stream).await;
    }

    /// Logs a user who may not connect, once: who tries for ever must not fill the log.
    fn note_stranger(&self, uid: u32) {
        let strangers = self.strangers.lock();
        let mut strangers = strangers.unwrap_or_else(PoisonError::into_inner);
        if strangers.len() < STRANGERS_MAX && strangers.insert(uid) {
            warn!(uid, "a user who may not tried to use the control socket");
        }
    }

    /// Counts a connection of `uid`, unless the user has enough.
    fn count(&self, uid: u32) -> Option<Counted<'_, E>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(uid).or_default();
        if *count >= self.limits.connections_per_user {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Counted { server: self, uid })
    }
}

impl<E> Drop for Counted<'_, E> {
    fn drop(&mut self) {
        let open = &self.server.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.uid) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.uid);
            }
        }
    }
}
