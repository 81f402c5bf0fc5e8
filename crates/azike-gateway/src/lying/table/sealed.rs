//! Lies in the octets of an `IKE_AUTH` response: what somebody on the way could do as well.

use super::{At, Lie, each, fix_length, set};

const AT: At = At::Auth(1);

pub(super) const LIES: &[Lie] = &[
    each("ICV changed by a bit", AT, |it| {
        all(it, |octets| {
            let last = octets.len() - 1;
            flip(octets, last);
        });
    }),
    each("ciphertext changed by a bit", AT, |it| {
        all(it, |octets| flip(octets, 60));
    }),
    each("header changed by a bit", AT, |it| {
        all(it, |octets| flip(octets, 7));
    }),
    each("last octet missing", AT, |it| {
        all(it, |octets| {
            octets.pop();
            fix_length(octets);
            fix_payload(octets);
        });
    }),
    each("SK of four octets", AT, |it| {
        it.truncate(1);
        all(it, |octets| {
            octets.truncate(36);
            set(octets, 16, 46);
            fix_length(octets);
            fix_payload(octets);
        });
    }),
    each("payload in the clear before SK", AT, |it| {
        all(it, |octets| {
            let sk = octets.get(16).copied().unwrap_or_default();
            set(octets, 16, 41);
            octets.splice(28..28, [sk, 0, 0, 8, 0, 0, 0, 24]);
            fix_length(octets);
        });
    }),
    each("payload after SK", AT, |it| {
        all(it, |octets| {
            octets.extend([0, 0, 0, 8, 0, 0, 0, 24]);
            fix_length(octets);
        });
    }),
    each("only in the clear", AT, |it| {
        it.truncate(1);
        all(it, |octets| {
            octets.truncate(28);
            set(octets, 16, 41);
            octets.extend([0, 0, 0, 8, 0, 0, 0, 24]);
            fix_length(octets);
        });
    }),
    each("another Message ID", AT, |it| {
        all(it, |octets| set(octets, 23, 9));
    }),
    each("another exchange", AT, |it| {
        all(it, |octets| set(octets, 18, 37));
    }),
    each("another responder SPI", AT, |it| {
        all(it, |octets| flip(octets, 8));
    }),
    each("sent by the initiator", AT, |it| {
        all(it, |octets| set(octets, 19, 0x28));
    }),
    each("a request", AT, |it| all(it, |octets| set(octets, 19, 0))),
];

fn all(datagrams: &mut [Vec<u8>], change: fn(&mut Vec<u8>)) {
    datagrams.iter_mut().for_each(change);
}

fn flip(octets: &mut [u8], at: usize) {
    if let Some(octet) = octets.get_mut(at) {
        *octet ^= 1;
    }
}

/// Overwrites the length of the first payload, which is the last.
fn fix_payload(octets: &mut [u8]) {
    let length = u16::try_from(octets.len().saturating_sub(28)).unwrap_or_default();
    for (at, octet) in (30..).zip(length.to_be_bytes()) {
        set(octets, at, octet);
    }
}
