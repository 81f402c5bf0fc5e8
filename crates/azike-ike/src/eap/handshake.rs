//! The TLS handshake inside EAP, and the key that comes out of it.
//!
//! TLS 1.2 (RFC 5216, section 2.3): the handshake ends with the gateway's Finished.
//! TLS 1.3 (RFC 9190, sections 2.1.1 and 2.5): it ends with the gateway's octet 00 as application
//! data, by which the gateway says that it has accepted our certificate and will send no more.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use azike_crypto::Secret;
use rustls::client::Resumption;
use rustls::time_provider::TimeProvider;
use rustls::{AlertDescription, ClientConfig, ClientConnection, Error, PeerIncompatible};
use rustls::{ProtocolVersion, version};
use rustls_pki_types::UnixTime;
use zeroize::Zeroizing;

use super::client_certificate::{ClientCertificate, SIGNING_FAILED};
use super::config::EapTlsConfig;
use super::failure::{EapFailure, FragmentFault, Refusal};
use super::fragment::{ACKNOWLEDGEMENT, Fragment, Incoming, Outgoing};
use super::gateway_certificate::GatewayCertificate;
use crate::trust::{VerifiedGateway, printable};

/// Octets of the MSK; as many of the EMSK follow, which nobody needs here.
const MSK: usize = 64;

/// A handshake that runs.
#[derive(Debug)]
pub(super) struct Handshake {
    tls: ClientConnection,
    time: Arc<Time>,
    gateway: Arc<GatewayCertificate>,
    own: Arc<ClientCertificate>,
    incoming: Incoming,
    outgoing: Outgoing,
    /// The gateway's octet 00 has arrived.
    committed: bool,
    /// TLS has failed, and may have an alert to send.
    failed: bool,
}

/// What a handshake leaves behind.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) msk: Secret,
    pub(super) gateway: VerifiedGateway,
}

impl Handshake {
    /// Takes the data of the first EAP-TLS request. Gives the data of our response as well: the
    /// first flight of TLS.
    pub(super) fn start(
        config: &EapTlsConfig,
        now: UnixTime,
        data: &[u8],
    ) -> Result<(Self, Vec<u8>), EapFailure> {
        if !Fragment::decode(data)?.start {
            return Err(FragmentFault::NoStart.into());
        }
        let mut handshake = Self::new(config, now).map_err(|error| fault(&error))?;
        handshake.collect();
        let hello = handshake.outgoing.next();
        Ok((handshake, hello))
    }

    fn new(config: &EapTlsConfig, now: UnixTime) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let time = Arc::new(Time(AtomicU64::new(now.as_secs())));
        let clock: Arc<dyn TimeProvider> = Arc::<Time>::clone(&time);
        let algorithms = provider.signature_verification_algorithms;
        let trust = config.trust();
        let name = trust.server_name().ok_or(Error::UnsupportedNameType)?;
        let gateway = Arc::new(GatewayCertificate::new(trust, algorithms));
        let certificates = config.certificates().to_vec();
        let own = Arc::new(ClientCertificate::new(certificates, config.signer()));

        let builder = ClientConfig::builder_with_details(provider, clock)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .dangerous();
        let mut tls = builder
            .with_custom_certificate_verifier(Arc::<GatewayCertificate>::clone(&gateway))
            .with_client_cert_resolver(Arc::<ClientCertificate>::clone(&own));
        tls.resumption = Resumption::disabled();
        // The name would tell an eavesdropper nothing new, and EAP servers do not expect it.
        tls.enable_sni = false;
        Ok(Self {
            tls: ClientConnection::new(Arc::new(tls), name)?,
            time,
            gateway,
            own,
            incoming: Incoming::default(),
            outgoing: Outgoing::new(config.fragment_size()),
            committed: false,
            failed: false,
        })
    }

    /// Takes the data of an EAP-TLS request. Gives the data of our response.
    pub(super) fn handle(&mut self, now: UnixTime, data: &[u8]) -> Result<Vec<u8>, EapFailure> {
        self.time.0.store(now.as_secs(), Ordering::Relaxed);
        let fragment = Fragment::decode(data)?;
        if fragment.start {
            return Err(FragmentFault::SecondStart.into());
        }
        if self.outgoing.is_pending() {
            if !fragment.is_acknowledgement() {
                return Err(FragmentFault::NotAcknowledged.into());
            }
            return Ok(self.outgoing.next());
        }
        let Some(message) = self.incoming.add(fragment)? else {
            return Ok(ACKNOWLEDGEMENT.to_vec());
        };
        if message.is_empty() {
            return Err(FragmentFault::Empty.into());
        }
        let taken = self.take(&message);
        self.failed = taken.is_err();
        self.collect();
        taken.map(|()| self.outgoing.next())
    }

    /// The key and the gateway, if the handshake is complete and all of it was sent.
    pub(super) fn finish(&self) -> Result<Option<Finished>, EapFailure> {
        match self.tls.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) if !self.committed => Ok(None),
            Some(_) | None => self.finish_uncommitted(),
        }
    }

    /// The same, also if the gateway left out the octet 00 that ends TLS 1.3.
    ///
    /// RFC 9190, section 2.5 has the octet so that a Success, which nobody signs, cannot come before
    /// the gateway is content. Inside IKE the gateway's last AUTH payload, made with the MSK, says
    /// the same (RFC 7296, section 2.16). strongSwan 5.9.8, older than that RFC, has neither the octet
    /// nor its key derivation: docs/decisions/0007-eap-tls-1.3-commitment.md.
    pub(super) fn finish_uncommitted(&self) -> Result<Option<Finished>, EapFailure> {
        if self.tls.is_handshaking() || self.outgoing.is_pending() {
            return Ok(None);
        }
        let (label, context): (&[u8], Option<&[u8]>) = match self.tls.protocol_version() {
            // RFC 9190, section 2.3: the context is the type of the method.
            Some(ProtocolVersion::TLSv1_3) if self.committed => {
                (b"EXPORTER_EAP_TLS_Key_Material", Some(&[13]))
            }
            // RFC 5216, section 2.3. A context, even an empty one, would give another key. A gateway
            // older than RFC 9190 takes the same label for the exporter of TLS 1.3.
            Some(ProtocolVersion::TLSv1_2 | ProtocolVersion::TLSv1_3) => {
                (b"client EAP encryption", None)
            }
            Some(_) | None => return Ok(None),
        };
        let Some(Ok(gateway)) = self.gateway.verdict() else {
            return Ok(None);
        };
        let mut keys = Zeroizing::new([0; 2 * MSK]);
        let exported = self
            .tls
            .export_keying_material(&mut keys[..], label, context);
        exported.map_err(|error| fault(&error))?;
        let (msk, _emsk) = keys.split_at(MSK);
        Ok(Some(Finished {
            msk: Secret::new(Box::from(msk)),
            gateway: gateway.clone(),
        }))
    }

    /// After a failure of TLS: the data of a last response, with our alert in it if there is one.
    pub(super) fn farewell(&mut self) -> Option<Vec<u8>> {
        let data = self.failed.then(|| self.outgoing.next());
        data.filter(|_| !self.outgoing.is_pending())
    }

    /// Whether the gateway asked for our certificate, which was then sent.
    pub(super) fn was_asked_for_certificate(&self) -> bool {
        self.own.asked().is_some()
    }

    /// Gives a message to TLS, and looks at what it makes of it.
    fn take(&mut self, message: &[u8]) -> Result<(), EapFailure> {
        let was_complete = !self.tls.is_handshaking();
        let mut rest = message;
        while !rest.is_empty() {
            let read = self.tls.read_tls(&mut rest);
            if read.map_err(|_full| EapFailure::UnexpectedData)? == 0 {
                // TLS reads nothing after the gateway closed it.
                return Err(EapFailure::Closed);
            }
            let processed = self.tls.process_new_packets();
            let state = processed.map_err(|error| self.explain(&error))?;
            if state.plaintext_bytes_to_read() > 0 {
                self.take_plaintext(was_complete, state.plaintext_bytes_to_read())?;
            }
            if state.peer_has_closed() && !self.committed {
                return Err(EapFailure::Closed);
            }
        }
        match self.own.asked() {
            Some(asked) if !asked.usable => Err(EapFailure::NoSignatureInCommon),
            Some(_) | None => Ok(()),
        }
    }

    /// Application data: legal is one octet 00, once, in TLS 1.3, after our Finished was sent. One
    /// that comes earlier cannot mean that our certificate was accepted.
    fn take_plaintext(&mut self, after_finished: bool, length: usize) -> Result<(), EapFailure> {
        let mut octets = [0xff; 1];
        let read = self.tls.reader().read(&mut octets);
        let is_zero = read.is_ok_and(|read| read == 1) && octets == [0];
        if self.tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return Err(EapFailure::UnexpectedData);
        }
        if !is_zero || length != 1 || !after_finished || self.committed {
            return Err(EapFailure::NotCommitted);
        }
        self.committed = true;
        Ok(())
    }

    /// Takes what TLS wants to send: the next flight, or an alert.
    fn collect(&mut self) {
        let mut message = Vec::new();
        while self.tls.wants_write() {
            // Writing into memory cannot fail.
            if self.tls.write_tls(&mut message).is_err() {
                break;
            }
        }
        self.outgoing.set(message);
    }

    /// The reason behind an error of `rustls`.
    fn explain(&self, error: &Error) -> EapFailure {
        match (error, self.gateway.verdict()) {
            (Error::InvalidCertificate(_), Some(Err(reason))) => {
                EapFailure::GatewayNotTrusted(reason.clone())
            }
            (Error::AlertReceived(alert), _) => self.explain_alert(*alert),
            (other, _) => fault(other),
        }
    }

    /// The reason behind an alert of the gateway.
    fn explain_alert(&self, alert: AlertDescription) -> EapFailure {
        let number = u8::from(alert);
        match (self.own.asked(), Refusal::from_alert(number), number) {
            (Some(asked), Some(reason), _) => EapFailure::CertificateRefused {
                reason,
                accepted: asked.accepted.clone(),
            },
            // handshake_failure, insufficient_security
            (None, _, 40 | 71) => EapFailure::NoTlsInCommon,
            // protocol_version
            (_, _, 70) => EapFailure::OldTls,
            // close_notify as a fatal alert
            (_, _, 0) => EapFailure::Closed,
            (Some(_) | None, _, other) => EapFailure::Alert(other),
        }
    }
}

/// The reason behind an error that needs no knowledge of the handshake.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls may add errors; what has no name here is told in its words"
)]
fn fault(error: &Error) -> EapFailure {
    match error {
        Error::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13,
        ) => EapFailure::OldTls,
        Error::PeerIncompatible(_) => EapFailure::NoTlsInCommon,
        Error::General(text) if text == SIGNING_FAILED => EapFailure::Signing,
        other => EapFailure::Tls(printable::text(&other.to_string())),
    }
}

/// The clock of a handshake: the `now` of the last packet.
#[derive(Debug)]
struct Time(AtomicU64);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = self.0.load(Ordering::Relaxed);
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
