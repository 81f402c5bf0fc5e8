//! A capture of what a test sent, decrypted: `name.pcapng` and Wireshark's key tables beside it.
//!
//! ```text
//!  name.pcapng   Section Header, Interface (raw IP), Enhanced Packets: the last ones, within a bound
//!  name.keys/    ikev2_decryption_table, esp_sa: copy them into Wireshark's settings folder, or
//!                WIRESHARK_CONFIG_DIR=name.keys tshark -r name.pcapng
//! ```
//!
//! A test that panics can leave its capture, too: see [`Tap::leave`].

mod ring;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use azike_crypto::{DirectionKeys, IkeKeys};
use azike_wire::{EspSpi, Spi};

use self::ring::Ring;
use crate::{frame, wireshark};

/// Link type of bare IP packets.
const LINKTYPE_RAW: u32 = 101;
/// The time of day at which every capture starts: 2027-06-01, so that two runs are equal.
const START: Duration = Duration::from_hours(503_280);
/// How many octets of packets are kept unless more are asked for.
const PACKETS: usize = 8 << 20;
/// How many octets of keys are kept, of each table: a thousand IKE SAs or more.
const KEYS: usize = 1 << 20;

/// A capture that is being made.
#[derive(Debug)]
pub struct Tap {
    start: Instant,
    packets: Ring<Vec<u8>>,
    ike_keys: Ring<String>,
    esp_keys: Ring<String>,
    leave: Option<(Leave, PathBuf, String)>,
}

/// When a capture is written without being asked for again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leave {
    /// Whatever becomes of the test.
    Always,
    /// When the test panics.
    OnPanic,
}

impl Tap {
    /// Starts to capture; `now` is the time of the first datagram. The last 8 MiB are kept.
    pub const fn new(now: Instant) -> Self {
        Self::keeping(now, PACKETS)
    }

    /// Starts to capture, and keeps the last datagrams that fit into `octets`. Keys are kept longer
    /// than the packets they open, but not for ever either: the last 1 MiB of each table.
    pub const fn keeping(now: Instant, octets: usize) -> Self {
        Self {
            start: now,
            packets: Ring::new(octets),
            ike_keys: Ring::new(KEYS),
            esp_keys: Ring::new(KEYS),
            leave: None,
        }
    }

    /// Writes the capture when this is dropped, as [`Tap::write`] does: always, or if the test
    /// panicked. Errors of that are for nobody.
    pub fn leave(&mut self, when: Leave, folder: &Path, name: &str) {
        self.leave = Some((when, folder.to_owned(), name.to_owned()));
    }

    /// Adds a datagram; `payload` is all that UDP carries, a Non-ESP Marker included.
    pub fn datagram(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, payload: &[u8]) {
        let packet = frame::packet(from, to, payload);
        let length = u32::try_from(packet.len()).unwrap_or_default();
        let time = (START + now.saturating_duration_since(self.start)).as_micros();
        let half = |time: u128| u32::try_from(time & 0xffff_ffff).unwrap_or_default();
        let head = [
            [0; 4],
            half(time >> 32).to_le_bytes(),
            half(time).to_le_bytes(),
            length.to_le_bytes(),
            length.to_le_bytes(),
        ];
        self.packets
            .push(block(6, &[head.concat(), packet].concat()));
    }

    /// Adds the keys of an IKE SA.
    pub fn ike_keys(&mut self, spi_i: Spi, spi_r: Spi, keys: &IkeKeys) {
        if let Some(line) = wireshark::ikev2_decryption(spi_i, spi_r, keys) {
            self.ike_keys.push(line);
        }
    }

    /// Adds the keys of one direction of a Child SA.
    pub fn esp_keys(&mut self, spi: EspSpi, keys: &DirectionKeys) {
        if let Some(line) = wireshark::esp_sa(spi, keys) {
            self.esp_keys.push(line);
        }
    }

    /// The capture file.
    pub fn pcapng(&self) -> Vec<u8> {
        let byte_order_magic = 0x1a2b_3c4d_u32.to_le_bytes();
        let version_and_length = [1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
        let section = [&byte_order_magic[..], &version_and_length].concat();
        let interface = [LINKTYPE_RAW.to_le_bytes(), [0; 4]].concat();
        let mut file = [block(0x0a0d_0d0a, &section), block(1, &interface)].concat();
        self.packets
            .iter()
            .for_each(|it| file.extend_from_slice(it));
        file
    }

    /// The lines of `ikev2_decryption_table`, then those of `esp_sa`.
    pub fn tables(&self) -> (String, String) {
        (lines(&self.ike_keys), lines(&self.esp_keys))
    }

    /// Writes `name.pcapng` and `name.keys/` into `folder`, which is made if it is not there.
    pub fn write(&self, folder: &Path, name: &str) -> io::Result<()> {
        let keys = folder.join(format!("{name}.keys"));
        std::fs::create_dir_all(&keys)?;
        std::fs::write(folder.join(format!("{name}.pcapng")), self.pcapng())?;
        let (ike, esp) = self.tables();
        std::fs::write(keys.join("ikev2_decryption_table"), ike)?;
        std::fs::write(keys.join("esp_sa"), esp)?;
        std::fs::write(
            keys.join("preferences"),
            "esp.enable_encryption_decode: TRUE\n",
        )
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        if let Some((when, folder, name)) = &self.leave
            && (*when == Leave::Always || std::thread::panicking())
        {
            // A second panic would hide the first.
            let _written = self.write(folder, name);
        }
    }
}

/// A block of pcapng: type, length, body, length again; padded to four octets.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(12 + padded).unwrap_or_default().to_le_bytes();
    let mut block = [&kind.to_le_bytes()[..], &length, body].concat();
    block.resize(8 + padded, 0);
    block.extend_from_slice(&length);
    block
}

fn lines(lines: &Ring<String>) -> String {
    let mut text = String::new();
    for line in lines.iter() {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
