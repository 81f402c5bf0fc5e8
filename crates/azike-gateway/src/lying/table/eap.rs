//! Lies in `IKE_AUTH` responses of an EAP-TLS login, behind an ICV that is right.
//!
//! The numbers of the responses are those of a login with an identity round: 1 asks for the
//! identity, 2 starts EAP-TLS, 3 answers the `ClientHello`.

use azike_wire::PayloadType;

use super::{At, Lie, draft};
use crate::draft::Draft;

pub(super) const LIES: &[Lie] = &[
    draft("EAP missing", At::Auth(1), |it| it.remove(PayloadType::EAP)),
    draft("EAP-Success first", At::Auth(1), |it| {
        eap(it, &[3, 1, 0, 4]);
    }),
    draft("EAP-Failure first", At::Auth(1), |it| {
        eap(it, &[4, 1, 0, 4]);
    }),
    draft("EAP-Success after the ClientHello", At::Auth(3), |it| {
        eap(it, &[3, 2, 0, 4]);
    }),
    draft("EAP of another length", At::Auth(1), |it| {
        eap(it, &[1, 1, 0, 9, 1]);
    }),
    draft("EAP code 5", At::Auth(1), |it| eap(it, &[5, 1, 0, 4])),
    draft("EAP response from a gateway", At::Auth(1), |it| {
        eap(it, &[2, 1, 0, 5, 1]);
    }),
    draft("IDr missing in EAP", At::Auth(1), |it| {
        it.remove(PayloadType::ID_R);
    }),
    draft("AUTH missing in EAP", At::Auth(1), |it| {
        it.remove(PayloadType::AUTH);
    }),
    draft("EAP twice", At::Auth(1), |it| it.repeat(PayloadType::EAP)),
    draft("TLS of four gigabytes", At::Auth(3), |it| {
        eap(it, &[1, 3, 0, 10, 13, 0xc0, 0xff, 0xff, 0xff, 0xff]);
    }),
    draft("start flag twice", At::Auth(3), |it| {
        eap(it, &[1, 3, 0, 6, 13, 0x20]);
    }),
];

fn eap(draft: &mut Draft, packet: &[u8]) {
    *draft.body(PayloadType::EAP) = packet.to_vec();
}
