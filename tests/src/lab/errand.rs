//! Small things to do inside a namespace. The running program does them itself: it is started again there,
//! with an argument that says which. Its `main` has to begin with [`run_if_asked`].

use std::env;
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::command::Call;
use super::stopwatch::pause;
use super::{half_open, services};

const MARK: &str = "--errand-of-the-lab";

/// What to do there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Errand {
    /// Be the `VNet` host's web server.
    WebServer,
    /// Leave so many IKE SAs half open at the gateway.
    HalfOpen(u8),
    /// Keep a UDP port, so that nobody else can have it.
    HoldPort(u16),
}

impl Errand {
    /// The program that does it in `namespace`.
    pub fn inside(self, namespace: &str) -> Result<Call> {
        let this_program = env::current_exe().context("where this program is")?;
        let (what, number) = match self {
            Self::WebServer => ("web", 0),
            Self::HalfOpen(count) => ("half-open", u16::from(count)),
            Self::HoldPort(port) => ("hold-port", port),
        };
        let call = Call::inside(namespace, this_program);
        Ok(call.args([MARK, what, &number.to_string()]))
    }

    fn asked() -> Option<Self> {
        let mut args = env::args().skip(1);
        if args.next()? != MARK {
            return None;
        }
        let what = args.next()?;
        let number: u16 = args.next()?.parse().ok()?;
        match what.as_str() {
            "web" => Some(Self::WebServer),
            "half-open" => Some(Self::HalfOpen(u8::try_from(number).ok()?)),
            "hold-port" => Some(Self::HoldPort(number)),
            _ => None,
        }
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
    }
    Ok(true)
}
