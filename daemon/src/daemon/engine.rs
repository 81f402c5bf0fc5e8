//! The engine of this system: at most one tunnel, on the real host.

use std::io;
use std::path::Path;
use std::sync::Arc;

use azike_control::{
    Code, Connected, Failure, ResetReport, Stage, StageReport, StatusDocument, Warning,
};
use azike_platform::{Cleared, Clock, Host, TunDevice};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::board::Board;
use super::engine_face::{DownOutcome, Ended, Engine, EngineSource, Places, UpJob, UpOutcome};
use super::process;
use super::profiles::Profiles;
use super::session::{Session, Tools, Waiters, Wish};
use super::setup::{self, Setup};
use super::stages::Stages;
use crate::failing;

/// Starts [`TunnelEngine`]s.
#[derive(Clone, Copy, Debug, Default)]
pub struct TunnelEngines;

impl EngineSource for TunnelEngines {
    type Engine = TunnelEngine;

    /// Makes a tun device and lets it go: nothing else tells as surely whether one can be had.
    fn check(&self) -> Result<(), Failure> {
        process::may_create_interfaces()?;
        TunDevice::create()
            .map(drop)
            .map_err(|error| failing::tun(&error))
    }

    async fn start(&self, places: Places) -> Result<Self::Engine, Failure> {
        // A rewritten resolv.conf outlives a power cut, and so must the journal that puts it back.
        let mut host = Host::open(&places.state).map_err(|error| failing::host(&error))?;
        let leftovers = host.has_leftovers();
        let cleared = host
            .recover()
            .await
            .map_err(|error| failing::host(&error))?;
        if leftovers {
            tracing::warn!(
                undone = cleared.undone.len(),
                "undid what a killed azike left behind"
            );
        }
        let mut engine = TunnelEngine::new(host, Profiles::new(&places.state));
        engine.recovered = Mutex::new(cleared);
        Ok(engine)
    }

    fn rehearse(&self, state: &Path) -> Result<Self::Engine, Failure> {
        let failed = |error: io::Error| {
            let what = "there is no place for temporary files";
            Failure::new(Code::INTERNAL, what).seen(error.to_string())
        };
        // A journal that stays empty, and not the one of a daemon.
        let scratch = tempfile::tempdir().map_err(failed)?;
        let host = Host::open(scratch.path()).map_err(|error| failing::host(&error))?;
        let mut engine = TunnelEngine::new(host, Profiles::new(state));
        engine.rehearsal = Some(scratch);
        Ok(engine)
    }
}

/// Makes and keeps one tunnel.
#[derive(Debug)]
pub struct TunnelEngine {
    clock: Clock,
    host: Arc<Mutex<Host>>,
    board: Arc<Board>,
    profiles: Profiles,
    slot: Mutex<Option<Running>>,
    ended: watch::Sender<Option<Ended>>,
    /// What the start undid, until a reset tells somebody.
    recovered: Mutex<Cleared>,
    /// It only logs in. The folder of its journal.
    rehearsal: Option<TempDir>,
}

/// The tunnel that is, or was last.
#[derive(Debug)]
struct Running {
    name: String,
    wish: watch::Sender<Wish>,
    connected: watch::Receiver<Option<Connected>>,
    over: watch::Receiver<bool>,
}

impl Engine for TunnelEngine {
    async fn up(
        &self,
        job: UpJob,
        progress: mpsc::Sender<StageReport>,
    ) -> Result<UpOutcome, Failure> {
        let mut slot = self.slot.lock().await;
        if let Some(running) = slot.as_ref().filter(|running| !*running.over.borrow()) {
            return running.again(&job);
        }
        let listener = progress.clone();
        let mut stages = Stages::new(self.clock, progress);
        let setup = match self.prepare(job, &mut stages).await {
            Ok(setup) => setup,
            Err(failure) => {
                stages.failed(failure.title.clone()).await;
                return Err(failure);
            }
        };
        let (running, first) = self.spawn(setup, stages);
        let wish = running.wish.clone();
        *slot = Some(running);
        drop(slot);
        wait(first, listener, wish).await
    }

    async fn down(&self) -> Result<DownOutcome, Failure> {
        self.board.unwanted();
        let mut over = {
            let slot = self.slot.lock().await;
            match slot.as_ref().filter(|running| !*running.over.borrow()) {
                Some(running) => {
                    running.wish.send_replace(Wish::Down);
                    running.over.clone()
                }
                None => return Ok(DownOutcome::NotConnected),
            }
        };
        // The sender is gone only with its task, which is over then.
        drop(over.wait_for(|over| *over).await);
        match &*self.ended.borrow() {
            // Whatever ended the tunnel, it is gone, as was asked; unless the host is not as it was.
            Some(Ended::Failed(failure)) if failure.code == Code::RECOVERY_FAILED => {
                Err(failure.clone())
            }
            Some(_) | None => Ok(DownOutcome::Disconnected),
        }
    }

    async fn status(&self) -> StatusDocument {
        self.board.document()
    }

    async fn reset(&self) -> Result<ResetReport, Failure> {
        self.down().await?;
        let mut host = self.host.lock().await;
        let cleared = host.clear().await.map_err(|error| failing::host(&error))?;
        let mut all = std::mem::take(&mut *self.recovered.lock().await);
        all.undone.extend(cleared.undone);
        all.left.extend(cleared.left);
        Ok(report(&all))
    }

    async fn ended(&self) -> Ended {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone().unwrap_or(Ended::Down),
            Err(_) => Ended::Down,
        }
    }
}

impl TunnelEngine {
    fn new(host: Host, profiles: Profiles) -> Self {
        let clock = Clock::start();
        Self {
            clock,
            host: Arc::new(Mutex::new(host)),
            board: Arc::new(Board::new(clock)),
            profiles,
            slot: Mutex::new(None),
            ended: watch::Sender::new(Some(Ended::Down)),
            recovered: Mutex::default(),
            rehearsal: None,
        }
    }

    async fn prepare(&self, job: UpJob, stages: &mut Stages) -> Result<Setup, Failure> {
        stages.start(Stage::Profile).await;
        let package = setup::package(job.package, &self.profiles)?;
        stages.done(Stage::Profile, package.summary()).await;
        stages.start(Stage::Identity).await;
        let now = self.clock.unix_time();
        let input = job.identity;
        let read = move || setup::identity(&input, now);
        let identity = tokio::task::spawn_blocking(read).await;
        let identity = identity.map_err(|_| Failure::from(Code::INTERNAL))??;
        let setup = setup::assemble(package, &identity, job.options, now)?;
        stages
            .done(Stage::Identity, setup.identity_summary(&identity))
            .await;
        Ok(setup)
    }

    fn spawn(
        &self,
        setup: Setup,
        stages: Stages,
    ) -> (Running, oneshot::Receiver<Result<Connected, Failure>>) {
        let name = setup.name.clone();
        self.board
            .begin(&name, setup.profile.server.as_str(), setup.warnings.clone());
        let (wish, wished) = watch::channel(Wish::Up);
        let (connected_now, connected) = watch::channel(None);
        let (over_now, over) = watch::channel(false);
        let (first_now, first) = oneshot::channel();
        let tools = Tools {
            clock: self.clock,
            setup,
            host: Arc::clone(&self.host),
            board: Arc::clone(&self.board),
            profiles: self.profiles.clone(),
            wish: wished,
            rehearsal: self.rehearsal.is_some(),
        };
        let waiters = Waiters {
            first: first_now,
            up: connected_now,
        };
        let session = Session::new(tools, stages, waiters);
        let ended = self.ended.clone();
        ended.send_replace(None);
        tokio::spawn(async move {
            let told = Box::pin(session.run()).await;
            ended.send_replace(Some(told));
            over_now.send_replace(true);
        });
        let running = Running {
            name,
            wish,
            connected,
            over,
        };
        (running, first)
    }
}

/// The outcome of the attempt; gives it up when nobody waits for it any more.
async fn wait(
    mut first: oneshot::Receiver<Result<Connected, Failure>>,
    listener: mpsc::Sender<StageReport>,
    wish: watch::Sender<Wish>,
) -> Result<UpOutcome, Failure> {
    let outcome = tokio::select! {
        outcome = &mut first => outcome,
        () = listener.closed() => {
            wish.send_replace(Wish::Down);
            first.await
        }
    };
    match outcome {
        Ok(connected) => connected.map(UpOutcome::Connected),
        Err(_) => Err(Code::INTERNAL.into()),
    }
}

impl Running {
    /// What `up` means while this tunnel is there.
    fn again(&self, job: &UpJob) -> Result<UpOutcome, Failure> {
        if job.package.name() != self.name {
            let what = format!(
                "the tunnel '{}' is up, and azike makes one at a time",
                self.name
            );
            return Err(Failure::new(Code::OTHER_TUNNEL, what));
        }
        match &*self.connected.borrow() {
            Some(connected) => Ok(UpOutcome::AlreadyConnected(connected.clone())),
            None => Err(Code::ALREADY_CONNECTING.into()),
        }
    }
}

fn report(cleared: &Cleared) -> ResetReport {
    ResetReport {
        undone: cleared.undone.iter().map(ToString::to_string).collect(),
        warnings: cleared
            .left
            .iter()
            .map(failing::left)
            .collect::<Vec<Warning>>(),
    }
}
