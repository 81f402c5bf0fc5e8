//! resolv.conf: of a namespace (a mount point), and elsewhere a file or a link.

use std::fs;
use std::path::Path;
use std::process::Command;

use azike_platform::{
    Applied, Host, HostConfig, HostError, Left, LinuxOptions, Native, Notice, SystemBus,
    SystemError, TunDevice,
};

use crate::namespace::{RESOLV_CONF, config, dns, in_namespace};
use crate::snapshot::{Snapshot, file};

/// A host whose names are a matter of the file at `path`.
fn host(journal: &Path, path: &Path) -> Host {
    let system = Native::new(LinuxOptions {
        resolv_conf: path.to_owned(),
        system_bus: SystemBus::Unused,
    });
    Host::with_system(journal, system).unwrap()
}

fn with_names(tun: &TunDevice) -> HostConfig {
    HostConfig {
        dns: Some(dns()),
        ..config(tun.name(), &["10.1.0.0/16"])
    }
}

const OURS: &str = "# Written by azike for azike0. `azike down` brings the earlier file back.\n\
    search corp.internal home\nnameserver 10.1.0.4\nnameserver 192.0.2.53\n";

in_namespace! {
    /// `ip netns exec` binds /etc/netns/NAME/resolv.conf there: no rename onto it.
    async fn a_mount_point_is_written_in_place() {
        let path = Path::new("/etc/resolv.conf");
        assert_eq!(fs::read_to_string(path).unwrap(), RESOLV_CONF);
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = host(dir.path(), path);
        let before = Snapshot::take();
        host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), OURS);
        assert_eq!(host.set(&with_names(&tun)).await.unwrap(), Applied::default());
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

in_namespace! {
    async fn a_file_and_a_link_come_back_as_they_were() {
        let tun = TunDevice::create().unwrap();
        let (dir, etc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = etc.path().join("target");
        fs::write(&target, RESOLV_CONF).unwrap();
        let link = etc.path().join("resolv.conf");
        std::os::unix::fs::symlink("target", &link).unwrap();
        for path in [&target, &link] {
            let before = (file(&target), file(&link));
            let mut host = host(dir.path(), path);
            host.set(&with_names(&tun)).await.unwrap();
            assert_eq!(fs::read_to_string(path).unwrap(), OURS);
            host.clear().await.unwrap();
            assert_eq!((file(&target), file(&link)), before);
            assert_eq!(fs::read_dir(etc.path()).unwrap().count(), 2);
        }
    }
}

in_namespace! {
    /// Where the machine's file is a link, `ip netns exec` mounts over what it
    /// leads to: the link is still the machine's.
    async fn a_link_to_a_mount_point_stays_a_link() {
        let tun = TunDevice::create().unwrap();
        let (dir, etc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (own, target) = (etc.path().join("own"), etc.path().join("target"));
        fs::write(&own, RESOLV_CONF).unwrap();
        fs::write(&target, "of the machine").unwrap();
        let link = etc.path().join("resolv.conf");
        std::os::unix::fs::symlink("target", &link).unwrap();
        let mount = Command::new("mount").arg("--bind").args([&own, &target]).status();
        assert!(mount.unwrap().success());
        let before = [file(&own), file(&link)];
        let mut host = host(dir.path(), &link);
        host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), OURS);
        assert_eq!(file(&link), before[1]);
        assert_eq!(fs::read_dir(etc.path()).unwrap().count(), 3);
        host.clear().await.unwrap();
        assert_eq!([file(&own), file(&link)], before);
        assert!(Command::new("umount").arg(&target).status().unwrap().success());
    }
}

in_namespace! {
    /// A DHCP client renews its lease: its text is the new truth.
    async fn what_others_wrote_meanwhile_is_theirs() {
        let path = Path::new("/etc/resolv.conf");
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = host(dir.path(), path);
        host.set(&with_names(&tun)).await.unwrap();
        fs::write(path, "nameserver 198.51.100.53\n").unwrap();
        let cleared = host.clear().await.unwrap();
        assert!(matches!(&cleared.left[..], [Left::ChangedMeanwhile(_)]), "{cleared:?}");
        assert_eq!(fs::read_to_string(path).unwrap(), "nameserver 198.51.100.53\n");

        host.set(&with_names(&tun)).await.unwrap();
        fs::write(path, "nameserver 198.51.100.54\n").unwrap();
        host.set(&with_names(&tun)).await.unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert!(text.ends_with("nameserver 10.1.0.4\nnameserver 198.51.100.54\n"), "{text}");
        host.clear().await.unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "nameserver 198.51.100.54\n");
    }
}

in_namespace! {
    async fn a_protected_file_is_a_plain_error_and_the_rest_is_undone() {
        let tun = TunDevice::create().unwrap();
        let (dir, etc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = etc.path().join("resolv.conf");
        fs::write(&path, RESOLV_CONF).unwrap();
        let before = Snapshot::take();
        for (protect, unprotect) in [
            (vec!["chattr", "+i", "FILE"], vec!["chattr", "-i", "FILE"]),
            (vec!["mount", "-r", "--bind", "DIR", "DIR"], vec!["umount", "DIR"]),
        ] {
            let run = |words: &[&str]| {
                let words = words.iter().map(|word| match *word {
                    "FILE" => path.as_os_str().to_owned(),
                    "DIR" => etc.path().as_os_str().to_owned(),
                    word => word.into(),
                });
                let words: Vec<_> = words.collect();
                let status = Command::new(&words[0]).args(&words[1..]).status();
                assert!(status.unwrap().success(), "{words:?}");
            };
            run(&protect);
            let mut host = host(dir.path(), &path);
            let error = host.set(&with_names(&tun)).await.unwrap_err();
            let cleared = host.clear().await;
            run(&unprotect);
            let protected = matches!(&error, HostError::Change {
                source: SystemError::Protected(at), .. } if *at == path);
            assert!(protected, "{error:?}");
            cleared.unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), RESOLV_CONF);
            assert_eq!(fs::read_dir(etc.path()).unwrap().count(), 1);
            before.assert_still_true();
        }
    }
}

in_namespace! {
    /// Without a file of the namespace's own, the one that is seen is the whole
    /// machine's: a tunnel in a namespace must not change that.
    async fn the_file_of_the_machine_is_left_alone() {
        let status = Command::new("umount").arg("/etc/resolv.conf").status();
        assert!(status.unwrap().success());
        let path = Path::new("/etc/resolv.conf");
        let before = file(path);
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        // Should the code be wrong, the machine is still not harmed.
        let status = Command::new("mount").args(["-r", "--bind", "/etc", "/etc"]).status();
        assert!(status.unwrap().success());
        let mut host = host(dir.path(), path);
        let applied = host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(applied.notices, [Notice::SharedResolvConf]);
        assert_eq!(file(path), before);
        host.clear().await.unwrap();
    }
}
