//! Lies in `CREATE_CHILD_SA`: in the response to a rekey of the client, or, aimed elsewhere, in a
//! request of the gateway's own.

use azike_wire::{
    EncryptionId, MessageKind, NotifyType, Payload, PayloadType, ProtocolId, TrafficSelector,
    TrafficSelectors, TransformType,
};

use super::{At, Lie, draft, plaintext, sa, set};
use crate::draft::{Draft, Piece};

const AT: At = At::CreateChild(MessageKind::Response);

/// About Child SAs and IKE SAs alike.
pub(super) const LIES: &[Lie] = &[
    draft("nothing inside", AT, |it| it.0.clear()),
    draft("SA missing", AT, |it| it.remove(PayloadType::SA)),
    draft("SA twice", AT, |it| it.repeat(PayloadType::SA)),
    draft("nonce missing", AT, |it| it.remove(PayloadType::NONCE)),
    draft("nonce twice", AT, |it| it.repeat(PayloadType::NONCE)),
    draft("nonce of 15 octets", AT, |it| {
        it.body(PayloadType::NONCE).truncate(15);
    }),
    draft("nonce of 257 octets", AT, |it| {
        it.body(PayloadType::NONCE).resize(257, 7);
    }),
    draft("SPI of no octets", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi.clear());
    }),
    draft("SPI one octet short", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi.truncate(proposal.spi.len() - 1));
    }),
    draft("SPI one octet long", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi.push(1));
    }),
    draft("SPI of zeros", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi.fill(0));
    }),
    draft("proposal number never offered", AT, |it| {
        sa::proposal(it, |proposal| proposal.number = 99);
    }),
    draft("proposal for AH", AT, |it| {
        sa::proposal(it, |proposal| {
            proposal.protocol = ProtocolId::AH;
            proposal.spi = vec![1; 4];
        });
    }),
    draft("two proposals", AT, |it| {
        sa::edit(it, |sa| sa.proposals.extend_from_within(..));
    }),
    draft("cipher never offered", AT, |it| {
        sa::transform(it, TransformType::ENCR, |it| {
            it.id = EncryptionId::ENCR_NULL.0;
            it.key_length = None;
        });
    }),
    draft("cipher with a shorter key", AT, |it| {
        sa::transform(it, TransformType::ENCR, |it| it.key_length = Some(64));
    }),
    draft("cipher missing", AT, |it| {
        sa::remove(it, TransformType::ENCR);
    }),
    draft("integrity beside the AEAD", AT, |it| {
        sa::add(it, TransformType::INTEG, 2);
    }),
    draft("group never offered", AT, |it| {
        sa::remove(it, TransformType::KE);
        sa::add(it, TransformType::KE, 1);
    }),
    draft("KE of another group", AT, |it| {
        set(it.body(PayloadType::KE), 0, 0);
        set(it.body(PayloadType::KE), 1, 24);
    }),
    draft("KE of zeros", AT, |it| {
        it.body(PayloadType::KE)
            .iter_mut()
            .skip(4)
            .for_each(|octet| *octet = 0);
    }),
    draft("KE of two octets", AT, |it| {
        it.body(PayloadType::KE).resize(6, 7);
    }),
    draft("an error and an answer", AT, |it| {
        it.notify(NotifyType::NO_PROPOSAL_CHOSEN, &[]);
    }),
    draft("unknown critical payload", AT, |it| {
        it.0.insert(
            0,
            Piece {
                kind: PayloadType(200),
                critical: true,
                body: vec![1],
            },
        );
    }),
    plaintext("junk", AT, |octets| octets.fill(0xa5)),
    plaintext("last octet missing inside", AT, |octets| {
        octets.pop();
    }),
];

/// About a Child SA only.
pub(super) const CHILD: &[Lie] = &[
    draft("TSi missing", AT, |it| it.remove(PayloadType::TS_I)),
    draft("TSr missing", AT, |it| it.remove(PayloadType::TS_R)),
    draft("TSi of no selector", AT, |it| {
        *it.body(PayloadType::TS_I) = vec![0; 4];
    }),
    draft("TSi narrower", AT, |it| {
        selectors(it, PayloadType::TS_I, ONE);
    }),
    draft("TSr narrower", AT, |it| {
        selectors(it, PayloadType::TS_R, ONE);
    }),
    draft("TSi of the other family", AT, |it| {
        selectors(it, PayloadType::TS_I, TrafficSelector::all_ipv6());
    }),
    draft("TSr of the other family", AT, |it| {
        selectors(it, PayloadType::TS_R, TrafficSelector::all_ipv6());
    }),
    draft("ESN never offered", AT, |it| {
        sa::transform(it, TransformType::ESN, |it| it.id = 1);
    }),
];

/// About a Child SA, and harmless: what is too much is not used.
pub(super) const WIDE: &[Lie] = &[
    draft("TSi wider", AT, |it| {
        selectors(it, PayloadType::TS_I, TrafficSelector::all_ipv4());
    }),
    draft("TSr wider", AT, |it| {
        selectors(it, PayloadType::TS_R, TrafficSelector::all_ipv4());
    }),
    draft("vendor ID beside", AT, |it| {
        it.piece(PayloadType::VENDOR_ID, b"x");
    }),
    draft("the same SPI again and again", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi.fill(0x5a));
    }),
];

/// An address that is nobody's.
const ONE: TrafficSelector = TrafficSelector::ipv4(
    std::net::Ipv4Addr::new(10, 9, 9, 9),
    std::net::Ipv4Addr::new(10, 9, 9, 9),
);

fn selectors(draft: &mut Draft, kind: PayloadType, only: TrafficSelector) {
    let mut other = Draft::new();
    other.push(&Payload::TsI(TrafficSelectors(vec![only])));
    *draft.body(kind) = std::mem::take(other.body(PayloadType::TS_I));
}
