//! The tests, one after the other: each has the machine's time for itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test without the harness tells by itself what it does"
)]

use std::env;
use std::error::Error;
use std::fmt;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use azike_tests::built;
use azike_tests::builtin::show::{self, Show};
use azike_tests::builtin::switches::REKEYS;
use azike_tests::lab::errand;
use azike_tests::lab::stopwatch::{Stopwatch, wait_until};

/// `nobody`: no rights, no files.
const NOBODY: u32 = 65_534;

mod alone;
mod loads;

type Test = (&'static str, fn(&Path) -> Result<()>);

const TESTS: [Test; 7] = [
    ("a_signature_opens_the_tunnel", |azike| {
        shown(azike, "signature")
    }),
    ("eap_tls_opens_the_tunnel", |azike| shown(azike, "eap-tls")),
    ("switches_change_the_gateway", switched),
    ("new_keys_lose_no_packet", rekeyed),
    ("a_gateway_alone_is_a_process", alone::alone_in_a_namespace),
    ("nobody_needs_no_root", nobody_needs_no_root),
    ("a_killed_demo_takes_everything_with_it", killed),
];

pub(crate) fn main() -> ExitCode {
    match asked().and_then(|done| if done { Ok(true) } else { all() }) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what this program was started again for. False when it was started by a person.
fn asked() -> Result<bool> {
    Ok(errand::run_if_asked()? || show::run_if_asked()?)
}

/// Runs all tests whose name has one of the words of the command line in it; with `--long`, only those that take
/// minutes. False when one failed.
fn all() -> Result<bool> {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    if env::args().any(|arg| arg == "--list") {
        return Ok(true);
    }
    let azike = built::azike()?;
    let mut good = true;
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let long = env::args().any(|arg| arg == "--long");
    if !long {
        for (name, test) in TESTS.iter().filter(|test| wanted(test.0)) {
            good &= told_how(name, || test(&azike));
        }
    }
    let rows = if long {
        loads::long()
    } else {
        loads::everyday()
    };
    for row in rows.iter().filter(|row| wanted(&row.to_string())) {
        good &= told_how(&row.to_string(), || row.run(&azike));
    }
    Ok(good)
}

/// Runs a test and tells what came of it. False when it failed.
fn told_how(name: &str, test: impl FnOnce() -> Result<()>) -> bool {
    let watch = Stopwatch::start();
    let result = test();
    let seconds = watch.seconds();
    match result {
        Err(error) if error.is::<NotHere>() => {
            eprintln!("*** SKIPPED, {name}: {error}");
            // CI must not skip it.
            env::var_os("CI").is_none()
        }
        Ok(()) => {
            println!("test {name} ... ok ({seconds:.1} s)");
            true
        }
        Err(error) => {
            println!("test {name} ... FAILED ({seconds:.1} s)\n{error:#}");
            false
        }
    }
}

/// This machine does not allow it.
#[derive(Debug)]
struct NotHere(String);

impl fmt::Display for NotHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotHere {}

fn show_with(azike: &Path, auth: &str) -> Show {
    Show {
        binary: azike.to_path_buf(),
        auth: auth.to_owned(),
        switches: Vec::new(),
        shell: false,
        load: None,
    }
}

/// The whole demo as this user.
fn shown(azike: &Path, auth: &str) -> Result<()> {
    let told = told_by(&show_with(azike, auth))?;
    for line in [
        "hello from the vnet",
        "the client is as it was before: links, addresses, routes, rules, DNS",
    ] {
        ensure!(told.lines().any(|it| it == line), "no {line:?} in\n{told}");
    }
    Ok(())
}

/// The whole demo with a gateway that makes new keys every few seconds.
fn rekeyed(azike: &Path) -> Result<()> {
    let mut show = show_with(azike, "signature");
    show.switches = vec![REKEYS.to_owned()];
    let told = told_by(&show)?;
    ensure!(told.contains("400 echoes, none lost"), "{told}");
    Ok(())
}

/// The whole demo with a gateway that asks for other things than Azure's.
fn switched(azike: &Path) -> Result<()> {
    let mut show = show_with(azike, "auto");
    let words = ["cookie", "aes-cbc", "group-19", "eap-tls-only", "tls-1.3"];
    show.switches = words.map(str::to_owned).to_vec();
    let told = told_by(&show)?;
    for text in [
        "ike aes256-",
        "ecp256",
        "esp aes256-",
        "hello from the vnet",
    ] {
        ensure!(told.contains(text), "no {text:?} in\n{told}");
    }
    Ok(())
}

/// What the demo says when it is shown as this user.
fn told_by(show: &Show) -> Result<String> {
    let folder = tempfile::tempdir()?;
    possible(show.probe()?)?;
    told(show.command(folder.path())?)
}

/// The same as a user who may do nothing: everything happens in a user namespace.
fn nobody_needs_no_root(azike: &Path) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        // The tests above were that already.
        return Ok(());
    }
    // Programs and a folder that this user can get at.
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    let (binary, this) = (folder.path().join("azike"), folder.path().join("test"));
    fs::copy(azike, &binary)?;
    fs::copy(env::current_exe()?, &this)?;
    let theirs = folder.path().join("files");
    fs::create_dir(&theirs)?;
    // Root of a user namespace has no files for others.
    chown(&theirs, Some(NOBODY), Some(NOBODY))
        .map_err(|error| NotHere(format!("files for another user: {error}")))?;

    let as_nobody = |ours: &Command| {
        let mut command = Command::new(&this);
        command.args(ours.get_args()).current_dir("/");
        command.uid(NOBODY).gid(NOBODY);
        command
    };
    let show = show_with(&binary, "signature");
    possible(as_nobody(&show.probe()?))?;
    let told = told(as_nobody(&show.command(&theirs)?))?;
    ensure!(told.contains("hello from the vnet"), "no page in\n{told}");
    Ok(())
}

/// SIGKILL while the tunnel is up: no process stays, and with the last one go the namespaces.
fn killed(azike: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut show = show_with(azike, "signature");
    possible(show.probe()?)?;
    // It waits at the shell's prompt, because nobody writes into this pipe.
    show.shell = true;
    let mut command = show.command(folder.path())?;
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut demo = command.spawn()?;
    let prompt = demo.stdin.take();
    let shell = folder.path().join("bin/azike");
    let is_up = wait_until(Duration::from_secs(15), || shell.exists());
    let before = processes_of(folder.path());
    demo.kill()?;
    demo.wait()?;
    ensure!(is_up, "the shell did not open");
    // Itself, the first process of the namespaces, and the daemon.
    ensure!(before.len() >= 3, "only {before:?}");
    let gone = wait_until(Duration::from_secs(5), || {
        processes_of(folder.path()).is_empty()
    });
    let left = processes_of(folder.path());
    drop(prompt);
    ensure!(gone, "still there: {left:?}");
    Ok(())
}

/// The command lines that name `folder`.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok())
        .filter(|line| line.contains(&*folder))
        .collect()
}

/// Whether a probe ended well.
fn possible(mut probe: Command) -> Result<()> {
    let output = probe.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), NotHere(said.trim().to_owned()));
    Ok(())
}

/// What a program said; wants it to have succeeded.
fn told(mut command: Command) -> Result<String> {
    // The promise: no program beside azike and this one.
    let output = command.env("PATH", "/nonexistent").output()?;
    let mut told = String::from_utf8_lossy(&output.stdout).into_owned();
    told += &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}:\n{told}", output.status);
    Ok(told)
}
