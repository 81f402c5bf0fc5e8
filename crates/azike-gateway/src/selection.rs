//! What the gateway chooses from an offer: its own order wins (RFC 7296, sections 2.7 and 3.3).

use azike_crypto::{ChildAlgorithms, Encryption, IkeAlgorithms, Integrity};
use azike_wire::{EspSpi, Proposal, ProtocolId, SecurityAssociation, Transform, TransformType};

use crate::policy::{ChildSuite, IkeSuite};

/// The first suite that one of the proposals has, with the proposal that answers it.
pub(crate) fn ike(
    suites: &[IkeSuite],
    offer: &SecurityAssociation,
) -> Option<(IkeSuite, IkeAlgorithms, SecurityAssociation)> {
    suites.iter().find_map(|suite| {
        let transforms = ike_transforms(*suite);
        let number = find(offer, ProtocolId::IKE, &transforms)?.number;
        let algorithms = IkeAlgorithms::new(suite.encryption, suite.integrity, suite.prf)?;
        let answer = answer(number, ProtocolId::IKE, Vec::new(), transforms);
        Some((*suite, algorithms, answer))
    })
}

/// The same for a Child SA: the algorithms, the client's SPI, and the answer with ours.
pub(crate) fn child(
    suites: &[ChildSuite],
    offer: &SecurityAssociation,
    spi_in: EspSpi,
) -> Option<(ChildAlgorithms, EspSpi, SecurityAssociation)> {
    suites.iter().find_map(|suite| {
        let mut transforms = vec![encryption(suite.encryption)];
        transforms.extend(suite.integrity.map(integrity));
        transforms.push(plain(TransformType::ESN, 0));
        let proposal = find(offer, ProtocolId::ESP, &transforms)?;
        let spi_out = EspSpi::from_octets(&proposal.spi)?;
        let algorithms = ChildAlgorithms::new(suite.encryption, suite.integrity)?;
        let spi = spi_in.octets().to_vec();
        let answer = answer(proposal.number, ProtocolId::ESP, spi, transforms);
        Some((algorithms, spi_out, answer))
    })
}

fn find<'o>(
    offer: &'o SecurityAssociation,
    protocol: ProtocolId,
    wanted: &[Transform],
) -> Option<&'o Proposal> {
    let has = |proposal: &Proposal| wanted.iter().all(|one| proposal.transforms.contains(one));
    // An AEAD is not to be found in a proposal that asks for integrity besides.
    let kinds = |proposal: &Proposal| {
        let known = |one: &Transform| wanted.iter().any(|other| other.kind == one.kind);
        proposal.transforms.iter().all(known)
    };
    let mut proposals = offer.proposals.iter();
    proposals.find(|proposal| proposal.protocol == protocol && has(proposal) && kinds(proposal))
}

fn ike_transforms(suite: IkeSuite) -> Vec<Transform> {
    let mut transforms = vec![
        encryption(suite.encryption),
        plain(TransformType::PRF, suite.prf.id().0),
    ];
    transforms.extend(suite.integrity.map(integrity));
    transforms.push(plain(TransformType::KE, suite.group.0));
    transforms
}

fn answer(
    number: u8,
    protocol: ProtocolId,
    spi: Vec<u8>,
    transforms: Vec<Transform>,
) -> SecurityAssociation {
    SecurityAssociation {
        proposals: vec![Proposal {
            number,
            protocol,
            spi,
            transforms,
        }],
    }
}

fn encryption(encryption: Encryption) -> Transform {
    Transform {
        key_length: encryption.key_bits(),
        ..plain(TransformType::ENCR, encryption.id().0)
    }
}

fn integrity(integrity: Integrity) -> Transform {
    plain(TransformType::INTEG, integrity.id().0)
}

const fn plain(kind: TransformType, id: u16) -> Transform {
    Transform {
        kind,
        id,
        key_length: None,
        unknown_attribute: false,
    }
}
