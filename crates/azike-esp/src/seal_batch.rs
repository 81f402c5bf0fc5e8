//! Many packets of one SA, sealed where they lie in one send buffer.
//!
//! ```text
//!        at                               at
//!        |<- before ->|<- inner ->|<- ->| |<- before ->|<- inner ->|<- ->|
//!   ─────|  SPI … IV  |   packet  | room|─|  SPI … IV  |   packet  | room|────   buffer
//!        |<------ Overhead::sealed ---->| |<------ Overhead::sealed ---->|
//! ```

use azike_crypto::{EspCipher, Unsealed};
use thiserror::Error;

use crate::rest::Rest;
use crate::{NextHeader, Outbound, SealError};

/// Where one packet of a batch lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slot {
    /// Where the ESP packet begins in the buffer, in octets. The inner packet begins
    /// [`crate::Overhead::before`] octets later.
    pub at: usize,
    /// The length of the inner packet, in octets.
    pub inner: usize,
    /// Its version.
    pub next_header: NextHeader,
}

/// Why a batch ended early.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{reason}, after {sealed} packets of the batch")]
pub struct BatchError {
    /// So many of the first slots were sealed; the packets of the others are as they were, and took no
    /// sequence number.
    pub sealed: usize,
    /// Why the next one was not sealed.
    pub reason: SealError,
}

impl Outbound {
    /// Seals the packets of `slots` in `buffer`, with sequence numbers in their order.
    ///
    /// The slots ascend and do not overlap: one that begins before the end of the one in front of it
    /// has no room. The ESP packet of a slot is `at..at + self.overhead().sealed(inner)` afterwards.
    pub fn seal_batch(&mut self, buffer: &mut [u8], slots: &[Slot]) -> Result<(), BatchError> {
        let mut rest = Rest::new(buffer);
        let mut sealed = 0;
        for slots in slots.chunks(EspCipher::BATCH) {
            let mut packets: [Unsealed<'_>; EspCipher::BATCH] = Default::default();
            let mut ready = 0;
            let mut outcome = Ok(());
            for (slot, packet) in slots.iter().zip(&mut packets) {
                match self.frame_slot(&mut rest, *slot) {
                    Ok(framed) => *packet = framed,
                    Err(reason) => {
                        outcome = Err(reason);
                        break;
                    }
                }
                ready += 1;
            }
            let failed = |reason| BatchError { sealed, reason };
            self.seal_framed(packets.get_mut(..ready).unwrap_or_default())
                .map_err(failed)?;
            sealed += ready;
            outcome.map_err(|reason| BatchError { sealed, reason })?;
        }
        Ok(())
    }

    fn frame_slot<'b>(
        &mut self,
        rest: &mut Rest<'b>,
        slot: Slot,
    ) -> Result<Unsealed<'b>, SealError> {
        let length = self.overhead().sealed(slot.inner);
        let room = rest.take(slot.at, length).ok_or(SealError::NoRoom)?;
        self.frame(room, slot.inner, slot.next_header)
    }
}
