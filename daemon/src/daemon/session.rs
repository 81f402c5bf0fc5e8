//! One tunnel, from the first packet to the last change undone. What is done and when is the
//! course's decision ([`azike_tunnel::course`]); this does it, on sockets and on the host.
//!
//! ```text
//!   wish, network, clock ─┐                        ┌─▶ resolver      (resolve.rs)
//!   resolver's answer ────┼─▶ Course ─▶ actions ───┼─▶ links         (link.rs, at most two)
//!   events of the links ──┘   (act.rs)             └─▶ host          (bring_up.rs, path.rs)
//!         (hear.rs)
//! ```

mod act;
mod blame;
mod bring_up;
mod engine;
mod hear;
mod link;
mod path;
mod resolve;
mod wording;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_control::{Code, Connected, Failure, State};
use azike_ike::{Authentication, Established, Event, Negotiated};
use azike_platform::{Clock, Host, HostConfig, NetworkWatch, TunDevice};
use azike_tunnel::PathWatch;
use azike_tunnel::course::{Course, LinkId, Reading, Rules, Standing, Trouble};
use azike_wire::EspSpi;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use self::blame::Blame;
use self::link::{Entropy, Link};
use super::board::Board;
use super::engine_face::Ended;
use super::profiles::Profiles;
use super::setup::Setup;
use super::stages::Stages;
use crate::failing;

/// What the user wants of the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// It shall be up.
    Up,
    /// It shall be gone.
    Down,
}

/// What a tunnel works with.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) clock: Clock,
    pub(crate) setup: Setup,
    pub(crate) host: Arc<Mutex<Host>>,
    pub(crate) board: Arc<Board>,
    pub(crate) profiles: Profiles,
    pub(crate) wish: watch::Receiver<Wish>,
    /// The login is all that is wanted: the host stays as it is.
    pub(crate) rehearsal: bool,
}

/// Who waits for the tunnel.
#[derive(Debug)]
pub(crate) struct Waiters {
    /// Gets what came of the first attempt.
    pub(crate) first: oneshot::Sender<Result<Connected, Failure>>,
    /// Is told whenever the tunnel is up.
    pub(crate) up: watch::Sender<Option<Connected>>,
}

/// A tunnel.
#[derive(Debug)]
pub(crate) struct Session {
    tools: Tools,
    course: Course,
    /// The link that carries the traffic or tries to, and its successor; in any order.
    links: [Option<Open>; 2],
    /// Links that say goodbye.
    closing: JoinSet<()>,
    resolving: Option<JoinHandle<Found>>,
    network: Option<NetworkWatch>,
    tun: Option<Arc<TunDevice>>,
    config: Option<HostConfig>,
    /// The path to the gateway, as long as there is a `config`.
    path: Option<PathWatch>,
    blame: Blame,
    /// What the board says.
    shown: Option<Standing>,
    stages: Stages,
    /// Until the first attempt is over.
    first: Option<oneshot::Sender<Result<Connected, Failure>>>,
    up: watch::Sender<Option<Connected>>,
}

/// What the resolver found: the name in use, and its addresses.
type Found = Result<(String, Vec<IpAddr>), Failure>;

/// A link, and what is known of it.
#[derive(Debug)]
struct Open {
    id: LinkId,
    link: Link,
    way: Authentication,
    negotiated: Option<Negotiated>,
    /// Until the host is told.
    established: Option<Box<Established>>,
    /// Our SPIs of the Child SAs, newest last.
    children: Vec<EspSpi>,
}

/// What the session waits for.
enum Happened {
    Heard(LinkId, Event),
    Resolved(Found),
    /// A link is gone.
    Closed,
    /// The network of this machine changed.
    Network,
    /// Something is due.
    Due,
    /// Nobody wants the tunnel any more.
    Unwanted,
}

impl Session {
    /// A tunnel that somebody wants.
    pub(crate) fn new(tools: Tools, stages: Stages, waiters: Waiters) -> Self {
        let options = &tools.setup.options;
        let rules = Rules {
            ways: tools.setup.ways.clone(),
            timeout: Duration::from_millis(u64::from(options.timeout_ms)),
            group: tools.profiles.group(&tools.setup.name),
        };
        let network = NetworkWatch::open().inspect_err(|error| {
            tracing::warn!(%error, "changes of the network are noticed late");
        });
        Self {
            course: Course::new(rules, tools.clock.now(), Box::new(Entropy)),
            links: [None, None],
            closing: JoinSet::new(),
            resolving: None,
            network: network.ok(),
            tun: None,
            config: None,
            path: None,
            blame: Blame::default(),
            shown: None,
            stages,
            first: Some(waiters.first),
            up: waiters.up,
            tools,
        }
    }

    /// Keeps the tunnel up until nobody wants it or it cannot be had, and cleans up.
    pub(crate) async fn run(mut self) -> Ended {
        loop {
            while let Some(action) = self.course.poll_action() {
                tracing::trace!(?action, "next");
                self.act(action).await;
            }
            let idle = self.closing.is_empty() && self.links.iter().all(Option::is_none);
            if idle && self.course.standing() == Standing::Closing {
                self.course.handle_gone();
            }
            self.show();
            if let Standing::Over(trouble) = self.course.standing() {
                return self.end(trouble).await;
            }
            match self.wait().await {
                Happened::Heard(id, event) => self.hear(id, event).await,
                Happened::Resolved(found) => self.resolved(found).await,
                Happened::Closed => {}
                Happened::Network => {
                    tracing::info!("the network changed");
                    let now = self.tools.clock.now();
                    self.course.handle_path_change(now);
                    if let Some(path) = &mut self.path {
                        path.look_soon(now);
                    }
                }
                Happened::Due => {
                    let reading = self.reading();
                    self.course.handle_timeout(self.tools.clock.now(), reading);
                    self.look_at_path().await;
                }
                Happened::Unwanted => self.course.close(),
            }
        }
    }

    async fn wait(&mut self) -> Happened {
        let due = self.course.poll_timeout();
        let closing = self.course.standing() == Standing::Closing;
        let [one, other] = &mut self.links;
        let clock = self.tools.clock;
        tokio::select! {
            (id, event) = next_of(one) => Happened::Heard(id, event),
            (id, event) = next_of(other) => Happened::Heard(id, event),
            found = answer_of(&mut self.resolving) => {
                self.resolving = None;
                Happened::Resolved(found)
            }
            Some(_) = self.closing.join_next() => Happened::Closed,
            () = changed(&mut self.network) => Happened::Network,
            () = until(clock, due) => Happened::Due,
            () = unwanted(&mut self.tools.wish), if !closing => Happened::Unwanted,
        }
    }

    /// What the carrier counts.
    fn reading(&mut self) -> Reading {
        let carrier = self.course.carrier();
        let mut links = self.links.iter_mut().flatten();
        let Some(open) = links.find(|open| Some(open.id) == carrier) else {
            return Reading::default();
        };
        self.tools.board.pulse(open.link.pulse());
        open.link.reading()
    }

    fn find(&mut self, id: LinkId) -> Option<&mut Open> {
        self.links.iter_mut().flatten().find(|open| open.id == id)
    }

    fn take(&mut self, id: LinkId) -> Option<Open> {
        let is_it = |open: &mut Open| open.id == id;
        self.links.iter_mut().find_map(|link| link.take_if(is_it))
    }

    /// Tells the board what the tunnel is.
    fn show(&mut self) {
        let standing = self.course.standing();
        if self.shown.as_ref() == Some(&standing) {
            return;
        }
        let board = &self.tools.board;
        match &standing {
            Standing::Resolving => board.enter(State::Resolving),
            Standing::Connecting => board.enter(State::Negotiating),
            Standing::Configuring => board.enter(State::Configuring),
            Standing::Connected => board.enter(State::Connected),
            Standing::Stalled(stall) => board.stall(blame::stalled(*stall)),
            Standing::Reconnecting => board.enter(State::Reconnecting),
            Standing::Waiting(until, _) => {
                let why = self.blame.last();
                board.wait(&why, self.tools.clock.until(*until));
            }
            Standing::Closing => board.enter(State::Disconnecting),
            Standing::Over(_) => {}
        }
        tracing::debug!(?standing, "state");
        self.shown = Some(standing);
    }

    /// Undoes everything, and says why to whoever waits.
    async fn end(mut self, trouble: Option<Trouble>) -> Ended {
        for open in self.links.iter_mut().filter_map(Option::take) {
            self.closing.spawn(open.link.stop());
        }
        while self.closing.join_next().await.is_some() {}
        let failure = trouble.map(|trouble| self.blame.failure(&trouble, &self.tools.setup));
        let failure = self.clean(failure).await;
        let Some(first) = self.first.take() else {
            self.tools.board.end(failure.clone());
            return failure.map_or(Ended::Down, Ended::Failed);
        };
        let failure = failure.unwrap_or_else(|| Code::CANCELLED.into());
        self.stages.failed(failure.title.clone()).await;
        let wanted = failure.code == Code::CANCELLED;
        self.tools.board.end((!wanted).then(|| failure.clone()));
        drop(first.send(Err(failure.clone())));
        Ended::Failed(failure)
    }

    /// Undoes every change to the host. What cannot be undone outranks why it had to be.
    async fn clean(&mut self, failure: Option<Failure>) -> Option<Failure> {
        let mut host = self.tools.host.lock().await;
        match host.clear().await {
            Ok(cleared) => {
                tracing::debug!(undone = cleared.undone.len(), "host put back");
                failure
            }
            Err(error) => Some(failing::host(&error)),
        }
    }

    /// The tunnel is up: whoever waits for it is told.
    fn announce(&mut self, config: &HostConfig) {
        let setup = &self.tools.setup;
        let connected = bring_up::connected(setup, config, self.stages.elapsed_ms());
        let (gateway, interface) = (&connected.gateway, &connected.interface);
        tracing::info!(%gateway, %interface, "connected");
        self.up.send_replace(Some(connected.clone()));
        if let Some(first) = self.first.take() {
            drop(first.send(Ok(connected)));
            // Nobody watches the stages of a tunnel that comes back by itself.
            let (progress, _) = mpsc::channel(1);
            self.stages = Stages::new(self.tools.clock, progress);
            self.keep_profile();
        }
        if let Some(group) = self.course.group()
            && !self.tools.rehearsal
        {
            self.tools
                .profiles
                .keep_group(&self.tools.setup.name, group);
        }
    }

    fn keep_profile(&self) {
        let setup = &self.tools.setup;
        if let Some(package) = &setup.package
            && !self.tools.rehearsal
            && let Err(error) = self.tools.profiles.keep(&setup.name, package)
        {
            tracing::warn!(%error, "the profile could not be kept; azike up NAME will need the file");
        }
    }
}

async fn next_of(link: &mut Option<Open>) -> (LinkId, Event) {
    match link {
        Some(open) => (open.id, open.link.next().await),
        None => std::future::pending().await,
    }
}

async fn answer_of(resolving: &mut Option<JoinHandle<Found>>) -> Found {
    match resolving {
        Some(task) => task.await.unwrap_or_else(|_| Err(Code::INTERNAL.into())),
        None => std::future::pending().await,
    }
}

async fn changed(network: &mut Option<NetworkWatch>) {
    match network {
        Some(network) => network.changed().await,
        None => std::future::pending().await,
    }
}

async fn until(clock: Clock, due: Option<Instant>) {
    match due {
        Some(due) => clock.sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Waits until the tunnel is no longer wanted, or nobody is left who could want it.
async fn unwanted(wish: &mut watch::Receiver<Wish>) {
    // An error means that the engine is gone, which is a wish as well.
    drop(wish.wait_for(|wish| *wish == Wish::Down).await);
}
