//! What a process of azike may do, and what one that holds private keys must not do: leave them in
//! a core file, or show them to a debugger of the same user.

use std::io;

use azike_control::{Code, Failure};
use rustix::process::{Resource, Rlimit, setrlimit};

/// Switches core dumps off for this process and, on Linux, tracing by others of the same user.
///
/// On Linux `/proc/self` belongs to root afterwards: what is opened through `/dev/fd` must be open
/// already.
///
/// # Errors
///
/// What the system says; it refuses neither to an ordinary process.
pub fn keep_memory_private() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Whether this process may create network interfaces: `CAP_NET_ADMIN` on Linux, else root.
///
/// # Errors
///
/// [`Code::NO_RIGHT_TUN`].
pub fn may_create_interfaces() -> Result<(), Failure> {
    if has_right() {
        return Ok(());
    }
    let uid = rustix::process::geteuid().as_raw();
    let what = format!("user {uid} may not create network interfaces");
    Err(Failure::new(Code::NO_RIGHT_TUN, what))
}

#[cfg(target_os = "linux")]
fn has_right() -> bool {
    use rustix::thread::{CapabilitySet, capabilities};

    capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::NET_ADMIN))
}

#[cfg(not(target_os = "linux"))]
fn has_right() -> bool {
    rustix::process::geteuid().is_root()
}
