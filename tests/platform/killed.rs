//! SIGKILL: the next start puts everything back.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use azike_platform::{Host, HostConfig, HostError, JournalError, Standing, System as _, TunDevice};

use crate::namespace::{config, dns, in_namespace, setting};
use crate::snapshot::Snapshot;

const VICTIM: &str = "AZIKE_TEST_VICTIM";

fn everything(tun: &TunDevice) -> HostConfig {
    HostConfig {
        dns: Some(dns()),
        ..config(tun.name(), &["0.0.0.0/0", "10.1.0.0/16", "::/0"])
    }
}

/// Not a test: the process that is killed. It says when it begins and when it
/// is done, and then sets and clears until the end.
#[tokio::test]
async fn victim() {
    let Some(journal) = setting(VICTIM) else {
        return;
    };
    let tun = TunDevice::create().unwrap();
    let mut host = Host::open(Path::new(&journal)).unwrap();
    println!("begins");
    host.set(&everything(&tun)).await.unwrap();
    println!("done");
    loop {
        host.clear().await.unwrap();
        host.set(&everything(&tun)).await.unwrap();
    }
}

struct Victim(Child, BufReader<ChildStdout>);

impl Victim {
    fn start(journal: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "killed::victim"])
            .env(VICTIM, journal)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self(child, stdout)
    }

    fn until(&mut self, word: &str) {
        let mut lines = self.1.by_ref().lines();
        assert!(
            lines.any(|line| line.unwrap().contains(word)),
            "it ended before {word:?}"
        );
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

in_namespace! {
    async fn with_everything_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let before = Snapshot::take();
        let mut victim = Victim::start(dir.path());
        victim.until("done");
        let open = Host::open(dir.path());
        assert!(matches!(open, Err(HostError::Journal(JournalError::Locked { .. }))));
        victim.kill();
        let mut host = Host::open(dir.path()).unwrap();
        host.recover().await.unwrap();
        before.assert_still_true();
        assert!(!host.has_leftovers());
    }
}

in_namespace! {
    /// Somewhere in the middle, two dozen times, each time a little later.
    async fn somewhere_in_the_middle() {
        let before = Snapshot::take();
        let mut found = 0;
        for round in 0..24 {
            let dir = tempfile::tempdir().unwrap();
            let mut victim = Victim::start(dir.path());
            victim.until("begins");
            tokio::time::sleep(Duration::from_micros(700 * round)).await;
            victim.kill();
            let mut host = Host::open(dir.path()).unwrap();
            found += usize::from(host.has_leftovers());
            let cleared = host.recover().await.unwrap();
            assert_eq!(cleared.left, [], "round {round}");
            before.assert_still_true();
        }
        assert!(found > 6, "only {found} rounds were in the middle");
    }
}

in_namespace! {
    /// A new tunnel right after: `up` does not need a `reset` first.
    async fn and_the_next_tunnel_comes_up_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let before = Snapshot::take();
        let mut victim = Victim::start(dir.path());
        victim.until("done");
        victim.kill();
        let tun = TunDevice::create().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        host.set(&everything(&tun)).await.unwrap();
        host.clear().await.unwrap();
        drop(tun);
        before.assert_still_true();
    }
}

in_namespace! {
    /// The journal was written in another namespace, which lives or is gone.
    async fn from_another_namespace_it_is_only_seen() {
        let mut other = Command::new("unshare").args(["--net", "sh", "-c", "stat -Lc %i /proc/self/ns/net; read x"])
            .stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(other.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let system = azike_platform::Native::default();
        let here = system.epoch();
        let mut there = here.clone();
        there.network = line.trim().parse().unwrap();
        assert_eq!(system.standing(&here), Standing::Same);
        assert_eq!(system.standing(&there), Standing::Elsewhere);
        other.kill().unwrap();
        other.wait().unwrap();
        // Not the number of the one that just ended: it may be given again at once.
        there.network = 1;
        assert_eq!(system.standing(&there), Standing::Restarted);
        there = here;
        there.boot.push('x');
        assert_eq!(system.standing(&there), Standing::Restarted);
    }
}
