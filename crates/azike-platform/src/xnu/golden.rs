//! What a Mac is told in situations that have a name, as text files that a person can read.
//!
//! ```text
//!   Host (plan, journal, undo) ──▶ TalkingMac ──┬─▶ FakeSystem, which acts like a Mac
//!                                              └─▶ golden/NAME.txt: each step, its order, its octets
//! ```
//!
//! `UPDATE_GOLDEN=1 cargo test -p azike-platform golden` writes the files anew.

mod bad_input;
mod situations;
mod talking;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use self::talking::TalkingMac;
use crate::fake::{FakeRoute, World};
use crate::{DnsConfig, Host, HostConfig, Interface, NextHop};

const GATEWAY: [u8; 4] = [20, 61, 7, 9];

/// A machine, a host on it, and what was said.
struct Scene {
    name: &'static str,
    mac: TalkingMac,
    host: Host<TalkingMac>,
    dir: tempfile::TempDir,
}

impl Scene {
    /// `what` goes to the head of the file.
    fn new(name: &'static str, what: &str, world: World) -> Self {
        let dir = tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let mac = TalkingMac::new(world);
        mac.say(&format!("# {what}"));
        let host = Host::with_system(dir.path(), mac.clone()).unwrap();
        Self {
            name,
            mac,
            host,
            dir,
        }
    }

    /// Says what happens, then changes the machine as others would.
    fn meanwhile(&self, what: &str, edit: impl FnOnce(&mut World)) {
        self.mac.say(&format!("\n# {what}"));
        self.mac.fake.edit(edit);
    }

    async fn set(&mut self, what: &str, config: &HostConfig) {
        self.mac.say(&format!("\n== {what}"));
        let applied = self.host.set(config).await.unwrap();
        for notice in applied.notices {
            self.mac.say(&format!("notice: {notice:?}"));
        }
    }

    async fn clear(&mut self, what: &str) {
        self.mac.say(&format!("\n== {what}"));
        let cleared = self.host.clear().await.unwrap();
        assert_eq!(cleared.left, []);
    }

    /// The process is killed, and the next one begins.
    async fn start_again(&mut self, what: &str) {
        let elsewhere = tempfile::tempdir().unwrap();
        let none = Host::with_system(elsewhere.path(), self.mac.clone()).unwrap();
        drop(std::mem::replace(&mut self.host, none));
        self.mac.say(&format!("\n== {what}"));
        self.host = Host::with_system(self.dir.path(), self.mac.clone()).unwrap();
        self.host.recover().await.unwrap();
    }

    /// Compares with the file, or writes it.
    fn check(self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/xnu/golden");
        let path = path.join(format!("{}.txt", self.name));
        let said = self.mac.said();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &said).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        for (line, (is, should)) in said.lines().zip(golden.lines()).enumerate() {
            assert_eq!(is, should, "line {} of {}", line + 1, path.display());
        }
        assert_eq!(said, golden, "{}", path.display());
    }
}

/// A tunnel with the routes `routes`.
fn config(routes: &[&str]) -> HostConfig {
    HostConfig {
        interface: "utun4".to_owned(),
        addresses: vec!["172.16.201.4/32".parse().unwrap()],
        mtu: 1400,
        routes: routes.iter().map(|route| route.parse().unwrap()).collect(),
        outside: [IpAddr::from(GATEWAY)].into(),
        dns: Some(DnsConfig {
            servers: vec![[10, 1, 0, 4].into()],
            match_domains: vec!["corp.example".to_owned()],
            ..DnsConfig::default()
        }),
    }
}

fn full() -> HostConfig {
    let mut config = config(&["0.0.0.0/0"]);
    config.dns = Some(DnsConfig {
        servers: vec![[10, 1, 0, 4].into(), [10, 1, 0, 5].into()],
        search: vec!["corp.example".to_owned()],
        all: true,
        ..DnsConfig::default()
    });
    config
}

/// The way out by another router.
fn by(router: &str, name: &str, index: u32) -> NextHop {
    NextHop {
        via: Some(router.parse().unwrap()),
        interface: Interface {
            name: name.to_owned(),
            index,
        },
        source: None,
        onlink: false,
    }
}

/// A route of another program.
fn theirs(index: u32) -> FakeRoute {
    FakeRoute {
        index,
        via: None,
        ours: false,
    }
}

/// The interface is let go: the kernel takes it away with all that is on it.
fn let_go(world: &mut World) {
    world.remove_link("utun4");
}

/// A fresh interface, which has the name and the number of the last one.
fn fresh(world: &mut World) {
    let links = World::mac().links;
    let utun = links.into_iter().filter(|(name, _)| name == "utun4");
    world.links.extend(utun);
}

#[test]
fn every_golden_file_belongs_to_a_situation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/xnu/golden");
    let files = std::fs::read_dir(path).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let texts = files.filter_map(|file| file.strip_suffix(".txt").map(str::to_owned));
    let named: BTreeSet<_> = situations::NAMES.iter().map(ToString::to_string).collect();
    assert_eq!(texts.collect::<BTreeSet<_>>(), named);
}

/// Two places know how a service is called: the plan, on every system, and the keys of the store.
#[test]
fn the_plan_and_the_store_agree_on_the_name_of_the_service() {
    let planned = crate::plan::store_service("utun4");
    assert_eq!(planned, crate::macos::dynamic_store::service("utun4"));
}
