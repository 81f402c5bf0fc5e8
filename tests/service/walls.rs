//! What the unit leaves the daemon: looked at from outside, in `/proc` and in its view of the disk.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::machine::text;
use crate::story::Computer;

/// `CAP_CHOWN`, `CAP_FOWNER`, `CAP_NET_BIND_SERVICE`, `CAP_NET_ADMIN`.
const CAPABILITIES: &str = "0000000000001409";

pub(crate) fn walls(computer: &Computer) -> Result<()> {
    let pid = computer.pid()?;
    let status = fs::read_to_string(computer.machine.path(&format!("/proc/{pid}/status")))?;
    let says = |name: &str| {
        let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().map(str::trim).context("a line of status")
    };
    for (name, wanted) in [
        ("CapEff:", CAPABILITIES),
        ("CapBnd:", CAPABILITIES),
        ("NoNewPrivs:", "1"),
        ("Seccomp:", "2"),
    ] {
        ensure!(says(name)? == wanted, "{name} in\n{status}");
    }
    for (file, writable) in [
        ("/usr/bin/x", false),
        ("/opt/azike/bin/x", false),
        ("/etc/systemd/system/x", false),
        ("/etc/pam.d/x", false),
        ("/home/x", false),
        ("/root/x", false),
        ("/run/x", false),
        ("/sys/x", false),
        ("/proc/sys/kernel/hostname", false),
        ("/etc/resolv.conf.x", true),
        ("/run/azike/x", true),
        ("/var/lib/azike/x", true),
        ("/proc/sys/net/ipv6/conf/lo/addr_gen_mode", true),
    ] {
        // Root with all rights, in the daemon's view of the disk. What it makes is removed again.
        let script = "test -e $0 || new=1; { : >>$0; } 2>/dev/null && echo can; \
                      test -z \"$new\" || rm -f $0";
        let enter = format!("--target={pid}");
        let words = [enter.as_str(), "--mount", "sh", "-c", script, file];
        let output = computer.machine.run("nsenter", &words)?;
        ensure!((text(&output.stdout) == "can\n") == writable, "{file}");
    }
    Ok(())
}
