//! Many packets of one SA, opened where they lie in one receive buffer.

use std::ops::Range;

use crate::{EspDrop, Inbound, Opened};

impl Inbound {
    /// Opens the ESP packet that lies in `esp` of `buffer`, as [`Inbound::open`] does.
    pub fn open_at(&mut self, buffer: &mut [u8], esp: Range<usize>) -> Result<Opened, EspDrop> {
        let start = esp.start;
        let esp = buffer.get_mut(esp).ok_or(EspDrop::Short)?;
        let Opened {
            next_header,
            packet,
        } = self.open_here(esp)?;
        Ok(Opened {
            next_header,
            packet: start + packet.start..start + packet.end,
        })
    }

    /// Opens `packets` of `buffer` in their order, each as [`Inbound::open`] does, and hands what became
    /// of it to `each`, with its place in `packets`.
    ///
    /// A dropped packet does not hinder the others. A range outside of `buffer` is
    /// [`EspDrop::Short`].
    pub fn open_batch(
        &mut self,
        buffer: &mut [u8],
        packets: &[Range<usize>],
        mut each: impl FnMut(usize, Result<Opened, EspDrop>),
    ) {
        for (place, esp) in packets.iter().enumerate() {
            each(place, self.open_at(buffer, esp.clone()));
        }
    }
}
