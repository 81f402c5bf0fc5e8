//! A tunnel by the daemon of the service: what it needs of the computer is what its unit leaves it.

use std::env;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::PathBuf;
use std::process::Child;

use anyhow::{Result, ensure};
use azike_tests::builtin::alone::Settings;
use azike_tests::builtin::credentials::CLIENT_NAME;
use azike_tests::lab::errand::Errand;
use azike_tests::lab::stopwatch::wait_until;

use crate::story::{Computer, SOON};

const FOLDER: &str = "/var/tmp/gateway";
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// Where another program keeps its resolv.conf.
const LINKED: &str = "/run/NetworkManager/resolv.conf";
const TEXT: &str = "nameserver 192.0.2.53\n";
/// The gateway's name server.
const SERVER: &str = "10.9.8.4";

/// Address, routes and names, an answer through it, and all of it gone again: as asked, and after a
/// crash.
pub(crate) fn tunnel(computer: &Computer) -> Result<()> {
    let gateway = Gateway::start(computer)?;
    let resolv_conf = computer.machine.path(RESOLV_CONF);

    // A link, and what it leads to belongs to another program.
    let linked = computer.machine.path(LINKED);
    fs::create_dir_all(computer.machine.path("/run/NetworkManager"))?;
    fs::write(linked, TEXT)?;
    fs::remove_file(&resolv_conf)?;
    symlink(LINKED, &resolv_conf)?;
    connect(computer)?;
    ensure!(!resolv_conf.is_symlink() && names_are_ours(computer)?);
    computer.says(&["down"], 0)?;
    ensure!(fs::read_link(&resolv_conf)?.to_str() == Some(LINKED));

    // A file of another user; and this time the daemon has no time to put it back.
    fs::remove_file(&resolv_conf)?;
    fs::write(&resolv_conf, TEXT)?;
    chown(&resolv_conf, Some(101), Some(102))?;
    fs::set_permissions(&resolv_conf, fs::Permissions::from_mode(0o664))?;
    connect(computer)?;
    ensure!(names_are_ours(computer)?);
    let pid = computer.pid()?;
    computer
        .machine
        .says("kill", &["-KILL", &pid.to_string()])?;
    let back = wait_until(SOON, || {
        fs::read_to_string(&resolv_conf).is_ok_and(|text| text == TEXT)
    });
    ensure!(back, "resolv.conf stays as the killed daemon left it");
    let found = fs::metadata(&resolv_conf)?;
    ensure!((found.uid(), found.gid(), found.mode() & 0o777) == (101, 102, 0o664));
    computer.says(&["status"], 3)?;

    // As boot.sh made it.
    chown(&resolv_conf, Some(0), Some(0))?;
    drop(gateway);
    let gone = "ip netns del gw; ip link del c0 2>/dev/null; true";
    computer.machine.says("sh", &["-c", gone])?;
    Ok(())
}

fn connect(computer: &Computer) -> Result<()> {
    let identity = format!("{FOLDER}/{CLIENT_NAME}.pem");
    let package = format!("{FOLDER}/profile.zip");
    let up = ["up", &package, "--identity", &identity];
    let up = [&up[..], &["--address", "10.0.0.2"]].concat();
    // The gateway may need a moment after it wrote its files.
    let connected = wait_until(SOON, || {
        computer
            .azike(&up)
            .is_ok_and(|output| output.status.success())
    });
    if !connected {
        computer.says(&up, 0)?;
    }
    computer
        .machine
        .says("ping", &["-c", "1", "-W", "5", "10.9.8.7"])?;
    let words = ["status", "azike", "--no-pager"];
    let status = computer.machine.says("systemctl", &words)?;
    ensure!(status.contains("active (running)"), "{status}");
    // The kernel's own address was switched off: /proc/sys can be written where it is needed.
    let words = ["-6", "addr", "show", "dev", "azike0"];
    let addresses = computer.machine.says("ip", &words)?;
    ensure!(!addresses.contains("fe80::"), "{addresses}");
    Ok(())
}

fn names_are_ours(computer: &Computer) -> Result<bool> {
    let text = fs::read_to_string(computer.machine.path(RESOLV_CONF))?;
    Ok(text.contains(&format!("nameserver {SERVER}\n")))
}

/// The built-in gateway, in a network of its own inside the machine; it ends with the machine.
struct Gateway(Child);

impl Gateway {
    fn start(computer: &Computer) -> Result<Self> {
        let machine = &computer.machine;
        let networks = "ip netns add gw && ip link add c0 type veth peer name g0 netns gw && \
                        ip addr add 10.0.0.1/24 dev c0 && ip link set c0 up && \
                        ip -n gw addr add 10.0.0.2/24 dev g0 && ip -n gw link set g0 up && \
                        ip -n gw link set lo up && ip link set lo up";
        machine.says("sh", &["-c", networks])?;
        fs::create_dir_all(machine.path(FOLDER))?;
        let test = "/var/tmp/test";
        machine.bring(&env::current_exe()?, test)?;
        let settings = Settings {
            outer: [10, 0, 0, 2].into(),
            tun: "far0".to_owned(),
            hosts: vec!["10.9.8.7".parse()?],
            pool: Ipv4Addr::new(10, 8, 0, 1),
            pool_ipv6: None,
            dns: vec![SERVER.parse()?],
            path_mtu: 1500,
            offload: true,
            switches: Vec::new(),
            folder: PathBuf::from(FOLDER),
        };
        let words = Errand::Gateway(settings).words()?;
        let log = fs::File::create(machine.path("/var/tmp/gateway.log"))?;
        let mut gateway = machine.command("ip");
        gateway.args(["netns", "exec", "gw", test]).args(words);
        gateway.stdout(log.try_clone()?).stderr(log);
        let gateway = Self(gateway.spawn()?);
        let identity = machine.path(&format!("{FOLDER}/{CLIENT_NAME}.pem"));
        ensure!(wait_until(SOON, || identity.exists()), "no gateway");
        Ok(gateway)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
