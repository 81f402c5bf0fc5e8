//! Debian packages the lab needs. `systemd-resolved` is not among them: installing it takes the machine's
//! own name resolution away.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::command::Call;

/// A package, and a file by which we know that it is there.
struct Package(&'static str, &'static str);

const PLUGINS: &str = "/usr/lib/ipsec/plugins";

const NEEDED: [Package; 19] = [
    Package("iproute2", "/usr/sbin/ip"),
    Package("iputils-ping", "/usr/bin/ping"),
    Package("util-linux", "/usr/bin/setpriv"),
    Package("procps", "/usr/sbin/sysctl"),
    Package("nftables", "/usr/sbin/nft"),
    Package("conntrack", "/usr/sbin/conntrack"),
    Package("dbus-daemon", "/usr/bin/dbus-daemon"),
    Package("dbus", "/lib/systemd/system/dbus.service"),
    Package("systemd", "/lib/systemd/systemd"),
    Package("dnsmasq-base", "/usr/sbin/dnsmasq"),
    Package("iperf3", "/usr/bin/iperf3"),
    Package("openssl", "/usr/bin/openssl"),
    Package("curl", "/usr/bin/curl"),
    Package("charon-systemd", "/usr/sbin/charon-systemd"),
    Package("strongswan-swanctl", "/usr/sbin/swanctl"),
    Package("strongswan-pki", "/usr/bin/pki"),
    Package(
        "libcharon-extra-plugins",
        "libstrongswan-kernel-libipsec.so",
    ),
    Package("libstrongswan-standard-plugins", "libstrongswan-openssl.so"),
    Package("libstrongswan-extra-plugins", "libstrongswan-curve25519.so"),
];

/// Installs what is missing (as root, with `apt-get`). Gives the names of what it installed.
pub fn install_missing() -> Result<Vec<&'static str>> {
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|package| !is_there(package.1))
        .map(|package| package.0)
        .collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let apt = |args: &[&str]| {
        Call::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(args)
            .run()
            .context("installing what the lab needs (as root, on Debian or Ubuntu)")
    };
    apt(&["-q", "update"])?;
    let mut args = vec!["-q", "-y", "install", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args)?;
    Ok(missing)
}

fn is_there(file: &str) -> bool {
    Path::new(PLUGINS).join(file).exists()
}
