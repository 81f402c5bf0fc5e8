//! The engine as command line and control socket see it: something that makes a tunnel, takes it
//! down and says how it is.
//!
//! ```text
//!   EngineSource::start ──▶ Engine ──▶ up ──▶ Connected … ended
//!                                      down
//!                                      status, reset        (at any time)
//! ```

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};

use azike_control::{Connected, Failure, ResetReport, StageReport, StatusDocument, UpOptions};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Makes and keeps at most one tunnel. All methods may be called at the same time, from several
/// connections; the engine puts them in order.
pub trait Engine: Send + Sync + 'static {
    /// Makes a tunnel and returns once it carries traffic, or once it is clear that it will not
    /// and all that was set up is removed again.
    ///
    /// `progress` takes each step. When its receiver is gone ([`mpsc::Sender::closed`]), nobody
    /// waits for the tunnel any longer: the attempt is given up and undone, and the result is
    /// [`Code::CANCELLED`](azike_control::Code::CANCELLED). A [`Engine::down`] meanwhile does the
    /// same. The caller never drops this future before its end; closing `progress` after the end
    /// means nothing.
    ///
    /// # Errors
    ///
    /// Whatever stops the tunnel, with a code of the catalogue.
    fn up(
        &self,
        job: UpJob,
        progress: mpsc::Sender<StageReport>,
    ) -> impl Future<Output = Result<UpOutcome, Failure>> + Send;

    /// Takes the tunnel down, or gives an attempt up, and returns once the host is as it was.
    ///
    /// # Errors
    ///
    /// What could not be undone.
    fn down(&self) -> impl Future<Output = Result<DownOutcome, Failure>> + Send;

    /// What is.
    fn status(&self) -> impl Future<Output = StatusDocument> + Send;

    /// Takes the tunnel down and undoes whatever any earlier process of azike left on the host.
    ///
    /// # Errors
    ///
    /// What could not be undone.
    fn reset(&self) -> impl Future<Output = Result<ResetReport, Failure>> + Send;

    /// Waits until no tunnel is up and none will come back by itself; returns at once when that
    /// is so already. An `azike up` in the foreground ends with it.
    fn ended(&self) -> impl Future<Output = Ended> + Send;
}

/// Starts an engine: the real one of this system, or that of a test.
pub trait EngineSource {
    /// The engine.
    type Engine: Engine;

    /// Whether this process may have an engine at all, before anything is touched: the system is
    /// one of those azike knows, and the process may create network interfaces.
    ///
    /// # Errors
    ///
    /// [`Code::NO_RIGHT_TUN`](azike_control::Code::NO_RIGHT_TUN) or
    /// [`Code::UNSUPPORTED_PLATFORM`](azike_control::Code::UNSUPPORTED_PLATFORM).
    fn check(&self) -> Result<(), Failure>;

    /// Starts the engine inside the current tokio runtime and undoes what a killed process left
    /// behind. Only the process that owns the control socket calls this, and only once.
    ///
    /// # Errors
    ///
    /// Why this system or this process can have no engine.
    fn start(&self, places: Places) -> impl Future<Output = Result<Self::Engine, Failure>>;

    /// Starts an engine that only logs in: its [`Engine::up`] returns when the gateway has given all that a tunnel
    /// needs, its [`Engine::down`] logs out. It makes no interface and changes nothing on the host, so that it
    /// needs no rights, and may run beside the engine of another process. Profiles are looked for below `state`.
    ///
    /// # Errors
    ///
    /// Why there can be none.
    fn rehearse(&self, state: &Path) -> Result<Self::Engine, Failure>;
}

/// Where an engine keeps what must outlive it. Folders may not exist yet; their parents do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Places {
    /// What is of no use after a restart of the computer: the journal of changes to the host. The
    /// folder of the control socket; it exists and only its owner can write to it.
    pub runtime: PathBuf,
    /// What stays: profiles by name.
    pub state: PathBuf,
}

/// All that a tunnel is made from, as octets that arrived: no path, no descriptor.
///
/// `Debug` shows sizes only.
pub struct UpJob {
    /// Which profile.
    pub package: PackageInput,
    /// Who we are.
    pub identity: IdentityInput,
    /// How to make it; the values are checked.
    pub options: UpOptions,
}

/// Where certificate and key come from.
pub enum IdentityInput {
    /// A file.
    File {
        /// PKCS#12 or PEM.
        octets: Zeroizing<Vec<u8>>,
        /// Its password. Without one, a protected file ends the attempt with
        /// [`Code::IDENTITY_PASSWORD_MISSING`](azike_control::Code::IDENTITY_PASSWORD_MISSING),
        /// before anything is sent; a wrong one with
        /// [`Code::IDENTITY_PASSWORD_WRONG`](azike_control::Code::IDENTITY_PASSWORD_WRONG). The
        /// command line then asks on the terminal and tries again.
        password: Option<Zeroizing<String>>,
    },
    /// The Keychain, as this process sees it. The key stays there.
    Keychain {
        /// Which one, not checked yet.
        selector: String,
    },
}

/// Which profile a tunnel is made from.
pub enum PackageInput {
    /// The package itself.
    Octets {
        /// The name of the profile; safe as the name of a folder.
        name: String,
        /// The zip file.
        octets: Vec<u8>,
    },
    /// A profile that the engine keeps.
    Stored {
        /// Its name; safe as the name of a folder.
        name: String,
    },
}

impl PackageInput {
    /// The name of the profile.
    pub fn name(&self) -> &str {
        match self {
            Self::Octets { name, .. } | Self::Stored { name } => name,
        }
    }
}

/// How an attempt ended well.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UpOutcome {
    /// The tunnel works.
    Connected(Connected),
    /// The tunnel of the same profile was up before, and still is. For another profile the result
    /// is [`Code::OTHER_TUNNEL`](azike_control::Code::OTHER_TUNNEL).
    AlreadyConnected(Connected),
}

/// What there was to take down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DownOutcome {
    /// A tunnel or an attempt, and it is gone.
    Disconnected,
    /// Nothing.
    NotConnected,
}

/// Why no tunnel is up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ended {
    /// Somebody asked for it, or nothing was ever asked for.
    Down,
    /// It failed and another try does not help.
    Failed(Failure),
}

impl fmt::Debug for UpJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpJob")
            .field("package", &self.package)
            .field("identity", &self.identity)
            .field("options", &self.options)
            .finish()
    }
}

impl fmt::Debug for IdentityInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { octets, password } => f
                .debug_struct("File")
                .field("octets", &Hidden(octets.len()))
                .field("password", &password.as_ref().map(|_| "hidden"))
                .finish(),
            Self::Keychain { selector } => f
                .debug_struct("Keychain")
                .field("selector", selector)
                .finish(),
        }
    }
}

impl fmt::Debug for PackageInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets { name, octets } => f
                .debug_struct("Octets")
                .field("name", name)
                .field("octets", &Hidden(octets.len()))
                .finish(),
            Self::Stored { name } => f.debug_struct("Stored").field("name", name).finish(),
        }
    }
}

/// Octets that are not shown, only counted.
struct Hidden(usize);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.0)
    }
}
