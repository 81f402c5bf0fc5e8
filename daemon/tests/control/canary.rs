//! N-106: a password and a key are nowhere but where they are used.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::UnixListener;
use tracing_subscriber::fmt::MakeWriter;

use crate::fake_engine::{Behaviour, FakeEngine, steps};
use crate::stage::{Theatre, UP};

const PASSWORD: &str = "canary-password-7f3a";
const KEY: &str = "canary-private-key-91bd";

/// The whole log, at the most talkative level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn clean(where_: &str, octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    for canary in [PASSWORD, KEY] {
        assert!(!text.contains(canary), "{where_}: {text}");
    }
}

#[tokio::test]
async fn no_secret_is_printed_logged_or_kept() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _log_of_this_thread = tracing::subscriber::set_default(subscriber);

    for behaviour in [Behaviour::Connect, Behaviour::Password("another")] {
        let engine = FakeEngine::new(behaviour).reporting(steps());
        let theatre = Theatre::new(engine);
        fs::write(theatre.path("word"), PASSWORD).unwrap();
        fs::write(theatre.path("ada.p12"), KEY).unwrap();
        for flags in ["-vv", "--json"] {
            let line = format!("{UP} --password-file @word {flags}");
            let run = theatre.azike(&line).await;
            clean("standard output", run.out.as_bytes());
            clean("standard error", run.err.as_bytes());
        }
        let status = theatre.azike("status --json").await;
        clean("status", status.out.as_bytes());
        let seen = theatre.engine.seen();
        let job = seen.first().unwrap();
        assert_eq!(job.password.as_deref(), Some(PASSWORD), "it did arrive");
        assert_eq!(job.identity, KEY.as_bytes(), "it did arrive");
        clean("debug text of a job", job.debug.as_bytes());
        theatre.close().await;
    }
    let log = log.0.lock().unwrap().clone();
    assert!(!log.is_empty(), "the log was on");
    clean("log", &log);
}

/// The octets on the socket are the frame; files and passwords travel beside it.
#[tokio::test]
async fn no_secret_is_inside_a_frame() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    fs::write(theatre.path("word"), PASSWORD).unwrap();
    fs::write(theatre.path("ada.p12"), KEY).unwrap();
    let listener = UnixListener::bind(theatre.socket()).unwrap();
    let daemon = async {
        // The first connection only looks whether somebody listens.
        drop(listener.accept().await.unwrap());
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut octets = Vec::new();
        let reading = stream.read_to_end(&mut octets);
        drop(tokio::time::timeout(Duration::from_millis(300), reading).await);
        octets
    };
    let line = format!("{UP} --password-file @word");
    let (run, octets) = tokio::join!(theatre.azike(&line), daemon);
    assert!(octets.len() > 50);
    clean("frame", &octets);
    assert_eq!(run.exit, 4, "the daemon went without an answer");
    assert!(run.err.contains("Error AZK-0808: "), "{}", run.err);
}

/// A password among the arguments is refused, and not repeated.
#[tokio::test]
async fn a_password_on_the_command_line_is_refused_without_an_echo() {
    let theatre = Theatre::connecting();
    for form in [
        format!("--password {PASSWORD}"),
        format!("--password={PASSWORD}"),
    ] {
        let run = theatre.azike(&format!("{UP} {form}")).await;
        assert_eq!(run.exit, 2);
        assert!(run.err.contains("--password-file"), "{}", run.err);
        clean("standard error", run.err.as_bytes());
    }
    assert_eq!(theatre.engine.seen(), []);
}

/// Nothing of a request is written to disk beside what the user put there.
#[tokio::test]
async fn nothing_is_written_to_the_folder_of_the_socket() {
    let theatre = Theatre::connecting();
    fs::write(theatre.path("word"), PASSWORD).unwrap();
    theatre.azike(&format!("{UP} --password-file @word")).await;
    let entries = fs::read_dir(theatre.folder.path()).unwrap();
    let mut names: Vec<PathBuf> = entries
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .collect();
    names.sort();
    let expected = [
        "ada.p12",
        "contoso.zip",
        "control.sock",
        "control.sock.lock",
        "word",
    ];
    assert_eq!(names, expected.map(PathBuf::from));
}
