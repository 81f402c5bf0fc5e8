//! Lies in the `IKE_AUTH` response to a signature, behind an ICV that is right.

use azike_wire::{NotifyType, PayloadType, ProtocolId, TransformType};

use super::{At, Lie, draft, plaintext, sa, set};
use crate::draft::{Draft, Piece};

const AT: At = At::Auth(1);

/// About the gateway's proof.
pub(super) const LIES: &[Lie] = &[
    draft("nothing inside", AT, |it| it.0.clear()),
    draft("IDr missing", AT, |it| it.remove(PayloadType::ID_R)),
    draft("IDr twice", AT, |it| it.repeat(PayloadType::ID_R)),
    draft("IDr of another name", AT, |it| {
        it.body(PayloadType::ID_R).push(b'x');
    }),
    draft("IDr with reserved octets set", AT, |it| {
        set(it.body(PayloadType::ID_R), 2, 1);
    }),
    draft("CERT missing", AT, |it| it.remove(PayloadType::CERT)),
    draft("CERT empty", AT, |it| {
        it.body(PayloadType::CERT).truncate(1);
    }),
    draft("CERT by hash and URL", AT, |it| {
        let url = b"http://169.254.169.254/latest";
        *it.body(PayloadType::CERT) = [&[12][..], &[7; 20], url].concat();
    }),
    draft("CERT called a CRL", AT, |it| {
        set(it.body(PayloadType::CERT), 0, 7);
    }),
    draft("CERT called PKCS 7", AT, |it| {
        set(it.body(PayloadType::CERT), 0, 1);
    }),
    draft("CERT changed by a bit", AT, |it| {
        flip_last(it.body(PayloadType::CERT));
    }),
    draft("CERT eleven times", AT, |it| {
        (0..10).for_each(|_| it.repeat(PayloadType::CERT));
    }),
    draft("AUTH missing", AT, |it| it.remove(PayloadType::AUTH)),
    draft("AUTH twice", AT, |it| it.repeat(PayloadType::AUTH)),
    draft("AUTH without signature", AT, |it| {
        it.body(PayloadType::AUTH).truncate(4);
    }),
    draft("AUTH of zeros", AT, |it| {
        it.body(PayloadType::AUTH)
            .iter_mut()
            .skip(4)
            .for_each(|o| *o = 0);
    }),
    draft("AUTH changed by a bit", AT, |it| {
        flip_last(it.body(PayloadType::AUTH));
    }),
    draft("AUTH cut by an octet", AT, |it| {
        it.body(PayloadType::AUTH).pop();
    }),
    draft("AUTH with an octet more", AT, |it| {
        it.body(PayloadType::AUTH).push(0);
    }),
    draft("AUTH as shared key", AT, |it| {
        set(it.body(PayloadType::AUTH), 0, 2);
    }),
    draft("AUTH as NULL", AT, |it| {
        set(it.body(PayloadType::AUTH), 0, 13);
    }),
    draft("AUTH as digital signature of nothing known", AT, |it| {
        set(it.body(PayloadType::AUTH), 0, 14);
    }),
    draft("AUTH as P-256", AT, |it| {
        set(it.body(PayloadType::AUTH), 0, 9);
    }),
    draft("SHA-1 as digital signature", AT, |it| {
        let auth = it.body(PayloadType::AUTH);
        let signature = auth.split_off(4);
        let scheme = azike_crypto::SignatureScheme::RsaPkcs1Sha1;
        auth.extend(azike_crypto::encode_digital_signature(scheme, &signature));
        set(auth, 0, 14);
    }),
    draft("unknown critical payload inside", AT, |it| {
        it.0.push(unknown(true));
    }),
    draft("unknown payload inside", AT, |it| it.0.push(unknown(false))),
    plaintext("inner chain cut off", AT, |it| {
        it.pop();
    }),
    plaintext("inner chain too long", AT, |it| it.push(0)),
];

/// About what it gives.
pub(super) const CHILD: &[Lie] = &[
    draft("no SA for the child", AT, |it| it.remove(PayloadType::SA)),
    draft("no TSi", AT, |it| it.remove(PayloadType::TS_I)),
    draft("no TSr", AT, |it| it.remove(PayloadType::TS_R)),
    draft("no CP", AT, |it| it.remove(PayloadType::CP)),
    draft("CP twice", AT, |it| it.repeat(PayloadType::CP)),
    draft("CP is a request", AT, |it| {
        set(it.body(PayloadType::CP), 0, 1);
    }),
    draft("CP without attributes", AT, |it| {
        it.body(PayloadType::CP).truncate(4);
    }),
    draft("address 0.0.0.0", AT, |it| address(it, [0; 4])),
    draft("address 127.0.0.1", AT, |it| address(it, [127, 0, 0, 1])),
    draft("address 224.0.0.1", AT, |it| address(it, [224, 0, 0, 1])),
    draft("address of three octets", AT, |it| {
        *it.body(PayloadType::CP) = vec![2, 0, 0, 0, 0, 1, 0, 3, 10, 0, 0];
    }),
    draft("attribute past the end", AT, |it| {
        *it.body(PayloadType::CP) = vec![2, 0, 0, 0, 0, 1, 0, 9, 10, 0, 0, 1];
    }),
    draft("TSi of nobody", AT, |it| {
        let body = it.body(PayloadType::TS_I);
        *body = vec![
            1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 9, 9, 9, 9, 9, 9, 9, 9,
        ];
    }),
    draft("TSr that ends before it starts", AT, |it| {
        let body = it.body(PayloadType::TS_R);
        *body = vec![
            1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 9, 9, 9, 9, 8, 9, 9, 9,
        ];
    }),
    draft("TSr of no selectors", AT, |it| {
        *it.body(PayloadType::TS_R) = vec![0; 4];
    }),
    draft("TSr of an unknown type only", AT, |it| {
        *it.body(PayloadType::TS_R) = vec![1, 0, 0, 0, 9, 0, 0, 8, 1, 2, 3, 4];
    }),
    draft("child proposal number 9", AT, |it| {
        sa::proposal(it, |proposal| proposal.number = 9);
    }),
    draft("child proposal for AH", AT, |it| {
        sa::proposal(it, |proposal| proposal.protocol = ProtocolId::AH);
    }),
    draft("child SPI zero", AT, |it| {
        sa::proposal(it, |proposal| proposal.spi = vec![0; 4]);
    }),
    draft("child with ESN", AT, |it| {
        sa::transform(it, TransformType::ESN, |esn| esn.id = 1);
    }),
    draft("child with a group", AT, |it| {
        sa::add(it, TransformType::KE, 14);
    }),
    draft("child with integrity beside an AEAD", AT, |it| {
        sa::add(it, TransformType::INTEG, 12);
    }),
    draft("child cipher not offered", AT, |it| {
        sa::transform(it, TransformType::ENCR, |cipher| cipher.id = 3);
    }),
    draft("private notifies inside", AT, |it| {
        it.notify(NotifyType(40_960), &[1; 99]);
        it.notify(NotifyType::AUTH_LIFETIME, &[0; 4]);
    }),
];

fn address(draft: &mut Draft, address: [u8; 4]) {
    *draft.body(PayloadType::CP) = [&[2, 0, 0, 0, 0, 1, 0, 4][..], &address].concat();
}

fn unknown(critical: bool) -> Piece {
    Piece {
        kind: PayloadType(200),
        critical,
        body: Vec::new(),
    }
}

fn flip_last(octets: &mut [u8]) {
    if let Some(octet) = octets.last_mut() {
        *octet ^= 1;
    }
}
