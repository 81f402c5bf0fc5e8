//! `IKE_AUTH`: proofs of identity and the first Child SA (RFC 7296, sections 1.2, 2.15, 2.16).
//!
//! ```text
//!  signature:  IDi, CERT, AUTH, CP, SA, TSi, TSr  -->
//!                                     <--  IDr, CERT, AUTH, CP, SA, TSi, TSr
//!
//!  EAP-TLS:    IDi, CP, SA, TSi, TSr  -->
//!                                     <--  IDr, CERT, AUTH, EAP
//!              EAP                    -->
//!                                     <--  EAP  (repeated)
//!              AUTH (MSK)             -->
//!                                     <--  AUTH (MSK), CP, SA, TSi, TSr
//! ```
//!
//! One value for each candidate that answered `IKE_SA_INIT`. Nothing leaves it
//! but requests, until the gateway is [`Proven`].

mod child;
mod proof;
mod request;

use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_crypto::SignatureScheme;
use azike_wire::{
    AuthMethod, CertificateEncoding, Chain, EapPacket, EspSpi, ExchangeType, PayloadType,
};
use rustls_pki_types::UnixTime;

pub(crate) use self::proof::Proven;
use crate::auth_lifetime::auth_lifetime;
use crate::channel::{Channel, Opened};
use crate::config::{Authentication, Config};
use crate::eap::{EapOutcome, EapPeer, EapTlsConfig};
use crate::event::{Established, SignRequest};
use crate::key_id::{is_self_issued, key_id};
use crate::payload_set::PayloadSet;
use crate::reason::{AuthFault, CloseReason, DropReason, ProtocolFault};
use crate::redirect::{self, Said};
use crate::request::Request;
use crate::sa_init::Candidate;

/// One candidate on its way through `IKE_AUTH`.
#[derive(Debug)]
pub(crate) struct Auth {
    pub(crate) candidate: Candidate,
    pub(crate) channel: Channel,
    pub(crate) request: Option<Request>,
    pub(crate) next_id: u32,
    /// How long the gateway accepts the login, once it did.
    pub(crate) lifetime: Option<Duration>,
    spi_in: EspSpi,
    /// The body of IDr, as it enters both of the gateway's AUTH payloads.
    id_r: Vec<u8>,
    step: Step,
}

/// What a candidate waits for.
#[derive(Debug)]
enum Step {
    /// The key holder's signature.
    Sign(SignatureScheme),
    /// The response to our signature.
    Signed,
    /// The response to the request without AUTH.
    Asked(Box<EapPeer>),
    /// The next EAP request.
    Eap(Box<EapPeer>, Proven),
    /// The gateway's AUTH with the MSK.
    Keyed(Box<EapPeer>, Proven),
    /// Nothing any more.
    Over,
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send this chain as the next request, and remember the new step.
    Send(Chain),
    /// Have this signed.
    Sign(SignRequest),
    /// The gateway is proven; the rest of EAP follows.
    SendProven(Chain, Proven),
    /// The login failed: tell the gateway with this chain, and wait for nothing.
    Farewell(Chain, CloseReason),
    /// Everything is there.
    Done(Box<Established>, Proven),
    /// The IKE SA exists but must go.
    Abandon(CloseReason),
    /// The candidate is dead; the gateway has nothing to forget.
    Failed(CloseReason),
}

impl Auth {
    /// Begins. The caller has made the channel.
    pub(crate) fn start(
        config: &Config,
        candidate: Candidate,
        channel: Channel,
        (id, spi_in): (u64, EspSpi),
    ) -> (Self, Next) {
        let (step, next) = match config.authentication {
            Authentication::Signature => sign(config, &candidate, id),
            Authentication::EapTls => ask(config, spi_in),
        };
        let auth = Self {
            candidate,
            channel,
            request: None,
            next_id: 1,
            lifetime: None,
            spi_in,
            id_r: Vec::new(),
            step,
        };
        (auth, next)
    }

    /// True if the gateway listed the roots it accepts and none of them issued our certificate.
    pub(crate) fn root_not_listed(&self, config: &Config) -> bool {
        let listed = &self.candidate.listed_roots;
        let issuers = &config.identity.issuers;
        let accepted = |issuer: &[u8]| key_id(issuer).is_some_and(|id| listed.contains(&id));
        let root_known = issuers.last().is_some_and(|root| is_self_issued(root));
        root_known && !listed.is_empty() && !issuers.iter().any(|issuer| accepted(issuer))
    }

    /// Takes the signature that [`Next::Sign`] asked for.
    pub(crate) fn handle_signature(&mut self, config: &Config, signature: Option<&[u8]>) -> Next {
        let Step::Sign(scheme) = self.step else {
            return Next::Failed(CloseReason::NotSigned);
        };
        let auth = signature.and_then(|s| proof::encode(scheme, &self.candidate.hashes, s));
        let Some((method, data)) = auth else {
            return Next::Failed(CloseReason::NotSigned);
        };
        self.step = Step::Signed;
        Next::Send(request::signed(config, self.spi_in, (method, &data)))
    }

    /// Takes the response to the outstanding request.
    pub(crate) fn handle_response(
        &mut self,
        config: &Config,
        now: Instant,
        opened: &Opened,
    ) -> Next {
        let set = match opened.payloads() {
            Ok(set) => set,
            Err(reason) => {
                return Next::Failed(CloseReason::Protocol(ProtocolFault::Message(reason)));
            }
        };
        let unix = config.wall_clock.read(now);
        // The step is put back by every arm that goes on.
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Over => Next::Failed(CloseReason::Protocol(ProtocolFault::Message(
                DropReason::NotExpected,
            ))),
            Step::Sign(scheme) => {
                self.step = Step::Sign(scheme);
                Next::Failed(CloseReason::NotSigned)
            }
            Step::Signed => match self.prove(config, unix, &set) {
                Ok(proven) => self.finish(config, &set, proven),
                Err(reason) => end(&set, reason),
            },
            Step::Asked(peer) => match self.prove(config, unix, &set) {
                Ok(proven) => {
                    if let Said::Go(target) = redirect::said(&config.redirect, &set, None) {
                        return Next::Abandon(CloseReason::Redirected(target));
                    }
                    let next = self.eap(config, unix, &set, (peer, proven.clone()));
                    if let Next::Send(chain) = next {
                        Next::SendProven(chain, proven)
                    } else {
                        next
                    }
                }
                Err(reason) => end(&set, reason),
            },
            Step::Eap(peer, proven) => self.eap(config, unix, &set, (peer, proven)),
            Step::Keyed(peer, proven) => match self.check_msk(&peer, &set) {
                Ok(()) => self.finish(config, &set, proven),
                Err(reason) => end(&set, reason),
            },
        }
    }

    /// The certificate, then the signature.
    fn prove(
        &mut self,
        config: &Config,
        now: UnixTime,
        set: &PayloadSet<'_>,
    ) -> Result<Proven, CloseReason> {
        let Some(auth) = &set.authentication else {
            return Err(match set.error() {
                Some(_) => self.refused(config, set),
                None => CloseReason::Authentication(AuthFault::Missing),
            });
        };
        let id_r = set.id_r.as_ref();
        let id_r = id_r.ok_or(CloseReason::Authentication(AuthFault::NoIdentity))?;
        // Other encodings are not read: a hash and URL would have to be fetched, a CRL is no proof.
        let x509 = CertificateEncoding::X509_SIGNATURE;
        let certificates = set.certificates.iter().filter(|it| it.encoding == x509);
        let chain: Vec<&[u8]> = certificates.map(|cert| cert.data).collect();
        let gateway = config
            .trust
            .verify(&chain, now)
            .map_err(CloseReason::Trust)?;
        self.id_r = id_r.signed_octets();
        let octets = proof::responder_octets(&self.candidate, &self.id_r);
        proof::verify_signature(gateway, &self.candidate.hashes, auth, &octets)
            .map_err(CloseReason::Authentication)
    }

    fn eap(
        &mut self,
        config: &Config,
        now: UnixTime,
        set: &PayloadSet<'_>,
        (mut peer, proven): (Box<EapPeer>, Proven),
    ) -> Next {
        let Some(packet) = &set.eap else {
            return Next::Failed(match set.error() {
                Some(_) => self.refused(config, set),
                None => CloseReason::Protocol(ProtocolFault::Missing(PayloadType::EAP)),
            });
        };
        match peer.handle(now, packet.octets()) {
            EapOutcome::Respond(octets) => {
                let Ok(packet) = EapPacket::new(&octets) else {
                    return Next::Failed(CloseReason::Authentication(AuthFault::EapIncomplete));
                };
                let chain = request::eap(packet);
                self.step = Step::Eap(peer, proven);
                Next::Send(chain)
            }
            EapOutcome::Success => self.key(config, peer, proven),
            EapOutcome::Failure(failure) => {
                let reason = CloseReason::Eap(failure);
                let farewell = peer.take_farewell();
                match farewell.as_deref().map(EapPacket::new) {
                    Some(Ok(packet)) => Next::Farewell(request::eap(packet), reason),
                    Some(Err(_)) | None => Next::Failed(reason),
                }
            }
            // Each IKE_AUTH response carries the next packet: without one there is no next request.
            EapOutcome::Ignore => {
                Next::Failed(CloseReason::Authentication(AuthFault::EapIncomplete))
            }
        }
    }

    /// EAP is over and gave a key: prove that we have it.
    fn key(&mut self, config: &Config, peer: Box<EapPeer>, proven: Proven) -> Next {
        let Some(msk) = peer.msk() else {
            return Next::Failed(CloseReason::Authentication(AuthFault::EapIncomplete));
        };
        let id_i = request::identification(config).signed_octets();
        let octets = proof::initiator_octets(&self.candidate, &id_i);
        let mac = proof::shared_key_mac(&self.candidate, msk, &octets);
        self.step = Step::Keyed(peer, proven);
        Next::Send(request::auth_only((AuthMethod::SHARED_KEY_MIC, &mac)))
    }

    fn check_msk(&self, peer: &EapPeer, set: &PayloadSet<'_>) -> Result<(), CloseReason> {
        let incomplete = CloseReason::Authentication(AuthFault::EapIncomplete);
        let msk = peer.msk().ok_or(incomplete)?;
        let Some(auth) = &set.authentication else {
            return Err(match set.error() {
                Some(notify) => refused(notify, set, false),
                None => CloseReason::Authentication(AuthFault::Missing),
            });
        };
        let octets = proof::responder_octets(&self.candidate, &self.id_r);
        proof::verify_mac(&self.candidate, msk, auth, &octets).map_err(CloseReason::Authentication)
    }

    fn finish(&mut self, config: &Config, set: &PayloadSet<'_>, proven: Proven) -> Next {
        if let Said::Go(target) = redirect::said(&config.redirect, set, None) {
            return Next::Abandon(CloseReason::Redirected(target));
        }
        self.lifetime = auth_lifetime(set);
        match child::first_child(config, &self.candidate, set, self.spi_in) {
            Ok(established) => Next::Done(Box::new(established), proven),
            Err(reason) => Next::Abandon(reason),
        }
    }

    fn refused(&self, config: &Config, set: &PayloadSet<'_>) -> CloseReason {
        let notify = set
            .error()
            .unwrap_or(azike_wire::NotifyType::AUTHENTICATION_FAILED);
        refused(notify, set, self.root_not_listed(config))
    }
}

fn refused(
    notify: azike_wire::NotifyType,
    set: &PayloadSet<'_>,
    root_not_listed: bool,
) -> CloseReason {
    CloseReason::Refused {
        exchange: ExchangeType::IKE_AUTH,
        notify,
        ms_status: set.ms_status(),
        root_not_listed,
    }
}

/// A gateway that sent AUTH holds an IKE SA, which it must be told to forget; one that refused does
/// not.
fn end(set: &PayloadSet<'_>, reason: CloseReason) -> Next {
    if set.authentication.is_some() {
        Next::Abandon(reason)
    } else {
        Next::Failed(reason)
    }
}

fn ask(config: &Config, spi_in: EspSpi) -> (Step, Next) {
    let identity = &config.identity;
    let eap = EapTlsConfig::new(
        identity.eap_identity.clone(),
        identity.certificates.clone(),
        Arc::clone(&identity.signer),
        Arc::clone(&config.trust),
    );
    match eap {
        Ok(eap) => {
            let chain = request::unsigned(config, spi_in);
            (Step::Asked(Box::new(EapPeer::new(eap))), Next::Send(chain))
        }
        Err(error) => {
            tracing::debug!(%error, "EAP-TLS cannot be tried");
            (Step::Over, Next::Failed(CloseReason::NotSigned))
        }
    }
}

fn sign(config: &Config, candidate: &Candidate, id: u64) -> (Step, Next) {
    let Some(scheme) = proof::scheme(&config.identity, &candidate.hashes) else {
        return (Step::Over, Next::Failed(CloseReason::NotSigned));
    };
    let id_i = request::identification(config).signed_octets();
    let octets = proof::initiator_octets(candidate, &id_i);
    let request = SignRequest { id, scheme, octets };
    (Step::Sign(scheme), Next::Sign(request))
}
