//! What a course is told and what it wants done.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use azike_ike::Authentication;
use azike_wire::KeyExchangeMethod;

use super::{Stall, Target, Trouble};

/// One IKE SA with its sockets, from the first request to the last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LinkId(pub u32);

/// What does not change.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How to log in, the first way first.
    pub ways: Vec<Authentication>,
    /// How long one search may take.
    pub timeout: Duration,
    /// The group that the gateway accepted last time.
    pub group: Option<KeyExchangeMethod>,
}

/// A link to be opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// Its number.
    pub link: LinkId,
    /// Where the gateway is.
    pub address: IpAddr,
    /// How to log in.
    pub way: Authentication,
    /// How long an answer is worth waiting for.
    pub share: Duration,
    /// The group to guess first.
    pub group: Option<KeyExchangeMethod>,
    /// An older link to this gateway stays until this one works (no `INITIAL_CONTACT`).
    pub beside: bool,
    /// The gateway that sent us here (RFC 5685).
    pub redirected_from: Option<IpAddr>,
}

/// Something to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Look up the gateway: [`Course::handle_addresses`](super::Course::handle_addresses) with the answer.
    Resolve(Target),
    /// Open sockets and begin.
    Open(Attempt),
    /// Let all traffic use this link, and tell the host: [`Course::handle_configured`](super::Course::handle_configured).
    Configure(LinkId),
    /// The network may have changed: see to the host's routes, and let the engine ask the gateway
    /// at once.
    Probe(LinkId),
    /// Ask the gateway whether it lives, and tell it where we are if it knows MOBIKE: a NAT may have
    /// another mapping for us.
    Ask(LinkId),
    /// Ask for new keys of the Child SA.
    NewKeys(LinkId),
    /// Say goodbye and forget it.
    Close(LinkId),
    /// Forget it without a word.
    Drop(LinkId),
    /// The tunnel is lost: put the host back until there is another.
    Restore,
}

/// What the tunnel is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The gateway's name is looked up.
    Resolving,
    /// A gateway is asked.
    Connecting,
    /// The host is told.
    Configuring,
    /// It carries traffic.
    Connected,
    /// It should, and does not.
    Stalled(Stall),
    /// It was up and is being made again.
    Reconnecting,
    /// The next try is due then.
    Waiting(Instant, Trouble),
    /// Nobody wants it any more.
    Closing,
    /// There will be no more tries; why, unless nobody wanted it.
    Over(Option<Trouble>),
}
