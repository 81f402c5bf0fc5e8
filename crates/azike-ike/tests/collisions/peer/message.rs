//! What the peer says and hears: payloads of `CREATE_CHILD_SA` and `INFORMATIONAL`.

use azike_crypto::KeyExchange;
use azike_wire::{
    Chain, Delete, EncryptionId, EspSpi, KeyExchangeMethod, Nonce, Notify, NotifyType, Payload,
    PayloadType, Payloads, PrfId, Proposal, ProtocolId, SecurityAssociation, TrafficSelector,
    TrafficSelectors, Transform, TransformType,
};

/// A message of the client, opened.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) proposals: Vec<Proposal>,
    pub(super) nonce: Vec<u8>,
    pub(super) key_exchange: Option<(KeyExchangeMethod, Vec<u8>)>,
    pub(super) rekeys: Option<EspSpi>,
    pub(super) refused: bool,
    pub(super) deletes_ike: bool,
    pub(super) deletes: Vec<EspSpi>,
}

impl Heard {
    pub(super) fn read(first: PayloadType, plaintext: &[u8]) -> Self {
        let mut heard = Self::default();
        for payload in Payloads::new(first, plaintext).map(Result::unwrap) {
            if let Payload::SecurityAssociation(sa) = payload {
                heard.proposals = sa.proposals;
            } else if let Payload::Nonce(nonce) = payload {
                heard.nonce = nonce.octets().to_vec();
            } else if let Payload::KeyExchange(ke) = payload {
                heard.key_exchange = Some((ke.method, ke.data.to_vec()));
            } else if let Payload::Notify(notify) = payload {
                heard.refused |= notify.kind.is_error();
                if notify.kind == NotifyType::REKEY_SA {
                    heard.rekeys = EspSpi::from_octets(notify.spi);
                }
            } else if let Payload::Delete(delete) = payload {
                heard.deletes_ike |= delete.protocol == ProtocolId::IKE;
                heard.deletes.extend(delete.esp_spis());
            }
        }
        heard
    }

    /// Whether an IKE SA is asked for or given.
    pub(super) fn is_ike(&self) -> bool {
        let ike = |proposal: &Proposal| proposal.protocol == ProtocolId::IKE;
        self.proposals.iter().any(ike)
    }

    /// The SPI of the sender.
    pub(super) fn spi(&self) -> &[u8] {
        self.proposals.first().map_or(&[], |it| &it.spi)
    }

    /// The number of the proposal with the cipher that is used here.
    fn number(&self) -> u8 {
        let wanted = cipher();
        let mut proposals = self.proposals.iter();
        let found = proposals.find(|proposal| proposal.transforms.contains(&wanted));
        found.map_or(1, |proposal| proposal.number)
    }
}

/// SA, nonce and KE of an IKE SA.
pub(super) fn new_ike(
    spi: &[u8],
    nonce: &[u8],
    key_exchange: &KeyExchange,
    to: Option<&Heard>,
) -> Chain {
    let prf = transform(TransformType::PRF, PrfId::PRF_HMAC_SHA2_384.0, None);
    new_sa(ProtocolId::IKE, spi, nonce, Some(key_exchange), (prf, to))
}

/// SA, nonce, KE if there is one, and traffic selectors of a Child SA; `from` is the sender's side.
pub(super) fn new_child(
    spi: EspSpi,
    nonce: &[u8],
    key_exchange: Option<&KeyExchange>,
    to: Option<&Heard>,
    (ts_i, ts_r): (&TrafficSelectors, &TrafficSelectors),
) -> Chain {
    let esn = transform(TransformType::ESN, 0, None);
    let spi = spi.octets();
    let mut chain = new_sa(ProtocolId::ESP, &spi, nonce, key_exchange, (esn, to));
    chain.push(&Payload::TsI(ts_i.clone()));
    chain.push(&Payload::TsR(ts_r.clone()));
    chain
}

fn new_sa(
    protocol: ProtocolId,
    spi: &[u8],
    nonce: &[u8],
    key_exchange: Option<&KeyExchange>,
    (last, to): (Transform, Option<&Heard>),
) -> Chain {
    let mut transforms = vec![cipher(), last];
    if let Some(key_exchange) = key_exchange {
        let group = key_exchange.method().0;
        transforms.push(transform(TransformType::KE, group, None));
    }
    let mut chain = Chain::new();
    chain.push(&Payload::SecurityAssociation(SecurityAssociation {
        proposals: vec![Proposal {
            number: to.map_or(1, Heard::number),
            protocol,
            spi: spi.to_vec(),
            transforms,
        }],
    }));
    chain.push(&Payload::Nonce(Nonce::new(nonce).unwrap()));
    if let Some(key_exchange) = key_exchange {
        chain.push(&Payload::KeyExchange(azike_wire::KeyExchange {
            method: key_exchange.method(),
            data: key_exchange.public(),
        }));
    }
    chain
}

/// A request for a Child SA that replaces none (RFC 7296, section 1.3.1).
pub(super) fn one_more_child(spi: EspSpi, nonce: &[u8]) -> Chain {
    let all = TrafficSelectors(vec![TrafficSelector::all_ipv4()]);
    new_child(spi, nonce, None, None, (&all, &all))
}

/// The notify that says: in place of the Child SA with this SPI of the sender.
pub(super) fn rekey(chain: Chain, spi: EspSpi) -> Chain {
    let mut all = chain;
    all.push(&Payload::Notify(Notify {
        protocol: ProtocolId::ESP,
        spi: &spi.octets(),
        kind: NotifyType::REKEY_SA,
        data: &[],
    }));
    all
}

pub(super) fn refuse(kind: NotifyType) -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::Notify(Notify::new(kind, &[])));
    chain
}

pub(super) fn delete_ike() -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::Delete(Delete::ike_sa()));
    chain
}

/// D for Child SAs, by SPIs of the sender; nothing for none.
pub(super) fn delete_children(spis: &[EspSpi]) -> Chain {
    let mut chain = Chain::new();
    let octets: Vec<u8> = spis.iter().flat_map(|spi| spi.octets()).collect();
    if !octets.is_empty() {
        chain.push(&Payload::Delete(Delete::esp(&octets)));
    }
    chain
}

/// AES-256-GCM, as in Azure's suites.
fn cipher() -> Transform {
    let id = EncryptionId::ENCR_AES_GCM_16.0;
    transform(TransformType::ENCR, id, Some(256))
}

const fn transform(kind: TransformType, id: u16, key_length: Option<u16>) -> Transform {
    Transform {
        kind,
        id,
        key_length,
        unknown_attribute: false,
    }
}
