//! The two functions, and the header that they take (`bsd/sys/socket_private.h` of XNU).

#![expect(unsafe_code, reason = "private functions of the system, found by name")]

use std::io;
use std::mem;
use std::ptr;
use std::sync::LazyLock;

use libc::{c_int, c_uint, c_void, iovec, size_t, socklen_t, ssize_t};

/// How many messages one call takes here; the kernel's own limit is 256.
pub(super) const MESSAGES: usize = 32;

/// `struct msghdr_x`: a `msghdr` and the octets that were received.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Header {
    pub(super) name: *mut c_void,
    pub(super) name_length: socklen_t,
    pub(super) pieces: *mut iovec,
    pub(super) piece_count: c_int,
    pub(super) control: *mut c_void,
    pub(super) control_length: socklen_t,
    pub(super) flags: c_int,
    pub(super) data_length: size_t,
}

impl Header {
    /// Points nowhere.
    pub(super) const NONE: Self = Self {
        name: ptr::null_mut(),
        name_length: 0,
        pieces: ptr::null_mut(),
        piece_count: 0,
        control: ptr::null_mut(),
        control_length: 0,
        flags: 0,
        data_length: 0,
    };
}

type Function = unsafe extern "C" fn(c_int, *const Header, c_uint, c_int) -> ssize_t;

/// `sendmsg_x`, if the system has it.
pub(super) static SEND: LazyLock<Option<Function>> = LazyLock::new(|| find(c"sendmsg_x"));
/// `recvmsg_x`, if the system has it.
pub(super) static RECEIVE: LazyLock<Option<Function>> = LazyLock::new(|| find(c"recvmsg_x"));

fn find(name: &std::ffi::CStr) -> Option<Function> {
    // SAFETY: a name that ends with a zero, looked up in what is loaded already.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    if found.is_null() {
        return None;
    }
    // SAFETY: both functions have this signature since they exist (OS X 10.10).
    Some(unsafe { mem::transmute::<*mut c_void, Function>(found) })
}

/// Calls `function` for the first `count` of `headers`: how many it took.
///
/// # Safety
///
/// The headers point to what lives until after the call, with its right length.
pub(super) unsafe fn call(
    function: Function,
    socket: c_int,
    headers: &mut [Header; MESSAGES],
    count: usize,
) -> io::Result<usize> {
    let count = c_uint::try_from(count.min(MESSAGES)).unwrap_or(0);
    // SAFETY: the caller's promise, and the array has at least so many headers. The kernel writes to those of
    // a receive call, which is why they are borrowed mutably.
    let done = unsafe { function(socket, headers.as_mut_ptr(), count, libc::MSG_DONTWAIT) };
    usize::try_from(done).map_err(|_| io::Error::last_os_error())
}
