//! The IVs of what we send: with a counter mode, one that comes twice would give the plaintext away
//! (RFC 5282, section 3.1).

use std::collections::BTreeMap;

use azike_ike::Authentication;

use crate::support::{Setup, Table};

/// Octets of an encrypted message: marker, SPIs, and the IV of an SK payload.
const SPIS: std::ops::Range<usize> = 4..20;
const IV: std::ops::Range<usize> = 36..44;

/// Protected messages by their SPIs and IV.
#[derive(Default)]
struct Seen {
    messages: BTreeMap<(Vec<u8>, Vec<u8>), Vec<u8>>,
    repeated: usize,
}

impl Seen {
    /// Looks at what the client sent, and loses it.
    fn lose(&mut self, table: &mut Table) {
        table.drain();
        for transmit in std::mem::take(&mut table.to_gateway) {
            self.note(&transmit.octets);
        }
    }

    /// Delivers all, and looks at each message.
    fn talk(&mut self, table: &mut Table) {
        table.drain();
        while !(table.to_gateway.is_empty() && table.to_client.is_empty()) {
            if let Some(transmit) = table.to_gateway.pop_front() {
                self.note(&transmit.octets);
                table.give_gateway(&transmit);
            }
            table.talk_to_client();
        }
    }

    fn note(&mut self, octets: &[u8]) {
        if octets.len() < IV.end || octets[..4] != [0; 4] {
            return;
        }
        let key = (octets[SPIS].to_vec(), octets[IV].to_vec());
        if let Some(before) = self.messages.insert(key, octets.to_vec()) {
            assert_eq!(before, octets, "two messages under one IV");
            self.repeated += 1;
        }
    }
}

#[test]
fn n39_no_iv_comes_twice_but_with_the_same_octets() {
    let mut setup = Setup::new(Authentication::Signature);
    // In one piece, so that the IV has one place.
    setup.client.fragment_size = 60_000;
    let mut table = setup.sit();
    table.settle();
    assert!(table.established().is_some());
    let mut seen = Seen::default();
    for round in 0..12 {
        match round % 4 {
            0 => table.client.rekey_child(table.now),
            1 => table.client.rekey_ike(table.now),
            2 => table.client.check_liveness(),
            _ => {
                let spi_r = table.spi_r();
                table.gateway.check_liveness(table.now, spi_r);
            }
        }
        table.client.handle_timeout(table.now);
        seen.lose(&mut table);
        // Sent again twice, and then heard.
        for _ in 0..2 {
            table.wait();
            seen.lose(&mut table);
        }
        table.wait();
        seen.talk(&mut table);
        for _ in 0..4 {
            table.wait();
            seen.talk(&mut table);
        }
    }
    assert!(table.closed().is_none());
    assert!(seen.messages.len() > 20, "{}", seen.messages.len());
    assert!(seen.repeated > 10, "nothing was sent again");
}
