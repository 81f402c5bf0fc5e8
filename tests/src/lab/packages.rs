//! Debian packages the lab needs. `systemd-resolved` is not among them: installing it takes the machine's
//! own name resolution away.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::command::Call;

/// A Debian package, and a file by which we know that it is there.
pub type Package = (&'static str, &'static str);

const PLUGINS: &str = "/usr/lib/ipsec/plugins";

const NEEDED: [Package; 19] = [
    ("iproute2", "/usr/sbin/ip"),
    ("iputils-ping", "/usr/bin/ping"),
    ("util-linux", "/usr/bin/setpriv"),
    ("procps", "/usr/sbin/sysctl"),
    ("nftables", "/usr/sbin/nft"),
    ("conntrack", "/usr/sbin/conntrack"),
    ("dbus-daemon", "/usr/bin/dbus-daemon"),
    ("dbus", "/lib/systemd/system/dbus.service"),
    ("systemd", "/lib/systemd/systemd"),
    ("dnsmasq-base", "/usr/sbin/dnsmasq"),
    ("iperf3", "/usr/bin/iperf3"),
    ("openssl", "/usr/bin/openssl"),
    ("curl", "/usr/bin/curl"),
    ("charon-systemd", "/usr/sbin/charon-systemd"),
    ("strongswan-swanctl", "/usr/sbin/swanctl"),
    ("strongswan-pki", "/usr/bin/pki"),
    (
        "libcharon-extra-plugins",
        "libstrongswan-kernel-libipsec.so",
    ),
    ("libstrongswan-standard-plugins", "libstrongswan-openssl.so"),
    ("libstrongswan-extra-plugins", "libstrongswan-curve25519.so"),
];

/// Installs what the lab lacks; see [`install`].
pub fn install_missing() -> Result<Vec<&'static str>> {
    install(&NEEDED, "the lab")
}

/// Installs those of `packages` that are missing (as root, with `apt-get`), which `who` needs. Gives their names.
pub fn install(packages: &[Package], who: &str) -> Result<Vec<&'static str>> {
    let missing = packages.iter().filter(|(_, file)| !is_there(file));
    let missing: Vec<&str> = missing.map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let apt = |args: &[&str]| {
        let call = Call::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        let finished = call.args(args).run();
        finished
            .with_context(|| format!("installing what {who} needs (as root, on Debian or Ubuntu)"))
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
