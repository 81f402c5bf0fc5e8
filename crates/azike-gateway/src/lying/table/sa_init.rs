//! Lies in the `IKE_SA_INIT` response.

use azike_wire::{NotifyType, PayloadType, ProtocolId, TransformType};

use super::{At, Lie, draft, plaintext, sa, set};
use crate::draft::{Draft, Piece};

const AT: At = At::SaInit;

/// In its payloads.
pub(super) const LIES: &[Lie] = &[
    draft("SA missing", AT, |it| it.remove(PayloadType::SA)),
    draft("KE missing", AT, |it| it.remove(PayloadType::KE)),
    draft("nonce missing", AT, |it| it.remove(PayloadType::NONCE)),
    draft("SA twice", AT, |it| it.repeat(PayloadType::SA)),
    draft("KE twice", AT, |it| it.repeat(PayloadType::KE)),
    draft("nonce twice", AT, |it| it.repeat(PayloadType::NONCE)),
    draft("no payloads", AT, |it| it.0.clear()),
    draft("nonce of 15 octets", AT, |it| {
        it.body(PayloadType::NONCE).truncate(15);
    }),
    draft("nonce of 257 octets", AT, |it| {
        it.body(PayloadType::NONCE).resize(257, 7);
    }),
    draft("KE of zeros", AT, |it| fill_ke(it, 0)),
    draft("KE above the prime", AT, |it| fill_ke(it, 0xff)),
    draft("KE of one", AT, |it| {
        fill_ke(it, 0);
        let at = it.body(PayloadType::KE).len() - 1;
        set(it.body(PayloadType::KE), at, 1);
    }),
    draft("KE one octet short", AT, |it| {
        it.body(PayloadType::KE).pop();
    }),
    draft("KE one octet long", AT, |it| {
        it.body(PayloadType::KE).push(0);
    }),
    draft("KE of another group", AT, |it| {
        set(it.body(PayloadType::KE), 1, 19);
    }),
    draft("proposal number zero", AT, |it| {
        sa::proposal(it, |proposal| proposal.number = 0);
    }),
    draft("proposal number of another proposal", AT, |it| {
        sa::proposal(it, |proposal| proposal.number = 2);
    }),
    draft("proposal number never offered", AT, |it| {
        sa::proposal(it, |proposal| proposal.number = 3);
    }),
    draft("two proposals", AT, |it| {
        sa::edit(it, |sa| {
            let mut second = sa.proposals.clone();
            for proposal in &mut second {
                proposal.number = 2;
            }
            sa.proposals.append(&mut second);
        });
    }),
    draft("proposal for ESP", AT, |it| {
        sa::proposal(it, |proposal| {
            proposal.protocol = ProtocolId::ESP;
            proposal.spi = vec![1, 2, 3, 4];
        });
    }),
    draft("proposal with an SPI", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi = vec![1; 8]);
    }),
    draft("integrity beside an AEAD", AT, |it| {
        sa::add(it, TransformType::INTEG, 12);
    }),
    draft("ESN in an IKE proposal", AT, |it| {
        sa::add(it, TransformType::ESN, 0);
    }),
    draft("two PRFs", AT, |it| sa::add(it, TransformType::PRF, 5)),
    draft("PRF missing", AT, |it| sa::remove(it, TransformType::PRF)),
    draft("group missing", AT, |it| sa::remove(it, TransformType::KE)),
    draft("no transforms", AT, |it| {
        sa::proposal(it, |proposal| proposal.transforms.clear());
    }),
    draft("key length missing", AT, |it| {
        sa::transform(it, TransformType::ENCR, |cipher| cipher.key_length = None);
    }),
    draft("key length 192", AT, |it| {
        sa::transform(it, TransformType::ENCR, |cipher| {
            cipher.key_length = Some(192);
        });
    }),
    draft("group 1025", AT, |it| {
        sa::transform(it, TransformType::KE, |group| group.id = 1025);
    }),
    draft("PRF not offered", AT, |it| {
        sa::transform(it, TransformType::PRF, |prf| prf.id = 2);
    }),
    draft("transform of an unknown type", AT, |it| {
        sa::add(it, TransformType(99), 1);
    }),
    draft("unknown critical payload", AT, |it| {
        it.0.push(unknown(true));
    }),
    draft("unknown payload", AT, |it| it.0.push(unknown(false))),
    draft("IDi in a response", AT, |it| {
        it.piece(PayloadType::ID_I, &[2, 0, 0, 0, b'x']);
    }),
    draft("vendor ID of no octets", AT, |it| {
        it.piece(PayloadType::VENDOR_ID, &[]);
    }),
    draft("vendor ID of 60000 octets", AT, |it| {
        it.piece(PayloadType::VENDOR_ID, &vec![7; 60_000]);
    }),
    draft("private notifies", AT, |it| {
        it.notify(NotifyType(40_960), &[1; 99]);
        it.notify(NotifyType(65_535), &[]);
    }),
    draft("33 notifies", AT, |it| {
        (0..33).for_each(|_| it.notify(NotifyType(40_960), &[]));
    }),
    draft("error beside the selection", AT, |it| {
        it.notify(NotifyType::INVALID_SYNTAX, &[]);
    }),
    draft("no NAT detection", AT, |it| {
        it.remove_notify(NotifyType::NAT_DETECTION_SOURCE_IP);
        it.remove_notify(NotifyType::NAT_DETECTION_DESTINATION_IP);
    }),
    draft("NAT detection of 19 octets", AT, |it| {
        it.remove_notify(NotifyType::NAT_DETECTION_DESTINATION_IP);
        it.notify(NotifyType::NAT_DETECTION_DESTINATION_IP, &[9; 19]);
    }),
    draft("hashes empty", AT, |it| hashes(it, &[])),
    draft("hashes of odd length", AT, |it| hashes(it, &[0, 2, 0])),
    draft("hashes unknown", AT, |it| hashes(it, &[0x7f, 0xff])),
    draft("only SHA-1", AT, |it| hashes(it, &[0, 1])),
    draft("announces SHA-256, signs with SHA-1", AT, |it| {
        hashes(it, &[0, 2]);
    }),
    draft("fragments without a word", AT, |it| {
        it.remove_notify(NotifyType::IKEV2_FRAGMENTATION_SUPPORTED);
    }),
];

/// In its octets.
pub(super) const HEADERS: &[Lie] = &[
    plaintext("initiator SPI changed", AT, |it| flip(it, 0)),
    plaintext("initiator SPI zero", AT, |it| {
        it.iter_mut().take(8).for_each(|o| *o = 0);
    }),
    plaintext("responder SPI zero", AT, |it| {
        it.iter_mut().take(16).skip(8).for_each(|o| *o = 0);
    }),
    plaintext("major version 1", AT, |it| set(it, 17, 0x10)),
    plaintext("major version 3", AT, |it| set(it, 17, 0x30)),
    plaintext("minor version 1", AT, |it| set(it, 17, 0x21)),
    plaintext("exchange type 0", AT, |it| set(it, 18, 0)),
    plaintext("exchange type INFORMATIONAL", AT, |it| set(it, 18, 37)),
    plaintext("initiator flag", AT, |it| set(it, 19, 0x28)),
    plaintext("response flag clear", AT, |it| set(it, 19, 0)),
    plaintext("reserved flags", AT, |it| set(it, 19, 0xf7)),
    plaintext("Message ID 1", AT, |it| set(it, 23, 1)),
    plaintext("length 27", AT, |it| {
        it.splice(24..28, [0, 0, 0, 27]);
    }),
    plaintext("length of 4 GiB", AT, |it| {
        it.splice(24..28, [0xff; 4]);
    }),
    plaintext("octets after the end", AT, |it| it.push(0)),
    plaintext("cut off", AT, |it| {
        it.pop();
    }),
    plaintext("payload of length 0", AT, |it| set(it, 31, 0)),
    plaintext("payload of length 3", AT, |it| set(it, 31, 3)),
    plaintext("payload past the end", AT, |it| set(it, 30, 0xff)),
    plaintext("critical bit on a known payload", AT, |it| {
        set(it, 29, 0x80);
    }),
];

fn fill_ke(draft: &mut Draft, value: u8) {
    if let Some(data) = draft.body(PayloadType::KE).get_mut(4..) {
        data.fill(value);
    }
}

fn hashes(draft: &mut Draft, octets: &[u8]) {
    draft.remove_notify(NotifyType::SIGNATURE_HASH_ALGORITHMS);
    draft.notify(NotifyType::SIGNATURE_HASH_ALGORITHMS, octets);
}

fn unknown(critical: bool) -> Piece {
    Piece {
        kind: PayloadType(200),
        critical,
        body: vec![1, 2, 3],
    }
}

fn flip(octets: &mut [u8], at: usize) {
    if let Some(octet) = octets.get_mut(at) {
        *octet ^= 0x55;
    }
}
