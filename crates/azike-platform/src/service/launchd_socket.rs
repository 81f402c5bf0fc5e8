//! The sockets that launchd keeps for a service: `launch_activate_socket(3)`.

#![expect(
    unsafe_code,
    reason = "a function of the system that hands out an array"
)]

use std::ffi::CStr;
use std::io;
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::ptr;

use libc::{c_char, c_int, size_t};

unsafe extern "C" {
    /// `<launch.h>`: zero, or the number of an error.
    fn launch_activate_socket(
        name: *const c_char,
        fds: *mut *mut c_int,
        count: *mut size_t,
    ) -> c_int;
}

/// The descriptors of the socket `name` in our plist. None if launchd did not start us (`ESRCH`),
/// the plist has no such socket (`ENOENT`), or they were handed out before (`EALREADY`).
pub(super) fn activate(name: &CStr) -> io::Result<Vec<OwnedFd>> {
    let mut fds: *mut c_int = ptr::null_mut();
    let mut count: size_t = 0;
    // SAFETY: a name that ends with a zero, and places for the results.
    let error = unsafe { launch_activate_socket(name.as_ptr(), &raw mut fds, &raw mut count) };
    match error {
        0 => (),
        libc::ESRCH | libc::ENOENT | libc::EALREADY => return Ok(Vec::new()),
        error => return Err(io::Error::from_raw_os_error(error)),
    }
    let mut owned = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: the call filled `count` numbers, so this place is inside.
        let place = unsafe { fds.add(at) };
        // SAFETY: a number that the call wrote.
        let fd = unsafe { place.read() };
        // SAFETY: they are open and given to us, once.
        owned.push(unsafe { OwnedFd::from_raw_fd(fd) });
    }
    // SAFETY: the array was made by malloc, for us to free; null is allowed.
    unsafe { libc::free(fds.cast()) };
    Ok(owned)
}
