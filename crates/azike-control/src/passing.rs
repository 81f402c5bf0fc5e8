//! Open files beside the octets of a Unix socket (`SCM_RIGHTS`).
//!
//! The command line opens the user's files with the user's rights and passes the descriptors; the
//! daemon never opens a path that somebody else chose.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::request::DESCRIPTORS_MAX;

/// Room for the descriptors that a request may carry.
const ROOM: usize = rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX));

/// Keeps descriptors from programs that are started later; macOS has no flag for it.
#[cfg(target_os = "linux")]
const CLOSE_ON_EXEC: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const CLOSE_ON_EXEC: RecvFlags = RecvFlags::empty();

/// Sends the beginning of `octets` with `descriptors`, at most three, and returns how many octets
/// went out. The descriptors travel with the first of them; the rest is sent without.
///
/// # Errors
///
/// What `sendmsg` says (`WouldBlock` when the socket does not block), and `InvalidInput` for more
/// descriptors than allowed or no octets.
pub fn send(socket: impl AsFd, octets: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
    if octets.is_empty() || descriptors.len() > DESCRIPTORS_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut room = [MaybeUninit::uninit(); ROOM];
    let mut control = SendAncillaryBuffer::new(&mut room);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // Elsewhere the Rust runtime ignores SIGPIPE anyhow.
    #[cfg(target_os = "linux")]
    let flags = SendFlags::NOSIGNAL;
    #[cfg(not(target_os = "linux"))]
    let flags = SendFlags::empty();
    Ok(sendmsg(
        socket,
        &[IoSlice::new(octets)],
        &mut control,
        flags,
    )?)
}

/// Receives octets into `buffer` and appends the descriptors that come with them. Returns how many
/// octets came; 0 is the end.
///
/// # Errors
///
/// What `recvmsg` says (`WouldBlock` when the socket does not block), and `InvalidData` when there
/// were more descriptors than a request may carry; those that came are closed.
pub fn receive(
    socket: impl AsFd,
    buffer: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    let mut room = [MaybeUninit::uninit(); ROOM];
    let mut control = RecvAncillaryBuffer::new(&mut room);
    let mut slices = [IoSliceMut::new(buffer)];
    let message = recvmsg(socket, &mut slices, &mut control, CLOSE_ON_EXEC)?;
    let mut received = Vec::new();
    for item in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = item {
            received.extend(rights);
        }
    }
    let too_many = descriptors.len() + received.len() > DESCRIPTORS_MAX;
    if too_many || message.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    for descriptor in &received {
        fcntl_setfd(descriptor, FdFlags::CLOEXEC)?;
    }
    descriptors.append(&mut received);
    Ok(message.bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Seek as _, Write as _};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn file(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn files_arrive_in_order_beside_the_octets() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let files = [file("first"), file("second"), file("third")];
        let passed: Vec<BorrowedFd<'_>> = files.iter().map(AsFd::as_fd).collect();
        assert_eq!(send(&ours, b"hello", &passed).unwrap(), 5);

        let mut buffer = [0; 64];
        let mut descriptors = Vec::new();
        assert_eq!(receive(&theirs, &mut buffer, &mut descriptors).unwrap(), 5);
        let texts: Vec<String> = descriptors
            .into_iter()
            .map(|descriptor| {
                let mut text = String::new();
                File::from(descriptor).read_to_string(&mut text).unwrap();
                text
            })
            .collect();
        assert_eq!(texts, ["first", "second", "third"]);
    }

    #[test]
    fn no_octets_without_descriptors_is_the_end() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(ours);
        let mut descriptors = Vec::new();
        assert_eq!(receive(&theirs, &mut [0; 8], &mut descriptors).unwrap(), 0);
    }

    /// N-104: as many descriptors as the kernel lets through at once.
    #[test]
    fn a_flood_of_descriptors_is_refused_and_closed() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let file = file("x");
        let many = [file.as_fd(); 253];
        let mut room = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253))];
        let mut control = SendAncillaryBuffer::new(&mut room);
        assert!(control.push(SendAncillaryMessage::ScmRights(&many)));
        sendmsg(
            &ours,
            &[IoSlice::new(b"x")],
            &mut control,
            SendFlags::empty(),
        )
        .unwrap();

        let mut descriptors = Vec::new();
        let error = receive(&theirs, &mut [0; 8], &mut descriptors).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(descriptors.is_empty());
    }

    /// N-104: three with each octet, again and again.
    #[test]
    fn descriptors_are_counted_over_the_connection() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let file = file("x");
        let mut descriptors = Vec::new();
        send(&ours, b"x", &[file.as_fd(); 3]).unwrap();
        receive(&theirs, &mut [0; 8], &mut descriptors).unwrap();
        send(&ours, b"x", &[file.as_fd()]).unwrap();
        let error = receive(&theirs, &mut [0; 8], &mut descriptors).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(descriptors.len(), 3);
    }

    #[test]
    fn more_than_three_are_not_sent() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let file = file("x");
        let error = send(&ours, b"x", &[file.as_fd(); 4]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
