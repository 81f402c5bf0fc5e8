//! What we choose when the gateway offers: the rekeys that it initiates
//! (RFC 7296, sections 2.7 and 3.3.6).
//!
//! The gateway's order counts, but a suite that is in use stays in use if it is offered.

use azike_crypto::{ChildAlgorithms, Encryption, IkeAlgorithms, Integrity, Prf};
use azike_wire::{
    EncryptionId, EspSpi, IntegrityId, KeyExchangeMethod, PrfId, Proposal, ProtocolId,
    SecurityAssociation, Spi, Transform, TransformType,
};

use crate::proposal::{Offer, encryption, integrity, plain, prf};

/// What a Child SA of the gateway's is going to be.
#[derive(Debug)]
pub(crate) struct ChildChoice {
    pub(crate) number: u8,
    pub(crate) algorithms: ChildAlgorithms,
    pub(crate) spi: EspSpi,
    /// The groups it may have, in the gateway's order; empty for none.
    pub(crate) groups: Vec<KeyExchangeMethod>,
    /// Whether it may do without.
    pub(crate) without: bool,
    esn: bool,
}

/// What an IKE SA of the gateway's is going to be.
#[derive(Debug)]
pub(crate) struct IkeChoice {
    pub(crate) number: u8,
    pub(crate) algorithms: IkeAlgorithms,
    pub(crate) spi: Spi,
    pub(crate) groups: Vec<KeyExchangeMethod>,
}

impl Offer {
    /// The first proposal for a Child SA that we would have offered, too.
    pub(crate) fn choose_child(
        &self,
        offered: &SecurityAssociation,
        present: ChildAlgorithms,
    ) -> Option<ChildChoice> {
        let proposals = || {
            offered
                .proposals
                .iter()
                .filter(|p| p.protocol == ProtocolId::ESP)
        };
        let same = proposals().find_map(|proposal| {
            let words = Words::of(proposal);
            words
                .has_child(present)
                .then_some((proposal, words, present))
        });
        let first = || {
            proposals().find_map(|proposal| {
                let words = Words::of(proposal);
                let mut ours = self.child_suites();
                let fits = ours.find(|suite| words.has_child(*suite))?;
                Some((proposal, words, fits))
            })
        };
        let (proposal, words, algorithms) = same.or_else(first)?;
        let ours = self.groups();
        Some(ChildChoice {
            number: proposal.number,
            algorithms,
            spi: EspSpi::from_octets(&proposal.spi)?,
            without: words.groups.is_empty() || words.groups.contains(&KeyExchangeMethod::NONE),
            groups: words
                .groups
                .into_iter()
                .filter(|group| ours.contains(group))
                .collect(),
            esn: words.esn.is_some(),
        })
    }

    /// The first proposal for an IKE SA that we would have offered, too.
    pub(crate) fn choose_ike(
        &self,
        offered: &SecurityAssociation,
        present: IkeAlgorithms,
    ) -> Option<IkeChoice> {
        let ours = self.groups();
        let proposals = || {
            offered
                .proposals
                .iter()
                .filter(|p| p.protocol == ProtocolId::IKE)
        };
        let choice = |proposal: &Proposal, algorithms: IkeAlgorithms, words: Words| {
            let groups = words
                .groups
                .into_iter()
                .filter(|group| ours.contains(group));
            Some(IkeChoice {
                number: proposal.number,
                algorithms,
                spi: Spi::from_octets(&proposal.spi)?,
                groups: groups.collect(),
            })
        };
        let same = proposals().find(|proposal| Words::of(proposal).has_ike(present));
        if let Some(proposal) = same {
            return choice(proposal, present, Words::of(proposal));
        }
        proposals().find_map(|proposal| {
            let words = Words::of(proposal);
            let fits = self.ike_suites().find(|suite| words.has_ike(*suite))?;
            choice(proposal, fits, words)
        })
    }

    fn child_suites(&self) -> impl Iterator<Item = ChildAlgorithms> {
        self.child.iter().flat_map(|proposal| {
            let pairs = pairs(&proposal.encryption, &proposal.integrity);
            pairs.filter_map(|(cipher, mac)| ChildAlgorithms::new(cipher, mac))
        })
    }

    fn ike_suites(&self) -> impl Iterator<Item = IkeAlgorithms> {
        self.ike.iter().flat_map(|proposal| {
            let pairs = pairs(&proposal.encryption, &proposal.integrity);
            pairs.flat_map(|(cipher, mac)| {
                let prfs = proposal.prf.iter();
                prfs.filter_map(move |prf| IkeAlgorithms::new(cipher, mac, *prf))
            })
        })
    }
}

impl ChildChoice {
    /// The SA payload of the answer, with `spi` of ours.
    pub(crate) fn payload(
        &self,
        spi: EspSpi,
        group: Option<KeyExchangeMethod>,
    ) -> SecurityAssociation {
        let mut transforms = vec![encryption(self.algorithms.encryption())];
        transforms.extend(self.algorithms.integrity().map(integrity));
        transforms.extend(group.map(|group| plain(TransformType::KE, group.0)));
        if self.esn {
            transforms.push(plain(TransformType::ESN, 0));
        }
        single(
            self.number,
            ProtocolId::ESP,
            spi.octets().to_vec(),
            transforms,
        )
    }
}

impl IkeChoice {
    /// The SA payload of the answer, with `spi` of ours.
    pub(crate) fn payload(&self, spi: Spi, group: KeyExchangeMethod) -> SecurityAssociation {
        let mut transforms = vec![encryption(self.algorithms.encryption())];
        transforms.extend(self.algorithms.integrity().map(integrity));
        transforms.push(prf(self.algorithms.prf()));
        transforms.push(plain(TransformType::KE, group.0));
        single(
            self.number,
            ProtocolId::IKE,
            spi.octets().to_vec(),
            transforms,
        )
    }
}

/// What a proposal offers, by kind; what we do not know is left out.
#[derive(Default)]
struct Words {
    encryption: Vec<Encryption>,
    integrity: Vec<Integrity>,
    prf: Vec<Prf>,
    groups: Vec<KeyExchangeMethod>,
    /// Whether it says anything of ESN, and if so, whether 32-bit numbers will do.
    esn: Option<bool>,
}

impl Words {
    fn of(proposal: &Proposal) -> Self {
        let mut words = Self::default();
        for transform in proposal.transforms.iter().filter(|t| !t.unknown_attribute) {
            let id = transform.id;
            match transform.kind {
                TransformType::ENCR => {
                    let pair = (EncryptionId(id), transform.key_length);
                    words.encryption.extend(Encryption::try_from(pair).ok());
                }
                TransformType::INTEG => {
                    words
                        .integrity
                        .extend(Integrity::try_from(IntegrityId(id)).ok());
                }
                TransformType::PRF => words.prf.extend(Prf::try_from(PrfId(id)).ok()),
                TransformType::KE => words.groups.push(KeyExchangeMethod(id)),
                TransformType::ESN => words.esn = Some(words.esn.unwrap_or(false) || id == 0),
                _ => {}
            }
        }
        words
    }

    fn has_child(&self, suite: ChildAlgorithms) -> bool {
        self.esn.unwrap_or(true)
            && self.encryption.contains(&suite.encryption())
            && suite
                .integrity()
                .is_none_or(|mac| self.integrity.contains(&mac))
    }

    fn has_ike(&self, suite: IkeAlgorithms) -> bool {
        self.prf.contains(&suite.prf())
            && self.encryption.contains(&suite.encryption())
            && suite
                .integrity()
                .is_none_or(|mac| self.integrity.contains(&mac))
    }
}

/// Each cipher with each integrity algorithm; an AEAD with none.
fn pairs(
    ciphers: &[Encryption],
    macs: &[Integrity],
) -> impl Iterator<Item = (Encryption, Option<Integrity>)> {
    ciphers.iter().flat_map(|cipher| {
        let with = macs
            .iter()
            .filter(|_| !cipher.is_aead())
            .map(|mac| Some(*mac));
        let without = cipher.is_aead().then_some(None);
        with.chain(without).map(|mac| (*cipher, mac))
    })
}

fn single(
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
