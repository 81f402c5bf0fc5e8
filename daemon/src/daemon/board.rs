//! The status of the tunnel, as `azike status` shows it: written by the session, read by anybody.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use azike_control::{
    ChildStatus, DnsStatus, Drops, Failure, GatewayStatus, Intent, Liveness, State, StatusDocument,
    TransportKind, TunnelStatus, UtcTime, Waiting, Warning,
};
use azike_platform::Clock;
use azike_wire::Spi;

use azike_datapath::{DataCounters, DropCause, FlowCounters, Meter};

/// What is known of the tunnel.
#[derive(Debug)]
pub(crate) struct Board {
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seq: u64,
    /// It was up before: whatever it does until it is up again is one state.
    again: bool,
    tunnel: Option<Entry>,
}

#[derive(Debug)]
struct Entry {
    status: TunnelStatus,
    since: Instant,
    keys: Option<Instant>,
    ike_keys: Option<Instant>,
    rekeys_at: RekeysAt,
    meter: Option<Meter>,
}

/// When the IKE SA and the Child SA get new keys.
type RekeysAt = Option<(Instant, Option<Instant>)>;

/// What the engine says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pulse {
    /// New keys are being made.
    pub(crate) rekeying: bool,
    /// How long the last exchange took.
    pub(crate) round_trip: Option<Duration>,
    /// When the IKE SA and the Child SA get new keys.
    pub(crate) rekeys_at: RekeysAt,
}

impl Board {
    /// A board on which no tunnel stands.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            inner: Mutex::default(),
        }
    }

    /// A new tunnel, just asked for.
    pub(crate) fn begin(&self, name: &str, gateway: &str, warnings: Vec<Warning>) {
        let now = UtcTime::from_unix(self.clock.unix_time());
        let status = TunnelStatus {
            name: name.to_owned(),
            state: State::Resolving,
            intent: Intent::Up,
            since: now,
            since_s: 0,
            rekeying: false,
            waiting: None,
            gateway: GatewayStatus {
                host: gateway.to_owned(),
                addr: None,
                port: 500,
                transport: TransportKind::Udp,
            },
            ike: None,
            child: Vec::new(),
            address: Vec::new(),
            interface: None,
            mtu: None,
            routes: Vec::new(),
            dns: DnsStatus::default(),
            liveness: Liveness::default(),
            certificate: None,
            warnings,
            last_error: None,
        };
        let entry = Entry {
            status,
            since: self.clock.now(),
            keys: None,
            ike_keys: None,
            rekeys_at: None,
            meter: None,
        };
        let mut inner = self.lock();
        inner.seq += 1;
        inner.again = false;
        inner.tunnel = Some(entry);
    }

    /// The tunnel is in another state.
    pub(crate) fn enter(&self, state: State) {
        let (now, wall) = (self.clock.now(), UtcTime::from_unix(self.clock.unix_time()));
        let mut inner = self.lock();
        inner.seq += 1;
        let step = matches!(
            state,
            State::Resolving | State::Negotiating | State::Authenticating | State::Configuring
        );
        let state = if step && inner.again {
            State::Reconnecting
        } else {
            state
        };
        if let Some(entry) = &mut inner.tunnel
            && entry.status.state != state
        {
            entry.status.waiting = None;
            if state == State::Connected {
                entry.status.last_error = None;
            }
            entry.status.state = state;
            entry.status.since = wall;
            entry.since = now;
        }
    }

    /// Something about the tunnel is known now.
    pub(crate) fn note(&self, note: impl FnOnce(&mut TunnelStatus)) {
        let mut inner = self.lock();
        inner.seq += 1;
        if let Some(entry) = &mut inner.tunnel {
            note(&mut entry.status);
        }
    }

    /// Keys are in use; `meter` counts what they carry.
    pub(crate) fn keys(&self, meter: Meter, child: ChildStatus) {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.seq += 1;
        if let Some(entry) = &mut inner.tunnel {
            entry.keys = Some(now);
            entry.meter = Some(meter);
            entry.status.child = vec![child];
        }
    }

    /// The IKE SA was made, or has new keys.
    pub(crate) fn ike_keys(&self, (spi_i, spi_r): (Spi, Spi), suite: String) {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.seq += 1;
        if let Some(entry) = &mut inner.tunnel {
            entry.ike_keys = Some(now);
            if let Some(ike) = &mut entry.status.ike {
                ike.spi_i = format!("{:016x}", spi_i.value());
                ike.spi_r = format!("{:016x}", spi_r.value());
                ike.suite = suite;
            }
        }
    }

    /// What the engine says of itself, now and then.
    pub(crate) fn pulse(&self, pulse: Pulse) {
        let mut inner = self.lock();
        if let Some(entry) = &mut inner.tunnel {
            entry.rekeys_at = pulse.rekeys_at;
            entry.status.rekeying = pulse.rekeying;
            let milliseconds = pulse.round_trip.map(|time| time.as_millis());
            entry.status.liveness.rtt_ms = milliseconds.and_then(|it| u64::try_from(it).ok());
        }
    }

    /// The tunnel was up, and is lost for `failure`.
    pub(crate) fn lose(&self, failure: Failure) {
        self.lock().again = true;
        self.enter(State::Reconnecting);
        self.note(|status| {
            forget(status);
            status.last_error = Some(failure);
        });
        let mut inner = self.lock();
        if let Some(entry) = &mut inner.tunnel {
            entry.forget_keys();
        }
    }

    /// The tunnel is there and does not count as connected, because of `failure`.
    pub(crate) fn stall(&self, failure: Failure) {
        self.enter(State::Stalled);
        self.note(|status| status.last_error = Some(failure));
    }

    /// The next try is due after `pause`.
    pub(crate) fn wait(&self, why: &Failure, pause: Duration) {
        self.enter(State::Waiting);
        let waiting = Waiting {
            reason: why.title.clone(),
            next_at: Some(UtcTime::from_unix(self.clock.unix_time() + pause)),
        };
        self.note(|status| status.waiting = Some(waiting));
    }

    /// The tunnel is gone because somebody wanted it, or because of `failure`.
    pub(crate) fn end(&self, failure: Option<Failure>) {
        let state = failure.as_ref().map_or(State::Idle, |_| State::Failed);
        self.enter(state);
        let mut inner = self.lock();
        if let Some(entry) = &mut inner.tunnel {
            let status = &mut entry.status;
            // What failed is still wanted, although nothing will come of it.
            if failure.is_none() {
                status.intent = Intent::Down;
            }
            forget(status);
            status.last_error = failure;
            entry.forget_keys();
        }
    }

    /// Nobody wants the tunnel any more, whatever became of it.
    pub(crate) fn unwanted(&self) {
        self.note(|status| status.intent = Intent::Down);
    }

    /// What is.
    pub(crate) fn document(&self) -> StatusDocument {
        let now = self.clock.now();
        let inner = self.lock();
        let tunnels = inner.tunnel.iter().map(|entry| entry.at(now)).collect();
        StatusDocument::new(inner.seq, tunnels)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn forget_keys(&mut self) {
        self.meter = None;
        self.keys = None;
        self.ike_keys = None;
        self.rekeys_at = None;
        self.status.rekeying = false;
    }

    fn at(&self, now: Instant) -> TunnelStatus {
        let mut status = self.status.clone();
        status.since_s = now.saturating_duration_since(self.since).as_secs();
        let age = |keys: Option<Instant>| {
            keys.map_or(0, |keys| now.saturating_duration_since(keys).as_secs())
        };
        let left = |at: Instant| at.saturating_duration_since(now).as_secs();
        if let Some(ike) = &mut status.ike {
            ike.age_s = age(self.ike_keys);
            ike.rekey_in_s = self.rekeys_at.map(|(ike, _)| left(ike));
        }
        if let Some(counters) = self.meter.as_ref().map(Meter::read) {
            let received = counters.last_received;
            status.liveness.last_rx_s =
                received.map(|at| now.saturating_duration_since(at).as_secs());
            if let Some(child) = status.child.first_mut() {
                child.age_s = age(self.keys);
                child.rekey_in_s = self.rekeys_at.and_then(|(_, child)| child).map(left);
                count(child, &counters);
            }
        }
        status
    }
}

/// What only a tunnel that is up has.
fn forget(status: &mut TunnelStatus) {
    status.ike = None;
    status.child.clear();
    status.address.clear();
    status.routes.clear();
    status.interface = None;
    status.mtu = None;
    status.dns = DnsStatus::default();
    status.liveness = Liveness::default();
}

fn count(child: &mut ChildStatus, counters: &DataCounters) {
    child.bytes_in = counters.download.octets;
    child.bytes_out = counters.upload.octets;
    child.packets_in = counters.download.packets;
    child.packets_out = counters.upload.packets;
    let lost = |causes: &[DropCause]| {
        let flow = |flow: &FlowCounters| causes.iter().map(|cause| flow.lost(*cause)).sum::<u64>();
        flow(&counters.download) + flow(&counters.upload)
    };
    child.drops = Drops {
        replay: lost(&[DropCause::Replayed]),
        icv: lost(&[DropCause::NotAuthentic]),
        policy: lost(&[DropCause::NotOurs, DropCause::NotSelected]),
        malformed: lost(&[
            DropCause::Malformed,
            DropCause::UnknownSpi,
            DropCause::Short,
            DropCause::BadPayload,
            DropCause::BadInnerPacket,
        ]),
    };
}
