//! Lies in `INFORMATIONAL`: in the response to a request of the client, or, aimed elsewhere, in a
//! request of the gateway's own.

use azike_wire::{Delete, MessageKind, NotifyType, Payload, PayloadType};

use super::{At, Lie, draft, plaintext};
use crate::draft::Piece;

const AT: At = At::Informational(MessageKind::Response);

pub(super) const LIES: &[Lie] = &[
    draft("Delete of the IKE SA", AT, |it| {
        it.push(&Payload::Delete(Delete::ike_sa()));
    }),
    draft("Delete of Child SAs of nobody", AT, |it| {
        it.push(&Payload::Delete(Delete::esp(&[0, 0, 0, 0, 9, 9, 9, 9])));
    }),
    draft("error", AT, |it| {
        it.notify(NotifyType::AUTHENTICATION_FAILED, &[]);
    }),
    draft("COOKIE2 that nobody sent", AT, |it| {
        it.notify(NotifyType::COOKIE2, &[9; 16]);
    }),
    draft("UPDATE_SA_ADDRESSES", AT, |it| {
        it.notify(NotifyType::UPDATE_SA_ADDRESSES, &[]);
    }),
    draft("REKEY_SA", AT, |it| it.notify(NotifyType::REKEY_SA, &[])),
    draft("SA payload of two octets", AT, |it| {
        it.piece(PayloadType::SA, &[1, 2]);
    }),
    draft("unknown critical payload", AT, |it| {
        it.0.push(Piece {
            kind: PayloadType(200),
            critical: true,
            body: vec![1],
        });
    }),
    draft("notify of 60000 octets", AT, |it| {
        it.notify(NotifyType(40_960), &vec![7; 60_000]);
    }),
    plaintext("junk", AT, |octets| *octets = vec![0xa5; 33]),
];
