//! What the tests stand on: a daemon on a socket in a folder of its own, and a command line whose
//! output is kept.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use azike::cli::{self, Console, Look};
use azike::daemon::server::{self, Access, Limits, Server};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fake_engine::{Behaviour, FakeEngine};

/// A folder with a package, an identity and perhaps a daemon.
pub(crate) struct Theatre {
    pub(crate) folder: TempDir,
    pub(crate) engine: FakeEngine,
    daemon: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// What a command left behind.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Run {
    pub(crate) exit: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A file in memory that two can write to.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Theatre {
    /// No daemon runs.
    pub(crate) fn empty(engine: FakeEngine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for (name, octets) in [("contoso.zip", "zip octets"), ("ada.p12", "p12 octets")] {
            let path = folder.path().join(name);
            fs::write(&path, octets).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self {
            folder,
            engine,
            daemon: None,
        }
    }

    /// A daemon runs.
    pub(crate) fn new(engine: FakeEngine) -> Self {
        Self::with_limits(engine, Limits::default())
    }

    pub(crate) fn with_limits(engine: FakeEngine, limits: Limits) -> Self {
        let mut theatre = Self::empty(engine);
        let listener = server::claim(&theatre.socket()).unwrap().open().unwrap();
        let engine = Arc::new(theatre.engine.clone());
        let server = Server::new(engine, Access::for_this_process(), limits);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(Arc::new(server).serve(listener, stopped));
        theatre.daemon = Some((stop, serving));
        theatre
    }

    pub(crate) fn connecting() -> Self {
        Self::new(FakeEngine::new(Behaviour::Connect))
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path("control.sock")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Stops the daemon and waits until it is gone.
    pub(crate) async fn close(mut self) {
        if let Some((stop, serving)) = self.daemon.take() {
            drop(stop);
            serving.await.unwrap();
        }
    }

    /// Runs `azike` with the words of `line`; `@name` is a file of the folder.
    pub(crate) async fn azike(&self, line: &str) -> Run {
        self.azike_on(line, Look::default()).await
    }

    /// The same on a terminal or another thing that looks like `look`.
    pub(crate) async fn azike_on(&self, line: &str, look: Look) -> Run {
        let (out, err) = (Paper::default(), Paper::default());
        let mut console = Console::new(Box::new(out.clone()), Box::new(err.clone()), look);
        let word = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).into_os_string(),
            None => OsString::from(word),
        };
        let mut words = vec![OsString::from("azike")];
        words.extend(line.split_whitespace().map(word));
        if !line.contains("--socket") {
            words.extend(["--socket".into(), self.socket().into_os_string()]);
        }
        let exit = cli::run(words, &self.engine, &mut console).await;
        Run {
            exit,
            out: out.text(),
            err: err.text(),
        }
    }
}

/// The usual command.
pub(crate) const UP: &str = "up @contoso.zip --identity @ada.p12";
