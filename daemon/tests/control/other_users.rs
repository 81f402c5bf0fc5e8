//! N-101: other users of the computer, on both ends of the socket.

use std::fs::Permissions;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream as BlockingStream};

use azike_control::{Code, Reply};
use rustix::process::Uid;
use rustix::thread::set_thread_res_uid;
use tokio::net::UnixStream;

use crate::fake_engine::{Behaviour, FakeEngine};
use crate::hostile_clients::replies;
use crate::stage::{Theatre, UP};

/// Does `work` as the user 65534. Only root can; the answer is `None` for others. The process
/// stays root, only a thread of it changes.
fn as_another_user<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let thread = std::thread::spawn(move || {
        let nobody = Uid::from_raw(65534);
        set_thread_res_uid(nobody, nobody, nobody).unwrap();
        work()
    });
    Some(thread.join().unwrap())
}

/// N-101: a socket in the place of the daemon's that another user listens on gets no files.
#[tokio::test]
async fn a_daemon_of_another_user_gets_nothing() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let everybody = Permissions::from_mode(0o777);
    std::fs::set_permissions(theatre.folder.path(), everybody).unwrap();
    let socket = theatre.socket();
    let Some(impostor) = as_another_user(move || UnixListener::bind(socket).unwrap()) else {
        return;
    };
    let run = theatre.azike(UP).await;
    assert_eq!(run.exit, 10, "{}", run.err);
    let wanted = "Error AZK-0810: user 65534 ";
    assert!(run.err.starts_with(wanted), "{}", run.err);
    let (mut victim, _) = impostor.accept().unwrap();
    let mut octets = Vec::new();
    victim.read_to_end(&mut octets).unwrap();
    assert!(octets.is_empty(), "it received {octets:?}");
}

/// N-101: even where the mode of the socket lets a user through, the kernel's word about who it
/// is does not.
#[tokio::test]
async fn a_client_of_another_user_is_refused() {
    let theatre = Theatre::connecting();
    let everybody = Permissions::from_mode(0o666);
    std::fs::set_permissions(theatre.socket(), everybody).unwrap();
    let socket = theatre.socket();
    let connecting = as_another_user(move || BlockingStream::connect(socket));
    let Some(stream) = connecting else {
        return;
    };
    let stream = stream.unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut stream = UnixStream::from_std(stream).unwrap();
    let replies = replies(&mut stream).await;
    assert!(
        matches!(replies.as_slice(), [Reply::Failed(f)] if f.code == Code::DAEMON_NOT_ALLOWED),
        "{replies:?}"
    );
}
