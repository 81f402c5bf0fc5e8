//! Which boot and which network namespace this is, and whose resolv.conf.
//!
//! A namespace is told by its inode. The kernel may give the number of one
//! that ended to the next; undoing is exact enough to find nothing there.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::{Epoch, Standing};

pub(super) fn epoch() -> Epoch {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Epoch {
        boot: boot.trim().to_owned(),
        network: inode(Path::new("/proc/self/ns/net")).unwrap_or_default(),
    }
}

pub(super) fn standing(then: &Epoch) -> Standing {
    let now = epoch();
    if then.boot != now.boot {
        Standing::Restarted
    } else if then.network == now.network {
        Standing::Same
    } else if exists(then.network) {
        Standing::Elsewhere
    } else {
        Standing::Restarted
    }
}

/// Whether a process or a name holds the network namespace with that number.
/// Namespaces of processes that we may not look at are not seen.
fn exists(network: u64) -> bool {
    let of_process = |path: PathBuf| path.join("ns/net");
    has_name(network)
        || entries("/proc")
            .map(of_process)
            .any(|path| inode(&path) == Some(network))
}

/// Whether `ip netns` made the namespace.
fn has_name(network: u64) -> bool {
    entries("/run/netns").any(|path| inode(&path) == Some(network))
}

fn entries(dir: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

fn inode(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|meta| meta.ino())
}

/// Whether process `pid` is in our network namespace; `None` if we may not know.
pub(super) fn is_neighbour(pid: u32) -> Option<bool> {
    let theirs = inode(Path::new(&format!("/proc/{pid}/ns/net")))?;
    Some(Some(theirs) == inode(Path::new("/proc/self/ns/net")))
}

/// Whether the file behind `path` is the whole machine's while we are in a
/// network namespace of our own. `ip netns exec` shows the machine's file
/// unless there is one in `/etc/netns/NAME/`, which it mounts over it.
pub(super) fn is_shared_with_machine(path: &Path) -> bool {
    if is_mount_point(path) {
        return false;
    }
    match is_neighbour(1) {
        Some(true) => false,
        Some(false) => {
            let identity = |path: &Path| fs::metadata(path).map(|meta| (meta.dev(), meta.ino()));
            let theirs = Path::new("/proc/1/root").join(path.strip_prefix("/").unwrap_or(path));
            matches!((identity(path), identity(&theirs)), (Ok(ours), Ok(theirs)) if ours == theirs)
        }
        // We may not look at the first process. A namespace with a name is
        // one that `ip netns` made.
        None => {
            let ours = inode(Path::new("/proc/self/ns/net"));
            ours.is_some_and(has_name)
        }
    }
}

/// Whether something is mounted exactly on what `path` leads to, so that
/// other mount namespaces see something else there.
pub(super) fn is_mount_point(path: &Path) -> bool {
    let flags = rustix::fs::StatxFlags::BASIC_STATS;
    let stat = rustix::fs::statx(rustix::fs::CWD, path, rustix::fs::AtFlags::empty(), flags);
    stat.is_ok_and(|stat| {
        let root = rustix::fs::StatxAttributes::MOUNT_ROOT;
        stat.stx_attributes.contains(root)
    })
}
