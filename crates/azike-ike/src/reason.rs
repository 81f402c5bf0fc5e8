//! Why something did not happen: drops of messages, ends of connections.
//!
//! The network cannot produce an `Err`. A message that changes nothing gives a
//! [`DropReason`]; what ends the IKE SA gives a [`CloseReason`] for the user.

use azike_wire::{ExchangeType, Malformed, NotifyType, PayloadType};
use thiserror::Error;

use crate::eap::EapFailure;
use crate::redirect::RedirectTarget;
use crate::transmit::Transport;
use crate::trust::TrustError;

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Verdict {
    /// It moved the state machine, or was answered.
    Accepted,
    /// It changed nothing.
    Dropped(DropReason),
}

/// Why a message changed nothing. For counters, logs and tests.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DropReason {
    /// The octets are not an IKEv2 message.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// The message belongs to no IKE SA of ours.
    #[error("unknown SPI")]
    UnknownSpi,
    /// Our own request came back.
    #[error("reflected")]
    Reflected,
    /// No state waits for such a message.
    #[error("not expected")]
    NotExpected,
    /// The Message ID is not the one that is due.
    #[error("wrong Message ID")]
    WrongMessageId,
    /// The ICV is wrong, or the padding is.
    #[error("not authentic")]
    NotAuthentic,
    /// An encrypted payload was due and there is none, or the reverse.
    #[error("protection missing")]
    NotProtected,
    /// A payload that this message needs is missing.
    #[error("payload {0} missing")]
    Missing(PayloadType),
    /// A payload that may stand once stands twice.
    #[error("payload {0} repeated")]
    Repeated(PayloadType),
    /// A payload that we do not know is marked critical (RFC 7296, section 2.5).
    #[error("unknown critical payload {0}")]
    Critical(PayloadType),
    /// A group that we did not offer.
    #[error("group {0} was not offered")]
    GroupNotOffered(u16),
    /// A group that was already tried.
    #[error("group {0} was already tried")]
    GroupAlreadyTried(u16),
    /// A key exchange value that no honest gateway sends.
    #[error("key exchange value invalid")]
    KeyExchangeInvalid,
    /// A selection that is not one of our proposals.
    #[error("selection was not offered")]
    ProposalNotOffered,
    /// A cookie of no legal length.
    #[error("cookie of {0} octets")]
    CookieLength(usize),
    /// One more request to try again, after too many.
    #[error("too many retries")]
    TooManyRetries,
    /// More `IKE_SA_INIT` responses than we follow at once.
    #[error("too many responders")]
    TooManyCandidates,
    /// An error that nobody signed: remembered as a hint.
    #[error("unauthenticated {0}")]
    Hint(NotifyType),
    /// Fragments, though nobody agreed on them (RFC 7383, section 2.3).
    #[error("fragments were not agreed")]
    FragmentsNotAgreed,
    /// A fragment that does not fit to the others.
    #[error("fragment does not fit")]
    Fragment,
    /// The fragments exceed what we keep.
    #[error("too many fragments")]
    TooManyFragments,
    /// A redirect to where no gateway can be, or with another nonce than ours (RFC 5685).
    #[error("redirect not acceptable")]
    Redirect,
    /// More of something than any honest message has.
    #[error("over a limit")]
    Limit,
}

/// What is wrong with the proof of the gateway's identity.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum AuthFault {
    /// The response has no AUTH payload.
    #[error("the AUTH payload is missing")]
    Missing,
    /// The response has no IDr payload.
    #[error("the IDr payload is missing")]
    NoIdentity,
    /// A method that the policy does not allow.
    #[error("authentication method {0} is not acceptable")]
    Method(u8),
    /// A signature algorithm that we do not know, or badly encoded.
    #[error("the signature algorithm is not acceptable")]
    Algorithm,
    /// The signature or the MAC does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// `EAP` ended without a proof of the gateway.
    #[error("EAP ended without a proof of the gateway")]
    EapIncomplete,
}

/// What an authenticated gateway did against the protocol.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ProtocolFault {
    /// A payload is missing where the message needs it.
    #[error("payload {0} is missing")]
    Missing(PayloadType),
    /// Its selection for the Child SA is not one of our proposals.
    #[error("the selected Child SA proposal was not offered")]
    ChildProposal,
    /// The traffic selectors are not within those offered.
    #[error("the traffic selectors are not within those offered")]
    TrafficSelectors,
    /// The configuration has no usable address.
    #[error("the configuration has no usable address")]
    Configuration,
    /// The answer to a new address of ours is not one to what we asked (RFC 4555, section 3.7).
    #[error("COOKIE2 was not returned")]
    Cookie2,
    /// A message that makes no sense here.
    #[error("message does not fit: {0}")]
    Message(DropReason),
}

/// What ended the IKE SA, or the attempt to make one.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CloseReason {
    /// Nothing was heard.
    #[error("no answer to {exchange} after {sent} attempts")]
    NoAnswer {
        /// What we asked.
        exchange: ExchangeType,
        /// How often it was sent.
        sent: u32,
        /// By which port.
        transport: Transport,
    },
    /// The gateway refused with an error notify.
    #[error("the gateway refused {exchange}: {notify}")]
    Refused {
        /// What it refused.
        exchange: ExchangeType,
        /// The error.
        notify: NotifyType,
        /// A Windows error that came with it (`MS_STATUS`).
        ms_status: Option<u32>,
        /// It listed the roots it accepts and ours was not among them.
        root_not_listed: bool,
    },
    /// The gateway accepted us but made no Child SA.
    #[error("the gateway made no Child SA: {notify}")]
    NoChildSa {
        /// The error.
        notify: NotifyType,
        /// A Windows error that came with it (`MS_STATUS`).
        ms_status: Option<u32>,
    },
    /// The gateway's certificate is not acceptable.
    #[error("the gateway's certificate is not acceptable: {0}")]
    Trust(TrustError),
    /// The gateway did not prove its identity.
    #[error("the gateway did not prove its identity: {0}")]
    Authentication(AuthFault),
    /// EAP-TLS failed.
    #[error("EAP-TLS failed: {0}")]
    Eap(EapFailure),
    /// The key holder did not sign.
    #[error("the private key did not sign")]
    NotSigned,
    /// The gateway broke the protocol.
    #[error("the gateway broke the protocol: {0}")]
    Protocol(ProtocolFault),
    /// The gateway sends us to another one (RFC 5685).
    #[error("the gateway sends its clients to {0}")]
    Redirected(RedirectTarget),
    /// The gateway deleted the IKE SA.
    #[error("the gateway deleted the IKE SA")]
    Deleted,
    /// We closed.
    #[error("closed")]
    Closed,
}
