//! What happens to one packet of this host on its way to the gateway.
//!
//! ```text
//!   tun ─▶ inner policy ─▶ seal ─▶ UDP
//! ```

use azike_esp::{NextHeader, Outbound, PacketBuf, SealError};
use thiserror::Error;

use crate::{InnerPolicy, PolicyDrop};

/// Why a packet of this host was not sent.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum UploadDrop {
    /// It does not belong into the tunnel.
    #[error(transparent)]
    Policy(#[from] PolicyDrop),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Turns the inner packet in `packet` into the ESP packet to send. A refused packet is left as it
/// was and used no sequence number.
pub fn upload(
    policy: &InnerPolicy,
    outbound: &mut Outbound,
    packet: &mut PacketBuf,
) -> Result<(), UploadDrop> {
    policy.outbound(packet.octets())?;
    let version = NextHeader::of(packet.octets()).ok_or(PolicyDrop::Version)?;
    outbound.seal(packet, version)?;
    Ok(())
}
