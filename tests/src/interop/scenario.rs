//! One row of the matrix, as data.

use super::troubles::Trouble;
use crate::lab::azike::User;
use crate::lab::gateway::GatewayConfig;
use crate::lab::pki::client::{Client, Container};
use crate::lab::profile_zip::ProfileZip;
use crate::lab::profile_zip::damaged::Damage;
use crate::lab::router::Path;
use crate::lab::strongswan::connection::Auth;

/// How the user wants to log in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Login {
    /// This way and no other.
    Only(Auth),
    /// azike chooses.
    Auto,
}

impl Login {
    /// As the command line says it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Only(auth) => auth.azike(),
            Self::Auto => "auto",
        }
    }
}

/// The package the user has.
#[derive(Clone, Debug)]
pub enum Package {
    /// A sound one.
    Sound(ProfileZip),
    /// One that must be refused.
    Damaged(Damage),
}

/// The password the user gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Password {
    /// The right one.
    Right,
    /// A wrong one.
    Wrong,
    /// None at all.
    Missing,
}

/// What happens just before `azike up`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// Somebody leaves so many IKE SAs half open.
    HalfOpen(u8),
    /// Another program has this UDP port.
    PortTaken(u16),
}

/// What happens once the tunnel is up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum After {
    /// Nothing; it carries packets, then `azike down`.
    Nothing,
    /// New keys under a steady stream of echoes, of which none may be lost.
    Rekeys {
        /// How long the stream lasts.
        seconds: u32,
        /// How many new keys there have to be.
        least: usize,
    },
    /// Something happens to network, gateway or computer, and the tunnel comes back by itself.
    Trouble(Trouble),
    /// The administrator disconnects the session at the gateway.
    GatewayDeletes,
    /// The gateway wants to know whether the client is still there.
    GatewayProbes,
    /// The user says `azike up` once more.
    UpAgain,
    /// The user says `azike down` twice.
    DownTwice,
    /// The daemon dies without a word, and is started again.
    Killed,
    /// The daemon is asked to end (SIGTERM) while the tunnel is up.
    Terminated,
    /// The user presses Ctrl-C in the terminal of `azike up --foreground`.
    CtrlC,
}

/// What proves that the right thing came up.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The gateway's words for the IKE algorithms.
    pub ike: Option<String>,
    /// The gateway's words for the ESP algorithms.
    pub esp: Option<String>,
    /// Something that must be in the gateway's log.
    pub log: Option<&'static str>,
    /// Whether a page is fetched by name through the tunnel.
    pub page: bool,
    /// More addresses that must answer a ping.
    pub answers: Vec<&'static str>,
}

/// What has to come of it.
#[derive(Clone, Debug)]
pub enum Expect {
    /// A tunnel that carries packets.
    Connected(Evidence),
    /// No tunnel, this exit code, this number in the message.
    Refused {
        /// The exit code.
        exit: i32,
        /// The number of the problem, as `AZK-0401`.
        code: &'static str,
    },
}

/// One row.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Where it belongs.
    pub area: &'static str,
    /// What is special about it.
    pub name: String,
    /// The gateway.
    pub gateway: GatewayConfig,
    /// The network.
    pub path: Path,
    /// The package.
    pub package: Package,
    /// The client.
    pub client: Client,
    /// How its identity is packed.
    pub container: Container,
    /// The password.
    pub password: Password,
    /// How to log in.
    pub login: Login,
    /// More options for `azike up`.
    pub options: Vec<String>,
    /// Who runs azike.
    pub user: User,
    /// Before.
    pub before: Before,
    /// After.
    pub after: After,
    /// What has to come of it.
    pub expect: Expect,
    /// Whether it belongs to the slice that runs in a minute.
    pub quick: bool,
    /// Whether strongSwan as a client can show it too.
    pub reference: bool,
}

impl Scenario {
    /// An ordinary day at Azure, that ends with a tunnel.
    pub fn new(area: &'static str, name: impl Into<String>, auth: Auth) -> Self {
        Self {
            area,
            name: name.into(),
            gateway: GatewayConfig::default(),
            path: Path::default(),
            package: Package::Sound(ProfileZip::default()),
            client: Client::Rsa,
            container: Container::Pkcs12,
            password: Password::Right,
            login: Login::Only(auth),
            options: Vec::new(),
            user: User::Root,
            before: Before::Nothing,
            after: After::Nothing,
            expect: Expect::Connected(Evidence::default()),
            quick: false,
            reference: true,
        }
    }

    /// Ends with exit code `exit` and problem `code` instead.
    #[must_use]
    pub fn refused(mut self, exit: i32, code: &'static str) -> Self {
        self.expect = Expect::Refused { exit, code };
        self
    }

    /// Belongs to the quick slice.
    #[must_use]
    pub const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }

    /// Only azike can show it.
    #[must_use]
    pub const fn azike_only(mut self) -> Self {
        self.reference = false;
        self
    }

    /// Adds options of `azike up`.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options
            .extend(options.iter().map(|&option| option.to_owned()));
        self
    }

    /// Sets the evidence of a tunnel.
    #[must_use]
    pub fn shows(mut self, evidence: Evidence) -> Self {
        self.expect = Expect::Connected(evidence);
        self
    }

    /// Changes the gateway.
    #[must_use]
    pub fn gateway(mut self, change: impl FnOnce(&mut GatewayConfig)) -> Self {
        change(&mut self.gateway);
        self
    }

    /// Changes the network.
    #[must_use]
    pub const fn path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// What the matrix calls it.
    pub fn title(&self) -> String {
        format!("{}: {}, {}", self.area, self.name, self.login.word())
    }
}

/// Both ways to log in.
pub const BOTH: [Auth; 2] = [Auth::Signature, Auth::EapTls];
