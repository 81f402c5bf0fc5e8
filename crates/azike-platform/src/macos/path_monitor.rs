//! Changes of the network, as the kernel tells them on a routing socket; waking up is one too, and so is another
//! program that changes our names.

#![expect(unsafe_code, reason = "tokio wants a promise about the descriptor")]

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use super::kernel::{self, Table};
use super::names::NamesWatch;
use super::{power, route_socket, utun};
use crate::xnu::message::messages;
use crate::xnu::news::{News, Ours};

/// A change is over when nothing followed for so long: a new network comes in many pieces.
const QUIET: Duration = Duration::from_millis(200);
/// However many pieces there are, after so long it counts.
const LONGEST: Duration = Duration::from_secs(2);

/// Longer than any message.
const BUFFER: usize = 8192;

/// Tells when the network of this machine changed, and when the machine woke up.
#[derive(Debug)]
pub struct NetworkWatch {
    socket: AsyncFd<OwnedFd>,
    news: News,
    wakes: watch::Receiver<u64>,
    names: Option<NamesWatch>,
}

impl NetworkWatch {
    /// Begins to watch. Needs a tokio runtime with I/O and time.
    pub fn open() -> io::Result<Self> {
        let socket = route_socket::open()?;
        rustix::io::ioctl_fionbio(&socket, true)?;
        let mut news = News::default();
        for message in kernel::table(Table::Links)? {
            // How things are now is no news.
            news.matters(&message, &Ours::default());
        }
        let names = NamesWatch::open().inspect_err(|error| {
            tracing::warn!(%error, "names that another program changes are noticed late");
        });
        // SAFETY: the descriptor is owned by what is made here, and nothing takes it out again.
        let socket = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
        Ok(Self {
            socket: socket?,
            news,
            wakes: power::wakes(),
            names: names.ok(),
        })
    }

    /// Waits until the network changed and came to rest, the machine woke up, or our names were changed. May be dropped and called again.
    pub async fn changed(&mut self) {
        self.next().await;
        let rest = async { while tokio::time::timeout(QUIET, self.next()).await.is_ok() {} };
        drop(tokio::time::timeout(LONGEST, rest).await);
    }

    /// Waits for the next thing that matters.
    async fn next(&mut self) {
        loop {
            let matters = tokio::select! {
                read = read(&self.socket) => match read {
                    Ok(octets) => {
                        let ours = ours();
                        // All of them are heard, for what they say about interfaces.
                        let matter = messages(&octets).filter(|it| self.news.matters(it, &ours));
                        matter.count() > 0
                    }
                    // The kernel tells nothing any more; nor do we.
                    Err(error) => {
                        tracing::warn!(%error, "changes of the network are noticed late");
                        std::future::pending().await
                    }
                },
                // The sender lives as long as the process.
                woken = self.wakes.changed() => match woken {
                    Ok(()) => true,
                    Err(_) => std::future::pending().await,
                },
                () = changed(&mut self.names) => true,
            };
            if matters {
                return;
            }
        }
    }
}

async fn changed(names: &mut Option<NamesWatch>) {
    match names {
        Some(names) => names.changed().await,
        None => std::future::pending().await,
    }
}

/// What the kernel says next. More than it could keep for us (`ENOBUFS`) is like a message of no importance: the
/// rest follows.
async fn read(socket: &AsyncFd<OwnedFd>) -> io::Result<Vec<u8>> {
    let read = |fd: &OwnedFd| {
        let mut octets = vec![0; BUFFER];
        match rustix::io::read(fd, &mut *octets) {
            Ok(length) => {
                octets.truncate(length);
                Ok(octets)
            }
            Err(Errno::INTR | Errno::NOBUFS) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    };
    socket.async_io(Interest::READABLE, read).await
}

fn ours() -> Ours {
    Ours {
        pid: std::process::id(),
        interfaces: utun::held().values().copied().collect(),
    }
}
