//! What the gateway chooses from an offer: its own order wins (RFC 7296, sections 2.7 and 3.3).

use azike_crypto::{ChildAlgorithms, Encryption, IkeAlgorithms, Integrity};
use azike_wire::{
    EspSpi, KeyExchangeMethod, Proposal, ProtocolId, SecurityAssociation, Spi, Transform,
    TransformType,
};

use crate::policy::{ChildSuite, IkeSuite};

/// What was chosen for an IKE SA.
#[derive(Debug)]
pub(crate) struct IkeChoice {
    pub(crate) group: KeyExchangeMethod,
    pub(crate) algorithms: IkeAlgorithms,
    /// The SPI of who offered; empty in a first exchange.
    pub(crate) spi: Vec<u8>,
    /// The proposal that answers, with the SPI of who answers.
    pub(crate) answer: SecurityAssociation,
}

/// What was chosen for a Child SA.
#[derive(Debug)]
pub(crate) struct ChildChoice {
    pub(crate) algorithms: ChildAlgorithms,
    /// The SPI of who offered.
    pub(crate) spi_out: EspSpi,
    /// The proposal that answers, with the SPI of who answers.
    pub(crate) answer: SecurityAssociation,
}

/// The first suite that one of the proposals has; `spi` is ours, none in a first exchange.
pub(crate) fn ike(
    suites: &[IkeSuite],
    offer: &SecurityAssociation,
    spi: Option<Spi>,
) -> Option<IkeChoice> {
    suites.iter().find_map(|suite| {
        let transforms = ike_transforms(*suite);
        let proposal = find(offer, ProtocolId::IKE, &transforms)?;
        let algorithms = IkeAlgorithms::new(suite.encryption, suite.integrity, suite.prf)?;
        let ours = spi.map_or_else(Vec::new, |spi| spi.octets().to_vec());
        Some(IkeChoice {
            group: suite.group,
            algorithms,
            spi: proposal.spi.clone(),
            answer: answer(proposal.number, ProtocolId::IKE, ours, transforms),
        })
    })
}

/// The same for a Child SA with a key exchange of its own in this group, or with none.
pub(crate) fn child(
    suites: &[ChildSuite],
    offer: &SecurityAssociation,
    (spi_in, group): (EspSpi, Option<KeyExchangeMethod>),
) -> Option<ChildChoice> {
    suites.iter().find_map(|suite| {
        let transforms = child_transforms(*suite, group.as_slice());
        let proposal = find(offer, ProtocolId::ESP, &transforms)?;
        let spi = spi_in.octets().to_vec();
        Some(ChildChoice {
            algorithms: ChildAlgorithms::new(suite.encryption, suite.integrity)?,
            spi_out: EspSpi::from_octets(&proposal.spi)?,
            answer: answer(proposal.number, ProtocolId::ESP, spi, transforms),
        })
    })
}

/// An offer of ours for an IKE SA: each suite as a proposal, the best first.
pub(crate) fn ike_offer(suites: &[IkeSuite], spi: Spi) -> SecurityAssociation {
    let transforms = suites.iter().map(|suite| ike_transforms(*suite));
    offer(ProtocolId::IKE, &spi.octets(), transforms)
}

/// An offer of ours for a Child SA, each proposal with all of `groups`.
pub(crate) fn child_offer(
    suites: &[ChildSuite],
    groups: &[KeyExchangeMethod],
    spi_in: EspSpi,
) -> SecurityAssociation {
    let transforms = suites.iter().map(|suite| child_transforms(*suite, groups));
    offer(ProtocolId::ESP, &spi_in.octets(), transforms)
}

fn offer(
    protocol: ProtocolId,
    spi: &[u8],
    suites: impl Iterator<Item = Vec<Transform>>,
) -> SecurityAssociation {
    let proposals = suites.zip(1..).map(|(transforms, number)| Proposal {
        number,
        protocol,
        spi: spi.to_vec(),
        transforms,
    });
    SecurityAssociation {
        proposals: proposals.collect(),
    }
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

fn child_transforms(suite: ChildSuite, groups: &[KeyExchangeMethod]) -> Vec<Transform> {
    let mut transforms = vec![encryption(suite.encryption)];
    transforms.extend(suite.integrity.map(integrity));
    transforms.extend(groups.iter().map(|it| plain(TransformType::KE, it.0)));
    transforms.push(plain(TransformType::ESN, 0));
    transforms
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
