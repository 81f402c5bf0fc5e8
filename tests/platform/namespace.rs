//! A network namespace with a small world in it, and a way to run a test there.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use azike_platform::{DnsConfig, HostConfig};

/// What a fresh namespace has in its resolv.conf.
pub(crate) const RESOLV_CONF: &str = "nameserver 192.0.2.53\nsearch home\n";

/// Set inside a namespace.
const INSIDE: &str = "AZIKE_TEST_NAMESPACE";

/// Makes a test that runs inside a namespace of its own, with a runtime.
macro_rules! in_namespace {
    ($(#[$meta:meta])* async fn $name:ident() $body:block) => {
        $(#[$meta])*
        #[test]
        fn $name() {
            let path = concat!(module_path!(), "::", stringify!($name));
            crate::namespace::run(path, async $body);
        }
    };
}
pub(crate) use in_namespace;

/// Runs `body` if we are inside a namespace, and else this test, named by
/// `path`, again inside a new one.
pub(crate) fn run(path: &str, body: impl Future<Output = ()>) {
    if setting(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(body);
        return;
    }
    if !rustix::process::geteuid().is_root() {
        assert!(
            setting("CI").is_none(),
            "{path} needs root, and CI must not skip it"
        );
        // Not by a macro, whose output the test harness would keep to itself.
        let line = format!("*** SKIPPED, needs root: {path}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    let namespace = Namespace::new();
    let (_, name) = path.split_once("::").unwrap();
    let status = namespace
        .command(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1", name])
        .env(INSIDE, &namespace.0)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{path} failed inside its namespace");
}

/// A namespace; removed when dropped.
pub(crate) struct Namespace(String);

impl Namespace {
    /// `eth0` with 192.0.2.10/24 and `2001:db8::10/64`, default routes by `.1`
    /// and `::1`, and a resolv.conf of its own.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("azike-p{}-{number}", std::process::id());
        ip(&format!("netns add {name}"));
        let namespace = Self(name.clone());
        fs::create_dir_all(namespace.etc()).unwrap();
        fs::write(namespace.etc().join("resolv.conf"), RESOLV_CONF).unwrap();
        for command in [
            "link set lo up",
            "link add eth0 type veth peer name far0",
            // No addresses that come by themselves after a while.
            "link set eth0 addrgenmode none",
            "link set far0 addrgenmode none",
            "link set eth0 up",
            "link set far0 up",
            "addr add 192.0.2.10/24 dev eth0",
            "addr add 2001:db8::10/64 dev eth0 nodad",
            "route add default via 192.0.2.1",
            "-6 route add default via 2001:db8::1",
        ] {
            ip(&format!("-n {name} {command}"));
        }
        namespace
    }

    /// A command that will run inside.
    pub(crate) fn command(&self, program: PathBuf) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0]).arg(program);
        command
    }

    fn etc(&self) -> PathBuf {
        PathBuf::from("/etc/netns").join(&self.0)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&format!("netns del {}", self.0));
        fs::remove_dir_all(self.etc()).unwrap();
        // Only if nobody else has anything in it.
        drop(fs::remove_dir("/etc/netns"));
    }
}

/// Runs `ip` with these words and gives what it says.
pub(crate) fn ip(words: &str) -> String {
    let output = Command::new("ip").args(words.split(' ')).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {words}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "how the test speaks to itself")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The gateway of these tests.
pub(crate) const GATEWAY: &str = "203.0.113.10";

/// A tunnel through `interface`.
pub(crate) fn config(interface: &str, routes: &[&str]) -> HostConfig {
    HostConfig {
        interface: interface.to_owned(),
        addresses: vec![
            "172.16.201.4/24".parse().unwrap(),
            "2001:db8:a::4/64".parse().unwrap(),
        ],
        mtu: 1378,
        routes: routes.iter().map(|route| route.parse().unwrap()).collect(),
        outside: [GATEWAY.parse::<IpAddr>().unwrap()].into(),
        dns: None,
    }
}

/// Servers and domains behind that tunnel.
pub(crate) fn dns() -> DnsConfig {
    DnsConfig {
        servers: vec!["10.1.0.4".parse().unwrap()],
        match_domains: vec!["corp.internal".to_owned()],
        search: vec!["corp.internal".to_owned()],
        all: false,
    }
}
