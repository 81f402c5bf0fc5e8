//! A computer that runs systemd, in namespaces of its own over a copy of this one's disk.
//!
//! ```text
//!   cgroup azike-machine-PID ─ unshare ─ boot.sh ─ systemd (process 1 there)
//!                                                    └─ nsenter: what a test runs inside
//! ```
//!
//! Nothing of this computer is changed but for the cgroup, which is removed at the end.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use azike_tests::lab::stopwatch::wait_until;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::NotHere;

/// How long it may take to boot.
const PATIENCE: Duration = Duration::from_mins(1);

const BOOT: &str = include_str!("boot.sh");

/// The machine. It ends when dropped.
pub(crate) struct Machine {
    boot: Child,
    /// Its process 1, as this computer numbers it.
    first: Pid,
    cgroup: PathBuf,
    folder: TempDir,
}

impl Machine {
    /// Boots it.
    pub(crate) fn boot() -> Result<Self> {
        possible()?;
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("boot.sh");
        fs::write(&script, BOOT)?;
        let mounts = folder.path().join("mounts");
        fs::create_dir(&mounts)?;
        let cgroup = cgroup2()?.join(format!("azike-machine-{}", std::process::id()));
        fs::create_dir(&cgroup).map_err(|error| NotHere(format!("a cgroup: {error}")))?;
        let log = fs::File::create(folder.path().join("log"))?;
        // Processes enter the cgroup by themselves, and then make it the root of theirs.
        let enter = "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"";
        let boot = Command::new("sh")
            .args(["-c", enter, "sh"])
            .arg(&cgroup)
            .args(["unshare", "--fork", "--kill-child", "--pid", "--mount"])
            .args(["--uts", "--ipc", "--net", "--cgroup", "sh"])
            .args([&script, &mounts])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let first = Pid::from_raw(i32::try_from(boot.id())?).context("a process")?;
        let mut machine = Self {
            boot,
            first,
            cgroup,
            folder,
        };
        machine.wait()?;
        Ok(machine)
    }

    /// Waits until systemd has started all that it should.
    fn wait(&mut self) -> Result<()> {
        let children = format!("/proc/{0}/task/{0}/children", self.boot.id());
        let mut state = String::new();
        let up = wait_until(PATIENCE, || {
            let child = fs::read_to_string(&children).unwrap_or_default();
            let child = child.trim().parse().ok().and_then(Pid::from_raw);
            let Some(child) = child else {
                return !matches!(self.boot.try_wait(), Ok(None));
            };
            self.first = child;
            let comm = format!("/proc/{}/comm", child.as_raw_nonzero());
            if fs::read_to_string(comm).is_ok_and(|name| name.trim() != "systemd") {
                return false;
            }
            let asked = self.run("systemctl", &["is-system-running"]);
            state = asked.map_or_else(|error| error.to_string(), |output| text(&output.stdout));
            matches!(state.trim(), "running" | "degraded")
        });
        if up && matches!(self.boot.try_wait(), Ok(None)) {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        bail!(NotHere(format!(
            "systemd does not boot here: {state} {log}"
        )));
    }

    /// A command inside, which has all rights there.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--target={}", self.first.as_raw_nonzero()))
            .args(["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"])
            .args(["--root", "--wd"])
            .arg(program)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }

    /// Runs a program inside to its end.
    pub(crate) fn run(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Result<Output> {
        let program = program.as_ref();
        let output = self.command(program).args(words).output();
        output.with_context(|| program.to_string_lossy().into_owned())
    }

    /// The same; what it says. It must end well.
    pub(crate) fn says(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Result<String> {
        let program = program.as_ref();
        let output = self.run(program, words)?;
        let said = text(&output.stdout) + &text(&output.stderr);
        let name = program.to_string_lossy();
        ensure!(
            output.status.success(),
            "{name} {words:?}: {}\n{said}",
            output.status
        );
        Ok(said)
    }

    /// A file of the machine, as this computer finds it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let root = format!("/proc/{}/root", self.first.as_raw_nonzero());
        Path::new(&root).join(path.trim_start_matches('/'))
    }

    /// Copies a program of this computer into it.
    pub(crate) fn bring(&self, program: &Path, to: &str) -> Result<()> {
        let to = self.path(to);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let octets = fs::read(program)?;
        put(&to, &octets)
    }
}

/// Puts a program in its place at once, also while it runs.
pub(crate) fn put(to: &Path, octets: &[u8]) -> Result<()> {
    let new = to.with_extension("new");
    fs::write(&new, octets)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    fs::rename(new, to)?;
    Ok(())
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With its process 1, all others end too.
        if kill_process(self.first, Signal::KILL).is_err() {
            // It has ended by itself.
        }
        drop(self.boot.wait());
        wait_until(Duration::from_secs(5), || remove_cgroup(&self.cgroup));
    }
}

/// Removes a cgroup and those below it; whether it is gone.
fn remove_cgroup(cgroup: &Path) -> bool {
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_cgroup(&entry.path());
        }
    }
    drop(fs::remove_dir(cgroup));
    !cgroup.exists()
}

/// Whether this computer has what it takes.
fn possible() -> Result<()> {
    let lacks = |what: &str| -> Result<()> { bail!(NotHere(what.to_owned())) };
    if !rustix::process::geteuid().is_root() {
        return lacks("it needs root");
    }
    for path in ["/lib/systemd/systemd", "/usr/bin/systemctl", "/dev/net/tun"] {
        if !Path::new(path).exists() {
            return lacks(&format!("there is no {path}"));
        }
    }
    for program in ["unshare", "nsenter"] {
        if Command::new(program).arg("--version").output().is_err() {
            return lacks(&format!("there is no {program}"));
        }
    }
    Ok(())
}

/// Where cgroups of the second version are.
fn cgroup2() -> Result<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let mut mounts = mounts
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>());
    let found = mounts.find_map(|mount| match mount[..] {
        [_, path, "cgroup2", ..] => Some(PathBuf::from(path)),
        _ => None,
    });
    match found {
        Some(path) => Ok(path),
        None => bail!(NotHere("there are no cgroups of version 2".to_owned())),
    }
}

/// What a program wrote.
pub(crate) fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
