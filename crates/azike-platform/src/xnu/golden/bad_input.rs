//! What can be in the way, and what is said about it. (A utun number in use: [`crate::xnu::utun`].)

use std::error::Error as _;

use rustix::io::Errno;

use super::{Scene, by, config, full, theirs};
use crate::fake::World;
use crate::{HostError, Notice, SystemError};

/// The router went away between the look at the table and the route by it.
#[tokio::test]
async fn a_path_that_changes_in_the_middle_is_an_error_and_the_next_try_takes_the_new_one() {
    let mut scene = Scene::new("", "", World::mac());
    scene.mac.refuse("route to 20.61.7.9", Errno::NETUNREACH);
    let error = scene.host.set(&full()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot change: route to 20.61.7.9 by en0"
    );
    let why = error.source().unwrap().to_string();
    assert_eq!(why, "there is no route to 20.61.7.9");
    // No route into the tunnel is there without the one that keeps the gateway outside.
    assert_eq!(scene.mac.fake.world().routes, World::mac().routes);

    let router = by("10.20.0.1", "en7", 7);
    scene.mac.fake.edit(|world| world.next_hop = Some(router));
    scene.host.set(&full()).await.unwrap();
    let gateway = "20.61.7.9/32".parse().unwrap();
    assert_eq!(scene.mac.fake.world().routes[&gateway].index, 7);
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world().routes, World::mac().routes);
}

#[tokio::test]
async fn an_interface_that_went_in_the_middle_is_named() {
    let mut scene = Scene::new("", "", World::mac());
    scene.mac.refuse("route 0.0.0.0/1", Errno::NXIO);
    let error = scene.host.set(&full()).await.unwrap_err();
    let why = error.source().unwrap().to_string();
    assert_eq!(why, "there is no interface utun4");
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
}

/// It was there before us, so it is there after us.
#[tokio::test]
async fn a_route_that_exists_stays_and_is_told() {
    let mut world = World::mac();
    let net = "10.1.0.0/16".parse().unwrap();
    world.routes.insert(net, theirs(4));
    let mut scene = Scene::new("", "", world.clone());
    let applied = scene.host.set(&config(&["10.1.0.0/16"])).await.unwrap();
    let [Notice::Existed(setting)] = &applied.notices[..] else {
        panic!("{applied:?}");
    };
    assert_eq!(setting.to_string(), "route 10.1.0.0/16 by utun4");
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), world);
}

#[tokio::test]
async fn dns_keys_removed_under_us_come_back() {
    let mut scene = Scene::new("", "", World::mac());
    let config = config(&["10.1.0.0/16"]);
    scene.host.set(&config).await.unwrap();
    scene.mac.fake.edit(|world| world.store = Some([].into()));
    let applied = scene.host.set(&config).await.unwrap();
    let made: Vec<_> = applied.made.iter().map(ToString::to_string).collect();
    assert_eq!(made, ["DNS of utun4"]);
    let keys = scene.mac.fake.world().store.unwrap();
    assert_eq!(keys.get("azike-utun4"), config.dns.as_ref());
}

/// The interface, its address or a route went before we came to undo them.
#[tokio::test]
async fn what_is_gone_while_it_is_undone_is_no_error() {
    for (words, error) in [
        ("route 0.0.0.0/1", Errno::SRCH),
        ("address", Errno::ADDRNOTAVAIL),
        ("MTU", Errno::NXIO),
    ] {
        let mut scene = Scene::new("", "", World::mac());
        scene.host.set(&full()).await.unwrap();
        scene.mac.refuse(words, error);
        scene.clear("down").await;
    }
    let mut scene = Scene::new("", "", World::mac());
    scene.host.set(&full()).await.unwrap();
    scene.mac.refuse("MTU", Errno::INVAL);
    let error = scene.host.clear().await.unwrap_err();
    assert!(matches!(error, HostError::NotUndone(left) if left.len() == 1));
}

#[tokio::test]
async fn without_the_right_to_change_anything_that_is_what_is_said() {
    for error in [Errno::PERM, Errno::ACCESS] {
        let mut scene = Scene::new("", "", World::mac());
        scene.mac.refuse("MTU", error);
        let refused = scene.host.set(&full()).await.unwrap_err();
        assert!(refused.is_no_permission());
        assert!(matches!(
            refused,
            HostError::Change {
                source: SystemError::NoPermission,
                ..
            }
        ));
        scene.clear("down").await;
        assert_eq!(scene.mac.fake.world(), World::mac());
    }
}
