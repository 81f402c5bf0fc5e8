//! Routes: added and deleted by messages to a routing socket, read from the kernel's table.
//!
//! ```text
//!   OurRoute ──▶ message ──▶ write(2) on PF_ROUTE ──▶ 0, EEXIST, ESRCH, …
//!   sysctl NET_RT_DUMP ──▶ messages ──▶ the table, without us
//! ```
//!
//! The kernel answers a message by the result of the `write` that brings it. It has no mark for routes of ours, so
//! what is ours is known by destination, router and interface, from the journal. `RTM_GET` would give the way that
//! packets take, which leads into the tunnel while it is up; the table has the way without us too.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;

use rustix::io::FdFlags;
use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType, shutdown, socket_with};

use super::kernel::{self, Table};
use crate::next_hop::SeenRoute;
use crate::xnu::message::Message;
use crate::xnu::route::{Doing, OurRoute};

/// `PF_ROUTE`.
const ROUTE: AddressFamily = AddressFamily::from_raw(17);

/// A routing socket that is only written to.
#[derive(Debug)]
pub(super) struct RouteSocket {
    fd: OwnedFd,
    sequence: u32,
}

impl RouteSocket {
    pub(super) fn open() -> io::Result<Self> {
        let fd = open()?;
        // Nobody reads the echo.
        shutdown(&fd, Shutdown::Read)?;
        Ok(Self { fd, sequence: 0 })
    }

    /// Adds or deletes `route`; the kernel's refusal as it is.
    pub(super) fn tell(&mut self, doing: Doing, route: OurRoute) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let message = route.message(doing, self.sequence);
        rustix::io::retry_on_intr(|| rustix::io::write(&self.fd, &message))?;
        Ok(())
    }
}

/// A routing socket, close-on-exec.
pub(super) fn open() -> io::Result<OwnedFd> {
    let fd = socket_with(ROUTE, SocketType::RAW, SocketFlags::empty(), None)?;
    rustix::io::fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
    Ok(fd)
}

/// The routes that packets take, with those of `ours` marked.
pub(super) fn table(ours: &BTreeSet<OurRoute>) -> io::Result<Vec<SeenRoute>> {
    let messages = kernel::table(Table::Routes)?;
    let routes = messages.iter().filter_map(|message| match message {
        Message::Route(route) => route.seen(),
        Message::Link(_) | Message::Address(_) | Message::Other => None,
    });
    let marked = routes.map(|route| SeenRoute {
        ours: ours.iter().any(|our| our.is(&route)),
        ..route
    });
    Ok(marked.collect())
}
