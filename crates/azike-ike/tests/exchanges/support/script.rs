//! A gateway that says what the test tells it to: it has the keys, and no will of its own.
//!
//! The gateway of the table leads the login; then the test takes its place.

use azike_crypto::{IkeKeys, KeyExchange, SkCipher};
use azike_ike::{Transmit, Transport, Verdict};
use azike_testkit::SeededRandom;
use azike_wire::{
    Chain, Delete, EncryptionId, ExchangeType, Header, KeyExchangeMethod, Message, MessageId,
    MessageKind, Nonce, Notify, NotifyType, Payload, PayloadType, Payloads, PrfId, Proposal,
    ProtocolId, Role, SecurityAssociation, Spi, Transform, TransformType, protected_prefix,
};

use super::Table;

/// The keys of an IKE SA, in the hands of the test.
pub(crate) struct Script {
    /// Whether the gateway is the original initiator.
    role: Role,
    spis: (Spi, Spi),
    outbound: SkCipher,
    inbound: SkCipher,
    random: SeededRandom,
    next_id: u32,
}

/// What the client sent, opened.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) header: Header,
    /// The payloads, as words.
    pub(crate) words: String,
    /// The notifies among them.
    pub(crate) notifies: Vec<(NotifyType, Vec<u8>)>,
}

impl Said {
    /// The data of the notify of this type.
    pub(crate) fn notify(&self, kind: NotifyType) -> Option<&[u8]> {
        let mut notifies = self.notifies.iter();
        let found = notifies.find(|(other, _)| *other == kind);
        found.map(|(_, data)| &data[..])
    }
}

impl Script {
    /// Takes the keys of this IKE SA from the gateway.
    pub(crate) fn new(table: &Table, spi_r: Spi) -> Self {
        let (spi_i, keys) = table.gateway.ike_keys(spi_r).unwrap();
        Self::with_keys(Role::Responder, (spi_i, spi_r), keys)
    }

    fn with_keys(role: Role, spis: (Spi, Spi), keys: &IkeKeys) -> Self {
        let (outbound, inbound) = keys.ciphers(role);
        Self {
            role,
            spis,
            outbound,
            inbound,
            random: SeededRandom::new(77),
            next_id: 0,
        }
    }

    /// Opens a message of the client. It is not in fragments.
    pub(crate) fn open(&self, transmit: &Transmit) -> Said {
        let (header, (first, plaintext)) = self.plaintext(transmit);
        let payloads = Payloads::new(first, &plaintext).map(Result::unwrap);
        let mut notifies = Vec::new();
        let words = payloads.map(|payload| {
            if let Payload::Notify(notify) = &payload {
                notifies.push((notify.kind, notify.data.to_vec()));
                format!("N({})", notify.kind)
            } else {
                payload.kind().to_string()
            }
        });
        let words = words.collect::<Vec<_>>().join(" ");
        Said {
            header,
            words,
            notifies,
        }
    }

    /// The header, and what the SK payload holds.
    fn plaintext(&self, transmit: &Transmit) -> (Header, (PayloadType, Vec<u8>)) {
        let octets = match transmit.transport {
            Transport::Udp500 => &transmit.octets[..],
            Transport::Udp4500 => &transmit.octets[4..],
        };
        let message = Message::decode(octets).unwrap();
        let Some(Ok(Payload::Encrypted(sk))) = message.payloads().next() else {
            panic!("no SK payload: {message:?}");
        };
        let plaintext = self.inbound.open(sk.aad, sk.body).unwrap();
        (message.header(), (sk.first, plaintext))
    }

    /// Opens the oldest message of the client, and takes it off the wire.
    pub(crate) fn next(&self, table: &mut Table) -> Said {
        let transmit = table.to_gateway.pop_front().unwrap();
        self.open(&transmit)
    }

    /// Answers a request of the client with these notifies.
    pub(crate) fn answer(
        &mut self,
        table: &mut Table,
        request: &Said,
        notifies: &[(NotifyType, &[u8])],
    ) -> Verdict {
        let header = Header {
            sender: self.role,
            kind: MessageKind::Response,
            ..request.header
        };
        let octets = self.seal(&header, said(notifies));
        table.give_octets(&octets, Transport::Udp4500)
    }

    /// The next request of the gateway, with these notifies.
    pub(crate) fn request(&mut self, notifies: &[(NotifyType, &[u8])]) -> Vec<u8> {
        self.request_of(ExchangeType::INFORMATIONAL, said(notifies))
    }

    fn request_of(&mut self, exchange: ExchangeType, chain: Chain) -> Vec<u8> {
        let (spi_i, spi_r) = self.spis;
        let header = Header {
            spi_i,
            spi_r: Some(spi_r),
            exchange,
            sender: self.role,
            kind: MessageKind::Request,
            message_id: MessageId(self.next_id),
        };
        self.next_id += 1;
        self.seal(&header, chain)
    }

    /// Sends it, and opens the client's answer.
    pub(crate) fn ask(&mut self, table: &mut Table, notifies: &[(NotifyType, &[u8])]) -> Said {
        let octets = self.request(notifies);
        let verdict = table.give_octets(&octets, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Accepted);
        self.next(table)
    }

    /// The same in a `CREATE_CHILD_SA` request.
    pub(crate) fn ask_to_create(
        &mut self,
        table: &mut Table,
        notifies: &[(NotifyType, &[u8])],
    ) -> Said {
        let octets = self.request_of(ExchangeType::CREATE_CHILD_SA, said(notifies));
        let verdict = table.give_octets(&octets, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Accepted);
        self.next(table)
    }

    /// Deletes Child SAs, and opens the client's answer.
    pub(crate) fn ask_to_delete(&mut self, table: &mut Table, spis: &[u8]) -> Said {
        let mut chain = Chain::new();
        chain.push(&Payload::Delete(Delete::esp(spis)));
        let octets = self.request_of(ExchangeType::INFORMATIONAL, chain);
        let verdict = table.give_octets(&octets, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Accepted);
        self.next(table)
    }

    /// The gateway makes a new IKE SA of group 14 in place of this one, and the client agrees.
    pub(crate) fn rekey_ike(&mut self, table: &mut Table) -> Self {
        let group = KeyExchangeMethod::MODP_2048;
        let ours = KeyExchange::generate(group, &mut self.random).unwrap();
        let (spi_i, nonce_i) = (Spi::new(0x7777).unwrap(), [7; 32]);
        let mut chain = Chain::new();
        chain.push(&Payload::SecurityAssociation(suite(spi_i)));
        chain.push(&Payload::Nonce(Nonce::new(&nonce_i).unwrap()));
        chain.push(&Payload::KeyExchange(azike_wire::KeyExchange {
            method: group,
            data: ours.public(),
        }));
        let request = self.request_of(ExchangeType::CREATE_CHILD_SA, chain);
        let verdict = table.give_octets(&request, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Accepted);
        let answer = table.to_gateway.pop_front().unwrap();
        let (first, plaintext) = self.plaintext(&answer).1;
        let (mut spi_r, mut nonce_r, mut theirs) = (None, Vec::new(), Vec::new());
        for payload in Payloads::new(first, &plaintext).map(Result::unwrap) {
            if let Payload::SecurityAssociation(sa) = &payload {
                spi_r = Spi::from_octets(&sa.proposals[0].spi);
            } else if let Payload::Nonce(nonce) = &payload {
                nonce_r = nonce.octets().to_vec();
            } else if let Payload::KeyExchange(ke) = &payload {
                theirs = ke.data.to_vec();
            }
        }
        let spi_r = spi_r.unwrap();
        let g_ir = ours.agree(&theirs).unwrap();
        let (_, old) = table.gateway.ike_keys(self.spis.1).unwrap();
        let (algorithms, sk_d) = (old.algorithms(), &old.sk_d);
        let prf = algorithms.prf();
        let keys = IkeKeys::rekey(
            algorithms, prf, sk_d, &nonce_i, &nonce_r, &g_ir, spi_i, spi_r,
        );
        Self::with_keys(Role::Initiator, (spi_i, spi_r), &keys)
    }

    fn seal(&mut self, header: &Header, chain: Chain) -> Vec<u8> {
        let (first, plaintext) = chain.finish();
        let body = self.outbound.body_length(plaintext.len());
        let prefix = protected_prefix(header, first, body);
        self.outbound.seal(&mut self.random, prefix, &plaintext)
    }
}

fn said(notifies: &[(NotifyType, &[u8])]) -> Chain {
    let mut chain = Chain::new();
    for (kind, data) in notifies {
        chain.push(&Payload::Notify(Notify::new(*kind, data)));
    }
    chain
}

/// What Azure's gateways use: AES-256-GCM, SHA-384, group 14.
fn suite(spi: Spi) -> SecurityAssociation {
    let transform = |kind, id, key_length| Transform {
        kind,
        id,
        key_length,
        unknown_attribute: false,
    };
    let cipher = EncryptionId::ENCR_AES_GCM_16.0;
    SecurityAssociation {
        proposals: vec![Proposal {
            number: 1,
            protocol: ProtocolId::IKE,
            spi: spi.octets().to_vec(),
            transforms: vec![
                transform(TransformType::ENCR, cipher, Some(256)),
                transform(TransformType::PRF, PrfId::PRF_HMAC_SHA2_384.0, None),
                transform(TransformType::KE, KeyExchangeMethod::MODP_2048.0, None),
            ],
        }],
    }
}
