//! Waiting for packets in a way that can be interrupted at once.
//!
//! ```text
//!   Caller ── put, call, end ──▶ slot, one octet ──▶ Mailbox: poll(2) on it and on the packets' descriptors
//! ```
//!
//! A thread waits on its descriptors and on one end of a socket pair. What is to be handed to it lies in a slot
//! beside.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The side of those who call a thread. All copies are the same.
#[derive(Debug)]
pub(super) struct Caller<T> {
    end: Arc<UnixStream>,
    slot: Arc<Mutex<Option<T>>>,
}

/// The side of the thread.
#[derive(Debug)]
pub(super) struct Mailbox<T> {
    end: UnixStream,
    slot: Arc<Mutex<Option<T>>>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Woken {
    /// One of the descriptors has something to say.
    Ready,
    /// The time is over.
    TimedOut,
    /// Somebody called: [`Mailbox::take`] tells why.
    Called,
}

/// The thread is to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ended;

/// A mailbox and who calls it.
pub(super) fn pair<T>() -> io::Result<(Caller<T>, Mailbox<T>)> {
    let (caller, thread) = UnixStream::pair()?;
    caller.set_nonblocking(true)?;
    thread.set_nonblocking(true)?;
    let slot = Arc::new(Mutex::new(None));
    let caller = Caller {
        end: Arc::new(caller),
        slot: Arc::clone(&slot),
    };
    Ok((caller, Mailbox { end: thread, slot }))
}

impl<T> Caller<T> {
    /// Hands `letter` over; what lay there and was not taken yet is dropped.
    pub(super) fn put(&self, letter: T) {
        let before = lock(&self.slot).replace(letter);
        drop(before);
        self.call();
    }

    /// The same, unless something newer lies there.
    pub(super) fn put_back(&self, letter: T) {
        lock(&self.slot).get_or_insert(letter);
        self.call();
    }

    /// Wakes the thread.
    pub(super) fn call(&self) {
        // A full socket wakes as well, and after the end nobody listens.
        drop((&*self.end).write(&[0]));
    }

    /// Wakes the thread for good.
    pub(super) fn end(&self) {
        // It fails where the thread has ended already.
        drop(self.end.shutdown(Shutdown::Both));
    }
}

impl<T> Clone for Caller<T> {
    fn clone(&self) -> Self {
        Self {
            end: Arc::clone(&self.end),
            slot: Arc::clone(&self.slot),
        }
    }
}

impl<T> Mailbox<T> {
    /// The descriptor to put first into the list for [`wait`].
    pub(super) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::from_borrowed_fd(self.end.as_fd(), PollFlags::IN)
    }

    /// What was handed over since the last time.
    pub(super) fn take(&self) -> Result<Option<T>, Ended> {
        let mut calls = [0; 64];
        match (&self.end).read(&mut calls) {
            Ok(0) => Err(Ended),
            Ok(_) | Err(_) => Ok(lock(&self.slot).take()),
        }
    }

    /// Waits for nothing but a call, at most `time`.
    pub(super) fn pause(&self, time: Duration) -> Woken {
        wait(&mut [self.poll_fd()], Some(time))
    }
}

/// Waits until one of `descriptors`, of which the first is [`Mailbox::poll_fd`], is ready.
///
/// An error of `poll(2)` itself counts as [`Woken::Ready`]: the read that follows will meet it.
pub(super) fn wait(descriptors: &mut [PollFd<'_>], time: Option<Duration>) -> Woken {
    // A duration of seconds always fits.
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let ready = rustix::io::retry_on_intr(|| poll(descriptors, time.as_ref()));
    let called = descriptors
        .first()
        .is_some_and(|mailbox| !mailbox.revents().is_empty());
    match ready {
        Ok(_) if called => Woken::Called,
        Ok(0) => Woken::TimedOut,
        Ok(_) | Err(_) => Woken::Ready,
    }
}

/// A slot is whole at any moment.
fn lock<T>(slot: &Mutex<Option<T>>) -> MutexGuard<'_, Option<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_wakes_once_and_the_end_for_good() {
        let (caller, mailbox) = pair::<u8>().unwrap();
        let soon = Duration::from_millis(1);
        assert_eq!(mailbox.pause(soon), Woken::TimedOut);
        caller.call();
        caller.call();
        assert_eq!(mailbox.pause(soon), Woken::Called);
        assert_eq!(mailbox.take(), Ok(None));
        assert_eq!(mailbox.pause(soon), Woken::TimedOut);
        caller.clone().end();
        for _ in 0..2 {
            assert_eq!(mailbox.pause(soon), Woken::Called);
            assert_eq!(mailbox.take(), Err(Ended));
        }
        caller.call();
    }

    #[test]
    fn what_is_put_back_does_not_replace_what_is_newer() {
        let (caller, mailbox) = pair().unwrap();
        caller.put(1);
        caller.put(2);
        caller.put_back(1);
        assert_eq!(mailbox.take(), Ok(Some(2)));
        caller.put_back(1);
        assert_eq!(mailbox.take(), Ok(Some(1)));
        assert_eq!(mailbox.take(), Ok(None));
    }

    #[test]
    fn a_thousand_calls_that_nobody_hears_block_nobody() {
        let (caller, mailbox) = pair::<u8>().unwrap();
        for _ in 0..1_000_000 {
            caller.call();
        }
        assert_eq!(mailbox.take(), Ok(None));
    }
}
