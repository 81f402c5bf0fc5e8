//! The watch on the network sees what others do, and not what we do.

use std::time::Duration;

use azike_platform::{Host, NetworkWatch, TunDevice};
use tokio::time::timeout;

use crate::namespace::{config, in_namespace, ip};

/// More than a change takes to be told.
const SOON: Duration = Duration::from_secs(5);
/// Long enough to be told of something.
const WHILE: Duration = Duration::from_millis(800);

in_namespace! {
    async fn what_others_do_is_seen() {
        let mut watch = NetworkWatch::open().unwrap();
        for change in [
            "addr add 192.0.2.99/24 dev eth0",
            "addr del 192.0.2.99/24 dev eth0",
            "route replace default via 192.0.2.2",
            "link set far0 down",
            "link set far0 up",
            "link set eth0 down",
        ] {
            ip(change);
            assert!(timeout(SOON, watch.changed()).await.is_ok(), "{change} was not seen");
        }
        assert!(timeout(WHILE, watch.changed()).await.is_err(), "seen without a change");
    }
}

in_namespace! {
    async fn our_own_changes_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let mut watch = NetworkWatch::open().unwrap();
        let tun = TunDevice::create().unwrap();
        let config = config(tun.name(), &["0.0.0.0/0", "2001:db8:b::/48"]);
        host.set(&config).await.unwrap();
        assert!(timeout(WHILE, watch.changed()).await.is_err(), "our tunnel was seen");
        host.clear().await.unwrap();
        drop(tun);
        assert!(timeout(WHILE, watch.changed()).await.is_err(), "its end was seen");
    }
}
