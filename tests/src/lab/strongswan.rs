//! strongSwan's daemon in a namespace: no systemd, no pid file, its own configuration, its own control socket.
//!
//! ESP is done by its kernel-libipsec plugin, because a kernel without ESP must be enough for our tests.

pub mod connection;
pub mod settings;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::command::{Call, Finished};
use super::layout::Layout;
use super::process::Background;
use super::stopwatch::wait_until;
use settings::Settings;

/// Folders that swanctl looks into, and complains about when one is missing.
const FOLDERS: [&str; 13] = [
    "x509", "x509ca", "x509crl", "x509ocsp", "x509aa", "x509ac", "pubkey", "rsa", "ecdsa", "bliss",
    "pkcs8", "pkcs12", "private",
];

/// A running charon.
#[derive(Debug)]
pub struct Charon {
    process: Background,
    dir: PathBuf,
    settings: Settings,
}

/// A certificate, key or list for swanctl's folders.
#[derive(Clone, Debug)]
pub struct Credential {
    /// `x509`, `x509ca`, `x509crl` or `private`.
    pub folder: &'static str,
    /// Where it is now.
    pub file: PathBuf,
}

impl Charon {
    /// Starts the daemon as `name` in `namespace`.
    pub fn start(layout: &Layout, name: &str, namespace: &str, settings: Settings) -> Result<Self> {
        let dir = layout.of(name);
        fs::create_dir_all(&dir)?;
        for folder in FOLDERS {
            fs::create_dir_all(dir.join("swanctl").join(folder))?;
        }
        let socket = dir.join("vici");
        drop(fs::remove_file(&socket));
        fs::write(dir.join("resolv.conf"), "")?;
        fs::write(dir.join("strongswan.conf"), settings.text(&dir))?;
        let call = environment(&dir, Call::inside(namespace, "charon-systemd"));
        let mut process = Background::start(layout, name, call)?;
        let limit = Duration::from_secs(10);
        if !wait_until(limit, || socket.exists() || !process.is_running()) || !socket.exists() {
            let said = process.output();
            process.stop();
            bail!("strongSwan ({name}) did not start:\n{said}");
        }
        Ok(Self {
            process,
            dir,
            settings,
        })
    }

    /// The settings it was started with.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Replaces connections and credentials.
    pub fn load(&self, connections: &str, credentials: &[Credential]) -> Result<()> {
        let swanctl = self.dir.join("swanctl");
        for folder in FOLDERS {
            let folder = swanctl.join(folder);
            fs::remove_dir_all(&folder)?;
            fs::create_dir(&folder)?;
        }
        for credential in credentials {
            if let Some(name) = credential.file.file_name() {
                let to = swanctl.join(credential.folder).join(name);
                fs::copy(&credential.file, to)?;
            }
        }
        fs::write(swanctl.join("swanctl.conf"), connections)?;
        self.control(&["--load-all", "--clear", "--noprompt"])?;
        Ok(())
    }

    /// Runs swanctl; wants it to succeed.
    pub fn control(&self, args: &[&str]) -> Result<String> {
        let finished = self.try_control(args)?;
        if finished.code != Some(0) {
            bail!("swanctl {args:?}:\n{}", finished.text());
        }
        Ok(finished.stdout)
    }

    /// Runs swanctl.
    pub fn try_control(&self, args: &[&str]) -> Result<Finished> {
        self.swanctl(Call::new("swanctl"), args)
    }

    /// Runs swanctl in `namespace`.
    pub fn control_inside(&self, namespace: &str, args: &[&str]) -> Result<Finished> {
        self.swanctl(Call::inside(namespace, "swanctl"), args)
    }

    fn swanctl(&self, call: Call, args: &[&str]) -> Result<Finished> {
        let socket = format!("unix://{}", self.dir.join("vici").display());
        let call = environment(&self.dir, call);
        call.args(args).args(["--uri", &socket]).finish()
    }

    /// The log since the start.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The log's file.
    pub fn log_file(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// Ends it; it says goodbye to its peers.
    pub fn stop(self) {
        self.process.stop();
    }

    /// Ends it as a power cut would: nobody is told.
    pub fn kill(self) {
        self.process.kill();
    }

    /// Its process.
    pub const fn process(&self) -> &Background {
        &self.process
    }
}

fn environment(dir: &Path, call: Call) -> Call {
    call.env("STRONGSWAN_CONF", dir.join("strongswan.conf"))
        .env("SWANCTL_DIR", dir.join("swanctl"))
}
