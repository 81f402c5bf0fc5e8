//! What the caller must act on, or may show.

use std::time::{Duration, Instant};

use azike_crypto::{ChildAlgorithms, DirectionKeys, IkeAlgorithms, SignatureScheme};
use azike_wire::{EspSpi, KeyExchangeMethod, NotifyType, Spi, TrafficSelectors};

use crate::configuration::Assigned;
use crate::reason::CloseReason;
use crate::trust::VerifiedGateway;

/// Something for the caller.
#[derive(Debug)]
pub enum Event {
    /// A step is done: for the display.
    Progress(Progress),
    /// Sign this and call [`Client::handle_signature`](crate::Client::handle_signature).
    Sign(SignRequest),
    /// The tunnel exists: addresses to configure and keys to install.
    Established(Box<Established>),
    /// A Child SA that takes the place of an older one, whose end follows.
    ChildSaUp(Box<ChildSa>, Maker),
    /// A Child SA is gone: send nothing with it any more. What the gateway sent before it knew may
    /// still arrive for a while.
    ChildSaDown(EspSpi),
    /// A new IKE SA has taken the place of the old one, with all Child SAs.
    IkeSaRekeyed {
        /// SPI of its initiator.
        spi_i: Spi,
        /// SPI of its responder.
        spi_r: Spi,
        /// Its algorithms.
        algorithms: IkeAlgorithms,
        /// The group of its key exchange.
        group: KeyExchangeMethod,
        /// Who made it.
        maker: Maker,
    },
    /// The gateway refused every form of a rekey. The old SA works as before, and a rekey is tried
    /// again a little later.
    RekeyRefused {
        /// What was to be replaced.
        what: Sa,
        /// The last error; none if the gateway agreed to something that we cannot use.
        notify: Option<NotifyType>,
        /// A Windows error that came with it (`MS_STATUS`).
        ms_status: Option<u32>,
        /// When the lifetime of the old SA is over.
        until: Instant,
    },
    /// The gateway sends to our new address from now on (RFC 4555).
    Moved,
    /// The gateway does not want our new address, and why, if it said so. The IKE SA is as it was.
    MoveRefused(Option<NotifyType>),
    /// The gateway accepts the login for so long, from now on (RFC 4478).
    AuthLifetime(Duration),
    /// The end.
    Closed(CloseReason),
}

/// An SA that is replaced from time to time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sa {
    /// The IKE SA.
    Ike,
    /// The Child SA with this SPI of ours.
    Child(EspSpi),
}

/// How many of each there are: all of them come to an end again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Load {
    /// IKE SAs, those included that a rekey left behind.
    pub ike_sas: usize,
    /// Child SAs, those included that a rekey left behind.
    pub child_sas: usize,
    /// Requests of ours that wait for a response.
    pub requests: usize,
}

/// Who made an SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Maker {
    /// We did: the gateway has it, send with it at once.
    Us,
    /// The gateway did: receive with it at once, and send with it when the old one is down, for
    /// only then the gateway is known to have it.
    Gateway,
}

/// A step of a connection.
#[derive(Clone, Debug)]
pub enum Progress {
    /// The gateway wants to see a cookie first (RFC 7296, section 2.6).
    Cookie,
    /// The gateway asked for another group.
    OtherGroup(KeyExchangeMethod),
    /// The algorithms and keys of the IKE SA are agreed.
    Negotiated(Negotiated),
    /// The gateway proved who it is.
    GatewayVerified(VerifiedGateway),
    /// The gateway lists the roots it accepts, and ours is not among them.
    RootNotListed,
    /// EAP-TLS began.
    EapStarted,
    /// Our credentials were accepted.
    Authenticated,
}

/// What `IKE_SA_INIT` agreed on.
#[derive(Clone, Debug)]
pub struct Negotiated {
    /// SPI of the initiator.
    pub spi_i: Spi,
    /// SPI of the responder.
    pub spi_r: Spi,
    /// The algorithms.
    pub algorithms: IkeAlgorithms,
    /// The group of the key exchange.
    pub group: KeyExchangeMethod,
    /// Whether a NAT is on the way.
    pub nat: NatStatus,
    /// IKE messages may be fragmented (RFC 7383).
    pub fragmentation: bool,
    /// The gateway takes RFC 7427 signatures.
    pub signature_hashes: bool,
    /// How many accepted roots the gateway listed.
    pub listed_roots: usize,
}

/// Where NATs are, as the gateway's hashes tell (RFC 7296, section 2.23).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NatStatus {
    /// The gateway said nothing that can be used.
    Unknown,
    /// No NAT in between.
    None,
    /// We are behind a NAT.
    BehindNat,
}

/// Octets to sign with the client's private key.
#[derive(Clone, Debug)]
pub struct SignRequest {
    /// Goes back with the signature.
    pub id: u64,
    /// How to sign.
    pub scheme: SignatureScheme,
    /// What to sign: the scheme's hash is still to be applied.
    pub octets: Vec<u8>,
}

/// Everything the data path and the host need.
#[derive(Debug)]
pub struct Established {
    /// Addresses, name servers, domains.
    pub assigned: Assigned,
    /// The first Child SA.
    pub child: ChildSa,
    /// Both sides know MOBIKE (RFC 4555): the SAs survive a change of our address.
    pub mobike: bool,
}

/// A Child SA: two ESP SAs and what may pass.
#[derive(Debug)]
pub struct ChildSa {
    /// SPI of packets to us.
    pub spi_in: EspSpi,
    /// SPI of packets to the gateway.
    pub spi_out: EspSpi,
    /// The algorithms of both.
    pub algorithms: ChildAlgorithms,
    /// Keys of packets to us.
    pub inbound: DirectionKeys,
    /// Keys of packets to the gateway.
    pub outbound: DirectionKeys,
    /// Our side.
    pub ts_i: TrafficSelectors,
    /// The gateway's side: the routes.
    pub ts_r: TrafficSelectors,
}
