//! Answers to a rekey that nobody can use: the gateway made an SA, and says something else about it.

use azike_gateway::{At, Change, Draft, Lie};
use azike_wire::{PayloadType, ProtocolId};

/// The lies that both kinds of rekey can hear, and those of a Child SA.
pub(crate) fn lies() -> Vec<Lie> {
    let mut lies = common();
    lies.extend([
        lie("no TSi", |it| it.remove(PayloadType::TS_I)),
        lie("no TSr", |it| it.remove(PayloadType::TS_R)),
        lie("N-68: TSr narrower", |it| narrow(it, PayloadType::TS_R)),
        lie("N-68: TSi of somebody else", |it| {
            change(it, PayloadType::TS_I, |body| {
                // One selector: any port and protocol of 9.9.9.9.
                *body = vec![1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255];
                body.extend([9; 8]);
            });
        }),
        lie("TSi twice", |it| it.repeat(PayloadType::TS_I)),
        lie("SPI of zeros", |it| {
            change(it, PayloadType::SA, |body| body[8..12].fill(0));
        }),
        lie("protocol AH", |it| {
            change(it, PayloadType::SA, |body| body[5] = ProtocolId::AH.0);
        }),
    ]);
    lies
}

/// The lies about what a Child SA and an IKE SA have in common.
pub(crate) fn common() -> Vec<Lie> {
    vec![
        lie("no SA", |it| it.remove(PayloadType::SA)),
        lie("no nonce", |it| it.remove(PayloadType::NONCE)),
        lie("nonce of 8 octets", |it| {
            change(it, PayloadType::NONCE, |body| body.truncate(8));
        }),
        lie("nonce twice", |it| it.repeat(PayloadType::NONCE)),
        lie("proposal 77", |it| {
            change(it, PayloadType::SA, |body| body[4] = 77);
        }),
        lie("proposal cut off", |it| {
            change(it, PayloadType::SA, |body| body.truncate(11));
        }),
        lie("nothing at all", |it| {
            if told(it) {
                it.0.clear();
            }
        }),
        lie("unknown critical payload", |it| {
            if told(it) {
                it.piece(PayloadType(200), &[1]);
                it.0.last_mut().unwrap().critical = true;
            }
        }),
        Lie {
            change: Change::Plaintext(|octets| {
                // Not the answer to a Delete.
                if octets.len() > 60 {
                    octets.truncate(50);
                }
            }),
            ..lie("cut off in the middle", |_| {})
        },
    ]
}

/// The lies about a key exchange.
pub(crate) fn key_exchange() -> Vec<Lie> {
    vec![
        lie("no KE", |it| it.remove(PayloadType::KE)),
        lie("KE of another group", |it| {
            change(it, PayloadType::KE, |body| body[1] ^= 1);
        }),
        lie("KE of zeros", |it| {
            change(it, PayloadType::KE, |body| body[4..].fill(0));
        }),
        lie("KE too short", |it| {
            change(it, PayloadType::KE, |body| body.truncate(40));
        }),
        lie("KE of one", |it| {
            change(it, PayloadType::KE, |body| {
                body[4..].fill(0);
                *body.last_mut().unwrap() = 1;
            });
        }),
    ]
}

const fn lie(name: &'static str, change: fn(&mut Draft)) -> Lie {
    Lie {
        name,
        at: At::Later,
        change: Change::Draft(change),
    }
}

/// Whether this is the answer to a rekey.
fn told(draft: &Draft) -> bool {
    draft.0.iter().any(|piece| piece.kind == PayloadType::SA)
}

/// Changes a payload of the answer to a rekey, if it is there.
fn change(draft: &mut Draft, kind: PayloadType, change: fn(&mut Vec<u8>)) {
    let mut pieces = draft.0.iter_mut();
    if let Some(piece) = pieces.find(|piece| piece.kind == kind) {
        change(&mut piece.body);
    }
}

/// The first selector ends one address before it should.
fn narrow(draft: &mut Draft, kind: PayloadType) {
    change(draft, kind, |body| {
        if let Some(octet) = body.get_mut(19) {
            *octet = octet.wrapping_sub(1);
        }
    });
}
