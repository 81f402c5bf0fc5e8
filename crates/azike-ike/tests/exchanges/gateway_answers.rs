//! What the gateway answers to a client that does not keep to the rules: the test has the client's
//! keys, and says what it likes (RFC 7296, sections 1.3, 2.9, 2.25).

use azike_crypto::SkCipher;
use azike_gateway::{Datagram, Pfs, Transport};
use azike_testkit::SeededRandom;
use azike_wire::{
    Chain, EncryptionId, ExchangeType, Header, KeyExchangeMethod, Message, MessageId, MessageKind,
    Nonce, Notify, NotifyType, Payload, PayloadType, Payloads, Proposal, ProtocolId, Role,
    SecurityAssociation, Spi, TrafficSelector, TrafficSelectors, Transform, TransformType,
    protected_prefix,
};

use crate::support::{Table, connected};

/// Lets the gateway begin something.
type Busy = fn(&mut Table, Spi) -> bool;

/// Error notifies, with SPI and data.
type Errors = Vec<(NotifyType, Vec<u8>)>;

/// The client's place at the table, taken by the test.
struct Mouth {
    spis: (Spi, Spi),
    outbound: SkCipher,
    inbound: SkCipher,
    next_id: u32,
}

impl Mouth {
    /// After a login by signature: its messages were number 0 and 1.
    fn new(table: &Table, spi_r: Spi) -> Self {
        let (spi_i, keys) = table.gateway.ike_keys(spi_r).unwrap();
        let (outbound, inbound) = keys.ciphers(Role::Initiator);
        Self {
            spis: (spi_i, spi_r),
            outbound,
            inbound,
            next_id: 2,
        }
    }

    /// Asks, and gives the errors in the answer: none if it has an SA payload.
    fn ask(&mut self, table: &mut Table, payloads: &[Payload<'_>]) -> Errors {
        let mut chain = Chain::new();
        for payload in payloads {
            chain.push(payload);
        }
        let (first, plaintext) = chain.finish();
        let header = Header {
            spi_i: self.spis.0,
            spi_r: Some(self.spis.1),
            exchange: ExchangeType::CREATE_CHILD_SA,
            sender: Role::Initiator,
            kind: MessageKind::Request,
            message_id: MessageId(self.next_id),
        };
        self.next_id += 1;
        let body = self.outbound.body_length(plaintext.len());
        let prefix = protected_prefix(&header, first, body);
        let mut random = SeededRandom::new(5);
        let octets = self.outbound.seal(&mut random, prefix, &plaintext);
        let datagram = Datagram {
            octets: &[&[0; 4][..], &octets].concat(),
            from: ([198, 51, 100, 7], 14_500).into(),
            transport: Transport::Udp4500,
        };
        table.gateway.handle_datagram(table.now, datagram);
        table.drain();
        let answer = table.to_client.pop_back().unwrap().octets;
        self.errors(&answer[4..])
    }

    fn errors(&self, answer: &[u8]) -> Errors {
        let message = Message::decode(answer).unwrap();
        assert_eq!(message.header().kind, MessageKind::Response);
        let Some(Ok(Payload::Encrypted(sk))) = message.payloads().next() else {
            panic!("{message:?}");
        };
        let plaintext = self.inbound.open(sk.aad, sk.body).unwrap();
        let payloads = Payloads::new(sk.first, &plaintext).map(Result::unwrap);
        let errors = payloads.filter_map(|payload| {
            if let Payload::Notify(notify) = payload {
                return Some((notify.kind, [notify.spi, notify.data].concat()));
            }
            None
        });
        let errors: Errors = errors.collect();
        let answered = sk.first == PayloadType::SA;
        assert_eq!(errors.is_empty(), answered, "{errors:?}");
        errors
    }
}

/// An offer of AES-256-GCM with these groups.
fn offer(groups: &[KeyExchangeMethod]) -> Payload<'static> {
    let transform = |kind, id, key_length| Transform {
        kind,
        id,
        key_length,
        unknown_attribute: false,
    };
    let cipher = EncryptionId::ENCR_AES_GCM_16.0;
    let mut transforms = vec![
        transform(TransformType::ENCR, cipher, Some(256)),
        transform(TransformType::ESN, 0, None),
    ];
    let groups = groups.iter();
    transforms.extend(groups.map(|group| transform(TransformType::KE, group.0, None)));
    Payload::SecurityAssociation(SecurityAssociation {
        proposals: vec![Proposal {
            number: 1,
            protocol: ProtocolId::ESP,
            spi: vec![0x77; 4],
            transforms,
        }],
    })
}

fn rekey_of(protocol: ProtocolId, spi: &[u8]) -> Payload<'_> {
    Payload::Notify(Notify {
        protocol,
        spi,
        kind: NotifyType::REKEY_SA,
        data: &[],
    })
}

fn nonce() -> Payload<'static> {
    Payload::Nonce(Nonce::new(&[3; 32]).unwrap())
}

fn all() -> TrafficSelectors {
    TrafficSelectors(vec![TrafficSelector::all_ipv4()])
}

/// A client that is connected, its SPI of packets to it, and what can be said in its name.
fn start() -> (Table, Spi, [u8; 4], Mouth) {
    let (table, spi_r) = connected();
    let spi_in = table.established().unwrap().child.spi_in.octets();
    let mouth = Mouth::new(&table, spi_r);
    (table, spi_r, spi_in, mouth)
}

/// A good request to replace the Child SA of this SPI, with these groups in the offer.
fn rekey<'a>(spi: &'a [u8], groups: &[KeyExchangeMethod]) -> Vec<Payload<'a>> {
    vec![
        rekey_of(ProtocolId::ESP, spi),
        offer(groups),
        nonce(),
        Payload::TsI(all()),
        Payload::TsR(all()),
    ]
}

#[test]
fn n67_rekey_of_nothing_known_is_refused() {
    let (mut table, _, spi_in, mut mouth) = start();
    let unknown = [9; 4];
    let not_found = NotifyType::CHILD_SA_NOT_FOUND;
    let answer = mouth.ask(&mut table, &rekey(&unknown, &[]));
    assert_eq!(answer, [(not_found, unknown.to_vec())]);
    for protocol in [ProtocolId::NONE, ProtocolId::IKE, ProtocolId::AH] {
        let mut payloads = rekey(&spi_in, &[]);
        payloads[0] = rekey_of(protocol, &spi_in);
        let answer = mouth.ask(&mut table, &payloads);
        assert_eq!(answer[0].0, not_found, "{protocol}");
    }
    assert_eq!(mouth.ask(&mut table, &rekey(&spi_in, &[])), []);
}

#[test]
fn n68_narrower_selectors_are_refused() {
    let (mut table, _, spi_in, mut mouth) = start();
    let one = TrafficSelector::ipv4([10, 1, 0, 0].into(), [10, 1, 0, 255].into());
    let narrow = || TrafficSelectors(vec![one]);
    let mut payloads = rekey(&spi_in, &[]);
    payloads[3] = Payload::TsI(narrow());
    let refused = [(NotifyType::TS_UNACCEPTABLE, vec![])];
    assert_eq!(mouth.ask(&mut table, &payloads), refused);
    payloads[3] = Payload::TsI(all());
    payloads[4] = Payload::TsR(narrow());
    assert_eq!(mouth.ask(&mut table, &payloads), refused);
    assert_eq!(table.gateway.child_sas(), 1);
}

#[test]
fn n69_no_second_child_sa() {
    let (mut table, _, spi_in, mut mouth) = start();
    let refused = [(NotifyType::NO_ADDITIONAL_SAS, vec![])];
    assert_eq!(mouth.ask(&mut table, &rekey(&spi_in, &[])[1..]), refused);
    assert_eq!(mouth.ask(&mut table, &[nonce()]), refused);
}

/// Section 2.25: the gateway is about to replace or delete what the client names.
#[test]
fn rekeys_that_collide_with_what_the_gateway_does_come_too_early() {
    let too_early = (NotifyType::TEMPORARY_FAILURE, vec![]);
    let busy: [(Busy, bool); 4] = [
        (|it, spi_r| it.gateway.rekey_child(it.now, spi_r), false),
        (|it, spi_r| it.gateway.rekey_ike(it.now, spi_r), true),
        (|it, spi_r| it.gateway.delete_child(it.now, spi_r), true),
        (|it, spi_r| it.gateway.delete_ike_sa(it.now, spi_r), true),
    ];
    for (start_of_it, refused) in busy {
        let (mut table, spi_r, spi_in, mut mouth) = start();
        assert!(start_of_it(&mut table, spi_r));
        let answer = mouth.ask(&mut table, &rekey(&spi_in, &[]));
        let expected = refused.then(|| too_early.clone());
        assert_eq!(answer, Vec::from_iter(expected));
    }
}

#[test]
fn group_of_the_policy_is_asked_for() {
    let (modp, ecp) = (KeyExchangeMethod::MODP_2048, KeyExchangeMethod::ECP_256);
    let wants = |group: KeyExchangeMethod| {
        let data = group.0.to_be_bytes().to_vec();
        vec![(NotifyType::INVALID_KE_PAYLOAD, data)]
    };
    let refused = || vec![(NotifyType::NO_PROPOSAL_CHOSEN, vec![])];
    // Policy, groups of an offer that comes without KE, answer.
    let cases = [
        (Pfs::Optional, vec![], vec![]),
        (Pfs::Optional, vec![modp, ecp], wants(modp)),
        (Pfs::Forbidden, vec![], vec![]),
        (Pfs::Forbidden, vec![modp], refused()),
        (Pfs::Required(vec![ecp, modp]), vec![modp], wants(modp)),
        (Pfs::Required(vec![ecp, modp]), vec![modp, ecp], wants(ecp)),
        (Pfs::Required(vec![ecp]), vec![modp], refused()),
        (Pfs::Required(vec![ecp]), vec![], refused()),
        (Pfs::Only(ecp), vec![modp], wants(ecp)),
        (Pfs::Only(ecp), vec![], wants(ecp)),
    ];
    for (pfs, groups, answer) in cases {
        let (mut table, _, spi_in, mut mouth) = start();
        table.gateway.policy().pfs = pfs.clone();
        let said = mouth.ask(&mut table, &rekey(&spi_in, &groups));
        assert_eq!(said, answer, "{pfs:?} {groups:?}");
    }
}
