//! The first Child SA and our addresses, from the last `IKE_AUTH` response
//! (RFC 7296, sections 1.2, 2.9, 2.17, 2.19).

use azike_crypto::ChildKeys;
use azike_wire::{ConfigType, EspSpi, NotifyType, PayloadType, TrafficSelectors};

use crate::config::Config;
use crate::configuration;
use crate::event::{ChildSa, Established};
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, ProtocolFault};
use crate::sa_init::Candidate;

/// Reads what a proven gateway gave us.
pub(crate) fn first_child(
    config: &Config,
    candidate: &Candidate,
    set: &PayloadSet<'_>,
    spi_in: EspSpi,
) -> Result<Established, CloseReason> {
    let (Some(sa), Some(ts_i), Some(ts_r)) = (&set.sa, &set.ts_i, &set.ts_r) else {
        return Err(missing(set));
    };
    let assigned = set
        .configuration
        .as_ref()
        .filter(|reply| reply.kind == ConfigType::CFG_REPLY)
        .and_then(configuration::assigned)
        .ok_or(CloseReason::Protocol(ProtocolFault::Configuration))?;
    let selection = config.offer.child_selection(sa, None);
    let (algorithms, spi_out) =
        selection.ok_or(CloseReason::Protocol(ProtocolFault::ChildProposal))?;
    // Azure repeats TSi as often as there are TSr, and does not narrow it to our address; what we
    // need is only that our address may speak.
    let speaks = |ts: &TrafficSelectors| {
        let covered = |address| ts.0.iter().any(|s| s.start <= address && address <= s.end);
        assigned
            .addresses
            .iter()
            .any(|(address, _)| covered(*address))
    };
    if !speaks(ts_i) || ts_r.0.is_empty() {
        return Err(CloseReason::Protocol(ProtocolFault::TrafficSelectors));
    }
    let keys = ChildKeys::derive(
        candidate.negotiated.algorithms.prf(),
        &candidate.keys.sk_d,
        None,
        &candidate.nonce_i,
        &candidate.nonce_r,
        algorithms,
    );
    let child = ChildSa {
        spi_in,
        spi_out,
        algorithms,
        inbound: keys.responder,
        outbound: keys.initiator,
        ts_i: ts_i.clone(),
        ts_r: ts_r.clone(),
    };
    // RFC 4555, section 3.1: announced beside the SA payload, or not at all.
    let mobike = config.mobike && set.notify(NotifyType::MOBIKE_SUPPORTED).is_some();
    Ok(Established {
        assigned,
        child,
        mobike,
    })
}

/// The gateway made an IKE SA but no Child SA: its error, or else what it forgot.
fn missing(set: &PayloadSet<'_>) -> CloseReason {
    match set.error() {
        Some(notify) => CloseReason::NoChildSa {
            notify,
            ms_status: set.ms_status(),
        },
        None if set.sa.is_none() => missing_payload(PayloadType::SA),
        None if set.ts_i.is_none() => missing_payload(PayloadType::TS_I),
        None => missing_payload(PayloadType::TS_R),
    }
}

fn missing_payload(kind: PayloadType) -> CloseReason {
    CloseReason::Protocol(ProtocolFault::Missing(kind))
}
