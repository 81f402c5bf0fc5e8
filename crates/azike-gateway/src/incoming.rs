//! The payloads of a client's message, sorted; the last of a kind counts.

use azike_wire::{
    Authentication, Certificate, Configuration, Delete, EapPacket, Identification, KeyExchange,
    KeyExchangeMethod, Malformed, Nonce, Notify, NotifyType, Payload, Payloads,
    SecurityAssociation, SignatureHash, TrafficSelectors,
};

/// What a client sent. Says nothing about who it is.
#[derive(Debug, Default)]
pub(crate) struct Incoming<'a> {
    pub(crate) sa: Option<SecurityAssociation>,
    pub(crate) key_exchange: Option<KeyExchange<'a>>,
    pub(crate) nonce: Option<Nonce<'a>>,
    pub(crate) id_i: Option<Identification<'a>>,
    pub(crate) certificates: Vec<Certificate<'a>>,
    pub(crate) authentication: Option<Authentication<'a>>,
    pub(crate) eap: Option<EapPacket<'a>>,
    pub(crate) configuration: Option<Configuration<'a>>,
    pub(crate) ts_i: Option<TrafficSelectors>,
    pub(crate) ts_r: Option<TrafficSelectors>,
    pub(crate) notifies: Vec<Notify<'a>>,
    pub(crate) deletes: Vec<Delete<'a>>,
}

impl<'a> Incoming<'a> {
    /// Sorts the payloads.
    pub(crate) fn collect(payloads: Payloads<'a>) -> Result<Self, Malformed> {
        let mut incoming = Self::default();
        for payload in payloads {
            match payload? {
                Payload::SecurityAssociation(sa) => incoming.sa = Some(sa),
                Payload::KeyExchange(ke) => incoming.key_exchange = Some(ke),
                Payload::Nonce(nonce) => incoming.nonce = Some(nonce),
                Payload::IdI(id) => incoming.id_i = Some(id),
                Payload::Certificate(certificate) => incoming.certificates.push(certificate),
                Payload::Authentication(auth) => incoming.authentication = Some(auth),
                Payload::Eap(packet) => incoming.eap = Some(packet),
                Payload::Configuration(cp) => incoming.configuration = Some(cp),
                Payload::TsI(ts) => incoming.ts_i = Some(ts),
                Payload::TsR(ts) => incoming.ts_r = Some(ts),
                Payload::Notify(notify) => incoming.notifies.push(notify),
                Payload::Delete(delete) => incoming.deletes.push(delete),
                Payload::IdR(_)
                | Payload::CertificateRequest(_)
                | Payload::VendorId(_)
                | Payload::Encrypted(_)
                | Payload::EncryptedFragment(_)
                | Payload::Unknown { .. } => {}
            }
        }
        Ok(incoming)
    }

    /// The first notify of this type.
    pub(crate) fn notify(&self, kind: NotifyType) -> Option<&Notify<'a>> {
        self.notifies.iter().find(|notify| notify.kind == kind)
    }

    /// The group that `INVALID_KE_PAYLOAD` asks for (RFC 7296, section 3.10.1).
    pub(crate) fn wanted_group(&self) -> Option<KeyExchangeMethod> {
        let notify = self.notify(NotifyType::INVALID_KE_PAYLOAD)?;
        let octets = <[u8; 2]>::try_from(notify.data).ok()?;
        Some(KeyExchangeMethod(u16::from_be_bytes(octets)))
    }

    /// The hashes that the client announces (RFC 7427, section 4).
    pub(crate) fn hashes(&self) -> Vec<SignatureHash> {
        let notify = self.notify(NotifyType::SIGNATURE_HASH_ALGORITHMS);
        let octets = notify.map_or(&[][..], |notify| notify.data);
        let (pairs, _) = octets.as_chunks();
        let numbers = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
        numbers.map(SignatureHash).collect()
    }
}
