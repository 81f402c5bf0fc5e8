//! The few ways to talk to the kernel about the network: tables by `sysctl(3)`, ioctls, a number for a name.
//!
//! What goes in and comes out is octets; what they mean is [`xnu`](crate::xnu)'s business.

#![expect(unsafe_code, reason = "sysctl and ioctl take pointers")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::AsRawFd as _;
use std::ptr;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use crate::xnu::message::{Message, messages};
use crate::xnu::request::Request;

/// Larger than any table that we read: 100,000 routes.
const LARGEST: usize = 32 << 20;
/// A table may grow between the question for its length and the reading.
const ATTEMPTS: usize = 4;

/// Which table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Table {
    /// Routes of all families.
    Routes,
    /// Interfaces and their addresses.
    Links,
}

/// The messages of a table.
pub(super) fn table(table: Table) -> io::Result<Vec<Message>> {
    let kind = match table {
        Table::Routes => libc::NET_RT_DUMP,
        Table::Links => libc::NET_RT_IFLIST,
    };
    // The third is reserved, the fourth is the family: any; the last is a filter: none.
    let name = [libc::CTL_NET, libc::PF_ROUTE, 0, 0, kind, 0];
    for _ in 0..ATTEMPTS {
        let mut length = 0;
        read(&name, None, &mut length)?;
        length += length / 4 + 1024;
        if length > LARGEST {
            break;
        }
        let mut octets = vec![0; length];
        match read(&name, Some(&mut octets), &mut length) {
            Ok(()) => return Ok(messages(octets.get(..length).unwrap_or_default()).collect()),
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(
        "the table of the kernel does not stand still",
    ))
}

/// Reads the node `name` into `to`, or only its length.
fn read(name: &[libc::c_int; 6], to: Option<&mut [u8]>, length: &mut usize) -> io::Result<()> {
    let mut name = *name;
    let (to, room) = to.map_or((ptr::null_mut(), 0), |to| (to.as_mut_ptr(), to.len()));
    *length = room;
    // SAFETY: the name has six numbers; the kernel writes at most `length` octets, which is the room at `to`, and
    // none to a null pointer.
    let done = unsafe { libc::sysctl(name.as_mut_ptr(), 6, to.cast(), length, ptr::null_mut(), 0) };
    result(done)
}

/// The text of the node `name`, such as `kern.bootsessionuuid`.
pub(super) fn text(name: &CStr) -> io::Result<String> {
    let mut octets = [0_u8; 256];
    let mut length = octets.len();
    // SAFETY: the name ends with a zero; the kernel writes at most `length` octets, which is the room there.
    let done = unsafe {
        libc::sysctlbyname(
            name.as_ptr(),
            octets.as_mut_ptr().cast(),
            &raw mut length,
            ptr::null_mut(),
            0,
        )
    };
    result(done)?;
    let text = octets.get(..length).unwrap_or_default();
    let text = CStr::from_bytes_until_nul(text).map_err(io::Error::other)?;
    Ok(text.to_string_lossy().into_owned())
}

/// Makes an ioctl; its octets become the answer.
pub(super) fn ask(request: &mut Request) -> io::Result<()> {
    let family = if request.inet6 {
        AddressFamily::INET6
    } else {
        AddressFamily::INET
    };
    let socket = socket_with(family, SocketType::DGRAM, SocketFlags::empty(), None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    let number = libc::c_ulong::from(request.number);
    // SAFETY: the number says how many octets the kernel reads and writes, and there are that many (a test in
    // `xnu::request` compares them for every request).
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), number, request.octets.as_mut_ptr()) };
    result(done)
}

/// The number of the interface called `name`.
pub(super) fn index(name: &str) -> io::Result<u32> {
    let name = CString::new(name).map_err(io::Error::other)?;
    // SAFETY: the name ends with a zero and lives until after the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
}

fn result(done: libc::c_int) -> io::Result<()> {
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
