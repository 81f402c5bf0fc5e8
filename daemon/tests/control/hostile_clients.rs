//! N-102, N-104: clients that want to harm the daemon.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::time::Duration;

use azike::daemon::server::Limits;
use azike_control::frame::{FrameBuffer, REPLY_MAX, decode_reply, encode_request};
use azike_control::{Attached, Code, ProfileSource, Reply, Request, UpOptions, UpRequest, passing};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use crate::fake_engine::{Behaviour, FakeEngine};
use crate::stage::Theatre;

/// Time is short here.
const LIMITS: Limits = Limits {
    request_time: Duration::from_millis(150),
    reply_time: Duration::from_millis(300),
    connections_per_user: 8,
    farewell_time: Duration::from_secs(2),
};

fn theatre(behaviour: Behaviour) -> Theatre {
    Theatre::with_limits(FakeEngine::new(behaviour), LIMITS)
}

async fn connect(theatre: &Theatre) -> UnixStream {
    UnixStream::connect(theatre.socket()).await.unwrap()
}

/// All that the daemon says before it closes; it has to close soon.
pub(crate) async fn replies(stream: &mut UnixStream) -> Vec<Reply> {
    let mut buffer = FrameBuffer::new(REPLY_MAX);
    let mut octets = [0; 4096];
    let reading = async {
        while let Ok(count @ 1..) = stream.read(&mut octets).await {
            buffer.push(octets.get(..count).unwrap());
        }
    };
    timeout(Duration::from_secs(5), reading).await.unwrap();
    let mut replies = Vec::new();
    while let Some(frame) = buffer.next_frame().unwrap() {
        replies.push(decode_reply(&frame).unwrap());
    }
    replies
}

async fn code_for(theatre: &Theatre, octets: &[u8]) -> Option<Code> {
    let mut stream = connect(theatre).await;
    // The daemon may have seen enough before all is written.
    drop(stream.write_all(octets).await);
    match replies(&mut stream).await.as_slice() {
        [Reply::Failed(failure)] => Some(failure.code),
        [] => None,
        other => panic!("unexpected replies {other:?}"),
    }
}

fn framed(json: &str) -> Vec<u8> {
    let mut octets = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
    octets.extend_from_slice(json.as_bytes());
    octets
}

async fn alive(theatre: &Theatre) {
    assert_eq!(
        theatre.azike("down").await.exit,
        0,
        "the daemon still serves"
    );
}

/// N-102: lengths and texts that no honest client sends.
#[tokio::test]
async fn frames_that_are_no_requests_are_refused() {
    let theatre = theatre(Behaviour::Connect);
    let deep = framed(&format!("{{\"version\":1,\"request\":{}", "[".repeat(1000)));
    let cases: [(&[u8], Code); 9] = [
        (&[0, 0, 0, 0], Code::DAEMON_PROTOCOL),
        (&[0xff; 64], Code::DAEMON_PROTOCOL),
        (&[0, 2, 0, 0], Code::DAEMON_PROTOCOL),
        (&framed("not json"), Code::DAEMON_PROTOCOL),
        (&[0, 0, 0, 2, 0xff, 0xfe], Code::DAEMON_PROTOCOL),
        (&deep, Code::DAEMON_PROTOCOL),
        (
            &framed(r#"{"version":1,"request":"status","x":1}"#),
            Code::DAEMON_PROTOCOL,
        ),
        (
            &framed(r#"{"version":1,"version":1,"request":"down"}"#),
            Code::DAEMON_PROTOCOL,
        ),
        (
            &framed(r#"{"version":99,"request":"status"}"#),
            Code::DAEMON_VERSION,
        ),
    ];
    for (octets, expected) in cases {
        assert_eq!(
            code_for(&theatre, octets).await,
            Some(expected),
            "{octets:?}"
        );
    }
    alive(&theatre).await;
}

/// N-102: one connection carries one request.
#[tokio::test]
async fn two_requests_at_once_are_refused() {
    let theatre = theatre(Behaviour::Connect);
    let octets = encode_request(&Request::Down).unwrap().repeat(2);
    assert_eq!(
        code_for(&theatre, &octets).await,
        Some(Code::DAEMON_PROTOCOL)
    );
}

/// N-102: half a frame, then nothing; and an octet from time to time.
#[tokio::test]
async fn clients_that_take_their_time_are_cut_off() {
    let theatre = theatre(Behaviour::Connect);
    let mut silent = connect(&theatre).await;
    let mut half = connect(&theatre).await;
    half.write_all(&[0, 0, 0, 40, b'{']).await.unwrap();
    let mut slow = connect(&theatre).await;
    let dripping = async {
        for octet in encode_request(&Request::Down).unwrap() {
            if slow.write_all(&[octet]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(30)).await;
        }
        replies(&mut slow).await
    };
    let (first, second, third) = tokio::join!(replies(&mut silent), replies(&mut half), dripping);
    assert_eq!((first, second, third), (vec![], vec![], vec![]));
    alive(&theatre).await;
}

/// N-102: a user who opens thousands of connections only harms that user, and only for a moment.
#[tokio::test]
async fn too_many_connections_are_told_so() {
    let theatre = theatre(Behaviour::Connect);
    let mut held = Vec::new();
    for _ in 0..LIMITS.connections_per_user {
        held.push(connect(&theatre).await);
    }
    sleep(Duration::from_millis(20)).await;
    for _ in 0..200 {
        let mut stream = connect(&theatre).await;
        let replies = replies(&mut stream).await;
        assert_eq!(replies, [Reply::Failed(Code::DAEMON_BUSY.into())]);
    }
    let run = theatre.azike("down").await;
    assert_eq!(run.exit, 4);
    assert!(run.err.starts_with("Error AZK-0805: "), "{}", run.err);
    drop(held);
    sleep(Duration::from_millis(50)).await;
    alive(&theatre).await;
}

/// Ten thousand that come and go.
#[tokio::test]
async fn connections_without_a_word_leave_nothing() {
    let theatre = theatre(Behaviour::Connect);
    for _ in 0..10_000 {
        drop(connect(&theatre).await);
    }
    sleep(Duration::from_millis(100)).await;
    alive(&theatre).await;
}

fn up_request(attached: &[Attached]) -> UpRequest {
    UpRequest {
        profile: ProfileSource::Package { name: "a".into() },
        attached: attached.to_vec(),
        keychain: None,
        options: UpOptions::default(),
    }
}

/// N-104: an `up` without files, and one whose files are something else.
#[tokio::test]
async fn wrong_descriptors_are_refused() {
    let theatre = theatre(Behaviour::Connect);
    let request = up_request(&[Attached::Package, Attached::Identity]);
    let frame = encode_request(&Request::Up(Box::new(request))).unwrap();
    assert_eq!(code_for(&theatre, &frame).await, Some(Code::DESCRIPTORS));

    let zero = std::fs::File::open("/dev/zero").unwrap();
    let file = std::fs::File::open(theatre.path("ada.p12")).unwrap();
    let mut stream = connect(&theatre).await;
    stream.writable().await.unwrap();
    let sent = passing::send(&stream, &frame, &[zero.as_fd(), file.as_fd()]).unwrap();
    assert_eq!(sent, frame.len());
    let replies = replies(&mut stream).await;
    assert!(
        matches!(replies.as_slice(), [Reply::Failed(failure)] if failure.code == Code::FILE_KIND),
        "{replies:?}"
    );
    assert_eq!(theatre.engine.seen(), []);
}

/// N-104: as many as the kernel passes at once.
#[tokio::test]
async fn a_flood_of_descriptors_is_refused() {
    let theatre = theatre(Behaviour::Connect);
    let file = std::fs::File::open(theatre.path("ada.p12")).unwrap();
    let many = [file.as_fd(); 253];
    let mut room = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253))];
    let mut stream = connect(&theatre).await;
    stream.writable().await.unwrap();
    let mut control = SendAncillaryBuffer::new(&mut room);
    assert!(control.push(SendAncillaryMessage::ScmRights(&many)));
    sendmsg(
        &stream,
        &[IoSlice::new(b"x")],
        &mut control,
        SendFlags::empty(),
    )
    .unwrap();
    let replies = replies(&mut stream).await;
    assert!(
        matches!(replies.as_slice(), [Reply::Failed(failure)] if failure.code == Code::DESCRIPTORS),
        "{replies:?}"
    );
    alive(&theatre).await;
}

/// A pipe that nobody closes does not hold the daemon.
#[tokio::test]
async fn a_password_that_never_ends_is_cut_off() {
    let theatre = theatre(Behaviour::Connect);
    let attached = [Attached::Package, Attached::Identity, Attached::Password];
    let frame = encode_request(&Request::Up(Box::new(up_request(&attached)))).unwrap();
    let file = std::fs::File::open(theatre.path("ada.p12")).unwrap();
    let (reader, _writer) = rustix::pipe::pipe().unwrap();
    let mut stream = connect(&theatre).await;
    stream.writable().await.unwrap();
    let passed = [file.as_fd(), file.as_fd(), reader.as_fd()];
    passing::send(&stream, &frame, &passed).unwrap();
    let replies = replies(&mut stream).await;
    assert!(matches!(replies.as_slice(), [Reply::Failed(f)] if f.code == Code::DESCRIPTORS));
    alive(&theatre).await;
}

/// Names and options are checked by the daemon too: a client need not be our command line.
#[tokio::test]
async fn a_client_that_checks_nothing_is_checked() {
    let theatre = theatre(Behaviour::Connect);
    let mut traversal = up_request(&[Attached::Package, Attached::Identity]);
    traversal.profile = ProfileSource::Package {
        name: "../../etc/cron.d/x".into(),
    };
    let mut shell = up_request(&[Attached::Package, Attached::Identity]);
    shell.options.gateway_address = Some("$(reboot)".into());
    for (request, expected) in [
        (traversal, Code::PROFILE_NAME),
        (shell, Code::OPTION_INVALID),
    ] {
        let frame = encode_request(&Request::Up(Box::new(request))).unwrap();
        assert_eq!(code_for(&theatre, &frame).await, Some(expected));
    }
}

/// Who hangs up does not want the tunnel any more; whose attempt it is not loses nothing.
#[tokio::test]
async fn hanging_up_ends_the_attempt() {
    let theatre = theatre(Behaviour::Hang);
    let request = up_request(&[Attached::Package, Attached::Identity]);
    let frame = encode_request(&Request::Up(Box::new(request))).unwrap();
    let file = std::fs::File::open(theatre.path("ada.p12")).unwrap();
    let stream = connect(&theatre).await;
    stream.writable().await.unwrap();
    passing::send(&stream, &frame, &[file.as_fd(), file.as_fd()]).unwrap();
    theatre.engine.trying().await;
    drop(connect(&theatre).await);
    sleep(Duration::from_millis(50)).await;
    assert!(!theatre.engine.is_up());
    drop(stream);
    timeout(Duration::from_secs(5), theatre.engine.idle())
        .await
        .unwrap();
}

/// A client that does not read cannot hold the daemon's other clients up.
#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let steps =
        vec![
            azike_control::StageReport::done(azike_control::Stage::Profile, "x".repeat(4000), None);
            300
        ];
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps);
    let theatre = Theatre::with_limits(engine, LIMITS);
    let request = up_request(&[Attached::Package, Attached::Identity]);
    let frame = encode_request(&Request::Up(Box::new(request))).unwrap();
    let file = std::fs::File::open(theatre.path("ada.p12")).unwrap();
    let stream = connect(&theatre).await;
    stream.writable().await.unwrap();
    passing::send(&stream, &frame, &[file.as_fd(), file.as_fd()]).unwrap();
    theatre.engine.trying().await;
    alive(&theatre).await;
    sleep(LIMITS.reply_time * 2).await;
    alive(&theatre).await;
}
