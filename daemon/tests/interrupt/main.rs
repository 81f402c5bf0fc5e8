//! Ctrl-C and SIGTERM: everything is undone, and the shell sees which it was. A process of its
//! own, because the signals are real.
#![expect(clippy::unwrap_used, clippy::unwrap_in_result, reason = "test code")]

#[path = "../control/fake_engine.rs"]
#[expect(dead_code, reason = "shared with the other tests")]
mod fake_engine;
#[path = "../control/stage.rs"]
#[expect(dead_code, reason = "shared with the other tests")]
mod stage;

use std::time::Duration;

use fake_engine::{Behaviour, FakeEngine};
use rustix::process::{Signal, getpid, kill_process};
use stage::{Theatre, UP};

async fn up_then(theatre: &Theatre, connected: bool, signal: Signal) -> stage::Run {
    let signalling = async {
        if connected {
            while !theatre.engine.is_up() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        } else {
            theatre.engine.trying().await;
        }
        kill_process(getpid(), signal).unwrap();
    };
    tokio::join!(theatre.azike(UP), signalling).0
}

#[tokio::test]
async fn signals_undo_what_was_begun() {
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
        // The attempt of a daemon.
        let theatre = Theatre::new(FakeEngine::new(Behaviour::Hang));
        let run = up_then(&theatre, false, signal).await;
        assert_eq!((run.exit, run.err.as_str()), (exit, "Stopping.\n"));
        theatre.engine.idle().await;
        theatre.close().await;

        // The attempt of this process.
        let theatre = Theatre::empty(FakeEngine::new(Behaviour::Hang));
        let run = up_then(&theatre, false, signal).await;
        assert_eq!((run.exit, run.err.as_str()), (exit, "Stopping.\n"));
        assert!(!theatre.socket().exists());

        // The tunnel of this process.
        let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
        let run = up_then(&theatre, true, signal).await;
        assert_eq!(run.exit, exit);
        assert!(
            run.err.ends_with("Stopping.\nDisconnected.\n"),
            "{}",
            run.err
        );
        assert!(!theatre.engine.is_up());
        assert!(!theatre.socket().exists());
    }

    // A daemon ends well: its service manager asked for it.
    let theatre = Theatre::empty(FakeEngine::new(Behaviour::Connect));
    let signalling = async {
        while !theatre.socket().exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(theatre.azike(UP).await.exit, 0);
        kill_process(getpid(), Signal::TERM).unwrap();
    };
    let (run, ()) = tokio::join!(theatre.azike("daemon"), signalling);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "", ""));
    assert!(!theatre.engine.is_up());
    assert!(!theatre.socket().exists());
}
