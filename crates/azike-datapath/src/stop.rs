//! Waiting for packets in a way that can be ended at once.
//!
//! A thread waits on its descriptors and on one end of a socket pair; closing the other end wakes
//! it for good.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Ends a thread when it is dropped.
#[derive(Debug)]
pub(super) struct Stopper {
    _end: UnixStream,
}

/// The thread's side of a [`Stopper`].
#[derive(Debug)]
pub(super) struct Stop(UnixStream);

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Woken {
    /// One of the descriptors has something to say.
    Ready,
    /// The time is over.
    TimedOut,
    /// The thread must end.
    Stopped,
}

/// A stopper and what it stops.
pub(super) fn pair() -> io::Result<(Stopper, Stop)> {
    let (end, other) = UnixStream::pair()?;
    Ok((Stopper { _end: end }, Stop(other)))
}

impl Stop {
    /// The descriptor to put first into the list for [`wait`].
    pub(super) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)
    }

    /// Waits for nothing but the stop, at most `time`.
    pub(super) fn pause(&self, time: Duration) -> Woken {
        wait(&mut [self.poll_fd()], Some(time))
    }
}

/// Waits until one of `descriptors`, of which the first is [`Stop::poll_fd`], is ready.
///
/// An error of `poll(2)` itself counts as [`Woken::Ready`]: the read that follows will meet it.
pub(super) fn wait(descriptors: &mut [PollFd<'_>], time: Option<Duration>) -> Woken {
    // A duration of seconds always fits.
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let ready = rustix::io::retry_on_intr(|| poll(descriptors, time.as_ref()));
    let stopped = descriptors
        .first()
        .is_some_and(|stop| !stop.revents().is_empty());
    match ready {
        Ok(_) if stopped => Woken::Stopped,
        Ok(0) => Woken::TimedOut,
        Ok(_) | Err(_) => Woken::Ready,
    }
}
