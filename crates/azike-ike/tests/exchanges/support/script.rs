//! A gateway that says what the test tells it to: it has the keys, and no will of its own.
//!
//! The gateway of the table leads the login; then the test takes its place.

use azike_crypto::SkCipher;
use azike_ike::{Transmit, Transport, Verdict};
use azike_testkit::SeededRandom;
use azike_wire::{
    Chain, ExchangeType, Header, Message, MessageId, MessageKind, Notify, NotifyType, Payload,
    Payloads, Role, Spi, protected_prefix,
};

use super::Table;

/// The keys of an IKE SA, in the hands of the test.
pub(crate) struct Script {
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
        let (outbound, inbound) = keys.ciphers(Role::Responder);
        Self {
            spis: (spi_i, spi_r),
            outbound,
            inbound,
            random: SeededRandom::new(77),
            next_id: 0,
        }
    }

    /// Opens a message of the client. It is not in fragments.
    pub(crate) fn open(&self, transmit: &Transmit) -> Said {
        let octets = match transmit.transport {
            Transport::Udp500 => &transmit.octets[..],
            Transport::Udp4500 => &transmit.octets[4..],
        };
        let message = Message::decode(octets).unwrap();
        let Some(Ok(Payload::Encrypted(sk))) = message.payloads().next() else {
            panic!("no SK payload: {message:?}");
        };
        let plaintext = self.inbound.open(sk.aad, sk.body).unwrap();
        let payloads = Payloads::new(sk.first, &plaintext).map(Result::unwrap);
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
            header: message.header(),
            words,
            notifies,
        }
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
            sender: Role::Responder,
            kind: MessageKind::Response,
            ..request.header
        };
        let octets = self.seal(&header, notifies);
        table.give_octets(&octets, Transport::Udp4500)
    }

    /// The next request of the gateway, with these notifies.
    pub(crate) fn request(&mut self, notifies: &[(NotifyType, &[u8])]) -> Vec<u8> {
        let (spi_i, spi_r) = self.spis;
        let header = Header {
            spi_i,
            spi_r: Some(spi_r),
            exchange: ExchangeType::INFORMATIONAL,
            sender: Role::Responder,
            kind: MessageKind::Request,
            message_id: MessageId(self.next_id),
        };
        self.next_id += 1;
        self.seal(&header, notifies)
    }

    /// Sends it, and opens the client's answer.
    pub(crate) fn ask(&mut self, table: &mut Table, notifies: &[(NotifyType, &[u8])]) -> Said {
        let octets = self.request(notifies);
        let verdict = table.give_octets(&octets, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Accepted);
        self.next(table)
    }

    fn seal(&mut self, header: &Header, notifies: &[(NotifyType, &[u8])]) -> Vec<u8> {
        let mut chain = Chain::new();
        for (kind, data) in notifies {
            chain.push(&Payload::Notify(Notify::new(*kind, data)));
        }
        let (first, plaintext) = chain.finish();
        let body = self.outbound.body_length(plaintext.len());
        let prefix = protected_prefix(header, first, body);
        self.outbound.seal(&mut self.random, prefix, &plaintext)
    }
}
