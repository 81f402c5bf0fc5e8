//! Any legal payload, from a seed.

use std::net::IpAddr;

use azike_wire::{
    AuthMethod, Authentication, Certificate, CertificateEncoding, CertificateRequest, Chain,
    ConfigAttribute, ConfigAttributeType, ConfigType, Configuration, Delete, EapPacket,
    ExchangeType, Header, IdType, Identification, KeyExchange, KeyExchangeMethod, MessageId,
    MessageKind, Nonce, Notify, NotifyType, Payload, PayloadType, Proposal, ProtocolId, Role,
    SecurityAssociation, Spi, TrafficSelector, TrafficSelectors, Transform, TransformType,
};

use crate::random::Xorshift;

/// Octets for payloads to borrow.
pub(crate) struct Material {
    data: Vec<u8>,
    nonce: Vec<u8>,
    spis: Vec<u8>,
    eap: Vec<u8>,
    values: Vec<Vec<u8>>,
}

impl Material {
    /// New octets.
    pub(crate) fn new(random: &mut Xorshift) -> Self {
        let mut nonce = random.octets(240);
        nonce.resize(nonce.len() + 16, 0x5a);
        let spis = (0..4 * random.below(20)).map(|_| random.u8()).collect();
        let values = (0..random.below(6)).map(|_| random.octets(20)).collect();
        Self {
            data: random.octets(300),
            nonce,
            spis,
            eap: eap(random),
            values,
        }
    }

    /// Any payload but SK and SKF.
    pub(crate) fn payload(&self, random: &mut Xorshift) -> Payload<'_> {
        let data = &self.data[..];
        match random.below(17) {
            0 => Payload::SecurityAssociation(security_association(random)),
            1 => {
                let method = KeyExchangeMethod(random.u16());
                Payload::KeyExchange(KeyExchange { method, data })
            }
            2 => Payload::IdI(Identification::new(IdType(random.u8()), data)),
            3 => Payload::IdR(Identification::new(IdType(random.u8()), data)),
            4 => {
                let encoding = CertificateEncoding(random.u8());
                Payload::Certificate(Certificate { encoding, data })
            }
            5 => {
                let encoding = CertificateEncoding(random.u8());
                Payload::CertificateRequest(CertificateRequest {
                    encoding,
                    authorities: data,
                })
            }
            6 => {
                let method = AuthMethod(random.u8());
                Payload::Authentication(Authentication { method, data })
            }
            7 => Payload::Nonce(Nonce::new(&self.nonce).unwrap()),
            8 => Payload::Notify(Notify {
                protocol: ProtocolId(random.u8()),
                spi: &self.data[..self.data.len().min(random.below(256))],
                kind: NotifyType(random.u16()),
                data,
            }),
            9 if random.one_in(2) => Payload::Delete(Delete::ike_sa()),
            9 => Payload::Delete(Delete::esp(&self.spis)),
            10 => Payload::VendorId(data),
            11 => Payload::TsI(traffic_selectors(random)),
            12 => Payload::TsR(traffic_selectors(random)),
            13 => Payload::Configuration(self.configuration(random)),
            14 => Payload::Eap(EapPacket::new(&self.eap).unwrap()),
            _ => Payload::Unknown {
                kind: PayloadType(55 + random.u8() % 200),
                critical: random.one_in(2),
                body: data,
            },
        }
    }

    fn configuration(&self, random: &mut Xorshift) -> Configuration<'_> {
        let attributes = self.values.iter().map(|value| ConfigAttribute {
            kind: ConfigAttributeType(random.u16() & 0x7fff),
            value,
        });
        let attributes: Vec<_> = attributes.collect();
        Configuration::new(ConfigType(random.u8()), &attributes)
    }
}

/// Any header.
pub(crate) fn header(random: &mut Xorshift) -> Header {
    Header {
        spi_i: Spi::new(random.next() | 1).unwrap(),
        spi_r: if random.one_in(4) {
            None
        } else {
            Spi::new(random.next() | 1)
        },
        exchange: ExchangeType(random.u8()),
        sender: if random.one_in(2) {
            Role::Initiator
        } else {
            Role::Responder
        },
        kind: if random.one_in(2) {
            MessageKind::Request
        } else {
            MessageKind::Response
        },
        message_id: MessageId(random.u32()),
    }
}

/// A message with any payloads, with or without an SK or SKF payload at its end.
pub(crate) fn message(random: &mut Xorshift) -> Vec<u8> {
    let header = header(random);
    let mut chain = Chain::new();
    for _ in 0..random.below(7) {
        chain.push(&Material::new(random).payload(random));
    }
    match random.below(4) {
        0 => chain.payload(PayloadType::SK, |body| body.extend(random.octets(200))),
        1 => chain.payload(PayloadType::SKF, |body| {
            body.extend_from_slice(&[0, 1, 0, 9]);
            body.extend(random.octets(200));
        }),
        _ => {}
    }
    let (first, chain) = chain.finish();
    azike_wire::write_message(&header, first, &chain)
}

fn security_association(random: &mut Xorshift) -> SecurityAssociation {
    let proposals = (1..).take(1 + random.below(4)).map(|number| {
        let (protocol, size) = match random.below(4) {
            0 => (ProtocolId::IKE, 0),
            1 => (ProtocolId::IKE, 8),
            2 => (ProtocolId::ESP, 4),
            _ => (ProtocolId(9), random.below(12)),
        };
        let spi = (0..size).map(|_| random.u8()).collect();
        let transforms = (0..random.below(9)).map(|_| transform(random)).collect();
        Proposal {
            number,
            protocol,
            spi,
            transforms,
        }
    });
    SecurityAssociation {
        proposals: proposals.collect(),
    }
}

fn transform(random: &mut Xorshift) -> Transform {
    let key_length = random.one_in(2).then(|| random.u16());
    Transform {
        key_length,
        ..Transform::new(TransformType(random.u8()), random.u16())
    }
}

fn traffic_selectors(random: &mut Xorshift) -> TrafficSelectors {
    TrafficSelectors(
        (0..=random.below(5))
            .map(|_| traffic_selector(random))
            .collect(),
    )
}

fn traffic_selector(random: &mut Xorshift) -> TrafficSelector {
    let mut address = || {
        let number = random.next();
        u128::from(number) << 64 | u128::from(!number)
    };
    let (one, other) = (address(), address());
    let (start, end) = (one.min(other), one.max(other));
    let (start, end): (IpAddr, IpAddr) = if random.one_in(2) {
        (start.to_be_bytes().into(), end.to_be_bytes().into())
    } else {
        let (start, end) = ((start >> 96) as u32, (end >> 96) as u32);
        (start.to_be_bytes().into(), end.to_be_bytes().into())
    };
    let (one, other) = (random.u16(), random.u16());
    let (start_port, end_port) = match random.below(3) {
        0 => TrafficSelector::ANY_PORT,
        1 => TrafficSelector::OPAQUE_PORTS,
        _ => (one.min(other), one.max(other)),
    };
    TrafficSelector {
        protocol: random.u8(),
        start_port,
        end_port,
        start,
        end,
    }
}

fn eap(random: &mut Xorshift) -> Vec<u8> {
    if random.one_in(3) {
        return vec![3 + random.u8() % 2, random.u8(), 0, 4];
    }
    let data = random.octets(300);
    let length = u16::try_from(5 + data.len()).unwrap().to_be_bytes();
    let mut packet = vec![
        1 + random.u8() % 2,
        random.u8(),
        length[0],
        length[1],
        random.u8(),
    ];
    packet.extend(data);
    packet
}
