//! A fake Mac that writes down what a real one would be told.

use std::sync::{Arc, Mutex};

use rustix::io::Errno;

use crate::fake::{FakeSystem, World};
use crate::macos::dynamic_store::{keys, resolvers};
use crate::xnu::order::{self, Order};
use crate::xnu::request::{self, Request};
use crate::xnu::route::{Doing, OurRoute};
use crate::{
    Certainty, Change, DnsConfig, Epoch, HostConfig, Made, Observed, Setting, Standing,
    Surroundings, System, SystemError, Undone,
};

/// `IFF_POINTOPOINT`, `IFF_RUNNING`, `IFF_MULTICAST`: the flags of a fresh utun interface.
const FRESH: u32 = 0x8050;

#[derive(Clone, Debug)]
pub(super) struct TalkingMac {
    pub(super) fake: FakeSystem,
    said: Arc<Mutex<String>>,
    /// The next setting of which the words begin like this is refused.
    refuse: Arc<Mutex<Option<(&'static str, Errno)>>>,
}

impl TalkingMac {
    pub(super) fn new(world: World) -> Self {
        Self {
            fake: FakeSystem::new(world),
            said: Arc::default(),
            refuse: Arc::default(),
        }
    }

    pub(super) fn say(&self, line: &str) {
        let mut said = self.said.lock().unwrap();
        said.push_str(line);
        said.push('\n');
    }

    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(super) fn refuse(&self, words: &'static str, error: Errno) {
        *self.refuse.lock().unwrap() = Some((words, error));
    }

    fn refusal(&self, setting: &Setting) -> Option<Errno> {
        let mut refuse = self.refuse.lock().unwrap();
        let words = setting.to_string();
        let fits = refuse.take_if(|(begin, _)| words.starts_with(*begin));
        fits.map(|(_, error)| error)
    }

    /// Whether nothing is there to undo, by the same two questions that the real one asks.
    fn is_gone(&self, setting: &Setting) -> bool {
        let world = self.fake.world();
        let held = order::goes_with(setting).is_none_or(|interface| {
            let link = world.links.get(&interface.name);
            link.is_some_and(|link| link.same && link.index == interface.index)
        });
        let there = OurRoute::of(setting).is_none_or(|ours| {
            let route = world.routes.get(&ours.net);
            route.is_some_and(|route| (route.index, route.via) == (ours.index, ours.via))
        });
        !held || !there
    }
}

impl System for TalkingMac {
    fn epoch(&self) -> Epoch {
        self.fake.epoch()
    }

    fn standing(&self, then: &Epoch) -> Standing {
        self.fake.standing(then)
    }

    async fn look(&mut self, config: &HostConfig) -> Result<Surroundings, SystemError> {
        self.fake.look(config).await
    }

    async fn observe(&mut self, setting: &Setting) -> Result<Observed, SystemError> {
        let observed = self.fake.observe(setting).await;
        if let Ok(Observed::InForce) = observed {
            self.say(&format!("is    {setting}"));
        }
        observed
    }

    async fn in_force(&mut self, change: &Change) -> Result<bool, SystemError> {
        let in_force = self.fake.in_force(change).await?;
        if !in_force {
            self.say(&format!("lost  {}", change.setting));
        }
        Ok(in_force)
    }

    async fn make(&mut self, change: &Change) -> Result<Made, SystemError> {
        self.say(&format!("make  {}", change.setting));
        let order = order::make(change).unwrap();
        self.say(&words(&order));
        let made = match self.refusal(&change.setting) {
            Some(error) => order::refused(&change.setting, error),
            None => self.fake.make(change).await,
        };
        match &made {
            Ok(Made::Done) => {}
            Ok(Made::Existed) => self.say("      refused: EEXIST, somebody else has the place"),
            Err(error) => self.say(&format!("      refused: {error}")),
        }
        made
    }

    async fn undo(&mut self, change: &Change, sure: Certainty) -> Result<Undone, SystemError> {
        self.say(&format!("undo  {}", change.setting));
        let order = order::undo(change).filter(|_| !self.is_gone(&change.setting));
        match order {
            Some(order) => self.say(&words(&order)),
            None => self.say("      nothing is told: it is gone"),
        }
        if let Some(error) = self.refusal(&change.setting) {
            order::kept(&change.setting, error)?;
        }
        self.fake.undo(change, sure).await
    }
}

fn words(order: &Order) -> String {
    match order {
        Order::Ioctl(request) => ioctl(request),
        Order::Flags { name, up } => {
            let (before, after) = if *up {
                (FRESH, FRESH | 1)
            } else {
                (FRESH | 1, FRESH)
            };
            let get = ioctl(&request::get_flags(name));
            let set = ioctl(&request::set_flags(name, after));
            format!("{get}\n      it says {before:#06x}\n{set}")
        }
        Order::Route { doing, route } => {
            let verb = match doing {
                Doing::Add => "RTM_ADD",
                Doing::Delete => "RTM_DELETE",
            };
            let by = route
                .via
                .map_or_else(String::new, |via| format!(" by {via}"));
            let octets = hex(&route.message(*doing, 0));
            format!(
                "      {verb} {}{by} on {}\n{octets}",
                route.net, route.index
            )
        }
        Order::SetDns {
            service,
            interface,
            dns,
        } => set_keys(service, dns, interface),
        Order::RemoveDns { service } => {
            let remove = |key| format!("      remove {key}");
            keys(service).unwrap().map(remove).join("\n")
        }
    }
}

/// The keys in the words of `scutil(8)`.
fn set_keys(service: &str, dns: &DnsConfig, interface: &str) -> String {
    let mut text = Vec::new();
    for (key, dictionary) in resolvers(service, dns, interface).unwrap() {
        text.push(format!("      set {key}"));
        let lines = dictionary.to_string();
        text.extend(lines.lines().map(|line| format!("      {line}")));
    }
    text.join("\n")
}

fn ioctl(request: &Request) -> String {
    let Request { name, number, .. } = request;
    format!("      {name} {number:#010x}\n{}", hex(&request.octets))
}

/// Sixteen octets a line; lines of zeros are a star.
fn hex(octets: &[u8]) -> String {
    let mut lines = Vec::new();
    for (row, octets) in octets.chunks(16).enumerate() {
        if octets.iter().all(|&octet| octet == 0) {
            if lines.last().is_none_or(|line| line != "        *") {
                lines.push("        *".to_owned());
            }
            continue;
        }
        let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        lines.push(format!("        {:03x}  {}", row * 16, octets.join(" ")));
    }
    lines.join("\n")
}
