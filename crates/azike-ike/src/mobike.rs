//! MOBIKE, as the initiator (RFC 4555): the client's address changed, and the SAs shall live on.
//!
//! ```text
//!  HDR, SK { N(UPDATE_SA_ADDRESSES), N(NAT_DETECTION_SOURCE_IP),
//!            N(NAT_DETECTION_DESTINATION_IP), N(COOKIE2) }  -->
//!                                             <--  HDR, SK { N(COOKIE2), N(..) }
//!                                             <--  HDR, SK { N(UNACCEPTABLE_ADDRESSES) }
//! ```
//!
//! Only the initiator moves (section 3.5). Which other addresses the gateway has does not concern
//! us: we talk to the one that we were told.

use std::net::SocketAddr;

use azike_crypto::Random;
use azike_wire::{Chain, NotifyType, Payload, Spi};
use subtle::ConstantTimeEq as _;

use crate::nat;
use crate::payload_set::PayloadSet;
use crate::sa_init::notify;

/// Octets of our `COOKIE2`.
const COOKIE2: usize = 16;

/// The notifies with which we announce MOBIKE, and that we have no second address
/// (RFC 4555, sections 3.1 and 4.2.3).
pub(crate) fn announce(chain: &mut Chain) {
    chain.push(&notify(NotifyType::MOBIKE_SUPPORTED, &[]));
    chain.push(&notify(NotifyType::NO_ADDITIONAL_ADDRESSES, &[]));
}

/// A request of ours to use the address that it comes from.
#[derive(Debug)]
pub(crate) struct Update {
    cookie2: [u8; COOKIE2],
}

/// What the gateway said to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judgement {
    /// It sends to the new address from now on.
    Accepted,
    /// It does not; why, if it said so.
    Refused(Option<NotifyType>),
    /// It answers what it did not read: the IKE SA must go (RFC 4555, section 3.7).
    NotReachable,
}

impl Update {
    /// A new one.
    pub(crate) fn new(random: &mut dyn Random) -> Self {
        let mut cookie2 = [0; COOKIE2];
        random.fill(&mut cookie2);
        Self { cookie2 }
    }

    /// The payloads, for the gateway at `gateway`. The source hash fits to nothing, so that ESP
    /// stays in UDP.
    pub(crate) fn chain(
        &self,
        random: &mut dyn Random,
        (spi_i, spi_r): (Spi, Spi),
        gateway: SocketAddr,
    ) -> Chain {
        let source = nat::forced_hash(random);
        let destination = nat::detection_hash(spi_i, Some(spi_r), gateway);
        let mut chain = Chain::new();
        for (kind, data) in [
            (NotifyType::UPDATE_SA_ADDRESSES, &[][..]),
            (NotifyType::NAT_DETECTION_SOURCE_IP, &source),
            (NotifyType::NAT_DETECTION_DESTINATION_IP, &destination),
            (NotifyType::COOKIE2, &self.cookie2),
        ] {
            chain.push(&notify(kind, data));
        }
        chain
    }

    /// What the response says.
    pub(crate) fn judge(&self, response: &PayloadSet<'_>) -> Judgement {
        if let Some(error) = response.error() {
            return Judgement::Refused(Some(error));
        }
        let cookie2 = response.notify(NotifyType::COOKIE2);
        let same = cookie2.is_some_and(|it| bool::from(it.data.ct_eq(&self.cookie2)));
        if same {
            Judgement::Accepted
        } else {
            Judgement::NotReachable
        }
    }
}

/// The answer to a `COOKIE2` of the gateway: the same once more (RFC 4555, section 3.7).
pub(crate) fn echo(request: &PayloadSet<'_>, chain: &mut Chain) {
    let cookie2 = request.notify(NotifyType::COOKIE2);
    // RFC 4555, section 4.2.5: 8 to 64 octets.
    if let Some(cookie2) = cookie2.filter(|it| (8..=64).contains(&it.data.len())) {
        chain.push(&Payload::Notify(*cookie2));
    }
}
