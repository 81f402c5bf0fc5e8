//! What happened at the gateway: for tests, and for whoever carries packets.

use std::net::{IpAddr, SocketAddr};

use azike_crypto::{ChildAlgorithms, DirectionKeys};
use azike_wire::{EspSpi, MessageId, NotifyType, Spi};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// An `IKE_SA_INIT` exchange is done on this side; the keys can be had from
    /// [`Gateway::ike_keys`](crate::Gateway::ike_keys).
    IkeSa(Spi),
    /// A client logged in and got a Child SA.
    ChildSa(Box<ChildSa>),
    /// A request came again and was answered with the same octets again.
    Retransmission(MessageId),
    /// A request of the gateway was answered.
    Answered(MessageId),
    /// The client deleted its Child SA.
    ChildSaDeleted(EspSpi),
    /// The client deleted the IKE SA.
    IkeSaDeleted(Spi),
    /// The client sent an error notify in an `INFORMATIONAL` request, and the IKE SA is gone.
    ClientRefused(Spi, NotifyType),
    /// A login failed here, for the reason in text.
    LoginFailed(&'static str),
}

/// A Child SA, as the gateway sees it.
#[derive(Debug)]
pub struct ChildSa {
    /// The IKE SA it belongs to.
    pub spi_r: Spi,
    /// Where the client is.
    pub peer: SocketAddr,
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
