use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::fake::{FakeSystem, World};
use crate::{DnsConfig, FileState, JournalError, Octets};

fn config(routes: &[&str]) -> HostConfig {
    HostConfig {
        interface: "azike0".to_owned(),
        addresses: vec!["172.16.201.4/32".parse().unwrap()],
        mtu: 1400,
        routes: routes.iter().map(|route| route.parse().unwrap()).collect(),
        outside: [IpAddr::from([20, 61, 7, 9])].into(),
        dns: Some(DnsConfig {
            servers: vec![[10, 1, 0, 4].into()],
            ..DnsConfig::default()
        }),
    }
}

fn full() -> HostConfig {
    config(&["0.0.0.0/0", "10.1.0.0/16"])
}

fn with_resolved() -> World {
    World {
        resolved: Some([].into()),
        ..World::new()
    }
}

/// In memory where there is such a place: thousands of syncs to a disk take long.
fn memory_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn host(dir: &Path, system: &FakeSystem) -> Host<FakeSystem> {
    Host::with_system(dir, system.clone()).unwrap()
}

#[tokio::test]
async fn clear_leaves_the_machine_as_it_was() {
    for world in [World::new(), with_resolved()] {
        let dir = memory_dir();
        let system = FakeSystem::new(world.clone());
        let mut host = host(dir.path(), &system);
        let applied = host.set(&full()).await.unwrap();
        assert_eq!((applied.made.len(), applied.notices.len()), (8, 0));
        assert_ne!(system.world(), world);
        let cleared = host.clear().await.unwrap();
        assert_eq!((cleared.undone.len(), cleared.left.len()), (8, 0));
        assert_eq!(system.world(), world);
        assert!(!dir.path().join("journal").exists());
        assert_eq!(host.clear().await.unwrap(), Cleared::default());
    }
}

#[tokio::test]
async fn setting_the_same_twice_changes_nothing() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    let mut host = host(dir.path(), &system);
    host.set(&full()).await.unwrap();
    let (world, steps) = (system.world(), system.steps());
    assert_eq!(host.set(&full()).await.unwrap(), Applied::default());
    assert_eq!((system.world(), system.steps()), (world, steps));
}

#[tokio::test]
async fn a_new_config_changes_only_the_difference() {
    let dir = memory_dir();
    let before = World::new();
    let system = FakeSystem::new(before.clone());
    let mut host = host(dir.path(), &system);
    host.set(&config(&["10.1.0.0/16", "10.2.0.0/16"]))
        .await
        .unwrap();
    let applied = host
        .set(&config(&["10.2.0.0/16", "10.3.0.0/16"]))
        .await
        .unwrap();
    let words = |settings: &[Setting]| settings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(words(&applied.removed), ["route 10.1.0.0/16 by azike0"]);
    assert_eq!(words(&applied.made), ["route 10.3.0.0/16 by azike0"]);
    host.clear().await.unwrap();
    assert_eq!(system.world(), before);
}

/// The default route moved to another router: so does the way to the gateway.
#[tokio::test]
async fn roaming_moves_the_way_to_the_gateway() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    let mut host = host(dir.path(), &system);
    host.set(&full()).await.unwrap();
    system.edit(|world| {
        let next_hop = world.next_hop.as_mut().unwrap();
        next_hop.via = Some([198, 51, 100, 1].into());
    });
    let applied = host.set(&full()).await.unwrap();
    assert_eq!((applied.removed.len(), applied.made.len()), (1, 1));
    let gateway = "20.61.7.9/32".parse().unwrap();
    let via = system.world().routes[&gateway].via;
    assert_eq!(via, Some([198, 51, 100, 1].into()));
}

#[tokio::test]
async fn what_others_took_away_comes_back() {
    let dir = memory_dir();
    let system = FakeSystem::new(with_resolved());
    let mut host = host(dir.path(), &system);
    host.set(&full()).await.unwrap();
    let whole = system.world();
    system.edit(|world| {
        world.routes.clear();
        world.resolved = Some([].into());
        world.links.get_mut("azike0").unwrap().up = false;
    });
    host.set(&full()).await.unwrap();
    assert_eq!(system.world(), whole);
}

#[tokio::test]
async fn what_was_there_before_us_stays() {
    let dir = memory_dir();
    let mut before = World::new();
    let route = crate::fake::FakeRoute {
        index: 2,
        via: None,
        ours: false,
    };
    before.routes.insert("10.1.0.0/16".parse().unwrap(), route);
    let link = before.links.get_mut("azike0").unwrap();
    link.addresses.insert("172.16.201.4/32".parse().unwrap());
    link.up = true;
    let system = FakeSystem::new(before.clone());
    let mut host = host(dir.path(), &system);
    for _ in 0..2 {
        let applied = host.set(&full()).await.unwrap();
        assert_eq!(applied.notices.len(), 3, "{applied:?}");
    }
    host.clear().await.unwrap();
    assert_eq!(system.world(), before);
}

#[tokio::test]
async fn a_file_that_somebody_changed_is_theirs() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    let mut host = host(dir.path(), &system);
    host.set(&full()).await.unwrap();
    let theirs = FileState::Regular {
        octets: Octets(b"nameserver 203.0.113.9\n".to_vec()),
        mode: 0o644,
        uid: 0,
        gid: 0,
    };
    system.edit(|world| world.resolv_conf = theirs.clone());
    let cleared = host.clear().await.unwrap();
    assert!(matches!(
        &cleared.left[..],
        [Left::ChangedMeanwhile(Setting::ResolvConf { .. })]
    ));
    assert_eq!(system.world().resolv_conf, theirs);
}

/// The exhaustive one. Every moment at which the process could end is tried:
/// before, in the middle of and after each change, and between the lines and
/// within the lines of the journal that lie between two changes. Recovery makes
/// the machine what it was, and so does one that follows a killed recovery.
#[tokio::test]
async fn killed_at_any_moment_the_next_start_puts_everything_back() {
    for before in [World::new(), with_resolved()] {
        let mut moments = moments(&before, None).await;
        assert!(moments.len() > 30, "{}", moments.len());
        // A part of them is enough for the second death, and keeps it quick.
        for moment in moments.clone().into_iter().step_by(5) {
            moments.extend(self::moments(&before, Some(moment)).await);
        }
        let mut tried = 0;
        for moment in moments {
            let dir = moment.restore();
            let system = FakeSystem::new(moment.world.clone());
            let mut host = host(dir.path(), &system);
            let cleared = host.recover().await.unwrap();
            assert_eq!(cleared.left, [], "{moment:?}");
            assert_eq!(system.world(), before, "{moment:?}");
            assert!(!dir.path().join("journal").exists());
            tried += 1;
        }
        assert!(tried > 400, "{tried}");
    }
}

/// A machine and a journal, as a killed process leaves them.
#[derive(Clone, Debug, PartialEq)]
struct Moment {
    journal: Option<Vec<u8>>,
    world: World,
}

impl Moment {
    fn restore(&self) -> tempfile::TempDir {
        let dir = memory_dir();
        if let Some(journal) = &self.journal {
            std::fs::write(dir.path().join("journal"), journal).unwrap();
        }
        dir
    }
}

/// The moments of a life that sets, sets something else, and clears; or of a
/// recovery from `start`.
async fn moments(before: &World, start: Option<Moment>) -> Vec<Moment> {
    let recovery = start.is_some();
    let start = start.unwrap_or(Moment {
        journal: None,
        world: before.clone(),
    });
    let dir = start.restore();
    let system = FakeSystem::new(start.world.clone());
    let seen = Arc::new(Mutex::new(vec![start]));
    let path = dir.path().join("journal");
    let observer = Arc::clone(&seen);
    system.observe_steps(Some(Box::new(move |world| {
        observer.lock().unwrap().push(Moment {
            journal: std::fs::read(&path).ok(),
            world: world.clone(),
        });
    })));
    let mut host = host(dir.path(), &system);
    if recovery {
        host.recover().await.unwrap();
    } else {
        host.set(&full()).await.unwrap();
        host.set(&config(&["10.1.0.0/16", "10.2.0.0/16"]))
            .await
            .unwrap();
        host.clear().await.unwrap();
    }
    let seen = seen.lock().unwrap().clone();
    let mut all = Vec::new();
    let mut journal = seen[0].journal.clone().unwrap_or_default();
    for moment in seen {
        // What was appended since the last moment could have ended anywhere.
        let now = moment.journal.clone().unwrap_or_default();
        let octets = now.strip_prefix(&journal[..]).unwrap_or_default();
        let world = all
            .last()
            .map_or(&moment.world, |last: &Moment| &last.world)
            .clone();
        let stride = if recovery { 97 } else { 17 };
        for cut in (0..octets.len()).step_by(stride) {
            all.push(Moment {
                journal: Some([&journal, &octets[..cut]].concat()),
                world: world.clone(),
            });
        }
        journal = now;
        all.push(moment);
    }
    all
}

/// Each step fails once; clear undoes what there is.
#[tokio::test]
async fn a_step_that_fails_can_be_cleared_or_tried_again() {
    for world in [World::new(), with_resolved()] {
        for step in 1..=8 {
            let dir = memory_dir();
            let system = FakeSystem::new(world.clone());
            let mut host = host(dir.path(), &system);
            system.fail_at(Some(step));
            let error = host.set(&full()).await.unwrap_err();
            assert!(matches!(error, HostError::Change { .. }), "{error:?}");
            if step % 2 == 0 {
                system.fail_at(None);
                host.set(&full()).await.unwrap();
            }
            host.clear().await.unwrap();
            assert_eq!(system.world(), world, "step {step}");
        }
    }
}

/// One thing that cannot be undone does not keep the rest from being undone.
#[tokio::test]
async fn clear_does_what_it_can_and_says_what_it_could_not() {
    for step in 9..=16 {
        let dir = memory_dir();
        let before = World::new();
        let system = FakeSystem::new(before.clone());
        let mut host = host(dir.path(), &system);
        host.set(&full()).await.unwrap();
        system.fail_at(Some(step));
        let error = host.clear().await.unwrap_err();
        assert!(matches!(&error, HostError::NotUndone(all) if all.len() == 1));
        assert_eq!(system.steps(), 16);
        let cleared = host.clear().await.unwrap();
        assert_eq!(cleared.undone.len(), 1);
        assert_eq!(system.world(), before);
    }
}

#[tokio::test]
async fn after_a_restart_only_files_are_put_back() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    host(dir.path(), &system).set(&full()).await.unwrap();
    let mut fresh = World::new();
    // What has the same number after a restart is not the same thing.
    fresh.links.get_mut("azike0").unwrap().up = true;
    let expected = fresh.clone();
    fresh.resolv_conf = system.world().resolv_conf;
    system.restart(fresh);
    let mut host = host(dir.path(), &system);
    let cleared = host.recover().await.unwrap();
    assert_eq!(cleared.undone.len(), 1);
    assert_eq!(system.world(), expected);
}

#[tokio::test]
async fn from_another_network_nothing_is_touched_and_nothing_forgotten() {
    let dir = memory_dir();
    let before = World::new();
    let system = FakeSystem::new(before.clone());
    host(dir.path(), &system).set(&full()).await.unwrap();
    let there = system.world();
    system.move_elsewhere(true);
    let mut host = host(dir.path(), &system);
    for result in [host.recover().await.err(), host.set(&full()).await.err()] {
        assert!(
            matches!(result, Some(HostError::OtherNetwork)),
            "{result:?}"
        );
    }
    assert_eq!(system.world(), there);
    system.move_elsewhere(false);
    host.recover().await.unwrap();
    assert_eq!(system.world(), before);
}

/// The tun interface went with the process, and its routes with it.
#[tokio::test]
async fn an_interface_that_is_gone_is_no_error() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    host(dir.path(), &system).set(&full()).await.unwrap();
    system.edit(|world| world.remove_link("azike0"));
    let mut host = host(dir.path(), &system);
    assert!(host.has_leftovers());
    host.recover().await.unwrap();
    assert!(!host.has_leftovers());
    let mut expected = World::new();
    expected.remove_link("azike0");
    assert_eq!(system.world(), expected);
}

#[tokio::test]
async fn no_interface_and_no_way_out_are_their_own_errors() {
    let dir = memory_dir();
    let mut world = World::new();
    world.next_hop = None;
    let system = FakeSystem::new(world.clone());
    let mut host = host(dir.path(), &system);
    let error = host.set(&full()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no route to 20.61.7.9");
    let mut config = full();
    config.interface = "azike9".to_owned();
    let error = host.set(&config).await.unwrap_err();
    assert!(matches!(error, HostError::Look(SystemError::NoInterface(name)) if name == "azike9"));
    assert_eq!(system.world(), world);
}

#[tokio::test]
async fn two_hosts_at_once_are_refused() {
    let dir = memory_dir();
    let system = FakeSystem::new(World::new());
    let _first = host(dir.path(), &system);
    let second = Host::with_system(dir.path(), system);
    assert!(matches!(
        second,
        Err(HostError::Journal(JournalError::Locked { .. }))
    ));
}
