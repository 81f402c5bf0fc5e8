//! `IKE_AUTH` from the responder's side (RFC 7296, sections 1.2, 2.15, 2.16).
//!
//! ```text
//!   Waiting ──▶ Done             the client signed
//!      └─▶ Eap ──▶ Keyed ──▶ Done    it did not: EAP-TLS, then AUTH with the MSK
//! ```

use azike_crypto::Secret;
use azike_wire::{
    AuthMethod, Authentication, Certificate, CertificateEncoding, Identification, NotifyType,
    Payload,
};
use rustls_pki_types::UnixTime;

use crate::child::{self, First, Lease, Wanted};
use crate::client_trust::ClientTrust;
use crate::config::Config;
use crate::draft::Draft;
use crate::eap_tls::{self, EapTls, Reply};
use crate::incoming::Incoming;
use crate::policy::{self, Mobike, RedirectAt, Stage};
use crate::proof;
use crate::sa_init::{self, Start};

/// How far a client is.
#[derive(Debug)]
pub(crate) enum Login {
    /// Nothing came yet.
    Waiting,
    /// EAP runs.
    Eap(Box<EapTls>, Claim),
    /// EAP is over; the client's AUTH with this key is due.
    Keyed(Secret, Claim),
    /// The client is in.
    Done,
    /// It is not.
    Failed,
}

/// What the client said of itself in its first request.
#[derive(Debug)]
pub(crate) struct Claim {
    id_i: Vec<u8>,
    wanted: Wanted,
}

/// The response, and what came of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) draft: Draft,
    pub(crate) next: Login,
    pub(crate) child: Option<First>,
    pub(crate) failed: Option<&'static str>,
    /// Who logged in.
    pub(crate) id_i: Vec<u8>,
    /// The client has no other IKE SA here.
    pub(crate) initial_contact: bool,
    /// MOBIKE is used.
    pub(crate) mobike: bool,
    /// The client was sent to another gateway.
    pub(crate) redirected: bool,
}

/// Everything besides the request that an answer depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) config: &'a Config,
    pub(crate) trust: &'a ClientTrust,
    pub(crate) start: Start<'a>,
    pub(crate) lease: Lease,
    pub(crate) now: UnixTime,
}

impl Login {
    /// Takes the next request of the client.
    pub(crate) fn handle(self, desk: Desk<'_>, request: &Incoming<'_>) -> Answer {
        match self {
            Self::Waiting => desk.first(request),
            Self::Eap(eap, claim) => eap_round(eap, claim, request),
            Self::Keyed(msk, claim) => desk.keyed(&msk, &claim, request),
            Self::Done | Self::Failed => fail("IKE_AUTH after its end"),
        }
    }
}

impl Desk<'_> {
    fn first(&self, request: &Incoming<'_>) -> Answer {
        let policy = &self.config.policy;
        if let Some(refusal) = policy.refusal.filter(|it| it.stage == Stage::Auth) {
            let mut draft = Draft::new();
            sa_init::push_refusal(&mut draft, refusal);
            return end(draft, "refused by policy");
        }
        let Some(id_i) = &request.id_i else {
            return fail("no IDi");
        };
        let claim = Claim {
            id_i: id_i.signed_octets(),
            wanted: Wanted {
                sa: request.sa.clone(),
                configuration: request.configuration.is_some(),
                mobike: request.notify(NotifyType::MOBIKE_SUPPORTED).is_some(),
                initial_contact: request.notify(NotifyType::INITIAL_CONTACT).is_some(),
            },
        };
        match (&request.authentication, policy.login) {
            (Some(auth), policy::Login::Either | policy::Login::Signature) => {
                self.signed(request, auth, &claim)
            }
            (None, policy::Login::Either | policy::Login::EapTls) => self.start_eap(claim),
            (Some(_), policy::Login::EapTls) => fail("only EAP-TLS is allowed"),
            (None, policy::Login::Signature) => fail("only signatures are allowed"),
        }
    }

    fn signed(&self, request: &Incoming<'_>, auth: &Authentication<'_>, claim: &Claim) -> Answer {
        let chain: Vec<&[u8]> = request.certificates.iter().map(|cert| cert.data).collect();
        let Some(public_key) = self.trust.public_key(&chain, self.now) else {
            return fail("the client's certificate is not trusted");
        };
        let octets = proof::initiator_octets(self.start, &claim.id_i);
        if !proof::signature_fits(&public_key, auth, &octets) {
            return fail("the client's signature does not fit");
        }
        let Some(mut draft) = self.prove(claim) else {
            return fail("the gateway cannot sign");
        };
        self.finish(claim, &mut draft)
    }

    fn start_eap(&self, claim: Claim) -> Answer {
        let config = self.config;
        let identity = config.tls_identity.as_ref().unwrap_or(&config.identity);
        let settings = eap_tls::settings(identity, self.trust, config.policy.eap, self.now);
        let eap = settings
            .ok()
            .and_then(|it| EapTls::start(it, config.policy.eap));
        let (Some((eap, packet)), Some(mut draft)) = (eap, self.prove(&claim)) else {
            return fail("the gateway cannot start EAP-TLS");
        };
        draft.piece(azike_wire::PayloadType::EAP, &packet);
        next(draft, Login::Eap(Box::new(eap), claim))
    }

    /// IDr, CERT, AUTH.
    fn prove(&self, claim: &Claim) -> Option<Draft> {
        let identity = &self.config.identity;
        let id_r = Identification::new(identity.id_type, &identity.id);
        let mut draft = Draft::new();
        draft.push(&Payload::IdR(id_r));
        for certificate in &identity.certificates {
            draft.push(&Payload::Certificate(Certificate {
                encoding: CertificateEncoding::X509_SIGNATURE,
                data: certificate,
            }));
        }
        let ids = (&id_r.signed_octets()[..], &claim.id_i[..]);
        let (method, data) = proof::sign(self.config, self.start, ids)?;
        let data = data.as_slice();
        draft.push(&Payload::Authentication(Authentication { method, data }));
        Some(draft)
    }

    fn keyed(&self, msk: &Secret, claim: &Claim, request: &Incoming<'_>) -> Answer {
        let expected = proof::client_mac(self.start, msk.expose(), &claim.id_i);
        let fits = request
            .authentication
            .is_some_and(|auth| auth.method == AuthMethod::SHARED_KEY_MIC && auth.data == expected);
        if !fits {
            return fail("the client's AUTH with the MSK does not fit");
        }
        let identity = &self.config.identity;
        let id_r = Identification::new(identity.id_type, &identity.id).signed_octets();
        let ids = (&id_r[..], &claim.id_i[..]);
        let mac = proof::gateway_mac(self.config, self.start, msk.expose(), ids);
        let mut draft = Draft::new();
        draft.push(&Payload::Authentication(Authentication {
            method: AuthMethod::SHARED_KEY_MIC,
            data: &mac,
        }));
        self.finish(claim, &mut draft)
    }

    fn finish(&self, claim: &Claim, draft: &mut Draft) -> Answer {
        let policy = &self.config.policy;
        if let Some(redirect) = &policy.redirect
            && redirect.at == RedirectAt::Auth
            && self.start.transcript.redirectable
        {
            draft.notify(NotifyType::REDIRECT, &redirect.target.encode(&[]));
            return Answer {
                redirected: true,
                ..next(std::mem::take(draft), Login::Done)
            };
        }
        let child = child::answer(policy, self.start, self.lease, &claim.wanted, draft);
        if let Some(seconds) = policy.auth_lifetime {
            draft.notify(NotifyType::AUTH_LIFETIME, &seconds.to_be_bytes());
        }
        let mobike = claim.wanted.mobike && policy.mobike != Mobike::Unknown;
        if mobike {
            draft.notify(NotifyType::MOBIKE_SUPPORTED, &[]);
        }
        Answer {
            child,
            mobike,
            id_i: claim.id_i.clone(),
            initial_contact: claim.wanted.initial_contact,
            ..next(std::mem::take(draft), Login::Done)
        }
    }
}

fn eap_round(mut eap: Box<EapTls>, claim: Claim, request: &Incoming<'_>) -> Answer {
    let Some(packet) = request.eap else {
        return fail("no EAP payload");
    };
    let mut draft = Draft::new();
    let kind = azike_wire::PayloadType::EAP;
    match eap.handle(packet) {
        Reply::Request(packet) => {
            draft.piece(kind, &packet);
            next(draft, Login::Eap(eap, claim))
        }
        Reply::Success(packet, msk) => {
            draft.piece(kind, &packet);
            next(draft, Login::Keyed(msk, claim))
        }
        Reply::Failure(packet) => {
            draft.piece(kind, &packet);
            end(draft, "EAP-TLS failed")
        }
    }
}

fn next(draft: Draft, next: Login) -> Answer {
    Answer {
        draft,
        next,
        child: None,
        failed: None,
        id_i: Vec::new(),
        initial_contact: false,
        mobike: false,
        redirected: false,
    }
}

fn fail(reason: &'static str) -> Answer {
    end(Draft::only(NotifyType::AUTHENTICATION_FAILED, &[]), reason)
}

fn end(draft: Draft, reason: &'static str) -> Answer {
    Answer {
        failed: Some(reason),
        ..next(draft, Login::Failed)
    }
}
