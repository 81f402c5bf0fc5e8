//! EAP-TLS from the server's side (RFC 3748; RFC 5216; RFC 9190).
//!
//! ```text
//!  <--  EAP-Request/Identity          (if the policy has it)
//!  EAP-Response/Identity  -->
//!  <--  EAP-Request/EAP-TLS (start)
//!  ClientHello  -->
//!  <--  TLS, in fragments …           --> TLS, in fragments …
//!  <--  EAP-Success
//! ```

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use azike_crypto::Secret;
use azike_wire::{EapCode, EapPacket, EapType};
use rustls::server::ServerConnection;
use rustls::time_provider::TimeProvider;
use rustls::{ProtocolVersion, ServerConfig};
use rustls_pki_types::{PrivateKeyDer, UnixTime};

use crate::client_trust::ClientTrust;
use crate::config::{ConfigError, Identity};
use crate::policy::{EapPolicy, TlsVersion};

/// Flags of an EAP-TLS packet: length included, more fragments, start.
const LENGTH: u8 = 0x80;
const MORE: u8 = 0x40;
const START: u8 = 0x20;

/// A conversation with one client.
#[derive(Debug)]
pub(crate) struct EapTls {
    tls: ServerConnection,
    policy: EapPolicy,
    identifier: u8,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    sent: usize,
    committed: bool,
    failed: bool,
}

/// What goes to the client, and whether that is the end.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The next request.
    Request(Vec<u8>),
    /// EAP-Success, and the key that both now have.
    Success(Vec<u8>, Secret),
    /// EAP-Failure, or a last request with a TLS alert before it.
    Failure(Vec<u8>),
}

/// The settings of TLS at a time of day.
pub(crate) fn settings(
    identity: &Identity,
    trust: &ClientTrust,
    policy: EapPolicy,
    now: UnixTime,
) -> Result<Arc<ServerConfig>, ConfigError> {
    let version = match policy.version {
        TlsVersion::V12 => &rustls::version::TLS12,
        TlsVersion::V13 => &rustls::version::TLS13,
    };
    let key = PrivateKeyDer::Pkcs8(identity.pkcs8.clone().into());
    let builder =
        ServerConfig::builder_with_details(Arc::clone(&trust.provider), Arc::new(Fixed(now)));
    let mut settings = builder
        .with_protocol_versions(&[version])
        .map_err(ConfigError::Tls)?
        .with_client_cert_verifier(Arc::clone(&trust.verifier))
        .with_single_cert(identity.certificates.clone(), key)
        .map_err(ConfigError::Tls)?;
    // Tickets are of no use: there is no second connection.
    settings.send_tls13_tickets = 0;
    Ok(Arc::new(settings))
}

impl EapTls {
    /// Begins; the first request comes with it.
    pub(crate) fn start(settings: Arc<ServerConfig>, policy: EapPolicy) -> Option<(Self, Vec<u8>)> {
        let mut eap = Self {
            tls: ServerConnection::new(settings).ok()?,
            policy,
            identifier: 0,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            sent: 0,
            committed: false,
            failed: false,
        };
        let first = if policy.identity_round {
            eap.request(EapType::IDENTITY, &[])
        } else {
            eap.request(EapType::TLS, &[START])
        };
        Some((eap, first))
    }

    /// Takes a response.
    pub(crate) fn handle(&mut self, packet: EapPacket<'_>) -> Reply {
        let data = packet.data();
        match (packet.kind(), data.split_first()) {
            _ if packet.code() != EapCode::RESPONSE || packet.identifier() != self.identifier => {
                self.fail()
            }
            (Some(EapType::IDENTITY), _) => Reply::Request(self.request(EapType::TLS, &[START])),
            (Some(EapType::TLS), Some((flags, data))) => self.handle_tls(*flags, data),
            _ => self.fail(),
        }
    }

    fn handle_tls(&mut self, flags: u8, data: &[u8]) -> Reply {
        if self.sent < self.outgoing.len() {
            return Reply::Request(self.fragment());
        }
        let skipped = if flags & LENGTH == 0 { 0 } else { 4 };
        let data = data.get(skipped..).unwrap_or_default();
        self.incoming.extend_from_slice(data);
        if flags & MORE != 0 {
            return Reply::Request(self.request(EapType::TLS, &[0]));
        }
        self.take();
        if !self.outgoing.is_empty() {
            return Reply::Request(self.fragment());
        }
        match self.msk() {
            Some(msk) => Reply::Success(self.end(EapCode::SUCCESS), msk),
            None => self.fail(),
        }
    }

    /// Gives a whole message to TLS, and takes what TLS wants to send.
    fn take(&mut self) {
        let message = std::mem::take(&mut self.incoming);
        let mut rest = message.as_slice();
        while !rest.is_empty() && !self.failed {
            let read = self.tls.read_tls(&mut rest);
            self.failed |= !read.is_ok_and(|octets| octets > 0);
            self.failed |= self.tls.process_new_packets().is_err();
        }
        // The client has nothing to say inside TLS.
        self.failed |= self.tls.reader().read(&mut [0]).is_ok_and(|read| read > 0);
        let v13 = self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if v13 && !self.tls.is_handshaking() && !self.failed && !self.committed {
            // RFC 9190, section 2.5: the octet 00 says that the server will not continue.
            self.committed = self.tls.writer().write_all(&[0]).is_ok();
        }
        (self.outgoing, self.sent) = (Vec::new(), 0);
        while self.tls.wants_write() {
            let written = self.tls.write_tls(&mut self.outgoing);
            if written.is_err() {
                break;
            }
        }
    }

    /// The key, once the handshake is complete (RFC 5216, section 2.3; RFC 9190, section 2.3).
    fn msk(&self) -> Option<Secret> {
        if self.tls.is_handshaking() || self.failed {
            return None;
        }
        let (label, context): (&[u8], Option<&[u8]>) = match self.policy.version {
            TlsVersion::V12 => (b"client EAP encryption", None),
            TlsVersion::V13 => (b"EXPORTER_EAP_TLS_Key_Material", Some(&[EapType::TLS.0])),
        };
        let keys = self.tls.export_keying_material([0; 128], label, context);
        let msk = keys.ok()?;
        Some(Secret::new(msk.get(..64)?.into()))
    }

    fn fragment(&mut self) -> Vec<u8> {
        let end = self.outgoing.len().min(self.sent + self.policy.fragment);
        let piece = self.outgoing.get(self.sent..end).unwrap_or_default();
        let more = if end < self.outgoing.len() { MORE } else { 0 };
        let total = u32::try_from(self.outgoing.len()).unwrap_or_default();
        let data = if self.sent == 0 && more != 0 {
            [&[LENGTH | more][..], &total.to_be_bytes(), piece].concat()
        } else {
            [&[more][..], piece].concat()
        };
        self.sent = end;
        self.request(EapType::TLS, &data)
    }

    fn request(&mut self, kind: EapType, data: &[u8]) -> Vec<u8> {
        self.identifier = self.identifier.wrapping_add(1);
        let length = u16::try_from(data.len() + 5).unwrap_or(u16::MAX);
        let [high, low] = length.to_be_bytes();
        let head = [EapCode::REQUEST.0, self.identifier, high, low, kind.0];
        [&head[..], data].concat()
    }

    fn fail(&mut self) -> Reply {
        self.failed = true;
        Reply::Failure(self.end(EapCode::FAILURE))
    }

    fn end(&self, code: EapCode) -> Vec<u8> {
        vec![code.0, self.identifier, 0, 4]
    }
}

/// The time of day at which the conversation began.
#[derive(Debug)]
struct Fixed(UnixTime);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}
