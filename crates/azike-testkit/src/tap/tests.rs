//! What is left of a capture.

use super::*;
use crate::Timeline;

const FROM: ([u8; 4], u16) = ([192, 0, 2, 1], 500);
const TO: ([u8; 4], u16) = ([192, 0, 2, 2], 500);

fn folder(name: &str) -> PathBuf {
    // There is no CARGO_TARGET_TMPDIR for unit tests.
    std::env::temp_dir().join(format!("azike-tap-{}-{name}", std::process::id()))
}

#[test]
fn long_capture_keeps_its_end() {
    let now = Timeline::begin().now();
    let mut tap = Tap::keeping(now, 1000);
    for number in 0..100_u8 {
        tap.datagram(now, FROM.into(), TO.into(), &[number; 20]);
    }
    let file = tap.pcapng();
    assert!((900..1100).contains(&file.len()), "{}", file.len());
    let has = |number| file.windows(20).any(|it| it == [number; 20]);
    assert!(has(99) && has(95));
    assert!(!has(0) && !has(50));
}

/// What a test writes whose tap was told when to leave its capture.
fn leaves(when: Leave, name: &str, panics: bool) -> bool {
    let folder = folder(name);
    let told = folder.clone();
    let test = std::thread::spawn(move || {
        let mut tap = Tap::new(Timeline::begin().now());
        tap.leave(when, &told, "run");
        assert!(!panics, "as planned");
    });
    assert_eq!(test.join().is_err(), panics);
    let left = folder.join("run.pcapng").exists() && folder.join("run.keys").exists();
    if left {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    left
}

#[test]
fn test_that_panics_leaves_its_capture() {
    assert!(leaves(Leave::OnPanic, "panic", true));
    assert!(!leaves(Leave::OnPanic, "no-panic", false));
    assert!(leaves(Leave::Always, "always", false));
}
