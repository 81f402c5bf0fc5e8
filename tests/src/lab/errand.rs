//! Small things to do inside a namespace. The running program does them itself: it is started again there,
//! with an argument that says which. Its `main` has to begin with [`run_if_asked`].
#![expect(clippy::print_stdout, reason = "an errand tells by its output")]

use std::env;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::command::Call;
use super::stopwatch::pause;
use super::{half_open, services};
#[cfg(target_os = "linux")]
use crate::builtin::alone;
use crate::integrity;
use crate::integrity::transfer::{self, Plan};

const MARK: &str = "--errand-of-the-lab";
/// How long an errand lasts that ends by a signal.
const LONG: Duration = Duration::from_hours(24);

/// What to do there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Errand {
    /// Be the `VNet` host's web server.
    WebServer,
    /// Leave so many IKE SAs half open at the gateway.
    HalfOpen(u8),
    /// Keep a UDP port, so that nobody else can have it.
    HoldPort(u16),
    /// Be the other end of transfers and numbered streams, at these addresses.
    Integrity(Vec<IpAddr>),
    /// Transfer so many octets to and from what is there, compare each, and tell how long it took.
    Transfer {
        /// Who does [`Errand::Integrity`], or the built-in gateway.
        to: SocketAddr,
        /// Octets each way.
        octets: u64,
    },
    /// Be the built-in gateway.
    #[cfg(target_os = "linux")]
    Gateway(alone::Settings),
}

impl Errand {
    /// The program that does it in `namespace`.
    pub fn inside(&self, namespace: &str) -> Result<Call> {
        let this_program = env::current_exe().context("where this program is")?;
        self.tell(Call::inside(namespace, this_program))
    }

    /// The program that does it where this one is.
    pub fn here(&self) -> Result<Call> {
        let this_program = env::current_exe().context("where this program is")?;
        self.tell(Call::new(this_program))
    }

    /// What a program that begins with [`run_if_asked`] has to be told, to do it.
    pub fn words(&self) -> Result<[String; 2]> {
        Ok([MARK.to_owned(), serde_json::to_string(self)?])
    }

    fn tell(&self, call: Call) -> Result<Call> {
        Ok(call.args(self.words()?))
    }

    fn asked() -> Option<Self> {
        let mut args = env::args().skip(1);
        if args.next()? != MARK {
            return None;
        }
        serde_json::from_str(&args.next()?).ok()
    }
}

/// Does the errand this program was started for. False when it was started for something else.
pub fn run_if_asked() -> Result<bool> {
    let Some(errand) = Errand::asked() else {
        return Ok(false);
    };
    match errand {
        Errand::WebServer => services::serve()?,
        Errand::HalfOpen(count) => half_open::leave(count)?,
        Errand::HoldPort(port) => {
            let _held = UdpSocket::bind(("0.0.0.0", port))?;
            pause(Duration::from_mins(10));
        }
        Errand::Integrity(hosts) => {
            integrity::serve(&hosts)?;
            pause(LONG);
        }
        Errand::Transfer { to, octets } => {
            let (seed, window) = (octets, 0);
            let plan = Plan {
                seed,
                octets,
                window,
            };
            let transferred = transfer::run(to, plan)?;
            transferred.check()?;
            println!("{transferred}");
        }
        #[cfg(target_os = "linux")]
        Errand::Gateway(settings) => alone::run(&settings)?,
    }
    Ok(true)
}
