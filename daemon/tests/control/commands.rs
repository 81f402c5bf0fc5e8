//! The other commands.

use azike_control::{Code, ErrorDocument, Event, EventLine, StatusDocument, code};

use crate::fake_engine::{Behaviour, FakeEngine};
use crate::stage::{Theatre, UP};

#[tokio::test]
async fn down_when_down_is_a_success_unless_strict() {
    let theatre = Theatre::connecting();
    let run = theatre.azike("down").await;
    assert_eq!((run.exit, run.err.as_str()), (0, "Not connected.\n"));
    assert_eq!(theatre.azike("down --strict").await.exit, 12);
    theatre.azike(UP).await;
    let run = theatre.azike("disconnect --strict").await;
    assert_eq!((run.exit, run.err.as_str()), (0, "Disconnected.\n"));
    let run = theatre.azike("down --json").await;
    let line: EventLine = serde_json::from_str(&run.out).unwrap();
    assert_eq!(line.event, Event::NotConnected);
}

#[tokio::test]
async fn down_without_a_daemon_is_down() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let run = theatre.azike("down").await;
    assert_eq!((run.exit, run.err.as_str()), (0, "Not connected.\n"));
}

#[tokio::test]
async fn status_says_with_its_exit_code_whether_a_tunnel_is_up() {
    let theatre = Theatre::connecting();
    let run = theatre.azike("status").await;
    assert_eq!((run.exit, run.out.as_str()), (3, "Not connected.\n"));
    theatre.azike(UP).await;
    let run = theatre.azike("status").await;
    assert_eq!(run.exit, 0);
    assert!(
        run.out.starts_with("contoso   connected 2h 14m   "),
        "{}",
        run.out
    );
    let run = theatre.azike("status --json").await;
    assert_eq!((run.exit, run.out.lines().count()), (0, 1));
    let document: StatusDocument = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document.schema, "azike.status/1");
}

#[tokio::test]
async fn status_without_a_daemon_is_not_reachable() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let run = theatre.azike("status").await;
    assert_eq!((run.exit, run.out.as_str()), (4, ""));
    assert!(
        run.err
            .starts_with("Error AZK-0801: no azike daemon listens at ")
    );
    let run = theatre.azike("status --json").await;
    let document: ErrorDocument = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document.failure.code, Code::DAEMON_NOT_REACHABLE);
    assert_eq!((run.exit, run.err.as_str()), (4, ""));
}

#[tokio::test]
async fn reset_works_with_and_without_a_daemon() {
    for theatre in [
        Theatre::connecting(),
        Theatre::empty(FakeEngine::new(Behaviour::Connect)),
    ] {
        let run = theatre.azike("reset").await;
        assert_eq!(
            (run.exit, run.err.as_str()),
            (0, "route 10.1.0.0/16 removed\n")
        );
        let run = theatre.azike("reset --json").await;
        let line: EventLine = serde_json::from_str(&run.out).unwrap();
        assert!(matches!(line.event, Event::Reset(_)));
    }
}

#[tokio::test]
async fn explain_knows_every_code() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    for entry in code::entries() {
        let run = theatre.azike(&format!("explain {}", entry.code)).await;
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        assert!(
            run.out
                .starts_with(&format!("{}  {}\n", entry.code, entry.title))
        );
        let words: String = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(entry.meaning), "{}", entry.code);
        assert!(words.contains(entry.next), "{}", entry.code);
        assert!(
            run.out.lines().all(|line| line.chars().count() <= 100),
            "{}",
            run.out
        );
    }
    let run = theatre.azike("explain").await;
    assert_eq!(run.out.lines().count(), code::entries().count());
    let run = theatre.azike("explain 401 --json").await;
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document.get("code").unwrap(), "AZK-0401");
}

#[tokio::test]
async fn explain_of_an_unknown_code_is_a_wrong_command_line() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    for line in ["explain AZK-9999", "explain nonsense", "explain AZK-04011"] {
        let run = theatre.azike(line).await;
        assert_eq!((run.exit, run.out.as_str()), (2, ""), "{line}");
        assert!(!run.err.is_empty());
    }
}

#[tokio::test]
async fn completions_know_every_command() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    for shell in ["bash", "zsh", "fish"] {
        let run = theatre.azike(&format!("completions {shell}")).await;
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        for word in ["up", "down", "status", "explain", "password-file"] {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
}

#[tokio::test]
async fn each_command_has_a_manual_page_and_hidden_ones_have_none() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let folder = tempfile::tempdir().unwrap();
    let run = theatre
        .azike(&format!("man {}", folder.path().display()))
        .await;
    assert_eq!(run.exit, 0, "{}", run.err);
    for page in ["azike.1", "azike-up.1", "azike-profile-show.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    assert!(!folder.path().join("azike-man.1").exists());
    let run = theatre.azike("man /nonexistent/folder").await;
    assert_eq!(run.exit, 2);
    assert!(run.err.contains("/nonexistent/folder"), "{}", run.err);
}

#[tokio::test]
async fn wrong_command_lines_exit_with_two() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    for line in [
        "",
        "fly",
        "up",
        "up @contoso.zip",
        "up @contoso.zip --identity @ada.p12 --auth psk",
        "up @contoso.zip --identity @ada.p12 --timeout 1h",
        "up @contoso.zip --identity @ada.p12 --mtu 100",
        "up @contoso.zip --identity @ada.p12 --server-name a..b",
        "up @contoso.zip --identity @ada.p12 --match -x-",
        "up @contoso.zip --identity @ada.p12 --password-fd 3 --password-file x",
        "status -q -v",
    ] {
        let run = theatre.azike(line).await;
        assert_eq!(run.exit, 2, "{line}: {}", run.err);
    }
}

#[tokio::test]
async fn help_and_version_go_to_standard_output() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    for line in ["--help", "up --help", "-V", "status -h"] {
        let run = theatre.azike(line).await;
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{line}");
        assert!(!run.out.is_empty());
    }
    let run = theatre.azike("--help").await;
    assert!(!run.out.contains("disconnect"), "aliases are hidden");
    let run = theatre.azike("up --help").await;
    assert!(
        !run.out.contains("--password "),
        "refused options are hidden"
    );
}

#[tokio::test]
async fn profile_show_names_what_is_wrong_with_the_file() {
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let run = theatre.azike("profile show @contoso.zip").await;
    assert_eq!((run.exit, run.out.as_str()), (9, ""));
    assert!(run.err.starts_with("Error AZK-0101: "), "{}", run.err);
    let run = theatre.azike("profile show @missing.zip --json").await;
    assert_eq!(run.exit, 9);
    let document: ErrorDocument = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document.failure.code, Code::FILE_NOT_FOUND);
    let run = theatre.azike("profile show /dev/zero").await;
    assert!(run.err.starts_with("Error AZK-0012: "), "{}", run.err);
}

/// A Mac's own test of this is in docs/macos.md.
#[cfg(not(target_os = "macos"))]
#[tokio::test]
async fn without_a_keychain_its_identities_are_refused_before_anything_happens() {
    let theatre = Theatre::connecting();
    let run = theatre.azike("up @contoso.zip --keychain cn:ada").await;
    assert_eq!(run.exit, 2, "{}", run.err);
    assert!(run.err.starts_with("Error AZK-0217: "), "{}", run.err);
    assert!(theatre.engine.seen().is_empty());
    let run = theatre.azike("cert list").await;
    assert_eq!(run.exit, 2);
    assert!(run.err.contains("azike cert list FILE"), "{}", run.err);
}

#[tokio::test]
async fn cert_list_says_of_each_file_whether_it_can_log_in() {
    let theatre = Theatre::connecting();
    let fixtures = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/azike-profile/tests/fixtures"
    );
    let good = format!("{fixtures}/pkcs8-rsa.pem");
    let run = theatre.azike(&format!("cert list {good}")).await;
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains(" ada, issuer "), "{}", run.out);
    let command = format!("cert list --json {good} {fixtures}/cert-only.pem");
    let run = theatre.azike(&command).await;
    assert_eq!((run.exit, run.out.lines().count()), (9, 1));
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["schema"], "azike.certificates/1");
    assert_eq!(report["certificates"][0]["usable"], true);
    assert_eq!(report["certificates"][1]["notes"][0]["id"], "AZK-0205");
}
