//! Making a tun interface. The `tun` crate makes it, then we take its descriptor.

#![expect(
    unsafe_code,
    reason = "the tun crate hands out its descriptor only as a number, and knows no TUNSETOFFLOAD"
)]

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, FromRawFd as _, IntoRawFd as _, OwnedFd};
use std::path::Path;

use rustix::io::Errno;
use tun::AbstractDevice as _;

use crate::{Offload, SuperPackets, TunDevice, TunError};

/// `TUNSETOFFLOAD`: what a reader of the device can do itself (`linux/if_tun.h`).
const TUNSETOFFLOAD: rustix::ioctl::Opcode =
    rustix::ioctl::opcode::write::<libc::c_uint>(b'T', 208);
/// Checksums; TCP over IPv4 and IPv6, with congestion marks.
const TCP: usize = 0x01 | 0x02 | 0x04 | 0x08;
/// UDP over IPv4 and IPv6 (since Linux 6.2).
const UDP: usize = 0x20 | 0x40;

/// Makes an interface without the old header before its packets (`IFF_NO_PI`); with super-packets if
/// wanted, step by step less of them where the kernel refuses.
pub(crate) fn create(name: &str, offload: Offload) -> Result<TunDevice, TunError> {
    if offload == Offload::Auto {
        match open(name, true) {
            Ok((fd, name)) => {
                if let Some(super_packets) = allow_super_packets(&fd) {
                    return finish(fd, name, super_packets);
                }
                tracing::info!("the kernel makes no super-packets; every packet is by itself");
            }
            // Whatever it is, the plain device will meet it too, or do without.
            Err(error) => tracing::debug!(%error, "no tun device with super-packets"),
        }
    }
    let (fd, name) = open(name, false)?;
    finish(fd, name, SuperPackets::None)
}

/// Tells the kernel what may come together. `None` if not even TCP may.
fn allow_super_packets(fd: &OwnedFd) -> Option<SuperPackets> {
    let allowed = if set_offload(fd.as_fd(), TCP | UDP).is_ok() {
        SuperPackets::TcpAndUdp
    } else {
        set_offload(fd.as_fd(), TCP).ok()?;
        SuperPackets::Tcp
    };
    tracing::debug!(?allowed, "super-packets");
    Some(allowed)
}

fn set_offload(fd: BorrowedFd<'_>, features: usize) -> rustix::io::Result<()> {
    // SAFETY: TUNSETOFFLOAD takes a number, in the place of the pointer, and reads no memory.
    let set = unsafe { rustix::ioctl::IntegerSetter::<TUNSETOFFLOAD>::new_usize(features) };
    // SAFETY: as above; the descriptor is open.
    unsafe { rustix::ioctl::ioctl(fd, set) }
}

fn open(name: &str, header: bool) -> Result<(OwnedFd, String), TunError> {
    let mut config = tun::Configuration::default();
    config.tun_name(name).platform_config(|linux| {
        linux.vnet_hdr(header);
        // It would set flags of the interface; that is the journal's business.
        linux.ensure_root_privileges(false);
    });
    let device = tun::create(&config).map_err(|error| sort(name, error))?;
    let name = device.tun_name().map_err(|error| sort(name, error))?;
    let fd = device.into_raw_fd();
    // SAFETY: `into_raw_fd` gave the open descriptor away, so nobody else closes it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    Ok((fd, name))
}

fn finish(fd: OwnedFd, name: String, super_packets: SuperPackets) -> Result<TunDevice, TunError> {
    rustix::io::ioctl_fionbio(&fd, true).map_err(io::Error::from)?;
    let index = index(&name)?;
    no_link_local(&name);
    Ok(TunDevice::from_parts(fd, (name, index), super_packets))
}

fn index(name: &str) -> io::Result<u32> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        None,
    )?;
    Ok(rustix::net::netdevice::name_to_index(socket, name)?)
}

/// Keeps the kernel from giving the interface an IPv6 address of its own and
/// from asking for routers behind the tunnel. Where `/proc/sys` cannot be
/// written, it does; the inner policy then drops those packets.
fn no_link_local(name: &str) {
    let path = format!("/proc/sys/net/ipv6/conf/{name}/addr_gen_mode");
    if let Err(error) = fs::write(path, "1\n") {
        tracing::debug!(%error, "the tun interface keeps its link-local address");
    }
}

fn sort(name: &str, error: tun::Error) -> TunError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest cannot come from our config"
    )]
    let error = match error {
        tun::Error::Io(error) => error,
        tun::Error::NameTooLong | tun::Error::Nul(_) => return TunError::BadName(name.to_owned()),
        error => io::Error::other(error),
    };
    match Errno::from_io_error(&error) {
        Some(Errno::PERM | Errno::ACCESS) => TunError::NoPermission,
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => TunError::NoTunDevice,
        // The crate loses the number when the device file cannot be opened.
        _ if !Path::new("/dev/net/tun").exists() => TunError::NoTunDevice,
        Some(Errno::BUSY) => TunError::NameTaken(name.to_owned()),
        _ => TunError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sorted_by_what_a_person_can_do() {
        let error = |errno: Errno| tun::Error::Io(errno.into());
        assert!(matches!(
            sort("azike0", error(Errno::PERM)),
            TunError::NoPermission
        ));
        assert!(matches!(
            sort("azike0", error(Errno::ACCESS)),
            TunError::NoPermission
        ));
        assert!(matches!(
            sort("azike0", error(Errno::NOENT)),
            TunError::NoTunDevice
        ));
        assert!(matches!(
            sort("azike0", tun::Error::NameTooLong),
            TunError::BadName(_)
        ));
    }
}
