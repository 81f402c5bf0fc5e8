//! Reads each protected message with the keys of its IKE SA, and remembers what was asked, what was
//! made, and who deleted what: from the wire, not from what the two ends say of themselves.

use azike_crypto::{IkeKeys, SkCipher};
use azike_wire::{
    Delete, EspSpi, ExchangeType, Header, Message, MessageId, MessageKind, Notify, NotifyType,
    Payload, Payloads, ProtocolId, Role, Spi,
};

/// One of the two ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Client,
    Gateway,
}

/// The two SPIs of an IKE SA.
pub(crate) type IkeSpis = (Spi, Spi);

/// What is replaced, or made besides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum What {
    /// The Child SA with this SPI of who asks.
    Child(EspSpi),
    /// This IKE SA.
    Ike(IkeSpis),
    /// Nothing is replaced: one more Child SA.
    New,
}

/// A `CREATE_CHILD_SA` exchange.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) ike: IkeSpis,
    pub(crate) id: MessageId,
    pub(crate) by: Side,
    pub(crate) what: What,
    pub(crate) nonce: Vec<u8>,
    /// The SPI of the new SA that who asks wants to receive with.
    pub(crate) spi: Vec<u8>,
    pub(crate) answer: Option<Answer>,
}

/// How it was answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With a new SA: the lowest of both nonces, and the SPI of who answered.
    Made { lowest: Vec<u8>, spi: Vec<u8> },
    /// With an error.
    Refused,
}

/// A request to delete something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deleted {
    /// The Child SA with this SPI of who asks.
    Child(EspSpi),
    /// This IKE SA.
    Ike(IkeSpis),
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Witness {
    keys: Vec<(IkeSpis, SkCipher, SkCipher)>,
    seen: Vec<Vec<u8>>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) deletes: Vec<(Side, Deleted)>,
    /// All datagrams of IKE, the repeated ones too.
    pub(crate) datagrams: usize,
    /// Messages whose keys are not known yet: who answered a rekey may use the new IKE SA before the
    /// answer has arrived.
    pub(crate) unreadable: Vec<(Side, Vec<u8>)>,
    /// One line for each different message.
    pub(crate) log: Vec<String>,
}

impl Witness {
    /// There is an IKE SA with these keys.
    pub(crate) fn learn(&mut self, spis: IkeSpis, keys: &IkeKeys) {
        let (initiator, responder) = keys.ciphers(Role::Initiator);
        self.keys.push((spis, initiator, responder));
        for (side, octets) in std::mem::take(&mut self.unreadable) {
            self.read(side, &octets);
        }
    }

    /// Forgets what was seen so far, but for the keys.
    pub(crate) fn start_over(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        *self = Self {
            keys,
            ..Self::default()
        };
    }

    /// Sees a message that `side` sends, without the Non-ESP Marker.
    pub(crate) fn see(&mut self, side: Side, octets: &[u8]) {
        self.datagrams += 1;
        if self.seen.iter().any(|seen| seen == octets) {
            return;
        }
        self.seen.push(octets.to_vec());
        self.read(side, octets);
    }

    fn read(&mut self, side: Side, octets: &[u8]) {
        let message = Message::decode(octets).unwrap();
        let header = message.header();
        if !matches!(
            header.exchange,
            ExchangeType::CREATE_CHILD_SA | ExchangeType::INFORMATIONAL
        ) {
            return;
        }
        match self.open(&message) {
            Some((first, plaintext)) => {
                let payloads: Result<Vec<_>, _> = Payloads::new(first, &plaintext).collect();
                self.note(side, &header, &payloads.unwrap());
            }
            None => self.unreadable.push((side, octets.to_vec())),
        }
    }

    fn open(&self, message: &Message<'_>) -> Option<(azike_wire::PayloadType, Vec<u8>)> {
        let header = message.header();
        let spis = (header.spi_i, header.spi_r?);
        let mut keys = self.keys.iter();
        let (_, initiator, responder) = keys.find(|(known, ..)| *known == spis)?;
        let cipher = match header.sender {
            Role::Initiator => initiator,
            Role::Responder => responder,
        };
        message.payloads().flatten().find_map(|payload| {
            if let Payload::Encrypted(encrypted) = payload {
                let plaintext = cipher.open(encrypted.aad, encrypted.body)?;
                Some((encrypted.first, plaintext))
            } else {
                None
            }
        })
    }

    fn note(&mut self, side: Side, header: &Header, payloads: &[Payload<'_>]) {
        let spis = (header.spi_i, header.spi_r.unwrap());
        let words: Vec<_> = payloads.iter().map(word).collect();
        self.log.push(format!(
            "{side:?} {:.4} {} {:?} {} {}",
            header.spi_i,
            header.exchange,
            header.kind,
            header.message_id.0,
            words.join(" ")
        ));
        let request = header.kind == MessageKind::Request;
        match (header.exchange == ExchangeType::CREATE_CHILD_SA, request) {
            (true, true) => self.asked(side, (spis, header.message_id), payloads),
            (true, false) => self.answered(side, (spis, header.message_id), payloads),
            (false, true) => {
                for delete in payloads.iter().filter_map(delete) {
                    if delete.protocol == ProtocolId::IKE {
                        self.deletes.push((side, Deleted::Ike(spis)));
                    }
                    let children = delete.esp_spis().map(Deleted::Child);
                    self.deletes.extend(children.map(|child| (side, child)));
                }
            }
            (false, false) => {}
        }
    }

    fn asked(&mut self, by: Side, (ike, id): (IkeSpis, MessageId), payloads: &[Payload<'_>]) {
        let (protocol, spi) = proposal(payloads).unwrap();
        let mut notifies = payloads.iter().filter_map(notify);
        let rekey = notifies.find(|notify| notify.kind == NotifyType::REKEY_SA);
        let old = rekey.and_then(|notify| EspSpi::from_octets(notify.spi));
        let what = match old {
            _ if protocol == ProtocolId::IKE => What::Ike(ike),
            Some(old) => What::Child(old),
            None => What::New,
        };
        self.exchanges.push(Exchange {
            ike,
            id,
            by,
            what,
            nonce: nonce(payloads).unwrap(),
            spi,
            answer: None,
        });
    }

    fn answered(&mut self, side: Side, (ike, id): (IkeSpis, MessageId), payloads: &[Payload<'_>]) {
        let mut exchanges = self.exchanges.iter_mut();
        let asked = exchanges.find(|it| it.by != side && it.ike == ike && it.id == id);
        let asked = asked.expect("an answer to a question");
        let mut notifies = payloads.iter().filter_map(notify);
        asked.answer = Some(if notifies.any(|notify| notify.kind.is_error()) {
            Answer::Refused
        } else {
            Answer::Made {
                lowest: nonce(payloads).unwrap().min(asked.nonce.clone()),
                spi: proposal(payloads).unwrap().1,
            }
        });
    }
}

fn notify<'a>(payload: &'a Payload<'a>) -> Option<&'a Notify<'a>> {
    if let Payload::Notify(notify) = payload {
        Some(notify)
    } else {
        None
    }
}

fn delete<'a>(payload: &'a Payload<'a>) -> Option<&'a Delete<'a>> {
    if let Payload::Delete(delete) = payload {
        Some(delete)
    } else {
        None
    }
}

fn nonce(payloads: &[Payload<'_>]) -> Option<Vec<u8>> {
    payloads.iter().find_map(|payload| {
        if let Payload::Nonce(nonce) = payload {
            Some(nonce.octets().to_vec())
        } else {
            None
        }
    })
}

/// What the first proposal is for, and its SPI.
fn proposal(payloads: &[Payload<'_>]) -> Option<(ProtocolId, Vec<u8>)> {
    payloads.iter().find_map(|payload| {
        if let Payload::SecurityAssociation(sa) = payload {
            let first = sa.proposals.first()?;
            Some((first.protocol, first.spi.clone()))
        } else {
            None
        }
    })
}

fn word(payload: &Payload<'_>) -> String {
    if let Some(notify) = notify(payload) {
        return format!("N({})", notify.kind);
    }
    match delete(payload).map(|delete| delete.esp_spis().next()) {
        Some(Some(spi)) => format!("D({spi})"),
        Some(None) => "D(IKE)".to_owned(),
        None => payload.kind().to_string(),
    }
}
