//! Changes inside an SA payload.

use azike_wire::{
    Payload, PayloadType, Payloads, Proposal, SecurityAssociation, Transform, TransformType,
};

use crate::draft::Draft;

/// Changes the first proposal of the SA payload.
pub(super) fn proposal(draft: &mut Draft, change: fn(&mut Proposal)) {
    edit(draft, |sa| sa.proposals.iter_mut().for_each(change));
}

/// Changes each transform of a type.
pub(super) fn transform(draft: &mut Draft, kind: TransformType, change: fn(&mut Transform)) {
    edit(draft, |sa| {
        let transforms = sa.proposals.iter_mut().flat_map(|it| &mut it.transforms);
        transforms.filter(|it| it.kind == kind).for_each(change);
    });
}

/// Adds a transform.
pub(super) fn add(draft: &mut Draft, kind: TransformType, id: u16) {
    edit(draft, |sa| {
        for proposal in &mut sa.proposals {
            proposal.transforms.push(Transform {
                kind,
                id,
                key_length: None,
                unknown_attribute: false,
            });
        }
    });
}

/// Takes the transforms of a type away.
pub(super) fn remove(draft: &mut Draft, kind: TransformType) {
    edit(draft, |sa| {
        for proposal in &mut sa.proposals {
            proposal.transforms.retain(|it| it.kind != kind);
        }
    });
}

/// Changes the SA payload.
pub(super) fn edit(draft: &mut Draft, change: impl FnOnce(&mut SecurityAssociation)) {
    let body = draft.body(PayloadType::SA);
    let length = u16::try_from(body.len() + 4).unwrap_or_default();
    let chain = [&[0, 0][..], &length.to_be_bytes(), body].concat();
    let payload = Payloads::new(PayloadType::SA, &chain).next();
    if let Some(Ok(Payload::SecurityAssociation(mut sa))) = payload {
        change(&mut sa);
        let mut changed = Draft::new();
        changed.push(&Payload::SecurityAssociation(sa));
        *draft.body(PayloadType::SA) = std::mem::take(changed.body(PayloadType::SA));
    }
}
