//! The payloads of one message, each as often as it may stand.

use azike_wire::{
    Authentication, Certificate, CertificateRequest, Configuration, Delete, EapPacket, Encrypted,
    EncryptedFragment, Identification, KeyExchange, Nonce, Notify, NotifyType, Payload,
    PayloadType, Payloads, SecurityAssociation, TrafficSelectors,
};

use crate::reason::DropReason;

/// More CERT payloads than any honest chain has.
const MAX_CERTIFICATES: usize = 10;
/// More notifies than any honest message has that we read. The rest is not looked at.
const MAX_NOTIFIES: usize = 32;
/// More deletes than any honest message has.
const MAX_DELETES: usize = 8;

/// The payloads of a message, sorted. Says nothing about who sent them.
#[derive(Debug, Default)]
pub(crate) struct PayloadSet<'a> {
    pub(crate) sa: Option<SecurityAssociation>,
    pub(crate) key_exchange: Option<KeyExchange<'a>>,
    pub(crate) nonce: Option<Nonce<'a>>,
    pub(crate) id_r: Option<Identification<'a>>,
    pub(crate) certificates: Vec<Certificate<'a>>,
    pub(crate) certificate_requests: Vec<CertificateRequest<'a>>,
    pub(crate) authentication: Option<Authentication<'a>>,
    pub(crate) eap: Option<EapPacket<'a>>,
    pub(crate) configuration: Option<Configuration<'a>>,
    pub(crate) ts_i: Option<TrafficSelectors>,
    pub(crate) ts_r: Option<TrafficSelectors>,
    pub(crate) notifies: Vec<Notify<'a>>,
    pub(crate) deletes: Vec<Delete<'a>>,
    pub(crate) protected: Option<Protected<'a>>,
}

/// The payload that ends the outer chain of a protected message.
#[derive(Clone, Debug)]
pub(crate) enum Protected<'a> {
    Whole(Encrypted<'a>),
    Fragment(EncryptedFragment<'a>),
}

impl<'a> PayloadSet<'a> {
    /// Sorts the payloads.
    pub(crate) fn collect(payloads: Payloads<'a>) -> Result<Self, DropReason> {
        let mut set = Self::default();
        for payload in payloads {
            set.insert(payload?)?;
        }
        Ok(set)
    }

    fn insert(&mut self, payload: Payload<'a>) -> Result<(), DropReason> {
        match payload {
            Payload::SecurityAssociation(sa) => once(&mut self.sa, sa, PayloadType::SA),
            Payload::KeyExchange(ke) => once(&mut self.key_exchange, ke, PayloadType::KE),
            Payload::Nonce(nonce) => once(&mut self.nonce, nonce, PayloadType::NONCE),
            Payload::IdR(id) => once(&mut self.id_r, id, PayloadType::ID_R),
            // Only the initiator of the exchange sends IDi, and that is us.
            Payload::IdI(_) => Err(DropReason::NotExpected),
            Payload::Certificate(cert) => push(&mut self.certificates, cert, MAX_CERTIFICATES),
            Payload::CertificateRequest(request) => {
                push(&mut self.certificate_requests, request, MAX_CERTIFICATES)
            }
            Payload::Authentication(auth) => {
                once(&mut self.authentication, auth, PayloadType::AUTH)
            }
            Payload::Eap(eap) => once(&mut self.eap, eap, PayloadType::EAP),
            Payload::Configuration(cp) => once(&mut self.configuration, cp, PayloadType::CP),
            Payload::TsI(ts) => once(&mut self.ts_i, ts, PayloadType::TS_I),
            Payload::TsR(ts) => once(&mut self.ts_r, ts, PayloadType::TS_R),
            Payload::Notify(notify) => {
                // A gateway may have any number of addresses (RFC 4555, section 3.4). We do not care.
                let address = matches!(
                    notify.kind,
                    NotifyType::ADDITIONAL_IP4_ADDRESS | NotifyType::ADDITIONAL_IP6_ADDRESS
                );
                if !address && self.notifies.len() < MAX_NOTIFIES {
                    self.notifies.push(notify);
                }
                Ok(())
            }
            Payload::Delete(delete) => push(&mut self.deletes, delete, MAX_DELETES),
            Payload::Encrypted(encrypted) => {
                let protected = Protected::Whole(encrypted);
                once(&mut self.protected, protected, PayloadType::SK)
            }
            Payload::EncryptedFragment(fragment) => {
                let protected = Protected::Fragment(fragment);
                once(&mut self.protected, protected, PayloadType::SKF)
            }
            //= https://www.rfc-editor.org/rfc/rfc7296#section-2.5
            //# If the critical flag is set and the payload type is unrecognized, the
            //# message MUST be rejected
            Payload::Unknown {
                kind,
                critical: true,
                ..
            } => Err(DropReason::Critical(kind)),
            Payload::VendorId(_) | Payload::Unknown { .. } => Ok(()),
        }
    }

    /// The encrypted payload of an outer chain that has nothing beside it.
    ///
    /// Payloads in the clear before it would be read by nobody, or by the wrong one
    /// (CVE-2026-12413).
    pub(crate) fn protected(self) -> Result<Protected<'a>, DropReason> {
        let rest = Self {
            protected: None,
            ..self
        };
        let protected = self.protected.ok_or(DropReason::NotProtected)?;
        if rest.is_empty() {
            Ok(protected)
        } else {
            Err(DropReason::NotProtected)
        }
    }

    fn is_empty(&self) -> bool {
        self.sa.is_none()
            && self.key_exchange.is_none()
            && self.nonce.is_none()
            && self.id_r.is_none()
            && self.certificates.is_empty()
            && self.certificate_requests.is_empty()
            && self.authentication.is_none()
            && self.eap.is_none()
            && self.configuration.is_none()
            && self.ts_i.is_none()
            && self.ts_r.is_none()
            && self.notifies.is_empty()
            && self.deletes.is_empty()
    }

    /// The first notify of this type.
    pub(crate) fn notify(&self, kind: NotifyType) -> Option<&Notify<'a>> {
        self.notifies.iter().find(|notify| notify.kind == kind)
    }

    /// The first error notify, `MS_STATUS` only if nothing else says what happened.
    pub(crate) fn error(&self) -> Option<NotifyType> {
        let mut errors = self.notifies.iter().map(|notify| notify.kind);
        let error = errors.find(|kind| kind.is_error() && *kind != NotifyType::MS_STATUS);
        error.or_else(|| self.ms_status().map(|_| NotifyType::MS_STATUS))
    }

    /// The Windows error that a Windows gateway adds in private notify 12345.
    pub(crate) fn ms_status(&self) -> Option<u32> {
        let octets = self.notify(NotifyType::MS_STATUS)?.data;
        octets.try_into().ok().map(u32::from_be_bytes)
    }

    /// The payload, or the reason that it is missing.
    pub(crate) fn need<T>(payload: Option<T>, kind: PayloadType) -> Result<T, DropReason> {
        payload.ok_or(DropReason::Missing(kind))
    }
}

fn once<T>(place: &mut Option<T>, payload: T, kind: PayloadType) -> Result<(), DropReason> {
    match place.replace(payload) {
        None => Ok(()),
        Some(_) => Err(DropReason::Repeated(kind)),
    }
}

fn push<T>(list: &mut Vec<T>, payload: T, limit: usize) -> Result<(), DropReason> {
    if list.len() == limit {
        return Err(DropReason::Limit);
    }
    list.push(payload);
    Ok(())
}
