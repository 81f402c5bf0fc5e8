//! The command line's end of the control socket.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use azike_control::frame::{FrameBuffer, REPLY_MAX, decode_reply, encode_request};
use azike_control::{Code, Failure, Reply, Request, passing};
use rustix::process::geteuid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::UnixStream;

/// How connecting fails where no daemon runs.
const NOBODY_THERE: [io::ErrorKind; 3] = [
    io::ErrorKind::NotFound,
    io::ErrorKind::NotADirectory,
    io::ErrorKind::ConnectionRefused,
];

/// A connection with a request on it, and the replies that come.
#[derive(Debug)]
pub(super) struct Conversation {
    stream: UnixStream,
    buffer: FrameBuffer,
}

/// Connects to the daemon; `None` when nobody listens at `path`.
///
/// # Errors
///
/// No right to connect, or a process listens there that is neither root's nor this user's.
pub(super) async fn connect(path: &Path) -> Result<Option<UnixStream>, Failure> {
    let shown = path.display();
    let stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) if NOBODY_THERE.contains(&error.kind()) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let what = format!("no right to connect to {shown}");
            return Err(Failure::new(Code::DAEMON_NOT_ALLOWED, what));
        }
        Err(error) => {
            let what = format!("no connection to the daemon at {shown}");
            return Err(Failure::new(Code::DAEMON_NOT_REACHABLE, what).seen(error.to_string()));
        }
    };
    let owner = stream.peer_cred().map(|credentials| credentials.uid());
    match owner {
        Ok(owner) if owner == 0 || owner == geteuid().as_raw() => Ok(Some(stream)),
        Ok(owner) => Err(Failure::new(
            Code::SERVER_NOT_TRUSTED,
            format!("user {owner} listens at {shown}"),
        )),
        Err(error) => Err(Failure::new(
            Code::SERVER_NOT_TRUSTED,
            format!("the system does not say who listens at {shown}"),
        )
        .seen(error.to_string())),
    }
}

/// The failure for a daemon that is not there.
pub(super) fn not_reachable(path: &Path) -> Failure {
    let what = format!("no azike daemon listens at {}", path.display());
    Failure::new(Code::DAEMON_NOT_REACHABLE, what)
}

impl Conversation {
    /// Sends `request` with its descriptors.
    pub(super) async fn begin(
        stream: UnixStream,
        request: &Request,
        descriptors: &[OwnedFd],
    ) -> Result<Self, Failure> {
        let frame = encode_request(request)?;
        let descriptors: Vec<BorrowedFd<'_>> = descriptors.iter().map(OwnedFd::as_fd).collect();
        let mut conversation = Self {
            stream,
            buffer: FrameBuffer::new(REPLY_MAX),
        };
        let sent = conversation.send(&frame, &descriptors).await;
        match sent {
            // A daemon that refuses may close before it has read all; its reply says why.
            Ok(()) => Ok(conversation),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(conversation),
            Err(error) => Err(gone().seen(error.to_string())),
        }
    }

    async fn send(&mut self, frame: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let stream = &self.stream;
        let send = || passing::send(stream, frame, descriptors);
        let count = stream.async_io(Interest::WRITABLE, send).await?;
        let rest = frame.get(count..).unwrap_or_default();
        self.stream.write_all(rest).await
    }

    /// The next reply.
    ///
    /// # Errors
    ///
    /// The connection ends without one, or what comes is not a reply.
    pub(super) async fn next(&mut self) -> Result<Reply, Failure> {
        let mut octets = [0; 8192];
        loop {
            if let Some(frame) = self.buffer.next_frame()? {
                return Ok(decode_reply(&frame)?);
            }
            match self.stream.read(&mut octets).await {
                Ok(0) => return Err(gone()),
                Ok(count) => self.buffer.push(octets.get(..count).unwrap_or_default()),
                Err(error) => return Err(gone().seen(error.to_string())),
            }
        }
    }

    /// Gives an attempt up and waits until the daemon has undone it.
    pub(super) async fn abandon(mut self) {
        if let Err(error) = self.stream.shutdown().await {
            tracing::debug!(%error, "connection was closed already");
        }
        while self.next().await.is_ok() {}
    }
}

/// One request that has one reply.
pub(super) async fn ask(stream: UnixStream, request: &Request) -> Result<Reply, Failure> {
    let reply = Conversation::begin(stream, request, &[])
        .await?
        .next()
        .await?;
    match reply {
        Reply::Failed(failure) => Err(failure),
        reply @ (Reply::Stage(_)
        | Reply::Connected(_)
        | Reply::AlreadyConnected(_)
        | Reply::Disconnected
        | Reply::NotConnected
        | Reply::Status(_)
        | Reply::Reset(_)
        | Reply::Version(_)) => Ok(reply),
    }
}

/// The failure for a reply that does not belong to the request.
pub(super) fn unexpected() -> Failure {
    Failure::new(
        Code::DAEMON_PROTOCOL,
        "the reply does not belong to the request",
    )
}

fn gone() -> Failure {
    Code::DAEMON_GONE.into()
}
