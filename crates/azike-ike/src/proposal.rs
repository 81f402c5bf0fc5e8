//! What we offer, and whether the gateway's selection is part of it
//! (RFC 7296, sections 2.7 and 3.3).

use azike_crypto::{ChildAlgorithms, Encryption, IkeAlgorithms, Integrity, Prf};
use azike_wire::{
    EspSpi, KeyExchangeMethod, Proposal, ProtocolId, SecurityAssociation, Spi, Transform,
    TransformType,
};

/// The algorithms a client offers, best first.
#[derive(Clone, Debug)]
pub struct Offer {
    /// For the IKE SA.
    pub ike: Vec<IkeProposal>,
    /// For Child SAs.
    pub child: Vec<ChildProposal>,
}

/// One proposal for the IKE SA: any one of each kind.
#[derive(Clone, Debug)]
pub struct IkeProposal {
    /// Ciphers; all of them AEAD or none.
    pub encryption: Vec<Encryption>,
    /// Integrity algorithms; empty with AEAD.
    pub integrity: Vec<Integrity>,
    /// Pseudorandom functions.
    pub prf: Vec<Prf>,
    /// Key exchange methods.
    pub groups: Vec<KeyExchangeMethod>,
}

/// One proposal for a Child SA.
#[derive(Clone, Debug)]
pub struct ChildProposal {
    /// Ciphers; all of them AEAD or none.
    pub encryption: Vec<Encryption>,
    /// Integrity algorithms; empty with AEAD.
    pub integrity: Vec<Integrity>,
}

/// Whether algorithms below today's standard may be offered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Strength {
    /// Only what RFC 8247 still allows.
    #[default]
    Strong,
    /// Group 2 as well, which some old gateways insist on.
    AllowWeak,
}

impl Offer {
    /// All that Azure's policy tables name, and what other gateways like.
    pub fn azure(strength: Strength) -> Self {
        let mut groups = vec![
            KeyExchangeMethod::MODP_2048,
            KeyExchangeMethod::ECP_384,
            KeyExchangeMethod::ECP_256,
            KeyExchangeMethod::MODP_2048_256,
            KeyExchangeMethod::CURVE25519,
        ];
        if strength == Strength::AllowWeak {
            groups.push(KeyExchangeMethod::MODP_1024);
        }
        let aead = vec![
            Encryption::Aes256Gcm16,
            Encryption::Aes128Gcm16,
            Encryption::ChaCha20Poly1305,
        ];
        let cbc = vec![Encryption::Aes256Cbc, Encryption::Aes128Cbc];
        let prf = vec![Prf::HmacSha384, Prf::HmacSha256];
        Self {
            ike: vec![
                IkeProposal {
                    encryption: aead.clone(),
                    integrity: Vec::new(),
                    prf: prf.clone(),
                    groups: groups.clone(),
                },
                IkeProposal {
                    encryption: cbc.clone(),
                    integrity: vec![Integrity::HmacSha384_192, Integrity::HmacSha256_128],
                    prf,
                    groups,
                },
            ],
            child: vec![
                ChildProposal {
                    encryption: aead,
                    integrity: Vec::new(),
                },
                ChildProposal {
                    encryption: cbc,
                    integrity: vec![Integrity::HmacSha256_128],
                },
                ChildProposal {
                    encryption: vec![Encryption::Aes256Cbc],
                    integrity: vec![Integrity::HmacSha1_96],
                },
            ],
        }
    }

    /// The groups of all proposals, best first, each once.
    pub fn groups(&self) -> Vec<KeyExchangeMethod> {
        let mut groups = Vec::new();
        for group in self.ike.iter().flat_map(|proposal| &proposal.groups) {
            if !groups.contains(group) {
                groups.push(*group);
            }
        }
        groups
    }

    /// The SA payload for an IKE SA, `first` being the group of the KE payload. `spi` is ours in a
    /// rekey; `IKE_SA_INIT` has it in the header.
    pub(crate) fn ike_payload(
        &self,
        first: KeyExchangeMethod,
        spi: Option<Spi>,
    ) -> SecurityAssociation {
        let proposals = self.ike.iter().zip(1_u8..).map(|(proposal, number)| {
            let mut transforms: Vec<_> = proposal
                .encryption
                .iter()
                .copied()
                .map(encryption)
                .collect();
            transforms.extend(proposal.prf.iter().copied().map(prf));
            transforms.extend(proposal.integrity.iter().copied().map(integrity));
            let rest = proposal.groups.iter().filter(|group| **group != first);
            let groups = proposal.groups.iter().filter(|group| **group == first);
            transforms.extend(
                groups
                    .chain(rest)
                    .map(|group| plain(TransformType::KE, group.0)),
            );
            Proposal {
                number,
                protocol: ProtocolId::IKE,
                spi: spi.map_or_else(Vec::new, |spi| spi.octets().to_vec()),
                transforms,
            }
        });
        SecurityAssociation {
            proposals: proposals.collect(),
        }
    }

    /// The SA payload of a Child SA, `spi` being ours. With a KE payload in the message its group
    /// is `first`, and the other groups are offered as well.
    pub(crate) fn child_payload(
        &self,
        spi: EspSpi,
        first: Option<KeyExchangeMethod>,
    ) -> SecurityAssociation {
        let groups = first.map_or_else(Vec::new, |first| {
            let rest = self.groups().into_iter().filter(|group| *group != first);
            std::iter::once(first).chain(rest).collect()
        });
        let proposals = self.child.iter().zip(1_u8..).map(|(proposal, number)| {
            let ciphers = proposal.encryption.iter().copied();
            let mut transforms: Vec<_> = ciphers.map(encryption).collect();
            transforms.extend(proposal.integrity.iter().copied().map(integrity));
            transforms.extend(groups.iter().map(|group| plain(TransformType::KE, group.0)));
            transforms.push(plain(TransformType::ESN, 0));
            Proposal {
                number,
                protocol: ProtocolId::ESP,
                spi: spi.octets().to_vec(),
                transforms,
            }
        });
        SecurityAssociation {
            proposals: proposals.collect(),
        }
    }

    /// The algorithms and group that `selected` names, if we offered just that. Whether there must
    /// be an SPI in it is the caller's business.
    pub(crate) fn ike_selection(
        &self,
        selected: &SecurityAssociation,
    ) -> Option<(IkeAlgorithms, KeyExchangeMethod, Option<Spi>)> {
        let selected = single(selected, ProtocolId::IKE)?;
        let offered = self.ike.get(usize::from(selected.number).checked_sub(1)?)?;
        let chosen = Chosen::new(selected)?;
        if chosen.esn.is_some() {
            return None;
        }
        let encryption = chosen.encryption?;
        let prf = chosen.prf?;
        let group = chosen.group?;
        let fits = offered.encryption.contains(&encryption)
            && offered.prf.contains(&prf)
            && offered.groups.contains(&group)
            && integrity_fits(encryption, chosen.integrity, &offered.integrity);
        let algorithms = IkeAlgorithms::new(encryption, chosen.integrity, prf)?;
        fits.then_some((algorithms, group, Spi::from_octets(&selected.spi)))
    }

    /// The algorithms and the gateway's SPI that `selected` names, if we offered just that, and
    /// the group is that of the KE payload.
    pub(crate) fn child_selection(
        &self,
        selected: &SecurityAssociation,
        group: Option<KeyExchangeMethod>,
    ) -> Option<(ChildAlgorithms, EspSpi)> {
        let selected = single(selected, ProtocolId::ESP)?;
        let offered = self
            .child
            .get(usize::from(selected.number).checked_sub(1)?)?;
        let chosen = Chosen::new(selected)?;
        let selected_group = chosen
            .group
            .filter(|group| *group != KeyExchangeMethod::NONE);
        if chosen.prf.is_some() || selected_group != group || chosen.esn.is_some_and(|esn| esn != 0)
        {
            return None;
        }
        let encryption = chosen.encryption?;
        let fits = offered.encryption.contains(&encryption)
            && integrity_fits(encryption, chosen.integrity, &offered.integrity);
        let algorithms = ChildAlgorithms::new(encryption, chosen.integrity)?;
        let spi = EspSpi::from_octets(&selected.spi)?;
        fits.then_some((algorithms, spi))
    }
}

/// The transforms of a selection, at most one of a kind.
#[derive(Default)]
struct Chosen {
    encryption: Option<Encryption>,
    integrity: Option<Integrity>,
    prf: Option<Prf>,
    group: Option<KeyExchangeMethod>,
    esn: Option<u16>,
}

impl Chosen {
    fn new(proposal: &Proposal) -> Option<Self> {
        let mut chosen = Self::default();
        for transform in &proposal.transforms {
            if transform.unknown_attribute {
                return None;
            }
            let id = transform.id;
            let repeated = match transform.kind {
                TransformType::ENCR => {
                    let pair = (azike_wire::EncryptionId(id), transform.key_length);
                    chosen
                        .encryption
                        .replace(Encryption::try_from(pair).ok()?)
                        .is_some()
                }
                TransformType::PRF => {
                    let prf = Prf::try_from(azike_wire::PrfId(id)).ok()?;
                    chosen.prf.replace(prf).is_some()
                }
                TransformType::INTEG if id == 0 => chosen.integrity.is_some(),
                TransformType::INTEG => {
                    let integrity = Integrity::try_from(azike_wire::IntegrityId(id)).ok()?;
                    chosen.integrity.replace(integrity).is_some()
                }
                TransformType::KE => chosen.group.replace(KeyExchangeMethod(id)).is_some(),
                TransformType::ESN => chosen.esn.replace(id).is_some(),
                _ => return None,
            };
            if repeated {
                return None;
            }
        }
        Some(chosen)
    }
}

fn single(selected: &SecurityAssociation, protocol: ProtocolId) -> Option<&Proposal> {
    match selected.proposals.as_slice() {
        [proposal] if proposal.protocol == protocol => Some(proposal),
        _ => None,
    }
}

fn integrity_fits(
    encryption: Encryption,
    chosen: Option<Integrity>,
    offered: &[Integrity],
) -> bool {
    match chosen {
        None => encryption.is_aead(),
        Some(integrity) => !encryption.is_aead() && offered.contains(&integrity),
    }
}

pub(crate) fn plain(kind: TransformType, id: u16) -> Transform {
    Transform {
        kind,
        id,
        key_length: None,
        unknown_attribute: false,
    }
}

pub(crate) fn encryption(encryption: Encryption) -> Transform {
    Transform {
        key_length: encryption.key_bits(),
        ..plain(TransformType::ENCR, encryption.id().0)
    }
}

pub(crate) fn prf(prf: Prf) -> Transform {
    plain(TransformType::PRF, prf.id().0)
}

pub(crate) fn integrity(integrity: Integrity) -> Transform {
    plain(TransformType::INTEG, integrity.id().0)
}
