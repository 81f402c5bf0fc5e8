//! What happens to the service of a computer, from its install to its end.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Output;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use azike_tests::built;
use azike_tests::lab::stopwatch::wait_until;
use serde_json::Value;

use crate::machine::{Machine, put, text};
use crate::tunnel::tunnel;
use crate::walls::walls;

/// Where the user of the machine keeps azike, as Homebrew on Linux would.
const AZIKE: &str = "/home/linuxbrew/.linuxbrew/bin/azike";
const COPY: &str = "/opt/azike/bin/azike";
const SERVICE: &str = "/etc/systemd/system/azike.service";
const SOCKET_UNIT: &str = "/etc/systemd/system/azike.socket";
const SOCKET: &str = "/run/azike/control.sock";
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// What it is called, and what happens.
type Chapter = (&'static str, fn(&Computer) -> Result<()>);

/// All of it.
pub(crate) fn tell() -> Result<()> {
    let azike = built::azike()?;
    let machine = Machine::boot()?;
    machine.bring(&azike, AZIKE)?;
    // It belongs to a user.
    let home = machine.path("/home/linuxbrew/.linuxbrew/bin");
    std::os::unix::fs::chown(home, Some(1000), Some(1000))?;
    let computer = Computer { machine };
    let before = computer.disk()?;
    let chapters: [Chapter; 9] = [
        ("install", install),
        ("install again", install_again),
        ("what the daemon may still do", walls),
        ("a client starts the daemon by its socket", activation),
        ("SIGKILL", crash),
        ("a tunnel, with the rights that the unit leaves", tunnel),
        ("an upgrade while it runs", upgrade),
        ("service files of an older version", older_files),
        ("an uninstall that was interrupted", uninstall),
    ];
    for (name, chapter) in chapters {
        let told = chapter(&computer).with_context(|| name.to_owned());
        told.with_context(|| computer.journal())?;
        println!("  {name}: ok");
    }
    let after = computer.disk()?;
    ensure!(before == after, "before\n{before}\nafter\n{after}");
    println!("  nothing is left");
    Ok(())
}

/// The machine, and azike on it.
pub(crate) struct Computer {
    pub(crate) machine: Machine,
}

impl Computer {
    /// Runs azike as its user would, with sudo.
    pub(crate) fn azike(&self, words: &[&str]) -> Result<Output> {
        self.machine.run(AZIKE, words)
    }

    /// What it says. It must end with `code`.
    pub(crate) fn says(&self, words: &[&str], code: i32) -> Result<String> {
        let output = self.azike(words)?;
        let said = text(&output.stdout) + &text(&output.stderr);
        let found = output.status.code();
        ensure!(
            found == Some(code),
            "azike {words:?} ended with {found:?}:\n{said}"
        );
        Ok(said)
    }

    fn service(&self) -> Result<Value> {
        let output = self.azike(&["service", "status", "--json"])?;
        serde_json::from_slice(&output.stdout).with_context(|| text(&output.stderr))
    }

    pub(crate) fn pid(&self) -> Result<u64> {
        let service = self.service()?;
        let pid = service.get("pid").and_then(Value::as_u64);
        pid.with_context(|| format!("no process in {service}"))
    }

    fn is_active(&self, unit: &str) -> Result<bool> {
        let output = self.machine.run("systemctl", &["is-active", unit])?;
        Ok(text(&output.stdout).trim() == "active")
    }

    fn inode(&self, path: &str) -> Result<u64> {
        Ok(fs::metadata(self.machine.path(path))?.ino())
    }

    /// Files where the service could leave something.
    fn disk(&self) -> Result<String> {
        let script = "find /etc /opt /run/azike /var/lib/azike /usr/local /usr/lib/systemd -xdev \
                      ! -name machine-id ! -name '*.wants' ! -path '/etc/ld.so.cache' 2>/dev/null | sort; \
                      systemctl list-units --all --no-legend 'azike*'; cat /etc/resolv.conf";
        let output = self.machine.run("sh", &["-c", script])?;
        Ok(text(&output.stdout))
    }

    fn journal(&self) -> String {
        let lines = self.machine.run("journalctl", &["--no-pager", "-n", "60"]);
        lines.map_or_else(|error| error.to_string(), |output| text(&output.stdout))
    }
}

fn install(computer: &Computer) -> Result<()> {
    let said = computer.says(&["service", "install"], 0)?;
    ensure!(
        said.contains(&format!("Root runs a copy, {COPY}")),
        "{said}"
    );
    for unit in ["azike.socket", "azike.service"] {
        ensure!(computer.is_active(unit)?, "{unit} is not active:\n{said}");
        computer.machine.says("systemctl", &["is-enabled", unit])?;
    }
    let service = computer.service()?;
    for (field, wanted) in [
        ("/installed_by", Value::from("azike")),
        ("/running", true.into()),
        ("/enabled", true.into()),
        ("/socket_open", true.into()),
        ("/program", COPY.into()),
        ("/version", env!("CARGO_PKG_VERSION").into()),
    ] {
        ensure!(
            service.pointer(field) == Some(&wanted),
            "{field} in {service}"
        );
    }
    let copy = fs::metadata(computer.machine.path(COPY))?;
    ensure!((copy.uid(), copy.mode() & 0o7777) == (0, 0o755));
    let lines = computer
        .machine
        .says("journalctl", &["-u", "azike", "--no-pager"])?;
    ensure!(lines.contains("azike daemon serves"), "{lines}");
    let status = computer
        .machine
        .says("systemctl", &["status", "azike", "--no-pager"])?;
    ensure!(status.contains("Status: \"no tunnel\""), "{status}");
    Ok(())
}

fn install_again(computer: &Computer) -> Result<()> {
    let pid = computer.pid()?;
    let said = computer.says(&["service", "install"], 0)?;
    ensure!(
        said == "The service is installed and runs already.\n",
        "{said}"
    );
    ensure!(computer.pid()? == pid, "it was restarted");
    Ok(())
}

fn activation(computer: &Computer) -> Result<()> {
    computer
        .machine
        .says("systemctl", &["stop", "azike.service"])?;
    ensure!(!computer.is_active("azike.service")?);
    ensure!(computer.is_active("azike.socket")?);
    // 3: not connected; somebody answered.
    let said = computer.says(&["status"], 3)?;
    ensure!(said == "Not connected.\n", "{said}");
    ensure!(computer.is_active("azike.service")?);

    computer.says(&["service", "stop"], 0)?;
    ensure!(!computer.is_active("azike.socket")?);
    computer.says(&["status"], 4)?;
    computer.says(&["service", "status"], 3)?;
    computer.says(&["service", "start"], 0)?;
    computer.says(&["status"], 3)?;
    Ok(())
}

fn crash(computer: &Computer) -> Result<()> {
    let (pid, socket) = (computer.pid()?, computer.inode(SOCKET)?);
    computer
        .machine
        .says("kill", &["-KILL", &pid.to_string()])?;
    // No client is turned away meanwhile.
    computer.says(&["status"], 3)?;
    let back = wait_until(SOON, || computer.pid().is_ok_and(|now| now != pid));
    ensure!(back, "no other daemon came");
    ensure!(computer.inode(SOCKET)? == socket, "another socket");
    Ok(())
}

fn upgrade(computer: &Computer) -> Result<()> {
    let (pid, socket) = (computer.pid()?, computer.inode(SOCKET)?);
    let path = computer.machine.path(AZIKE);
    let mut octets = fs::read(&path)?;
    // Behind its end: another file, the same program.
    octets.extend_from_slice(b"newer");
    put(&path, &octets)?;
    let said = computer.says(&["service", "install"], 0)?;
    ensure!(said.contains("The daemon was restarted."), "{said}");
    ensure!(fs::read(computer.machine.path(COPY))? == octets);
    ensure!(computer.pid()? != pid, "the old daemon runs");
    ensure!(computer.inode(SOCKET)? == socket, "the socket was closed");
    computer.says(&["status"], 3)?;
    Ok(())
}

fn older_files(computer: &Computer) -> Result<()> {
    for file in [SERVICE, SOCKET_UNIT] {
        let path = computer.machine.path(file);
        let current = fs::read_to_string(&path)?;
        fs::write(&path, format!("{current}\n# of an older version\n"))?;
        computer.says(&["service", "install"], 0)?;
        ensure!(fs::read_to_string(&path)? == current, "{file}");
        computer.says(&["status"], 3)?;
    }
    Ok(())
}

fn uninstall(computer: &Computer) -> Result<()> {
    // Cut short by hand: the daemon and one of the files are gone.
    computer
        .machine
        .says("systemctl", &["stop", "azike.socket", "azike.service"])?;
    fs::remove_file(computer.machine.path(SOCKET_UNIT))?;
    let said = computer.says(&["service", "uninstall"], 0)?;
    ensure!(said.ends_with("The service is removed.\n"), "{said}");
    let said = computer.says(&["service", "uninstall"], 0)?;
    ensure!(said == "The service is not installed.\n", "{said}");
    let said = computer.says(&["service", "status"], 3)?;
    ensure!(said == "not installed\n", "{said}");
    Ok(())
}
