//! Ten situations.

use super::{Scene, by, config, fresh, full, let_go, theirs};
use crate::fake::World;

pub(super) const NAMES: [&str; 10] = [
    "first-connect",
    "reconnect-on-another-network",
    "split-tunnel",
    "full-tunnel",
    "ipv6-gateway",
    "wake",
    "dns-clobbered",
    "crash-undo",
    "two-profiles",
    "overlap-with-lan",
];

#[tokio::test]
async fn first_connect() {
    let what = "A network behind the gateway, its names, and down again. The Mac is as before.";
    let mut scene = Scene::new("first-connect", what, World::mac());
    scene.set("up", &config(&["10.1.0.0/16"])).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn reconnect_on_another_network() {
    let what = "From Wi-Fi to a cable: the way to the gateway moves, the tunnel stays.";
    let mut scene = Scene::new("reconnect-on-another-network", what, World::mac());
    scene.set("up", &full()).await;
    scene.meanwhile("en7 (7) has the default route by 10.20.0.1 now", |world| {
        world.next_hop = Some(by("10.20.0.1", "en7", 7));
    });
    scene.set("the network changed", &full()).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world().routes, World::mac().routes);
    scene.check();
}

#[tokio::test]
async fn split_tunnel() {
    let what = "Two networks; the gateway is in neither, so it needs no route of its own.";
    let mut scene = Scene::new("split-tunnel", what, World::mac());
    scene
        .set("up", &config(&["10.1.0.0/16", "10.2.3.0/24"]))
        .await;
    scene
        .set(
            "a network less, one more",
            &config(&["10.1.0.0/16", "10.9.0.0/16"]),
        )
        .await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn full_tunnel() {
    let what = "Everything, as two halves that win over the default route without replacing it; the gateway stays \
                outside.";
    let mut scene = Scene::new("full-tunnel", what, World::mac());
    scene.set("up", &full()).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn ipv6_gateway() {
    let what = "The gateway is reached by IPv6, by a router with a link-local address: en0 (4) is in its second \
                group. Both families are inside.";
    let mut world = World::mac();
    world.next_hop = Some(by("fe80::1", "en0", 4));
    let mut scene = Scene::new("ipv6-gateway", what, world.clone());
    let mut config = full();
    config.addresses.push("fd00:7::4/128".parse().unwrap());
    config.routes.insert("::/0".parse().unwrap());
    config.outside = ["2001:db8:61::9".parse().unwrap()].into();
    scene.set("up", &config).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), world);
    scene.check();
}

#[tokio::test]
async fn wake() {
    let what = "The Mac sleeps and wakes in the same network.";
    let mut scene = Scene::new("wake", what, World::mac());
    scene.set("up", &full()).await;
    scene
        .set("awake, and all is there: nothing is told", &full())
        .await;
    let what = "while it slept, en0 lost its address: the route by its router went";
    scene.meanwhile(what, |world| {
        world.routes.remove(&"20.61.7.9/32".parse().unwrap());
    });
    scene.set("awake", &full()).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn dns_clobbered() {
    let what = "Another program removes our keys, then writes its own into their place.";
    let mut scene = Scene::new("dns-clobbered", what, World::mac());
    let config = config(&["10.1.0.0/16"]);
    scene.set("up", &config).await;
    scene.meanwhile("the keys are gone", |world| {
        world.store.as_mut().unwrap().clear();
    });
    scene.set("the store changed", &config).await;
    scene.meanwhile("the keys name another server", |world| {
        let dns = world
            .store
            .as_mut()
            .unwrap()
            .get_mut("azike-utun4")
            .unwrap();
        dns.servers = vec![[203, 0, 113, 53].into()];
    });
    scene.set("the store changed", &config).await;
    assert_eq!(
        scene.mac.fake.world().store.unwrap()["azike-utun4"],
        config.dns.clone().unwrap()
    );
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn crash_undo() {
    let what = "SIGKILL, and another program gets the same utun, name and number, before azike starts again. What \
                is on that is not touched.";
    let mut scene = Scene::new("crash-undo", what, World::mac());
    scene.set("up", &full()).await;
    let half = "0.0.0.0/1".parse().unwrap();
    let what = "killed: the kernel takes utun4 (16), configd our keys; then it is somebody else's";
    scene.meanwhile(what, |world| {
        let_go(world);
        world.store.as_mut().unwrap().clear();
        fresh(world);
        let link = world.links.get_mut("utun4").unwrap();
        (link.same, link.up) = (false, true);
        world.routes.insert(half, theirs(16));
    });
    scene.start_again("the next start").await;
    let world = scene.mac.fake.world();
    assert!(world.links["utun4"].up);
    assert_eq!(world.routes[&half], theirs(16));
    assert_eq!(world.routes.len(), 2);
    scene.check();
}

#[tokio::test]
async fn two_profiles() {
    let what =
        "One profile, then another: each has a utun of its own, which may be the same again.";
    let mut scene = Scene::new("two-profiles", what, World::mac());
    scene.set("up: the first", &config(&["10.1.0.0/16"])).await;
    scene.clear("down").await;
    scene.meanwhile("utun4 (16) is let go and made anew", |world| {
        let_go(world);
        fresh(world);
    });
    let mut second = full();
    second.addresses = vec!["10.99.0.7/32".parse().unwrap()];
    second.outside = [[203, 0, 113, 20].into()].into();
    scene.set("up: the second", &second).await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}

#[tokio::test]
async fn overlap_with_lan() {
    let what = "The network behind the gateway has the prefix of the local one, 192.168.1.0/24: the local one stays, \
                and the user is told.";
    let mut scene = Scene::new("overlap-with-lan", what, World::mac());
    scene
        .set("up", &config(&["192.168.1.0/24", "192.168.0.0/16"]))
        .await;
    scene.clear("down").await;
    assert_eq!(scene.mac.fake.world(), World::mac());
    scene.check();
}
