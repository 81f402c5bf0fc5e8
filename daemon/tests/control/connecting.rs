//! `azike up` and its output.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use azike::cli::Look;
use azike_control::{Code, ErrorDocument, Event, EventLine, Failure, Stage, StageReport};

use crate::fake_engine::{Behaviour, FakeEngine, steps};
use crate::stage::{Theatre, UP};

/// Without a terminal, each finished step is a plain line on standard error.
#[tokio::test]
async fn steps_are_plain_lines_where_no_terminal_is() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::new(engine);
    let run = theatre.azike(UP).await;
    assert_eq!(
        run.err,
        "\
profile: contoso — 1 gateway, 2 roots (4 ms)
identity: CN=ada, valid 212 days (9 ms)
resolve: gw.example → 192.0.2.1 (31 ms)
 ⚠ the certificate expires soon (AZK-0602)
Connected in 0.61 s. Disconnect: azike down
"
    );
    assert_eq!((run.exit, run.out.as_str()), (0, ""));
    assert!(theatre.engine.is_up(), "the daemon keeps the tunnel");
}

/// On a terminal a running step is a line that is written again.
#[tokio::test]
async fn steps_are_live_on_a_terminal() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::new(engine);
    let look = Look {
        columns: Some(60),
        ..Look::default()
    };
    let run = theatre.azike_on(UP, look).await;
    assert_eq!(
        run.err,
        "\u{20}· profile\r\u{1b}[2K ✓ profile     contoso — 1 gateway, 2 roots            4 ms
 ✓ identity    CN=ada, valid 212 days                  9 ms
 · resolve\r\u{1b}[2K ✓ resolve     gw.example → 192.0.2.1                 31 ms
 ⚠ the certificate expires soon (AZK-0602)
Connected in 0.61 s. Disconnect: azike down
"
    );
}

#[tokio::test]
async fn json_has_a_line_for_each_event_and_nothing_else() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::new(engine);
    let run = theatre.azike(&format!("{UP} --json")).await;
    assert_eq!(run.err, "");
    let lines = run.out.lines().map(serde_json::from_str::<EventLine>);
    let events: Vec<Event> = lines.map(|line| line.unwrap().event).collect();
    let expected: Vec<Event> = steps().into_iter().map(Event::Stage).collect();
    assert!(events.starts_with(&expected));
    assert!(matches!(events.last(), Some(Event::Connected(_))));
    assert_eq!(events.len(), expected.len() + 1);
    let document: serde_json::Value =
        serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert_eq!(document.get("schema").unwrap(), "azike.event/1");
    assert_eq!(document.get("event").unwrap(), "connected");
}

/// It logs out again, without a daemon and beside one, and says so.
#[tokio::test]
async fn a_dry_run_leaves_no_tunnel() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::new(engine);
    let run = theatre.azike(&format!("{UP} --dry-run")).await;
    let last =
        "The login works (0.61 s). Logged out again; nothing on this computer was changed.\n";
    assert!(run.err.ends_with(last), "{}", run.err);
    assert_eq!((run.exit, run.out.as_str()), (0, ""));
    assert!(!theatre.engine.is_up());
    let run = theatre.azike(&format!("{UP} --dry-run --json")).await;
    let last: EventLine = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert!(matches!(last.event, Event::DryRun(_)), "{last:?}");
    let run = theatre.azike(&format!("{UP} --dry-run --foreground")).await;
    assert_eq!(run.exit, 2, "{}", run.err);
    let failing = FakeEngine::new(Behaviour::Fail(Code::NO_ANSWER_500.into()));
    let run = Theatre::new(failing)
        .azike(&format!("{UP} --dry-run"))
        .await;
    assert!(run.err.starts_with("Error AZK-0503: "), "{}", run.err);
    assert_eq!(run.exit, 7);
}

#[tokio::test]
async fn quiet_is_quiet_and_errors_are_not() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::new(engine);
    let run = theatre.azike(&format!("{UP} -q")).await;
    assert_eq!(run.err, " ⚠ the certificate expires soon (AZK-0602)\n");
    let theatre = Theatre::new(FakeEngine::new(Behaviour::Fail(Code::NO_ANSWER_500.into())));
    let run = theatre.azike(&format!("{UP} -q")).await;
    assert!(run.err.starts_with("Error AZK-0503: "), "{}", run.err);
}

#[tokio::test]
async fn a_failure_ends_the_steps_and_says_what_to_do() {
    let failure = Failure::new(
        Code::AUTHENTICATION_FAILED,
        "the gateway rejected the login",
    )
    .seen("AUTHENTICATION_FAILED in IKE_AUTH");
    let mut steps = steps();
    steps.push(StageReport::started(Stage::Login));
    steps.push(StageReport::failed(Stage::Login, "rejected", Some(412)));
    let engine = FakeEngine::new(Behaviour::Fail(failure.clone())).reporting(steps);
    let theatre = Theatre::new(engine);
    let run = theatre.azike(UP).await;
    assert_eq!(run.exit, 5);
    assert!(
        run.err
            .contains("\nlogin: failed: rejected (412 ms)\nError AZK-0401: ")
    );
    assert!(
        run.err
            .contains("\n  Seen: AUTHENTICATION_FAILED in IKE_AUTH\n  Next: Ask the ")
    );
    assert!(run.err.ends_with("\n  More: azike explain AZK-0401\n"));
    assert_eq!(run.out, "");

    let run = theatre.azike(&format!("{UP} --json")).await;
    assert_eq!((run.exit, run.err.as_str()), (5, ""));
    let last = run.out.lines().last().unwrap();
    let document: ErrorDocument = serde_json::from_str(last).unwrap();
    assert_eq!(document, ErrorDocument::new(failure));
}

/// N-105: what gateways and packages say is shown, and does nothing.
#[tokio::test]
async fn hostile_text_in_steps_does_nothing() {
    let step = StageReport::done(Stage::Server, "CN=\u{1b}]0;owned\u{7}\u{202e}\nfake", None);
    let engine = FakeEngine::new(Behaviour::Connect).reporting(vec![step]);
    let theatre = Theatre::new(engine);
    for line in [UP.to_owned(), format!("{UP} --json")] {
        let run = theatre.azike(&line).await;
        let text = format!("{}{}", run.out, run.err);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
        theatre.azike("down").await;
    }
}

#[tokio::test]
async fn the_files_arrive_as_they_are() {
    let theatre = Theatre::connecting();
    fs::write(theatre.path("word"), "pass word ü\nsecond line\n").unwrap();
    theatre.azike(&format!("{UP} --password-file @word")).await;
    let seen = theatre.engine.seen();
    let job = seen.first().unwrap();
    assert_eq!(job.name, "contoso");
    assert_eq!(job.package.as_deref(), Some(&b"zip octets"[..]));
    assert_eq!(job.identity, b"p12 octets");
    assert_eq!(job.password.as_deref(), Some("pass word ü"));
}

#[tokio::test]
async fn a_name_that_is_no_file_is_a_stored_profile() {
    let theatre = Theatre::connecting();
    theatre.azike("up contoso-west --identity @ada.p12").await;
    let seen = theatre.engine.seen();
    let job = seen.first().unwrap();
    assert_eq!(
        (job.name.as_str(), job.package.as_deref()),
        ("contoso-west", None)
    );
}

#[tokio::test]
async fn a_second_up_is_a_success_unless_strict() {
    let theatre = Theatre::connecting();
    assert_eq!(theatre.azike(UP).await.exit, 0);
    let run = theatre.azike(UP).await;
    assert_eq!((run.exit, run.err.as_str()), (0, "Already connected.\n"));
    let run = theatre.azike(&format!("{UP} --strict")).await;
    assert_eq!(run.exit, 12);
    assert!(run.err.starts_with("Error AZK-0820: "));
}

/// Steps that were shown before the password was known are shown once.
#[tokio::test]
async fn a_protected_identity_without_anybody_to_ask_is_an_error() {
    let engine = FakeEngine::new(Behaviour::Password("right")).reporting(steps());
    let theatre = Theatre::new(engine);
    let run = theatre.azike(UP).await;
    assert_eq!(run.exit, 9);
    assert!(run.err.contains("Error AZK-0203: "), "{}", run.err);
    assert!(run.err.contains("--password-file"), "{}", run.err);
    fs::write(theatre.path("word"), "wrong").unwrap();
    let run = theatre.azike(&format!("{UP} --password-file @word")).await;
    assert!(run.err.contains("Error AZK-0204: "), "{}", run.err);
    fs::write(theatre.path("word"), "right").unwrap();
    assert_eq!(
        theatre
            .azike(&format!("{UP} --password-file @word"))
            .await
            .exit,
        0
    );
}

#[tokio::test]
async fn files_with_secrets_that_others_can_read_are_noticed() {
    let theatre = Theatre::connecting();
    let public = fs::Permissions::from_mode(0o644);
    fs::set_permissions(theatre.path("ada.p12"), public).unwrap();
    let run = theatre.azike(UP).await;
    assert!(run.err.contains("ada.p12 (AZK-0601)"), "{}", run.err);
}

/// Without a daemon the process serves itself, and other commands reach it by the socket.
#[tokio::test]
async fn a_foreground_tunnel_ends_with_azike_down_elsewhere() {
    let engine = FakeEngine::new(Behaviour::Connect).reporting(steps());
    let theatre = Theatre::empty(engine);
    let other = async {
        while !theatre.engine.is_up() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let status = theatre.azike("status").await;
        let second = theatre.azike(&format!("{UP} --foreground")).await;
        (status, second, theatre.azike("down").await)
    };
    let (run, (status, second, down)) = tokio::join!(theatre.azike(UP), other);
    assert_eq!(status.exit, 0);
    assert_eq!(second.exit, 3, "{}", second.err);
    assert!(second.err.contains("AZK-0806"), "{}", second.err);
    assert_eq!((down.exit, down.err.as_str()), (0, "Disconnected.\n"));
    assert_eq!(run.exit, 0);
    assert!(
        run.err.contains("Disconnect: Ctrl-C, or azike down\n"),
        "{}",
        run.err
    );
    assert!(run.err.ends_with("Disconnected.\n"), "{}", run.err);
    assert!(!theatre.socket().exists(), "nothing is left");
}

#[tokio::test]
async fn a_foreground_tunnel_that_fails_leaves_nothing() {
    let engine = FakeEngine::new(Behaviour::Fail(Code::TS_UNACCEPTABLE.into()));
    let theatre = Theatre::empty(engine);
    let run = theatre.azike(UP).await;
    assert_eq!(run.exit, 8);
    assert!(!theatre.socket().exists());
}

#[tokio::test]
async fn without_daemon_and_rights_it_says_which() {
    let refusal = Failure::new(Code::NO_RIGHT_TUN, "user 1000 may not");
    let engine = FakeEngine::new(Behaviour::Connect).refusing(refusal);
    let theatre = Theatre::empty(engine);
    let run = theatre.azike(UP).await;
    assert_eq!(run.exit, 10);
    assert!(
        run.err.starts_with("Error AZK-0701: user 1000 may not"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("Seen: no azike daemon listens"),
        "{}",
        run.err
    );
    let run = theatre.azike(&format!("{UP} --foreground")).await;
    assert_eq!(run.exit, 10);
    assert!(run.err.starts_with("Error AZK-0701: "), "{}", run.err);
}

#[tokio::test]
async fn a_system_without_tunnels_says_so() {
    let refusal = Failure::from(Code::UNSUPPORTED_PLATFORM);
    let engine = FakeEngine::new(Behaviour::Connect).refusing(refusal);
    let run = Theatre::empty(engine).azike(UP).await;
    assert_eq!(run.exit, 2);
    assert!(run.err.starts_with("Error AZK-0003: "), "{}", run.err);
}

/// A daemon that is stopped answers those who wait.
#[tokio::test]
async fn down_ends_an_attempt_that_is_under_way() {
    let theatre = Theatre::new(FakeEngine::new(Behaviour::Hang));
    let other = async {
        theatre.engine.trying().await;
        theatre.azike("down").await
    };
    let (run, down) = tokio::join!(theatre.azike(UP), other);
    assert_eq!(down.exit, 0);
    assert_eq!(run.exit, 3);
    assert!(run.err.starts_with("Error AZK-0005: "), "{}", run.err);
    theatre.close().await;
}
