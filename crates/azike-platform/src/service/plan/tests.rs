//! The plans of named situations, as a reviewer reads them: `golden/plans.txt`.

use std::fmt::Write as _;
use std::path::Path;

use super::super::layout::Layout;
use super::super::orders::argv;
use super::super::seen::{Program, SeenFile, Standing};
use super::super::trust::Flaw;
use super::*;

const GOLDEN: &str = include_str!("../golden/plans.txt");

/// A computer without azike, asked by an azike of Homebrew.
fn fresh(kind: ManagerKind) -> Seen {
    let layout = layout(kind);
    let (home, flaw) = match kind {
        ManagerKind::Systemd => ("/home/linuxbrew/.linuxbrew/bin/azike", Flaw::Owner(1000)),
        ManagerKind::Launchd => (
            "/opt/homebrew/Cellar/azike/0.1.0/bin/azike",
            Flaw::Owner(501),
        ),
    };
    let templates = layout.templates().into_iter();
    let files = templates.map(|template| SeenFile {
        wanted: format!("text of {}", template.path.display()),
        path: template.path,
        seen: FileSeen::Absent,
    });
    let path = Path::new(home);
    Seen {
        kind,
        source: Program {
            path: path.to_owned(),
            trust: Err(Distrust {
                path: path.parent().unwrap().to_owned(),
                flaw,
            }),
        },
        copy: (layout.copy(), Copied::Absent),
        place: Ok(()),
        folders: layout
            .copy_folders()
            .into_iter()
            .map(|path| (path, false))
            .collect(),
        missing: layout.needed_folders(),
        files: files.collect(),
        remains: Vec::new(),
        package: None,
        // launchd enables what was never disabled.
        standing: Standing {
            enabled: kind == ManagerKind::Launchd,
            ..Standing::default()
        },
        runtime: None,
        state: None,
    }
}

/// The same after an install.
fn installed(kind: ManagerKind) -> Seen {
    let layout = layout(kind);
    let mut seen = fresh(kind);
    seen.copy.1 = Copied::Same;
    for (_, there) in &mut seen.folders {
        *there = true;
    }
    seen.missing.clear();
    for file in &mut seen.files {
        file.seen = FileSeen::Current;
    }
    seen.standing = Standing {
        known: true,
        stale: false,
        enabled: true,
        socket: true,
        running: true,
        failed: false,
        pid: Some(4711),
        program: Some(layout.copy()),
        outdated: false,
    };
    seen.runtime = Some(layout.runtime());
    seen.state = Some(layout.state());
    seen
}

fn layout(kind: ManagerKind) -> Layout {
    Layout {
        kind,
        root: "/".into(),
        owner: 0,
    }
}

fn changed(mut seen: Seen, change: impl FnOnce(&mut Seen)) -> Seen {
    change(&mut seen);
    seen
}

const GONE: Wish = Wish::Uninstall { keep_state: false };

/// Each with its name, in words of users.
#[expect(clippy::too_many_lines, reason = "a table")]
fn situations(kind: ManagerKind) -> Vec<(&'static str, Seen, Wish)> {
    let fresh = || fresh(kind);
    let installed = || installed(kind);
    vec![
        (
            "install for the first time; azike lies in a folder of Homebrew's user",
            fresh(),
            Wish::Install,
        ),
        (
            "install for the first time; only root can write where azike lies",
            changed(fresh(), |seen| {
                seen.source.path = "/usr/local/bin/azike".into();
                seen.source.trust = Ok(());
            }),
            Wish::Install,
        ),
        ("install again", installed(), Wish::Install),
        (
            "upgrade while the service runs",
            changed(installed(), |seen| seen.copy.1 = Copied::Differs),
            Wish::Install,
        ),
        (
            "upgrade over service files of an older version",
            changed(installed(), |seen| {
                seen.copy.1 = Copied::Differs;
                for file in &mut seen.files {
                    file.seen = FileSeen::Older;
                }
            }),
            Wish::Install,
        ),
        (
            "install again, after azike was moved to where only root can write",
            changed(installed(), |seen| {
                seen.source.path = "/usr/local/bin/azike".into();
                seen.source.trust = Ok(());
                for file in &mut seen.files {
                    file.seen = FileSeen::Older;
                }
            }),
            Wish::Install,
        ),
        (
            "install again, after starting failed",
            changed(installed(), |seen| {
                seen.standing.running = false;
                seen.standing.failed = true;
            }),
            Wish::Install,
        ),
        (
            "install, after an install that was interrupted while it copied the program",
            changed(fresh(), |seen| {
                for (_, there) in &mut seen.folders {
                    *there = true;
                }
                let left = format!("{}.azike-new", seen.copy.0.display());
                seen.remains.push(left.into());
            }),
            Wish::Install,
        ),
        (
            "install, where users can write to the place of the copy",
            changed(fresh(), |seen| {
                let path = seen.copy.0.parent().unwrap().to_owned();
                let flaw = Flaw::Writable(0o775);
                seen.place = Err(Distrust { path, flaw });
            }),
            Wish::Install,
        ),
        (
            "install, where a package has the service",
            packaged(kind),
            Wish::Install,
        ),
        (
            "install, where somebody else wrote the service file",
            changed(fresh(), |seen| {
                if let Some(file) = seen.files.first_mut() {
                    file.seen = FileSeen::Foreign;
                }
            }),
            Wish::Install,
        ),
        ("uninstall", installed(), GONE),
        (
            "uninstall, and keep the profiles",
            installed(),
            Wish::Uninstall { keep_state: true },
        ),
        (
            "uninstall, after an uninstall that was interrupted when the files were gone",
            changed(installed(), |seen| {
                for file in &mut seen.files {
                    file.seen = FileSeen::Absent;
                }
                seen.standing = Standing {
                    known: kind == ManagerKind::Systemd,
                    ..Standing::default()
                };
            }),
            GONE,
        ),
        ("uninstall, where nothing is installed", fresh(), GONE),
        (
            "uninstall, where a package has the service",
            packaged(kind),
            GONE,
        ),
        (
            "uninstall ours, which hides that of a package",
            changed(installed(), |seen| seen.package = packaged(kind).package),
            GONE,
        ),
        ("start, when it runs", installed(), Wish::Start),
        (
            "start",
            changed(installed(), |seen| {
                seen.standing.socket = false;
                seen.standing.running = false;
            }),
            Wish::Start,
        ),
        ("start, where nothing is installed", fresh(), Wish::Start),
        ("stop", installed(), Wish::Stop),
        ("stop the service of a package", packaged(kind), Wish::Stop),
    ]
}

fn packaged(kind: ManagerKind) -> Seen {
    changed(fresh(kind), |seen| {
        seen.package = Some(match kind {
            ManagerKind::Systemd => (
                Packager::Dpkg,
                "/usr/lib/systemd/system/azike.service".into(),
            ),
            ManagerKind::Launchd => (
                Packager::Homebrew,
                "/Library/LaunchDaemons/homebrew.mxcl.azike.plist".into(),
            ),
        });
        seen.standing.known = true;
        seen.standing.socket = true;
        seen.standing.running = true;
    })
}

/// A plan with the commands as they are run.
fn show(kind: ManagerKind, seen: &Seen, wish: Wish) -> String {
    let steps = match seen.plan(wish) {
        Ok(steps) if steps.is_empty() => return "  (nothing to do)\n".to_owned(),
        Ok(steps) => steps,
        Err(refusal) => return format!("  refused: {refusal}\n"),
    };
    let mut text = String::new();
    for step in steps {
        let line = if let Step::Order(order) = &step {
            let argv = argv(&layout(kind), *order);
            format!("run {}", argv.expect("an order for this manager"))
        } else {
            step.to_string()
        };
        writeln!(text, "  {line}").unwrap();
    }
    text
}

#[test]
fn the_plans_are_those_that_were_reviewed() {
    let mut text = String::new();
    for kind in [ManagerKind::Systemd, ManagerKind::Launchd] {
        for (name, seen, wish) in situations(kind) {
            let plan = show(kind, &seen, wish);
            write!(text, "{kind:?}: {name}\n{plan}\n").unwrap();
        }
    }
    assert!(text == GOLDEN, "golden/plans.txt is other than:\n{text}");
}

/// Whatever an install or uninstall was cut short at, the same command finishes it, and then there
/// is nothing left to do.
#[test]
fn every_plan_is_finished_by_the_next_try() {
    for kind in [ManagerKind::Systemd, ManagerKind::Launchd] {
        for wish in [Wish::Install, GONE] {
            for (name, start, _) in situations(kind) {
                let Ok(steps) = start.plan(wish) else {
                    continue;
                };
                for done in 0..=steps.len() {
                    let mut seen = start.clone();
                    for step in steps.iter().take(done) {
                        play(&mut seen, step);
                    }
                    for step in &left(&seen, wish) {
                        play(&mut seen, step);
                    }
                    let last = left(&seen, wish);
                    assert_eq!(last, [], "{kind:?}: {name}: {wish:?} cut after {done}");
                    assert!(!seen.standing.stale && !seen.standing.outdated, "{name}");
                }
            }
        }
    }
}

/// The steps that are left; none when only a package's service is left.
fn left(seen: &Seen, wish: Wish) -> Vec<Step> {
    match seen.plan(wish) {
        Err(Refusal::Packaged(..)) => Vec::new(),
        steps => steps.unwrap(),
    }
}

/// What a step does to what is seen.
fn play(seen: &mut Seen, step: &Step) {
    let systemd = seen.kind == ManagerKind::Systemd;
    let file_gone = seen.files.iter().all(|file| file.seen == FileSeen::Absent);
    match step {
        Step::MakeFolder(path) => {
            seen.missing.retain(|missing| missing != path);
            for (folder, there) in &mut seen.folders {
                *there |= folder == path;
            }
        }
        Step::CopyProgram { .. } => {
            seen.copy.1 = Copied::Same;
            seen.standing.outdated = seen.standing.running;
        }
        Step::WriteFile { path, .. } => {
            for file in seen.files.iter_mut().filter(|file| file.path == *path) {
                file.seen = FileSeen::Current;
                seen.standing.stale = systemd;
            }
        }
        Step::Order(Order::Reload) => {
            seen.standing.known = !file_gone || seen.package.is_some();
            seen.standing.stale = false;
        }
        Step::Order(Order::Enable) => seen.standing.enabled = true,
        Step::Order(Order::Disable) => seen.standing.enabled = false,
        Step::Order(Order::Forget) => seen.standing.failed = false,
        Step::Order(Order::Start | Order::Wake | Order::Restart) => {
            seen.standing.socket = true;
            seen.standing.running = true;
            seen.standing.outdated = false;
        }
        Step::Order(Order::Stop) => {
            seen.standing.socket = false;
            seen.standing.running = false;
        }
        Step::RemoveFile(path) => {
            seen.remains.retain(|left| left != path);
            for file in seen.files.iter_mut().filter(|file| file.path == *path) {
                file.seen = FileSeen::Absent;
                seen.standing.stale = systemd;
            }
            if seen.copy.0 == *path {
                seen.copy.1 = Copied::Absent;
            }
        }
        Step::RemoveFolder(path) => {
            for (folder, there) in &mut seen.folders {
                *there &= folder != path;
            }
        }
        Step::RemoveRuntime(_) => seen.runtime = None,
        Step::RemoveState(_) => seen.state = None,
    }
    if !systemd {
        seen.standing.known = seen.standing.socket;
    }
}
