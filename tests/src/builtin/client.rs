//! azike itself, in the namespaces of this process: the built binary, driven by its command line only.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::lab::command::{Call, Finished};
use crate::lab::layout::Layout;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

/// An azike daemon, and calls to it.
#[derive(Debug)]
pub struct Client {
    binary: PathBuf,
    socket: PathBuf,
    daemon: Background,
}

impl Client {
    /// Starts the daemon of `binary` and waits until it answers. Its socket and its log are in `folder`.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let place = folder.join("azike");
        fs::create_dir_all(&place)?;
        let socket = place.join("control.sock");
        let call = call(binary, ["daemon"]).arg("--socket").arg(&socket);
        let daemon = Background::start(&Layout::new("azb", Some(folder)), "azike", call)?;
        let mut client = Self {
            binary: binary.to_path_buf(),
            socket,
            daemon,
        };
        // Exit code 4: nobody there yet. Anything else is an answer.
        let answers = |client: &Self| {
            let finished = client.run(&["status"]);
            finished.is_ok_and(|finished| finished.code.is_some_and(|code| code != 4))
        };
        let ready = wait_until(Duration::from_secs(10), || {
            answers(&client) || !client.daemon.is_running()
        });
        if !ready || !client.daemon.is_running() {
            let log = client.log();
            client.stop();
            bail!("azike daemon did not start:\n{log}");
        }
        Ok(client)
    }

    /// Runs `azike` with these arguments and the daemon's socket.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Result<Finished> {
        let call = call(&self.binary, args).arg("--socket").arg(&self.socket);
        call.finish()
    }

    /// Where the daemon listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What the daemon logged.
    pub fn log(&self) -> String {
        self.daemon.output()
    }

    /// Ends the daemon; it takes the tunnel down first. Gives its exit code.
    pub fn stop(self) -> Option<i32> {
        self.daemon.stop()
    }
}

fn call(binary: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Call {
    // The machine's own systemd-resolved lives outside the namespace and must not hear of our tunnel.
    let call = Call::new(binary).env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent");
    call.args(args)
}
