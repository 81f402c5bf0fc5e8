//! The thread that uploads while there is much of it, or trouble with it.
//!
//! ```text
//!   packets ── the upload, when a burst leaves something ──▶ bulk
//!           ◀── the upload, when the device was quiet ──────
//! ```

use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::mailbox::{Caller, Mailbox, Woken, wait};
use super::upload::{Burst, Upload};

/// After so long without a packet of the host, one thread is enough.
const QUIET: Duration = Duration::from_millis(10);

/// How long to leave a tun device alone that only gives errors.
const TUN_PAUSE: Duration = Duration::from_millis(100);

/// Uploads what it is handed, and hands it back to `packets`, until the end is called.
pub(super) fn run(mailbox: &Mailbox<Upload>, packets: &Caller<Upload>) {
    let mut upload: Option<Upload> = None;
    loop {
        match upload.take() {
            Some(mut mine) => {
                if upload_until_quiet(&mut mine, mailbox) == Woken::TimedOut {
                    packets.put_back(mine);
                    continue;
                }
                upload = Some(mine);
            }
            None => {
                wait(&mut [mailbox.poll_fd()], None);
            }
        }
        match mailbox.take() {
            Err(_) => return,
            Ok(Some(new)) => upload = Some(new),
            Ok(None) => upload = upload.filter(Upload::is_wanted),
        }
    }
}

/// Uploads until the device is quiet, [`Woken::TimedOut`], or somebody calls.
fn upload_until_quiet(upload: &mut Upload, mailbox: &Mailbox<Upload>) -> Woken {
    let device = upload.device();
    let readable = PollFd::from_borrowed_fd(device.descriptor(), PollFlags::IN);
    let mut descriptors = [mailbox.poll_fd(), readable];
    // Something may lie there, and need not.
    let mut burst = upload.burst(mailbox, false);
    loop {
        if burst == Burst::Failing && mailbox.pause(TUN_PAUSE) == Woken::Called {
            return Woken::Called;
        }
        match wait(&mut descriptors, Some(QUIET)) {
            Woken::Ready => burst = upload.burst(mailbox, true),
            // One that fails stays here.
            Woken::TimedOut if burst == Burst::Failing => burst = Burst::Nothing,
            woken @ (Woken::TimedOut | Woken::Called) => return woken,
        }
    }
}
