//! What the engine of a link has to know.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_control::UpOptions;
use azike_ike::{
    Config, Gateway, Lifetimes, Patience, Redirect, RedirectSource, Transport, WallClock,
};
use azike_tunnel::course::Attempt;

use crate::daemon::setup::Setup;

/// The largest IKE datagram that is sent in one piece, in octets of UDP payload: what fits into the
/// smallest MTU of IPv6, so that it is never cut on the way.
const FRAGMENT_SIZE: usize = 1200;

/// The gateway at this address.
pub(super) fn gateway(address: IpAddr, options: &UpOptions) -> Gateway {
    let usual = Gateway::new(address);
    let ports = (usual.port_500, usual.port_4500);
    let (port_500, port_4500) = options.gateway_ports.unwrap_or(ports);
    Gateway {
        address,
        port_500,
        port_4500,
    }
}

/// For this attempt: the first request goes to port `first`, from our address `local`; it is `now`,
/// and `unix` since 1970.
pub(super) fn config(
    setup: &Setup,
    attempt: &Attempt,
    (first, local): (Transport, Option<SocketAddr>),
    (now, unix): (Instant, Duration),
) -> Config {
    let patience = Patience::default();
    Config {
        gateway: gateway(attempt.address, &setup.options),
        first,
        identity: setup.identity.clone(),
        trust: Arc::clone(&setup.trust),
        authentication: attempt.way,
        offer: setup.offer.clone(),
        first_group: attempt.group,
        local,
        wall_clock: WallClock { at: now, unix },
        patience: Patience {
            // Silence shall be reported as silence, before the whole attempt runs out of time.
            handshake: patience.handshake.min(attempt.share.mul_f32(0.9)),
            ..patience
        },
        lifetimes: lifetimes(&setup.options),
        fragment_size: setup
            .options
            .fragment_size
            .map_or(FRAGMENT_SIZE, usize::from),
        mobike: true,
        redirect: Redirect {
            accept: true,
            from: attempt.redirected_from.map(RedirectSource),
        },
        initial_contact: !attempt.beside,
    }
}

fn lifetimes(options: &UpOptions) -> Lifetimes {
    let usual = Lifetimes::default();
    let wish = |seconds: Option<u32>| seconds.map(|s| Duration::from_secs(u64::from(s)));
    Lifetimes {
        child: wish(options.child_lifetime_s).unwrap_or(usual.child),
        ike: wish(options.ike_lifetime_s).unwrap_or(usual.ike),
        child_octets: options.child_octets.or(usual.child_octets),
        child_packets: options.child_packets.or(usual.child_packets),
    }
}
