//! One tunnel, from the first packet to the last change undone.
//!
//! ```text
//!   resolve ─▶ attempt (address × way to log in) ─▶ host ─▶ stay ─▶ leave
//!      ▲          │ failed: the next one                │
//!      │          └─────────▶ end                       │ gateway gone
//!      └────────────────────── reconnect ◀──────────────┘
//! ```

pub(crate) mod bring_up;
pub(crate) mod link;
mod reconnect;
pub(crate) mod resolve;
mod wording;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_control::{Code, Connected, Failure, Stage, State, Warning};
use azike_ike::{Authentication, ChildSa, CloseReason, Event, Maker, Progress};
use azike_platform::{Clock, Host};
use azike_wire::{ExchangeType, NotifyType};
use tokio::sync::{Mutex, oneshot, watch};

use self::bring_up::Live;
use self::link::{Link, Pulse};
use super::board::Board;
use super::engine_face::Ended;
use super::profiles::Profiles;
use super::setup::Setup;
use super::stages::Stages;
use crate::failing;

/// How often it is looked at whether the gateway is heard.
const LOOK: Duration = Duration::from_secs(1);

/// What the user wants of the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// It shall be up.
    Up,
    /// It shall be gone.
    Down,
}

/// A tunnel and what it works with.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) clock: Clock,
    pub(crate) setup: Setup,
    pub(crate) host: Arc<Mutex<Host>>,
    pub(crate) board: Arc<Board>,
    pub(crate) profiles: Profiles,
    pub(crate) wish: watch::Receiver<Wish>,
    /// The gateway lists the roots it accepts, and ours is not among them.
    pub(crate) root_not_listed: bool,
}

/// Why an attempt came to nothing.
enum Attempt {
    /// This address does not answer: another may.
    Silent(CloseReason),
    /// The gateway does not like this way to log in: another may do.
    LoginRefused(CloseReason),
    /// Nothing else will do.
    Failed(Failure),
}

impl Session {
    /// Connects, tells `first` what came of it, stays up until it ends, and cleans up.
    pub(crate) async fn run(
        mut self,
        mut stages: Stages,
        first: oneshot::Sender<Result<Connected, Failure>>,
        up: watch::Sender<Option<Connected>>,
    ) -> Ended {
        let result = match self.connect(&mut stages).await {
            Ok(live) => {
                self.keep_profile();
                let connected = live.connected(&self.setup, stages.elapsed_ms());
                self.board.enter(State::Connected);
                tracing::info!(gateway = %connected.gateway, interface = %connected.interface, "connected");
                up.send_replace(Some(connected.clone()));
                drop(first.send(Ok(connected)));
                self.keep_up(live).await
            }
            Err(failure) => {
                stages.failed(failure.title.clone()).await;
                let failure = self
                    .clean(Some(failure))
                    .await
                    .unwrap_or_else(|| Code::CANCELLED.into());
                let wanted = failure.code == Code::CANCELLED;
                self.board.end((!wanted).then(|| failure.clone()));
                drop(first.send(Err(failure.clone())));
                return Ended::Failed(failure);
            }
        };
        self.board.enter(State::Disconnecting);
        let failure = self.clean(result).await;
        self.board.end(failure.clone());
        failure.map_or(Ended::Down, Ended::Failed)
    }

    async fn connect(&mut self, stages: &mut Stages) -> Result<Live, Failure> {
        let limit = Duration::from_millis(u64::from(self.setup.options.timeout_ms));
        let deadline = self.clock.now() + limit;
        let (clock, mut wish) = (self.clock, self.wish.clone());
        let result = tokio::select! {
            result = self.try_all(stages, deadline) => result,
            () = clock.sleep_until(deadline) => {
                let what = format!("not connected after {} s", limit.as_secs());
                Err(Failure::new(Code::TIMEOUT, what))
            }
            () = unwanted(&mut wish) => Err(Code::CANCELLED.into()),
        };
        result
    }

    /// Every address, every way to log in, until one works.
    async fn try_all(&mut self, stages: &mut Stages, deadline: Instant) -> Result<Live, Failure> {
        self.board.enter(State::Resolving);
        stages.start(Stage::Resolve).await;
        let (host, addresses) = resolve::gateway(&self.setup).await?;
        stages
            .done(Stage::Resolve, wording::resolved(&host, &addresses))
            .await;
        let mut silent = None;
        let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in addresses {
            let share = self.clock.until(deadline) / left.max(1);
            left = left.saturating_sub(1);
            match self.try_ways(stages, (address, share)).await {
                Ok(live) => return Ok(live),
                Err(Attempt::Silent(reason)) => silent = Some(reason),
                Err(Attempt::LoginRefused(reason)) => {
                    return Err(failing::login(&reason, self.root_not_listed));
                }
                Err(Attempt::Failed(failure)) => return Err(failure),
            }
        }
        Err(match silent {
            Some(reason) => failing::close_reason(&reason),
            None => Failure::new(Code::NAME_NOT_RESOLVED, "the gateway's name has no address"),
        })
    }

    async fn try_ways(
        &mut self,
        stages: &mut Stages,
        (address, share): (IpAddr, Duration),
    ) -> Result<Live, Attempt> {
        let mut refused = None;
        let ways = self.setup.ways.clone();
        for (way, next) in ways.iter().zip(ways.iter().skip(1).map(Some).chain([None])) {
            match self.attempt(stages, (address, share), *way).await {
                Err(Attempt::LoginRefused(reason)) => {
                    tracing::info!(?way, %reason, "login refused");
                    refused = Some(better(refused, reason));
                    if next.is_some() {
                        stages.start(Stage::Login).await;
                        stages.failed(wording::login_refused(*way)).await;
                    }
                }
                other => return other,
            }
        }
        Err(match refused {
            Some(reason) => Attempt::LoginRefused(reason),
            None => Attempt::Failed(Code::INTERNAL.into()),
        })
    }

    async fn attempt(
        &mut self,
        stages: &mut Stages,
        (address, share): (IpAddr, Duration),
        way: Authentication,
    ) -> Result<Live, Attempt> {
        self.board.enter(State::Negotiating);
        self.board
            .note(|status| status.gateway.addr = Some(address.to_string()));
        stages.start(Stage::Negotiate).await;
        let mut link =
            Link::open(self.clock, &self.setup, (address, share), way).map_err(Attempt::Failed)?;
        loop {
            match link.next().await {
                Event::Progress(progress) => self.progress(stages, way, progress).await,
                Event::Established(established) => {
                    let login = wording::login(way);
                    stages.done(Stage::Login, login).await;
                    self.board.enter(State::Configuring);
                    return self
                        .bring_up(stages, link, *established)
                        .await
                        .map_err(Attempt::Failed);
                }
                Event::Closed(reason) => {
                    let unsent = link.unsent().filter(|_| silent(&reason));
                    link.stop().await;
                    return Err(unsent.map_or_else(|| classify(reason), Attempt::Failed));
                }
                // A Child SA cannot go before it came; signatures are the link's business.
                Event::ChildSaUp(..) | Event::ChildSaDown(_) | Event::Sign(_) => {}
            }
        }
    }

    async fn progress(&mut self, stages: &mut Stages, way: Authentication, progress: Progress) {
        match progress {
            Progress::Negotiated(negotiated) => {
                stages
                    .done(Stage::Negotiate, wording::negotiated(&negotiated))
                    .await;
                stages.done(Stage::Nat, wording::nat(&negotiated)).await;
                let ike = wording::ike_status(&negotiated);
                self.board.note(|status| status.ike = Some(ike));
                self.board.enter(State::Authenticating);
                stages.start(Stage::Server).await;
            }
            Progress::GatewayVerified(gateway) => {
                stages.done(Stage::Server, wording::server(&gateway)).await;
                stages.start(Stage::Login).await;
            }
            Progress::RootNotListed => {
                self.root_not_listed = true;
                let text = "the gateway does not list the root of this client certificate";
                let warning = Warning::new(Code::CERTIFICATE_LIST_HINT, text);
                if !self.setup.warnings.contains(&warning) {
                    self.setup.warnings.push(warning.clone());
                    self.board.note(|status| status.warnings.push(warning));
                }
            }
            Progress::Cookie => tracing::info!("the gateway asks for a cookie"),
            Progress::OtherGroup(group) => {
                tracing::info!(%group, "the gateway asks for another group");
            }
            Progress::EapStarted | Progress::Authenticated => {
                tracing::debug!(?way, "login goes on");
            }
        }
    }

    /// Until somebody wants it gone (`None`) or the gateway is.
    async fn stay(&mut self, mut live: Live) -> Option<Failure> {
        let mut look = self.clock.now() + LOOK;
        let ended = loop {
            tokio::select! {
                event = live.link.next() => match event {
                    Event::Closed(reason) => break Some(failing::close_reason(&reason)),
                    Event::ChildSaUp(child, maker) => self.rekeyed(&mut live, *child, maker),
                    Event::ChildSaDown(spi_in) => {
                        live.children.retain(|child| *child != spi_in);
                        if live.children.is_empty() {
                            let what = "the gateway ended the tunnel";
                            break Some(Failure::new(Code::GATEWAY_CLOSED, what));
                        }
                        live.link.retire(spi_in);
                    }
                    Event::Progress(_) | Event::Sign(_) | Event::Established(_) => {}
                },
                () = self.clock.sleep_until(look) => {
                    look = self.clock.now() + LOOK;
                    self.board.enter(match live.link.pulse() {
                        Pulse::Alive => State::Connected,
                        Pulse::Stalled => State::Stalled,
                    });
                }
                () = unwanted(&mut self.wish) => {
                    self.board.enter(State::Disconnecting);
                    break None;
                }
            }
        };
        live.link.close().await;
        ended
    }

    /// New keys for the tunnel.
    fn rekeyed(&self, live: &mut Live, child: ChildSa, maker: Maker) {
        tracing::info!(?maker, spi = %child.spi_in, "new keys");
        let status = wording::child_status(&child);
        live.children.push(child.spi_in);
        live.link.install(child, maker);
        self.board.keys(live.link.datapath.meter(), status);
    }

    /// Undoes every change to the host. What cannot be undone outranks why it had to be.
    async fn clean(&self, failure: Option<Failure>) -> Option<Failure> {
        let mut host = self.host.lock().await;
        match host.clear().await {
            Ok(cleared) => {
                tracing::debug!(undone = cleared.undone.len(), "host put back");
                failure
            }
            Err(error) => Some(failing::host(&error)),
        }
    }

    fn is_wanted(&self) -> bool {
        *self.wish.borrow() == Wish::Up
    }

    fn keep_profile(&self) {
        if let Some(package) = &self.setup.package
            && let Err(error) = self.profiles.keep(&self.setup.name, package)
        {
            tracing::warn!(%error, "the profile could not be kept; azike up NAME will need the file");
        }
    }
}

/// Waits until the tunnel is no longer wanted, or nobody is left who could want it.
async fn unwanted(wish: &mut watch::Receiver<Wish>) {
    // An error means that the engine is gone, which is a wish as well.
    drop(wish.wait_for(|wish| *wish == Wish::Down).await);
}

fn silent(reason: &CloseReason) -> bool {
    matches!(reason, CloseReason::NoAnswer { .. })
}

/// What else could be tried after `reason`.
fn classify(reason: CloseReason) -> Attempt {
    match &reason {
        CloseReason::NoAnswer { .. } => Attempt::Silent(reason),
        CloseReason::Refused {
            exchange: ExchangeType::IKE_AUTH,
            ..
        }
        | CloseReason::NotSigned
        | CloseReason::Eap(_) => Attempt::LoginRefused(reason),
        CloseReason::Refused { .. }
        | CloseReason::NoChildSa { .. }
        | CloseReason::Trust(_)
        | CloseReason::Authentication(_)
        | CloseReason::Protocol(_)
        | CloseReason::Deleted
        | CloseReason::Closed => Attempt::Failed(failing::close_reason(&reason)),
    }
}

/// Which of two refusals tells the user more: a reason beats the bare
/// `AUTHENTICATION_FAILED`, and otherwise the first one counts.
fn better(first: Option<CloseReason>, second: CloseReason) -> CloseReason {
    let bare = |reason: &CloseReason| {
        matches!(
            reason,
            CloseReason::Refused {
                notify: NotifyType::AUTHENTICATION_FAILED,
                root_not_listed: false,
                ms_status: None,
                ..
            }
        )
    };
    match first {
        Some(first) if !bare(&first) || bare(&second) => first,
        Some(_) | None => second,
    }
}
