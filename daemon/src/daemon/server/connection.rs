//! One connection: a request, what the engine makes of it, the replies.

use std::os::fd::OwnedFd;
use std::pin::pin;

use azike_control::frame::{FrameBuffer, REQUEST_MAX, decode_request, encode_reply};
use azike_control::request::{PROTOCOL_VERSION, is_profile_name};
use azike_control::{Code, Failure, Reply, Request, StageReport, UpRequest, Version, passing};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{debug, info};

use super::Server;
use super::descriptors::read_job;
use crate::daemon::engine_face::{DownOutcome, Engine, UpJob, UpOutcome};

/// How many steps may wait for a slow client.
const PROGRESS_WAITING: usize = 64;

/// What a client sent.
struct Received {
    request: Request,
    descriptors: Vec<OwnedFd>,
}

/// Whether the client still reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Client {
    Present,
    Gone,
}

impl<E: Engine> Server<E> {
    /// Serves one connection whose client is allowed, until its last reply.
    pub async fn converse(&self, stream: UnixStream) {
        let received = match timeout(self.limits.request_time, receive(&stream)).await {
            Ok(Ok(Some(received))) => received,
            // Somebody only looked whether we live.
            Ok(Ok(None)) => return,
            Ok(Err(failure)) => {
                debug!(code = %failure.code, "control request refused");
                return self.refuse(&stream, failure).await;
            }
            Err(_) => return debug!("control request took too long"),
        };
        let reply = match received.request {
            Request::Up(request) => {
                let job = self.job(*request, received.descriptors).await;
                match job {
                    Ok(job) => return self.up(&stream, job).await,
                    Err(failure) => Reply::Failed(failure),
                }
            }
            Request::Down => match self.engine.down().await {
                Ok(DownOutcome::Disconnected) => Reply::Disconnected,
                Ok(DownOutcome::NotConnected) => Reply::NotConnected,
                Err(failure) => Reply::Failed(failure),
            },
            Request::Status => Reply::Status(Box::new(self.engine.status().await)),
            Request::Reset => match self.engine.reset().await {
                Ok(report) => Reply::Reset(report),
                Err(failure) => Reply::Failed(failure),
            },
            Request::Version => Reply::Version(Version {
                program: env!("CARGO_PKG_VERSION").to_owned(),
                protocol: PROTOCOL_VERSION,
            }),
        };
        self.reply(&stream, &reply).await;
    }

    /// Tells a client that nothing comes of it.
    pub(super) async fn refuse(&self, stream: &UnixStream, failure: Failure) {
        self.reply(stream, &Reply::Failed(failure)).await;
    }

    /// Checks the request and reads its files.
    async fn job(&self, request: UpRequest, descriptors: Vec<OwnedFd>) -> Result<UpJob, Failure> {
        request.options.check()?;
        let name = request.profile.name();
        if !is_profile_name(name) {
            let what = format!("'{name}' cannot be the name of a profile");
            return Err(Failure::new(Code::PROFILE_NAME, what));
        }
        let reading = read_job(request, descriptors);
        match timeout(self.limits.request_time, reading).await {
            Ok(job) => job,
            Err(_) => Err(Failure::new(
                Code::DESCRIPTORS,
                "the files of the request took too long to read",
            )),
        }
    }

    /// Makes a tunnel and tells the client each step. A client that hangs up ends the attempt.
    async fn up(&self, stream: &UnixStream, job: UpJob) {
        info!(package = ?job.package, "tunnel requested");
        let (progress, mut steps) = mpsc::channel(PROGRESS_WAITING);
        let mut up = pin!(self.engine.up(job, progress));
        let mut hung_up = pin!(hang_up(stream));
        let outcome = loop {
            tokio::select! {
                biased;
                Some(step) = steps.recv() => {
                    if self.step(stream, step).await == Client::Gone {
                        break None;
                    }
                }
                outcome = &mut up => break Some(outcome),
                () = &mut hung_up => break None,
            }
        };
        let Some(outcome) = outcome else {
            info!("the client hung up: the attempt is given up");
            drop(steps);
            let outcome = up.await;
            return debug!(?outcome, "attempt without a client ended");
        };
        while let Ok(step) = steps.try_recv() {
            if self.step(stream, step).await == Client::Gone {
                return;
            }
        }
        let reply = match outcome {
            Ok(UpOutcome::Connected(connected)) => Reply::Connected(connected),
            Ok(UpOutcome::AlreadyConnected(connected)) => Reply::AlreadyConnected(connected),
            Err(failure) => Reply::Failed(failure),
        };
        self.reply(stream, &reply).await;
    }

    async fn step(&self, stream: &UnixStream, step: StageReport) -> Client {
        self.reply(stream, &Reply::Stage(step)).await
    }

    /// Writes one reply, as long as the client takes it.
    async fn reply(&self, stream: &UnixStream, reply: &Reply) -> Client {
        let frame = encode_reply(reply).or_else(|error| {
            debug!(%error, "reply does not fit a frame");
            encode_reply(&Reply::Failed(Code::INTERNAL.into()))
        });
        let Ok(frame) = frame else {
            return Client::Gone;
        };
        match timeout(self.limits.reply_time, write_all(stream, &frame)).await {
            Ok(Ok(())) => Client::Present,
            Ok(Err(_)) | Err(_) => Client::Gone,
        }
    }
}

/// Receives one request; `None` when the client closes without a word.
async fn receive(stream: &UnixStream) -> Result<Option<Received>, Failure> {
    let mut buffer = FrameBuffer::new(REQUEST_MAX);
    let mut descriptors = Vec::new();
    let mut octets = [0; 4096];
    loop {
        let read = stream.async_io(Interest::READABLE, || {
            passing::receive(stream, &mut octets, &mut descriptors)
        });
        let count = match read.await {
            Ok(0) if buffer.is_empty() && descriptors.is_empty() => return Ok(None),
            Ok(0) => {
                return Err(Failure::new(
                    Code::DAEMON_PROTOCOL,
                    "the request is cut off",
                ));
            }
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(Failure::new(Code::DESCRIPTORS, "too many descriptors"));
            }
            Err(_) => return Ok(None),
        };
        buffer.push(octets.get(..count).unwrap_or_default());
        if let Some(frame) = buffer.next_frame()? {
            if !buffer.is_empty() {
                let what = "a connection carries one request";
                return Err(Failure::new(Code::DAEMON_PROTOCOL, what));
            }
            let request = decode_request(&frame)?;
            return Ok(Some(Received {
                request,
                descriptors,
            }));
        }
    }
}

/// Waits until the client closes, or says something more than its one request.
async fn hang_up(stream: &UnixStream) {
    let mut octets = [0; 1];
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut octets) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => (),
            Ok(_) | Err(_) => return,
        }
    }
}

async fn write_all(stream: &UnixStream, octets: &[u8]) -> std::io::Result<()> {
    let mut rest = octets;
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => (),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
