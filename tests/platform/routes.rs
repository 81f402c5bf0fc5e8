//! Addresses, MTU and routes.

use azike_platform::{
    Applied, Host, HostError, JournalError, Notice, PlanError, Setting, TunDevice,
};

use crate::namespace::{GATEWAY, config, in_namespace, ip};
use crate::snapshot::Snapshot;

fn way_to(addr: &str) -> String {
    ip(&format!("-o route get {addr}"))
}

in_namespace! {
    async fn a_split_tunnel_comes_and_goes() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let config = config(tun.name(), &["10.1.0.0/16", "10.2.0.0/15", "2001:db8:b::/48"]);

        let applied = host.set(&config).await.unwrap();
        assert_eq!(applied.notices, []);
        let link = ip("-o link show dev azike0");
        assert!(link.contains("mtu 1378") && link.contains("qlen 500"), "{link}");
        let addresses = ip("-o addr show dev azike0");
        assert!(addresses.contains("172.16.201.4/24"), "{addresses}");
        assert!(addresses.contains("2001:db8:a::4/64"), "{addresses}");
        // The routes that were asked for, and none to the prefix of an address.
        let routes: Vec<_> = ip("route show dev azike0").lines().map(str::to_owned).collect();
        assert_eq!(routes, ["10.1.0.0/16 proto 196 scope link ", "10.2.0.0/15 proto 196 scope link "]);
        let routes = ip("-6 route show dev azike0");
        assert!(routes.starts_with("2001:db8:b::/48 proto 196"), "{routes}");
        assert_eq!(routes.lines().count(), 1);
        assert!(way_to("10.3.255.255").contains("dev azike0 src 172.16.201.4"));
        assert!(way_to("2001:db8:b::1").contains("dev azike0"));
        assert!(way_to(GATEWAY).contains("via 192.0.2.1 dev eth0"));
        assert!(way_to("192.0.2.77").contains("dev eth0"));

        let during = Snapshot::take();
        assert_eq!(host.set(&config).await.unwrap(), Applied::default());
        during.assert_still_true();

        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn another_address_keeps_the_routes() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let mut config = config(tun.name(), &["10.1.0.0/16", "10.2.0.0/15"]);
        config.addresses = vec!["172.16.201.4/32".parse().unwrap()];
        host.set(&config).await.unwrap();
        config.addresses = vec!["172.16.202.9/32".parse().unwrap()];
        host.set(&config).await.unwrap();
        assert!(way_to("10.1.0.4").contains("dev azike0 src 172.16.202.9"));
        assert!(way_to("10.3.0.4").contains("dev azike0 src 172.16.202.9"));
        let addresses = ip("-o -4 addr show dev azike0");
        assert_eq!(addresses.lines().count(), 1, "{addresses}");
        assert_eq!(host.set(&config).await.unwrap(), Applied::default());
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn a_full_tunnel_leaves_the_gateway_outside() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let mut config = config(tun.name(), &["0.0.0.0/0", "::/0"]);
        config.outside.insert("2001:db8:99::1".parse().unwrap());

        host.set(&config).await.unwrap();
        for addr in ["1.1.1.1", "198.51.100.1", "2001:db8:77::1", "fd00::1"] {
            assert!(way_to(addr).contains("dev azike0"), "{addr}");
        }
        assert!(way_to(GATEWAY).contains("via 192.0.2.1 dev eth0"));
        assert!(way_to("2001:db8:99::1").contains("via 2001:db8::1 dev eth0"));
        // The network that we are in is nearer than the tunnel.
        assert!(way_to("192.0.2.77").contains("dev eth0"));
        assert!(ip("route show default").contains("via 192.0.2.1 dev eth0"));

        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    /// N-109: the default route changes under a tunnel.
    async fn a_new_router_becomes_the_way_to_the_gateway() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let config = config(tun.name(), &["0.0.0.0/0"]);
        host.set(&config).await.unwrap();
        ip("route replace default via 192.0.2.2");
        let before_clear_and_us = {
            host.set(&config).await.unwrap();
            way_to(GATEWAY)
        };
        assert!(before_clear_and_us.contains("via 192.0.2.2 dev eth0"));

        // The interface went away and came back: the kernel dropped our route with it.
        ip("link set eth0 down");
        ip("link set eth0 up");
        ip("route add default via 192.0.2.3");
        host.set(&config).await.unwrap();
        assert!(way_to(GATEWAY).contains("via 192.0.2.3 dev eth0"));
        host.clear().await.unwrap();
        assert_eq!(ip("route show proto 196"), "");
        assert!(ip("route show default").contains("192.0.2.3"));
    }
}

in_namespace! {
    async fn a_router_beyond_the_prefix_of_the_link_is_kept_as_such() {
        ip("route replace default via 198.51.100.1 dev eth0 onlink src 192.0.2.10");
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        host.set(&config(tun.name(), &["0.0.0.0/0"])).await.unwrap();
        let way = way_to(GATEWAY);
        assert!(way.contains("via 198.51.100.1 dev eth0 src 192.0.2.10"), "{way}");
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn a_gateway_on_the_link_itself_stays_there() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let mut config = config(tun.name(), &["192.0.2.0/24", "0.0.0.0/0"]);
        config.outside = ["192.0.2.99".parse().unwrap()].into();
        let applied = host.set(&config).await.unwrap();
        // The link's own prefix is somebody else's route, and stays.
        assert!(matches!(&applied.notices[..], [] | [Notice::Existed(_)]), "{applied:?}");
        assert!(way_to("192.0.2.99").contains("dev eth0"));
        assert!(!way_to("192.0.2.99").contains("via"));
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    /// EEXIST: what the user had is neither replaced nor removed.
    async fn routes_of_others_stay() {
        ip("route add 10.1.0.0/16 via 192.0.2.9");
        ip(&format!("route add {GATEWAY} via 192.0.2.9"));
        ip("-6 route add 2001:db8:b::/48 via 2001:db8::9");
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let config = config(tun.name(), &["0.0.0.0/0", "10.1.0.0/16", "2001:db8:b::/48"]);
        for _ in 0..2 {
            let applied = host.set(&config).await.unwrap();
            let kept = |notice: &Notice| matches!(notice, Notice::Existed(
                Setting::Route { .. } | Setting::Outside { .. }));
            assert!(applied.notices.iter().all(kept), "{applied:?}");
            assert_eq!(applied.notices.len(), 3, "{applied:?}");
        }
        assert!(way_to("10.1.0.1").contains("via 192.0.2.9"));
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn the_difference_is_all_that_changes() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let mut config = config(tun.name(), &["10.1.0.0/16", "10.2.0.0/16"]);
        host.set(&config).await.unwrap();
        config.routes.remove(&"10.1.0.0/16".parse().unwrap());
        config.routes.insert("10.3.0.0/16".parse().unwrap());
        config.mtu = 1300;
        let applied = host.set(&config).await.unwrap();
        assert_eq!((applied.removed.len(), applied.made.len()), (2, 2));
        assert!(ip("-o link show dev azike0").contains("mtu 1300"));
        assert!(!ip("route show dev azike0").contains("10.1.0.0/16"));
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn as_many_routes_as_the_protocol_allows() {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir_in("/dev/shm").unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let mut config = config(tun.name(), &[]);
        config.routes = (0..255).map(|n| format!("10.{n}.0.0/24").parse().unwrap()).collect();
        host.set(&config).await.unwrap();
        assert_eq!(ip("route show dev azike0").lines().count(), 255);
        assert_eq!(host.set(&config).await.unwrap(), Applied::default());
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn no_network_and_no_interface_are_plain_errors() {
        ip("route del default");
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let before = Snapshot::take();
        let error = host.set(&config(tun.name(), &["0.0.0.0/0"])).await.unwrap_err();
        assert!(matches!(error, HostError::Plan(PlanError::NoRoute(_))), "{error:?}");
        let error = host.set(&config("azike7", &["10.0.0.0/8"])).await.unwrap_err();
        assert!(matches!(error, HostError::Look(_)), "{error:?}");
        before.assert_still_true();
        let second = Host::open(dir.path());
        assert!(matches!(second, Err(HostError::Journal(JournalError::Locked { pid: Some(_) }))));
    }
}

in_namespace! {
    /// The tun interface is dropped before `clear`: nothing is an error.
    async fn the_interface_may_go_first() {
        let before = Snapshot::take();
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        host.set(&config(tun.name(), &["0.0.0.0/0"])).await.unwrap();
        drop(tun);
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    /// The daemon connects anew: the old interface is gone, the new one has
    /// its name, and nobody called `clear` between.
    async fn a_new_interface_takes_over() {
        let before = Snapshot::take();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        for _ in 0..2 {
            let tun = TunDevice::create().unwrap();
            host.set(&config(tun.name(), &["0.0.0.0/0"])).await.unwrap();
            assert!(way_to("1.1.1.1").contains("dev azike0"));
            assert!(way_to(GATEWAY).contains("dev eth0"));
        }
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}
