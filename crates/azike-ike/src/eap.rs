//! EAP inside `IKE_AUTH`, our side of it: the peer (RFC 3748), with one method, EAP-TLS (RFC 5216
//! for TLS 1.2, RFC 9190 for TLS 1.3).
//!
//! ```text
//!   we (peer)                                  the gateway (server)
//!                      <--  Request/Identity          may be left out
//!   Response/Identity  -->
//!                      <--  Request/TLS (start)
//!   Response/TLS       -->  TLS ClientHello
//!                      <--  Request/TLS               ServerHello, Certificate, CertificateRequest …
//!   Response/TLS       -->  Certificate, CertificateVerify, Finished
//!                      <--  Request/TLS               1.2: Finished    1.3: the octet 00
//!   Response/TLS       -->  (empty)                   both sides have the MSK now
//!                      <--  Success
//! ```
//!
//! Every message that is too long for one packet is cut (RFC 5216, section 2.1.5): see
//! [`EapTlsConfig::with_fragment_size`] for ours; the gateway cuts as it likes.
//!
//! The gateway's TLS certificate must obey the same rules as its IKE certificate: it is judged by
//! the same [`GatewayTrust`](crate::trust::GatewayTrust). TLS comes from `rustls`, without
//! resumption, tickets and early data. Its randomness comes from `ring`, that is from the operating
//! system, so a handshake is the one thing in this crate that a seed does not reproduce. Its clock
//! is the `now` of [`EapPeer::handle`].

use std::fmt;

use azike_crypto::Secret;
use azike_wire::{EapCode, EapPacket, EapType};
use rustls_pki_types::UnixTime;

pub use self::config::{EapConfigError, EapTlsConfig};
pub use self::failure::{EapFailure, FragmentFault, Refusal, Stage};
use self::handshake::{Finished, Handshake};
use crate::trust::VerifiedGateway;
use crate::trust::printable;

mod client_certificate;
mod config;
mod failure;
mod fragment;
mod gateway_certificate;
mod handshake;

/// Packets from the gateway in one conversation. A handshake in fragments of 200 octets needs
/// about 30; what needs more than this will never end.
const MAX_ROUNDS: u32 = 200;

/// How often we say "not this method, EAP-TLS" before we give up.
const MAX_NAKS: u32 = 3;

/// Our side of one EAP conversation.
///
/// Give it the body of each EAP payload by [`EapPeer::handle`], do what the [`EapOutcome`] says,
/// and after [`EapOutcome::Success`] take the key by [`EapPeer::msk`]. One conversation has one
/// peer; a second attempt needs a new one.
pub struct EapPeer {
    config: EapTlsConfig,
    state: State,
    answered: Option<Answer>,
    farewell: Option<Vec<u8>>,
    notice: Option<String>,
    rounds: u32,
    naks: u32,
}

/// What to do after a packet of the gateway.
#[derive(Debug)]
#[must_use]
pub enum EapOutcome {
    /// Send this EAP packet. For a packet that was seen before these are the same octets as before.
    Respond(Vec<u8>),
    /// The conversation ended well: [`EapPeer::msk`] and [`EapPeer::server`] have values.
    Success,
    /// The conversation ended badly. If [`EapPeer::farewell`] has a packet, it tells the gateway.
    Failure(EapFailure),
    /// Nothing: RFC 3748, section 4, wants such a packet to be discarded, or the conversation is
    /// over. Inside IKE no other packet will follow by itself.
    Ignore,
}

/// Where the conversation is.
enum State {
    /// No method yet.
    Waiting,
    /// The TLS handshake runs.
    Running(Box<Handshake>),
    /// The TLS handshake is complete; the gateway has not said so.
    Finished(Finished),
    /// The gateway said so.
    Succeeded(Finished),
    /// Nothing more to say.
    Failed,
}

/// The last request that was answered, and how.
struct Answer {
    identifier: u8,
    response: Vec<u8>,
}

impl EapPeer {
    /// Waits for the first packet of the gateway.
    pub const fn new(config: EapTlsConfig) -> Self {
        Self {
            config,
            state: State::Waiting,
            answered: None,
            farewell: None,
            notice: None,
            rounds: 0,
            naks: 0,
        }
    }

    /// Takes an EAP packet of the gateway: the body of an EAP payload that arrived protected.
    ///
    /// `now` is the wall clock; certificates are judged by it.
    pub fn handle(&mut self, now: UnixTime, packet: &[u8]) -> EapOutcome {
        if matches!(self.state, State::Failed | State::Succeeded(_)) {
            return EapOutcome::Ignore;
        }
        self.judge(now, packet).unwrap_or_else(|failure| {
            tracing::debug!(%failure, "EAP failed");
            self.state = State::Failed;
            EapOutcome::Failure(failure)
        })
    }

    /// The Master Session Key (RFC 3748, section 7.10; RFC 5216, section 2.3): 64 octets, once the
    /// gateway sent its Success, and not before.
    pub const fn msk(&self) -> Option<&Secret> {
        match &self.state {
            State::Succeeded(finished) => Some(&finished.msk),
            State::Waiting | State::Running(_) | State::Finished(_) | State::Failed => None,
        }
    }

    /// The gateway of the TLS handshake, under the same condition as [`EapPeer::msk`].
    pub const fn server(&self) -> Option<&VerifiedGateway> {
        match &self.state {
            State::Succeeded(finished) => Some(&finished.gateway),
            State::Waiting | State::Running(_) | State::Finished(_) | State::Failed => None,
        }
    }

    /// After a failure: a last EAP packet that tells the gateway why, by a TLS alert, or that takes
    /// notice of its alert (RFC 5216, section 2.1.3). Sending it is a courtesy to the person who
    /// reads the gateway's log; no answer matters.
    pub const fn take_farewell(&mut self) -> Option<Vec<u8>> {
        self.farewell.take()
    }

    /// The last text that the gateway sent for the user (RFC 3748, section 5.2), printable.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    fn judge(&mut self, now: UnixTime, packet: &[u8]) -> Result<EapOutcome, EapFailure> {
        self.rounds += 1;
        if self.rounds > MAX_ROUNDS {
            return Err(EapFailure::TooManyRounds);
        }
        let packet = EapPacket::new(packet).map_err(|_malformed| EapFailure::Malformed)?;
        match packet.code() {
            EapCode::REQUEST => self.request(now, packet).map(EapOutcome::Respond),
            // Neither packet is protected by TLS, and their identifiers differ between servers.
            // What proves a Success is the MSK in the gateway's AUTH payload.
            EapCode::SUCCESS => self.success(),
            EapCode::FAILURE => Err(EapFailure::Refused(self.stage())),
            _ => Ok(EapOutcome::Ignore),
        }
    }

    /// RFC 3748, section 4.2, wants a Success at the wrong time to be discarded. Inside IKE nothing
    /// would follow, so it ends the conversation.
    fn success(&mut self) -> Result<EapOutcome, EapFailure> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Finished(finished) => {
                self.state = State::Succeeded(finished);
                Ok(EapOutcome::Success)
            }
            State::Running(handshake) => {
                let finished = handshake.finish_uncommitted()?;
                self.state = State::Succeeded(finished.ok_or(EapFailure::EarlySuccess)?);
                Ok(EapOutcome::Success)
            }
            State::Waiting | State::Succeeded(_) | State::Failed => Err(EapFailure::EarlySuccess),
        }
    }

    fn request(&mut self, now: UnixTime, packet: EapPacket<'_>) -> Result<Vec<u8>, EapFailure> {
        let identifier = packet.identifier();
        // RFC 3748, section 4.1: a request with the same identifier is the same request.
        if let Some(answer) = &self.answered
            && answer.identifier == identifier
        {
            return Ok(answer.response.clone());
        }
        let kind = packet.kind().ok_or(EapFailure::Malformed)?;
        let (kind, data) = match kind {
            EapType::TLS => (kind, self.tls(now, identifier, packet.data())?),
            EapType::IDENTITY => (kind, self.identity()?),
            EapType::NOTIFICATION => {
                let text = String::from_utf8_lossy(packet.data());
                self.notice = Some(printable::text(&text));
                (kind, Vec::new())
            }
            other => (EapType::NAK, self.nak(other)?),
        };
        let response = response(identifier, kind, &data);
        self.answered = Some(Answer {
            identifier,
            response: response.clone(),
        });
        Ok(response)
    }

    /// Who we are. A gateway that asks again in the middle of TLS has lost its way.
    fn identity(&self) -> Result<Vec<u8>, EapFailure> {
        match self.state {
            State::Waiting => Ok(self.config.identity().as_bytes().to_vec()),
            State::Running(_) | State::Finished(_) | State::Succeeded(_) | State::Failed => {
                Err(EapFailure::OutOfOrder(EapType::IDENTITY))
            }
        }
    }

    /// The legacy Nak (RFC 3748, section 5.3.1), also for expanded types, which we do not have.
    fn nak(&mut self, offered: EapType) -> Result<Vec<u8>, EapFailure> {
        if offered == EapType::NAK || !matches!(self.state, State::Waiting) {
            return Err(EapFailure::OutOfOrder(offered));
        }
        self.naks += 1;
        if self.naks > MAX_NAKS {
            return Err(EapFailure::MethodNotOffered(offered));
        }
        Ok(vec![EapType::TLS.0])
    }

    /// One step of the TLS handshake.
    fn tls(&mut self, now: UnixTime, identifier: u8, data: &[u8]) -> Result<Vec<u8>, EapFailure> {
        let handshake = match &mut self.state {
            State::Waiting => {
                let (handshake, hello) = Handshake::start(&self.config, now, data)?;
                self.state = State::Running(Box::new(handshake));
                return Ok(hello);
            }
            State::Running(handshake) => handshake,
            State::Finished(_) | State::Succeeded(_) | State::Failed => {
                return Err(EapFailure::OutOfOrder(EapType::TLS));
            }
        };
        let reply = handshake.handle(now, data).inspect_err(|_| {
            let alert = handshake.farewell();
            self.farewell = alert.map(|alert| response(identifier, EapType::TLS, &alert));
        })?;
        if let Some(finished) = handshake.finish()? {
            self.state = State::Finished(finished);
        }
        Ok(reply)
    }

    fn stage(&self) -> Stage {
        match &self.state {
            State::Running(handshake) if handshake.was_asked_for_certificate() => {
                Stage::AfterCertificate
            }
            State::Running(_) => Stage::DuringTls,
            State::Finished(_) | State::Succeeded(_) => Stage::AfterTls,
            State::Waiting | State::Failed => Stage::BeforeTls,
        }
    }
}

impl fmt::Debug for EapPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Waiting => "Waiting",
            State::Running(_) => "Running",
            State::Finished(_) => "Finished",
            State::Succeeded(_) => "Succeeded",
            State::Failed => "Failed",
        };
        f.debug_struct("EapPeer")
            .field("state", &state)
            .field("rounds", &self.rounds)
            .finish_non_exhaustive()
    }
}

/// An EAP response (RFC 3748, section 4.1). The data is ours and always fits.
fn response(identifier: u8, kind: EapType, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 5).unwrap_or(u16::MAX);
    let mut packet = vec![EapCode::RESPONSE.0, identifier];
    packet.extend_from_slice(&length.to_be_bytes());
    packet.push(kind.0);
    packet.extend_from_slice(data);
    packet
}
