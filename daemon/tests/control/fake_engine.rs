//! An engine that makes no tunnel and says whatever a test wants.

use std::path::Path;
use std::sync::{Arc, Mutex};

use azike::daemon::engine_face::{
    DownOutcome, Ended, Engine, EngineSource, IdentityInput, PackageInput, Places, UpJob, UpOutcome,
};
use azike_control::{
    Code, Connected, Failure, ResetReport, Stage, StageReport, StatusDocument, Warning,
};
use tokio::sync::{mpsc, watch};

/// What `up` does after its steps.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// The tunnel works.
    Connect,
    /// It does not.
    Fail(Failure),
    /// It takes for ever.
    Hang,
    /// The identity needs this password.
    Password(&'static str),
}

/// An engine for tests; a copy is the same engine.
#[derive(Clone, Debug)]
pub(crate) struct FakeEngine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    behaviour: Mutex<Behaviour>,
    steps: Mutex<Vec<StageReport>>,
    jobs: Mutex<Vec<Seen>>,
    refuse_to_start: Mutex<Option<Failure>>,
    up: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Down,
    Trying,
    Up,
}

/// What arrived with a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) package: Option<Vec<u8>>,
    pub(crate) identity: Vec<u8>,
    pub(crate) password: Option<String>,
    pub(crate) debug: String,
}

impl FakeEngine {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self(Arc::new(Inner {
            behaviour: Mutex::new(behaviour),
            steps: Mutex::default(),
            jobs: Mutex::default(),
            refuse_to_start: Mutex::default(),
            up: watch::Sender::new(State::Down),
        }))
    }

    /// The steps that `up` reports.
    pub(crate) fn reporting(self, steps: Vec<StageReport>) -> Self {
        *self.0.steps.lock().unwrap() = steps;
        self
    }

    /// Makes [`EngineSource::check`] fail.
    pub(crate) fn refusing(self, failure: Failure) -> Self {
        *self.0.refuse_to_start.lock().unwrap() = Some(failure);
        self
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.0.behaviour.lock().unwrap() = behaviour;
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.jobs.lock().unwrap().clone()
    }

    pub(crate) fn is_up(&self) -> bool {
        *self.0.up.borrow() == State::Up
    }

    /// Waits until an attempt is under way.
    pub(crate) async fn trying(&self) {
        self.reached(State::Trying).await;
    }

    /// Waits until nothing is up or under way.
    pub(crate) async fn idle(&self) {
        self.reached(State::Down).await;
    }

    async fn reached(&self, wanted: State) {
        let mut state = self.0.up.subscribe();
        state.wait_for(|state| *state == wanted).await.unwrap();
    }
}

pub(crate) fn connected() -> Connected {
    Connected {
        name: "contoso".into(),
        gateway: "azuregateway-1.vpn.azure.com".into(),
        interface: "azike0".into(),
        addresses: vec!["172.16.201.4".into()],
        mtu: 1378,
        routes: vec!["10.1.0.0/16".into()],
        dns_servers: vec!["10.1.0.4".into()],
        elapsed_ms: 612,
        warnings: vec![Warning::new(
            Code::IDENTITY_EXPIRES_SOON,
            "the certificate expires soon",
        )],
    }
}

impl Engine for FakeEngine {
    async fn up(
        &self,
        job: UpJob,
        progress: mpsc::Sender<StageReport>,
    ) -> Result<UpOutcome, Failure> {
        let debug = format!("{job:?}");
        let (name, package) = match &job.package {
            PackageInput::Octets { name, octets } => (name.clone(), Some(octets.clone())),
            PackageInput::Stored { name } => (name.clone(), None),
        };
        let (identity, password) = match &job.identity {
            IdentityInput::File { octets, password } => (
                octets.to_vec(),
                password.as_ref().map(|password| password.to_string()),
            ),
            IdentityInput::Keychain { selector } => (selector.clone().into_bytes(), None),
        };
        self.0.jobs.lock().unwrap().push(Seen {
            name,
            package,
            identity,
            password: password.clone(),
            debug,
        });
        if self.is_up() {
            return Ok(UpOutcome::AlreadyConnected(connected()));
        }
        self.0.up.send_replace(State::Trying);
        let steps = self.0.steps.lock().unwrap().clone();
        for step in steps {
            drop(progress.send(step).await);
        }
        let behaviour = self.0.behaviour.lock().unwrap().clone();
        let outcome = match behaviour {
            Behaviour::Connect => Ok(()),
            Behaviour::Fail(failure) => Err(failure),
            Behaviour::Hang => {
                let mut state = self.0.up.subscribe();
                tokio::select! {
                    () = progress.closed() => (),
                    _ = state.wait_for(|state| *state == State::Down) => (),
                }
                Err(Code::CANCELLED.into())
            }
            Behaviour::Password(wanted) => match password.as_deref() {
                Some(given) if given == wanted => Ok(()),
                Some(_) => Err(Code::IDENTITY_PASSWORD_WRONG.into()),
                None => Err(Code::IDENTITY_PASSWORD_MISSING.into()),
            },
        };
        let state = if outcome.is_ok() {
            State::Up
        } else {
            State::Down
        };
        self.0.up.send_replace(state);
        outcome.map(|()| UpOutcome::Connected(connected()))
    }

    async fn down(&self) -> Result<DownOutcome, Failure> {
        match self.0.up.send_replace(State::Down) {
            State::Down => Ok(DownOutcome::NotConnected),
            State::Trying | State::Up => Ok(DownOutcome::Disconnected),
        }
    }

    async fn status(&self) -> StatusDocument {
        if !self.is_up() {
            return StatusDocument::new(1, Vec::new());
        }
        let example = include_str!("../../../crates/azike-control/schema/status.example.json");
        serde_json::from_str(example).unwrap()
    }

    async fn reset(&self) -> Result<ResetReport, Failure> {
        self.down().await?;
        Ok(ResetReport {
            undone: vec!["route 10.1.0.0/16 removed".into()],
            warnings: Vec::new(),
        })
    }

    async fn ended(&self) -> Ended {
        self.idle().await;
        Ended::Down
    }
}

impl EngineSource for FakeEngine {
    type Engine = Self;

    fn check(&self) -> Result<(), Failure> {
        let refusal = self.0.refuse_to_start.lock().unwrap().clone();
        refusal.map_or(Ok(()), Err)
    }

    async fn start(&self, _: Places) -> Result<Self, Failure> {
        Ok(self.clone())
    }

    fn rehearse(&self, _: &Path) -> Result<Self, Failure> {
        Ok(self.clone())
    }
}

/// Three steps as a real connection has them.
pub(crate) fn steps() -> Vec<StageReport> {
    vec![
        StageReport::started(Stage::Profile),
        StageReport::done(Stage::Profile, "contoso — 1 gateway, 2 roots", Some(4)),
        StageReport::done(Stage::Identity, "CN=ada, valid 212 days", Some(9)),
        StageReport::started(Stage::Resolve),
        StageReport::done(Stage::Resolve, "gw.example → 192.0.2.1", Some(31)),
    ]
}
