//! azike itself in the client's namespace: the built binary, driven by its command line only.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use serde_json::Value;

use super::command::{Call, Finished};
use super::layout::Layout;
use super::process::Background;
use super::stopwatch::wait_until;

/// An azike daemon in the client's namespace.
#[derive(Debug)]
pub struct Azike {
    binary: PathBuf,
    namespace: String,
    dir: PathBuf,
    daemon: Option<Background>,
}

/// How a user comes to run it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum User {
    /// As root.
    #[default]
    Root,
    /// As somebody who may read every file, and may not change the network (no `CAP_NET_ADMIN`).
    Powerless,
}

/// Arguments of `azike up`.
#[derive(Clone, Debug)]
pub struct UpArgs {
    /// The package.
    pub package: PathBuf,
    /// The client's identity.
    pub identity: PathBuf,
    /// File with the identity's password.
    pub password: Option<PathBuf>,
    /// `auto`, `signature` or `eap-tls`.
    pub auth: &'static str,
    /// More options.
    pub options: Vec<String>,
}

/// A tunnel in `azike status --json`; none when nobody asked for one.
#[derive(Clone, Debug)]
pub struct Tunnel(Option<Value>);

impl Tunnel {
    /// Its state, `idle` without a tunnel.
    pub fn state(&self) -> &str {
        self.text("/state").unwrap_or("idle")
    }

    /// Why it is not connected, in words for a person.
    pub fn reason(&self) -> Option<&str> {
        let fields = ["/waiting/reason", "/last_error/what"];
        let mut words = fields.into_iter().filter_map(|field| self.text(field));
        words.find(|words| !words.is_empty())
    }

    /// The text at `pointer` (RFC 6901).
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.0.as_ref()?.pointer(pointer)?.as_str()
    }

    /// The whole number at `pointer` (RFC 6901).
    pub fn number(&self, pointer: &str) -> Option<u64> {
        self.0.as_ref()?.pointer(pointer)?.as_u64()
    }
}

impl Azike {
    /// The binary at `binary`, for the lab in `layout`. No daemon runs yet.
    pub fn new(layout: &Layout, binary: &Path) -> Result<Self> {
        let dir = layout.of("azike");
        fs::create_dir_all(&dir)?;
        Ok(Self {
            binary: binary.to_path_buf(),
            namespace: layout.client(),
            dir,
            daemon: None,
        })
    }

    /// The control socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.join("control.sock")
    }

    /// A call of `azike` with `args`, as `user`.
    pub fn call(&self, user: User, args: &[&str]) -> Call {
        let call = match user {
            User::Root => Call::inside(&self.namespace, &self.binary),
            User::Powerless => {
                let without = ["--bounding-set=-net_admin", "--inh-caps=-net_admin"];
                let call = Call::inside(&self.namespace, "setpriv").args(without);
                call.arg(&self.binary)
            }
        };
        // The machine's own systemd-resolved lives outside the namespace and must not hear of our tunnel.
        let call = call.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent");
        call.args(args)
    }

    /// Starts the daemon and waits for its socket.
    pub fn start(&mut self, layout: &Layout) -> Result<()> {
        let socket = self.socket();
        let call = self.call(User::Root, &["daemon", "--socket"]).arg(&socket);
        let mut daemon = Background::start(layout, "azike", call)?;
        let limit = Duration::from_secs(10);
        let ready = wait_until(limit, || self.status_answers() || !daemon.is_running());
        if !ready || !daemon.is_running() {
            let said = daemon.output();
            daemon.stop();
            bail!("azike daemon did not start:\n{said}");
        }
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Runs `azike up`.
    pub fn up(&self, user: User, args: &UpArgs) -> Result<Finished> {
        self.up_call(user, args).finish()
    }

    /// `azike up --foreground`, to be started in the background.
    pub fn foreground(&self, args: &UpArgs) -> Call {
        self.up_call(User::Root, args).arg("--foreground")
    }

    /// Runs `azike profile show --json` on `package`.
    pub fn show(&self, package: &Path) -> Result<Finished> {
        let call = self.call(User::Root, &["profile", "show", "--json"]);
        call.arg(package).finish()
    }

    /// Runs `azike down`.
    pub fn down(&self) -> Result<Finished> {
        let call = self.call(User::Root, &["down", "--socket"]);
        call.arg(self.socket()).finish()
    }

    /// Runs `azike status`, for people.
    pub fn status(&self) -> Result<Finished> {
        let call = self.call(User::Root, &["status", "--socket"]);
        call.arg(self.socket()).finish()
    }

    /// The state of the tunnel, as `azike status --json` names it; `idle` when there is no tunnel.
    pub fn state(&self) -> Result<String> {
        Ok(self.tunnel()?.state().to_owned())
    }

    /// The tunnel in `azike status --json`.
    pub fn tunnel(&self) -> Result<Tunnel> {
        let call = self.call(User::Root, &["status", "--json", "--socket"]);
        let finished = call.arg(self.socket()).finish()?;
        let json: Value =
            serde_json::from_str(&finished.stdout).with_context(|| finished.text())?;
        Ok(Tunnel(json.pointer("/tunnels/0").cloned()))
    }

    /// Whether the daemon that was started still runs.
    pub fn is_running(&mut self) -> bool {
        self.daemon.as_mut().is_some_and(Background::is_running)
    }

    /// Sends a signal to the daemon.
    pub fn signal(&self, signal: Signal) {
        if let Some(daemon) = &self.daemon {
            daemon.signal(signal);
        }
    }

    /// What the daemon logged.
    pub fn log(&self) -> String {
        self.daemon
            .as_ref()
            .map(Background::output)
            .unwrap_or_default()
    }

    /// Ends the daemon; it takes the tunnel down first. Gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.daemon.take().and_then(Background::stop)
    }

    /// Ends the daemon as a power cut would.
    pub fn kill(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.kill();
        }
    }

    fn up_call(&self, user: User, args: &UpArgs) -> Call {
        let mut call = self.call(user, &["up"]).arg(&args.package);
        call = call.arg("--identity").arg(&args.identity);
        if let Some(password) = &args.password {
            call = call.arg("--password-file").arg(password);
        }
        call = call.args(["--auth", args.auth]).args(&args.options);
        call.arg("--socket").arg(self.socket())
    }

    fn status_answers(&self) -> bool {
        let call = self.call(User::Root, &["status", "--socket"]);
        let finished = call.arg(self.socket()).finish();
        // 4: nobody there yet. Anything else is an answer.
        finished.is_ok_and(|finished| finished.code.is_some_and(|code| code != 4))
    }
}

impl Drop for Azike {
    fn drop(&mut self) {
        self.stop();
    }
}
