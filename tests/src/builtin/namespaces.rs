//! Namespaces without any program's help: for root, and for everybody where the system allows it.
//!
//! ```text
//!   root, with CAP_SYS_ADMIN  ──▶ network, mounts, processes
//!   anybody else              ──▶ user namespace, in which this user is root ──▶ the same
//! ```

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};

/// What decides whether a user may make namespaces, and what it must say.
const SWITCHES: [(&str, &str); 4] = [
    ("user.max_user_namespaces", "more than 0"),
    ("user.max_net_namespaces", "more than 0"),
    ("kernel.unprivileged_userns_clone", "1"),
    ("kernel.apparmor_restrict_unprivileged_userns", "0"),
];

/// Whether this process can make namespaces as it is.
pub fn has_rights() -> bool {
    let wanted = CapabilitySet::SYS_ADMIN | CapabilitySet::NET_ADMIN;
    capabilities(None).is_ok_and(|sets| sets.effective.contains(wanted))
}

/// Puts this process, which has only one thread yet, into namespaces of its own. Its *children* are in the
/// new process namespace.
///
/// # Errors
///
/// What the system refused, and where its owner can allow it.
pub fn enter() -> Result<()> {
    separate().map_err(|error| anyhow!("{error:#}\n{}", advice()))
}

/// Puts this thread into a network namespace of its own.
pub fn new_network() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNET).context("a network namespace")
}

/// Lays the file `ours` over the file `path`, for this mount namespace only.
pub fn lay_over(path: &str, ours: &Path) -> Result<()> {
    let none: Option<&str> = None;
    mount(Some(ours), path, none, MsFlags::MS_BIND, none)
        .with_context(|| format!("laying a file over {path}"))
}

fn separate() -> Result<()> {
    if !has_rights() {
        become_root_of_a_user_namespace()?;
    }
    let flags = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID;
    unshare(flags).context("namespaces for network, mounts and processes")?;
    // What is mounted here must not be seen by the rest of the machine.
    let none: Option<&str> = None;
    let flags = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, flags, none).context("private mounts")
}

/// One user and one group, both mapped to 0: all that the kernel lets a user do alone.
fn become_root_of_a_user_namespace() -> Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(CloneFlags::CLONE_NEWUSER).with_context(|| format!("a user namespace for {user}"))?;
    for (file, text) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {user} 1")),
        ("gid_map", format!("0 {group} 1")),
    ] {
        fs::write(format!("/proc/self/{file}"), text)
            .with_context(|| format!("{file} of a user namespace"))?;
    }
    Ok(())
}

fn advice() -> String {
    let mut lines =
        vec!["This needs root, or a system that lets users make namespaces:".to_owned()];
    for (name, wanted) in SWITCHES {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        if let Ok(is) = fs::read_to_string(path) {
            let is = is.trim();
            lines.push(format!("  sysctl {name} is {is}, must be {wanted}"));
        }
    }
    lines.push("In a container, its seccomp profile may forbid it too.".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_switches_of_this_kernel() {
        assert!(advice().contains("user.max_user_namespaces is "));
    }
}
