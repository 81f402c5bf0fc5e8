//! What happened at the gateway: for tests, and for whoever carries packets.

use std::net::{IpAddr, SocketAddr};

use azike_crypto::{ChildAlgorithms, DirectionKeys};
use azike_wire::{EspSpi, MessageId, NotifyType, Spi};

/// Something that happened.
///
/// An IKE SA is named by its responder SPI, whoever chose that. With it go its Child SAs.
#[derive(Debug)]
pub enum Event {
    /// There is a new IKE SA, by `IKE_SA_INIT` or by a rekey; the keys can be had from
    /// [`Gateway::ike_keys`](crate::Gateway::ike_keys).
    IkeSa(Spi),
    /// An IKE SA took the place of another one, and has its Child SAs now.
    IkeSaRekeyed {
        /// The one that is no longer used.
        old: Spi,
        /// The one that is.
        new: Spi,
        /// Who asked for it.
        maker: Maker,
    },
    /// There is a new Child SA: a client logged in, or one was rekeyed.
    ChildSa(Box<ChildSa>),
    /// A request came again and was answered with the same octets again.
    Retransmission(MessageId),
    /// A request of the gateway was answered.
    Answered(MessageId),
    /// A Child SA is gone, because one side deleted it.
    ChildSaDeleted(EspSpi),
    /// The client deleted the IKE SA.
    IkeSaDeleted(Spi),
    /// The client sent an error notify in an `INFORMATIONAL` request, and the IKE SA is gone.
    ClientRefused(Spi, NotifyType),
    /// An IKE SA is gone, and not because the client said so.
    IkeSaGone(Spi, Gone),
    /// The client of an IKE SA is somewhere else.
    Moved(Spi, SocketAddr),
    /// A login failed here, for the reason in text.
    LoginFailed(&'static str),
}

/// Who asked for an SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Maker {
    /// The client.
    Client,
    /// The gateway.
    Gateway,
}

/// Why an IKE SA is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gone {
    /// The gateway deleted it, and the client has answered.
    Deleted,
    /// The client did not answer a request, however often it was sent.
    Silent,
    /// The login came to no end in time.
    Unfinished,
    /// The client logged in again, and said that it has no other (RFC 7296, section 2.4).
    InitialContact,
    /// Another one had taken its place, and nobody deleted it; or the client never used it.
    Replaced,
}

/// A Child SA, as the gateway sees it.
#[derive(Debug)]
pub struct ChildSa {
    /// The IKE SA it belongs to.
    pub spi_r: Spi,
    /// Where the client is.
    pub peer: SocketAddr,
    /// Who asked for it.
    pub maker: Maker,
    /// The one that it replaces, by its SPI of packets to the gateway. That one is still there.
    pub replaces: Option<EspSpi>,
    /// SPI of packets to the gateway.
    pub spi_in: EspSpi,
    /// SPI of packets to the client.
    pub spi_out: EspSpi,
    /// The algorithms of both.
    pub algorithms: ChildAlgorithms,
    /// Keys of packets to the gateway.
    pub inbound: DirectionKeys,
    /// Keys of packets to the client.
    pub outbound: DirectionKeys,
    /// The addresses that the client got.
    pub addresses: Vec<IpAddr>,
}
