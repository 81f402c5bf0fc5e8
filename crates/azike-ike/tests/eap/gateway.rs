//! The other side: an EAP-TLS server on top of `rustls`, which does what a test tells it.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

/// Where the length field is, in a message of several fragments.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lengths {
    Nowhere,
    First,
    Everywhere,
}

/// How a gateway behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) version: &'static SupportedProtocolVersion,
    pub(crate) fragment: usize,
    pub(crate) lengths: Lengths,
    /// What it sends at the end of TLS 1.3.
    pub(crate) commitment: &'static [u8],
}

/// A gateway in the middle of a conversation.
pub(crate) struct Gateway {
    pub(crate) tls: ServerConnection,
    manner: Manner,
    identifier: u8,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    sent: usize,
    committed: bool,
    failed: bool,
    /// EAP-TLS responses with data that it got.
    pub(crate) fragments: usize,
}

impl Gateway {
    pub(crate) fn new(config: ServerConfig, manner: Manner) -> Self {
        Self {
            tls: ServerConnection::new(Arc::new(config)).unwrap(),
            manner,
            identifier: 0,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            sent: 0,
            committed: false,
            failed: false,
            fragments: 0,
        }
    }

    /// A request of any type.
    pub(crate) fn request(&mut self, kind: u8, data: &[u8]) -> Vec<u8> {
        self.identifier += 1;
        request(self.identifier, kind, data)
    }

    /// The first EAP-TLS request.
    pub(crate) fn start(&mut self) -> Vec<u8> {
        self.request(13, &[0x20])
    }

    /// EAP-Success or EAP-Failure.
    pub(crate) fn end(&self, code: u8) -> Vec<u8> {
        vec![code, self.identifier, 0, 4]
    }

    /// What follows on `response`.
    pub(crate) fn answer(&mut self, response: &[u8]) -> Vec<u8> {
        let length = u16::try_from(response.len()).unwrap().to_be_bytes();
        assert_eq!(
            response[..5],
            [2, self.identifier, length[0], length[1], 13]
        );
        let (flags, data) = (response[5], &response[6..]);
        assert_eq!(flags & 0x3f, 0, "start and reserved flags");
        if self.sent < self.outgoing.len() {
            assert_eq!((flags, data.len()), (0, 0), "an acknowledgement");
            return self.fragment();
        }
        let data = if flags & 0x80 == 0 { data } else { &data[4..] };
        self.fragments += usize::from(!data.is_empty());
        self.incoming.extend_from_slice(data);
        if flags & 0x40 != 0 {
            return self.request(13, &[0]);
        }
        self.take();
        if !self.outgoing.is_empty() {
            return self.fragment();
        }
        let done = !self.tls.is_handshaking() && !self.failed;
        self.end(if done { 3 } else { 4 })
    }

    /// The key, as the gateway sees it.
    pub(crate) fn msk(&self) -> Vec<u8> {
        let (label, context): (&[u8], Option<&[u8]>) = match self.manner.version.version {
            rustls::ProtocolVersion::TLSv1_2 => (b"client EAP encryption", None),
            _ if self.manner.commitment.is_empty() => (b"client EAP encryption", None),
            _ => (b"EXPORTER_EAP_TLS_Key_Material", Some(&[13])),
        };
        let keys = self.tls.export_keying_material([0; 128], label, context);
        keys.unwrap()[..64].to_vec()
    }

    /// The key of a gateway that is older than RFC 9190, for TLS 1.3.
    pub(crate) fn old_msk(&self) -> Vec<u8> {
        let label = b"client EAP encryption";
        let keys = self.tls.export_keying_material([0; 128], label, None);
        keys.unwrap()[..64].to_vec()
    }

    /// Gives a whole message to TLS, and takes what it wants to send.
    fn take(&mut self) {
        let message = std::mem::take(&mut self.incoming);
        let mut rest = &message[..];
        while !rest.is_empty() && !self.failed {
            self.failed = self.tls.read_tls(&mut rest).unwrap() == 0;
            self.failed |= self.tls.process_new_packets().is_err();
        }
        assert!(
            self.tls
                .reader()
                .read(&mut [0])
                .map_or(true, |read| read == 0)
        );
        let tls13 = self.tls.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        if tls13 && !self.tls.is_handshaking() && !self.failed && !self.committed {
            self.tls.writer().write_all(self.manner.commitment).unwrap();
            self.committed = true;
        }
        self.send();
    }

    /// Takes from TLS what is to be sent next.
    pub(crate) fn send(&mut self) {
        (self.outgoing, self.sent) = (Vec::new(), 0);
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.outgoing).unwrap();
        }
    }

    /// The next fragment.
    pub(crate) fn fragment(&mut self) -> Vec<u8> {
        let end = self.outgoing.len().min(self.sent + self.manner.fragment);
        let piece = &self.outgoing[self.sent..end];
        let more = if end < self.outgoing.len() { 0x40 } else { 0 };
        let cut = self.sent > 0 || more != 0;
        let length = match self.manner.lengths {
            Lengths::Nowhere => false,
            Lengths::First => cut && self.sent == 0,
            Lengths::Everywhere => true,
        };
        let total = u32::try_from(self.outgoing.len()).unwrap().to_be_bytes();
        let data = if length {
            [&[0x80 | more][..], &total, piece].concat()
        } else {
            [&[more][..], piece].concat()
        };
        self.sent = end;
        self.request(13, &data)
    }
}

/// An EAP request.
pub(crate) fn request(identifier: u8, kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 5).unwrap().to_be_bytes();
    [&[1, identifier, length[0], length[1], kind], data].concat()
}

/// Accepts clients below `root`.
pub(crate) fn accepts(root: &CertificateDer<'static>) -> Arc<dyn ClientCertVerifier> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap()
}

/// The settings of a gateway with the certificate `chain`.
pub(crate) fn config(
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    clients: Arc<dyn ClientCertVerifier>,
    version: &'static SupportedProtocolVersion,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_details(provider, Arc::new(Now))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.into()))
        .unwrap()
}

/// Refuses every client.
#[derive(Debug)]
pub(crate) struct Refuses {
    pub(crate) reason: CertificateError,
    pub(crate) hints: Vec<DistinguishedName>,
}

impl ClientCertVerifier for Refuses {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Err(rustls::Error::InvalidCertificate(self.reason.clone()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("not reached".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("not reached".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// 2027-06-01 00:00 UTC.
#[derive(Debug)]
pub(crate) struct Now;

impl Now {
    pub(crate) const TIME: UnixTime = UnixTime::since_unix_epoch(Duration::from_hours(503_280));
}

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        Some(Self::TIME)
    }
}
