//! A machine in memory, for tests of whatever uses a [`Host`](crate::Host).
//!
//! [`FakeSystem`] implements [`System`]; clones share one [`World`]. It can be
//! told to fail at a step, and shows each step to an observer before, in the
//! middle of, and after its effect, so that a test can end the process there.

mod effects;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::world::{FakeLink, FakeRoute, World};
use crate::plan::{DnsWay, Surroundings};
use crate::{
    Certainty, Change, Epoch, HostConfig, Made, Observed, Setting, Standing, System, SystemError,
    Undone,
};

/// Called with the world at each moment at which a process could end.
pub type Observer = Box<dyn FnMut(&World) + Send>;

/// A handle on a machine in memory.
#[derive(Clone, Debug)]
pub struct FakeSystem(Arc<Mutex<State>>);

struct State {
    world: World,
    epoch: Epoch,
    elsewhere: bool,
    steps: usize,
    fail_at: Option<usize>,
    observer: Option<Observer>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("world", &self.world)
            .field("epoch", &self.epoch)
            .field("steps", &self.steps)
            .field("fail_at", &self.fail_at)
            .finish_non_exhaustive()
    }
}

impl FakeSystem {
    /// A machine that looks like `world`.
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(State {
            world,
            epoch: Epoch {
                boot: "first".to_owned(),
                network: 1,
            },
            elsewhere: false,
            steps: 0,
            fail_at: None,
            observer: None,
        })))
    }

    /// The machine as it is now.
    pub fn world(&self) -> World {
        self.state().world.clone()
    }

    /// Changes the machine as another program would.
    pub fn edit(&self, edit: impl FnOnce(&mut World)) {
        edit(&mut self.state().world);
    }

    /// How many changes were made or undone, or failed, so far.
    pub fn steps(&self) -> usize {
        self.state().steps
    }

    /// Lets the step fail after which [`FakeSystem::steps`] would be `step`;
    /// `None` lets none fail. Half of its effect stays, where there are halves.
    pub fn fail_at(&self, step: Option<usize>) {
        self.state().fail_at = step;
    }

    /// Shows each moment at which a process could end to `observer`.
    pub fn observe_steps(&self, observer: Option<Observer>) {
        self.state().observer = observer;
    }

    /// Restarts the machine: `world` is what comes up after it.
    pub fn restart(&self, world: World) {
        let mut state = self.state();
        state.epoch.boot.push('+');
        state.world = world;
    }

    /// Moves this process to another network namespace, or back.
    pub fn move_elsewhere(&self, elsewhere: bool) {
        self.state().elsewhere = elsewhere;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn show(&mut self) {
        if let Some(observer) = &mut self.observer {
            observer(&self.world);
        }
    }

    /// Takes one step, in as many halves as `effects` has.
    fn step<T>(
        &mut self,
        effects: Vec<World>,
        outcome: Result<T, SystemError>,
    ) -> Result<T, SystemError> {
        self.steps += 1;
        self.show();
        let fails = self.fail_at == Some(self.steps);
        let last = effects.len().saturating_sub(1);
        for (half, effect) in effects.into_iter().enumerate() {
            if fails && half == last {
                break;
            }
            self.world = effect;
            self.show();
        }
        if fails {
            return Err(SystemError::Io(std::io::Error::other("told to fail")));
        }
        outcome
    }
}

impl System for FakeSystem {
    fn epoch(&self) -> Epoch {
        self.state().epoch.clone()
    }

    fn standing(&self, then: &Epoch) -> Standing {
        let state = self.state();
        if state.elsewhere {
            Standing::Elsewhere
        } else if *then == state.epoch {
            Standing::Same
        } else {
            Standing::Restarted
        }
    }

    async fn look(&mut self, config: &HostConfig) -> Result<Surroundings, SystemError> {
        let state = self.state();
        let next_hop = state.world.next_hop.clone();
        let next_hops: BTreeMap<_, _> = config
            .outside
            .iter()
            .filter_map(|&host| Some((host, next_hop.clone()?)))
            .collect();
        let interface = state.world.interface(&config.interface);
        Ok(Surroundings {
            interface: interface.ok_or(SystemError::NoInterface(config.interface.clone()))?,
            next_hops,
            dns: match (&state.world.store, &state.world.resolved) {
                (Some(_), _) => DnsWay::DynamicStore,
                (None, Some(_)) => DnsWay::Resolved,
                (None, None) => DnsWay::ResolvConf,
            },
        })
    }

    async fn observe(&mut self, setting: &Setting) -> Result<Observed, SystemError> {
        self.state().world.observe(setting)
    }

    async fn in_force(&mut self, change: &Change) -> Result<bool, SystemError> {
        Ok(self.state().world.in_force(change))
    }

    async fn make(&mut self, change: &Change) -> Result<Made, SystemError> {
        let mut state = self.state();
        let (effects, outcome) = state.world.make(change);
        state.step(effects, outcome)
    }

    async fn undo(&mut self, change: &Change, sure: Certainty) -> Result<Undone, SystemError> {
        let mut state = self.state();
        let (effects, outcome) = state.world.undo(change, sure);
        state.step(effects, Ok(outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The daemon keeps hosts in tasks.
    #[test]
    fn a_host_on_it_can_move_between_threads() {
        fn is_send<T: Send>(_: &T) {}
        let system = FakeSystem::new(World::new());
        is_send(&system);
        let dir = tempfile::tempdir().unwrap();
        let mut host = crate::Host::with_system(dir.path(), system).unwrap();
        is_send(&host.clear());
    }
}
