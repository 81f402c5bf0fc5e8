//! A capture of what a test sent, decrypted: `name.pcapng` and Wireshark's key tables beside it.
//!
//! ```text
//!  name.pcapng   Section Header, Interface (raw IP), Enhanced Packets
//!  name.keys/    ikev2_decryption_table, esp_sa: copy them into Wireshark's settings folder, or
//!                WIRESHARK_CONFIG_DIR=name.keys tshark -r name.pcapng
//! ```

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use azike_crypto::{DirectionKeys, IkeKeys};
use azike_wire::{EspSpi, Spi};

use crate::{frame, wireshark};

/// Link type of bare IP packets.
const LINKTYPE_RAW: u32 = 101;
/// The time of day at which every capture starts: 2027-06-01, so that two runs are equal.
const START: Duration = Duration::from_hours(503_280);

/// A capture that is being made.
#[derive(Debug)]
pub struct Tap {
    start: Instant,
    blocks: Vec<u8>,
    ike_keys: Vec<String>,
    esp_keys: Vec<String>,
}

impl Tap {
    /// Starts to capture; `now` is the time of the first datagram.
    pub fn new(now: Instant) -> Self {
        let mut blocks = Vec::new();
        let byte_order_magic = 0x1a2b_3c4d_u32.to_le_bytes();
        let version_and_length = [1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
        let section = [&byte_order_magic[..], &version_and_length].concat();
        block(&mut blocks, 0x0a0d_0d0a, &section);
        let interface = [LINKTYPE_RAW.to_le_bytes(), [0; 4]].concat();
        block(&mut blocks, 1, &interface);
        Self {
            start: now,
            blocks,
            ike_keys: Vec::new(),
            esp_keys: Vec::new(),
        }
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
        block(&mut self.blocks, 6, &[head.concat(), packet].concat());
    }

    /// Adds the keys of an IKE SA.
    pub fn ike_keys(&mut self, spi_i: Spi, spi_r: Spi, keys: &IkeKeys) {
        let line = wireshark::ikev2_decryption(spi_i, spi_r, keys);
        self.ike_keys.extend(line);
    }

    /// Adds the keys of one direction of a Child SA.
    pub fn esp_keys(&mut self, spi: EspSpi, keys: &DirectionKeys) {
        self.esp_keys.extend(wireshark::esp_sa(spi, keys));
    }

    /// The capture file.
    pub fn pcapng(&self) -> &[u8] {
        &self.blocks
    }

    /// The lines of `ikev2_decryption_table`, then those of `esp_sa`.
    pub fn tables(&self) -> (String, String) {
        (lines(&self.ike_keys), lines(&self.esp_keys))
    }

    /// Writes `name.pcapng` and `name.keys/` into `folder`, which is made if it is not there.
    pub fn write(&self, folder: &Path, name: &str) -> io::Result<()> {
        let keys = folder.join(format!("{name}.keys"));
        std::fs::create_dir_all(&keys)?;
        std::fs::write(folder.join(format!("{name}.pcapng")), &self.blocks)?;
        let (ike, esp) = self.tables();
        std::fs::write(keys.join("ikev2_decryption_table"), ike)?;
        std::fs::write(keys.join("esp_sa"), esp)?;
        std::fs::write(
            keys.join("preferences"),
            "esp.enable_encryption_decode: TRUE\n",
        )
    }
}

/// A block of pcapng: type, length, body, length again; padded to four octets.
fn block(blocks: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(12 + padded).unwrap_or_default().to_le_bytes();
    blocks.extend_from_slice(&kind.to_le_bytes());
    blocks.extend_from_slice(&length);
    blocks.extend_from_slice(body);
    blocks.resize(blocks.len() + padded - body.len(), 0);
    blocks.extend_from_slice(&length);
}

fn lines(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}
