//! Which inner packets may pass (RFC 4301, section 5; RFC 7296, section 2.9).
//!
//! ```text
//!            source                  destination
//!   out      our address, in TSi     in TSr
//!   in       in TSr                  our address, in TSi
//! ```
//!
//! An ICV proves that the gateway sent a packet; it does not prove that the gateway may speak for
//! the address in it. Azure leaves `TSi` as wide as it was asked for, so "ours" is the list of
//! addresses of the configuration payload, not `TSi` alone.

use std::net::{IpAddr, Ipv6Addr};

use azike_wire::TrafficSelector;
use thiserror::Error;

use crate::inner_header::InnerHeader;
use crate::selectors::Selectors;

/// Why an inner packet may not pass. For counters, logs and tests.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum PolicyDrop {
    /// Neither IPv4 nor IPv6.
    #[error("neither an IPv4 nor an IPv6 packet")]
    Version,
    /// The IP header is cut short, or its own lengths do not add up.
    #[error("the IP header is cut short or contradicts itself")]
    Header,
    /// The length in the IP header is not the length of the packet.
    #[error("the IP header gives another length than the packet has")]
    Length,
    /// The sender chose the way: an IPv4 source route, or an IPv6 type 0 routing header.
    #[error("the packet carries a source route")]
    SourceRoute,
    /// A fragment that could overwrite the header of another one, or that ends beyond 65 535.
    #[error("a fragment that no honest host sends")]
    Fragment,
    /// Out: the source is no address of ours. In: the destination is none.
    #[error("not an address of ours")]
    NotOurs,
    /// In: the source is our own address.
    #[error("our own address as the source of a packet from outside")]
    OwnSource,
    /// An address that is never at the other end of a tunnel: loopback, multicast, broadcast,
    /// unspecified, or IPv4 inside IPv6.
    #[error("an address that cannot be beyond the tunnel")]
    Unroutable,
    /// Out: no `TSr` has the destination. In: no `TSr` has the source.
    #[error("no traffic selector of the gateway has the address")]
    NotInTsR,
    /// Out: no `TSi` has the source. In: no `TSi` has the destination.
    #[error("no traffic selector of ours has the address")]
    NotInTsI,
}

/// Decides which inner packets may pass. Made from what the gateway granted.
#[derive(Clone, Debug)]
pub struct InnerPolicy {
    addresses: Vec<IpAddr>,
    ts_i: Selectors,
    ts_r: Selectors,
}

impl InnerPolicy {
    /// Our inner `addresses` (from the configuration payload) and the traffic selectors of the
    /// `IKE_AUTH` or `CREATE_CHILD_SA` response. With no address, nothing passes.
    pub fn new(addresses: Vec<IpAddr>, ts_i: &[TrafficSelector], ts_r: &[TrafficSelector]) -> Self {
        Self {
            addresses,
            ts_i: Selectors::new(ts_i),
            ts_r: Selectors::new(ts_r),
        }
    }

    /// Our inner addresses.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Judges a packet of this host on its way to the gateway.
    pub fn outbound(&self, packet: &[u8]) -> Result<(), PolicyDrop> {
        let header = InnerHeader::read(packet)?;
        if !self.addresses.contains(&header.source) {
            return Err(PolicyDrop::NotOurs);
        }
        if is_unroutable(header.destination) {
            return Err(PolicyDrop::Unroutable);
        }
        let (ours, theirs) = header.ports.unzip();
        self.judge(&header, (header.source, ours), (header.destination, theirs))
    }

    /// Judges a packet that the gateway sent.
    pub fn inbound(&self, packet: &[u8]) -> Result<(), PolicyDrop> {
        let header = InnerHeader::read(packet)?;
        if self.addresses.contains(&header.source) {
            return Err(PolicyDrop::OwnSource);
        }
        if is_unroutable(header.source) {
            return Err(PolicyDrop::Unroutable);
        }
        if !self.addresses.contains(&header.destination) {
            return Err(PolicyDrop::NotOurs);
        }
        let (theirs, ours) = header.ports.unzip();
        self.judge(&header, (header.destination, ours), (header.source, theirs))
    }

    /// Both ends against the traffic selectors.
    fn judge(
        &self,
        header: &InnerHeader,
        ours: (IpAddr, Option<u16>),
        theirs: (IpAddr, Option<u16>),
    ) -> Result<(), PolicyDrop> {
        if !self.ts_r.have(theirs.0, header.protocol, theirs.1) {
            return Err(PolicyDrop::NotInTsR);
        }
        if !self.ts_i.have(ours.0, header.protocol, ours.1) {
            return Err(PolicyDrop::NotInTsI);
        }
        Ok(())
    }
}

/// Whether no packet through the tunnel can have `address` at its far end.
fn is_unroutable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_multicast()
                || address.is_broadcast()
                || address.octets().starts_with(&[0])
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_multicast()
                || address == Ipv6Addr::UNSPECIFIED
                || address.to_ipv4_mapped().is_some()
        }
    }
}
