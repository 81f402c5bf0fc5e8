//! Telling systemd how the daemon is: `sd_notify(3)`, one datagram for each message.
//!
//! The crate `sd-notify` knows no abstract names (`@…`) and reads the environment at every message,
//! long after there are threads; so this is ours. launchd has nothing like it: there, nobody is told.

#[cfg(any(target_os = "linux", test))]
use std::ffi::{OsStr, OsString};
use std::io;
#[cfg(any(target_os = "linux", test))]
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// How long a message may wait for room at the manager's end.
#[cfg(any(target_os = "linux", test))]
const PATIENCE: Duration = Duration::from_secs(1);

/// The way to the service manager. The default tells nobody.
#[derive(Debug, Default)]
pub struct Notifier {
    to: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// From what systemd put into the environment: `NOTIFY_SOCKET`, and `WATCHDOG_USEC` if
    /// `WATCHDOG_PID` is `pid` or missing.
    #[cfg(any(target_os = "linux", test))]
    pub(super) fn from_environment(
        pid: u32,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> io::Result<Self> {
        let Some(address) = variable("NOTIFY_SOCKET") else {
            return Ok(Self::default());
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let for_us = match variable("WATCHDOG_PID") {
            Some(_) => number("WATCHDOG_PID") == Some(u64::from(pid)),
            None => true,
        };
        let watchdog = number("WATCHDOG_USEC").filter(|&usec| for_us && usec > 0);
        Ok(Self {
            to: Some((socket, parse(&address)?)),
            watchdog: watchdog.map(Duration::from_micros),
        })
    }

    /// Whether somebody listens.
    pub const fn is_heard(&self) -> bool {
        self.to.is_some()
    }

    /// How long the manager waits for a sign of life before it ends the daemon; half of it is a
    /// good time between two.
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The daemon serves. `status` is a line for people.
    pub fn ready(&self, status: &str) -> io::Result<()> {
        self.send(&format!("READY=1\n{}", line(status)))
    }

    /// The daemon lives.
    pub fn alive(&self, status: &str) -> io::Result<()> {
        self.send(&format!("WATCHDOG=1\n{}", line(status)))
    }

    /// The daemon is about to end.
    pub fn stopping(&self, status: &str) -> io::Result<()> {
        self.send(&format!("STOPPING=1\n{}", line(status)))
    }

    fn send(&self, message: &str) -> io::Result<()> {
        match &self.to {
            Some((socket, address)) => socket.send_to_addr(message.as_bytes(), address).map(drop),
            None => Ok(()),
        }
    }
}

/// A line of its own: a line end in it would begin another message.
fn line(status: &str) -> String {
    let status: String = status
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("STATUS={status}\n")
}

/// A path, or `@` and an abstract name.
#[cfg(any(target_os = "linux", test))]
fn parse(address: &OsStr) -> io::Result<SocketAddr> {
    match address.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(address),
        [b'@', name @ ..] => abstract_name(name),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "NOTIFY_SOCKET is neither a path nor an abstract name",
        )),
    }
}

#[cfg(target_os = "linux")]
fn abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;

    SocketAddr::from_abstract_name(name)
}

#[cfg(all(not(target_os = "linux"), test))]
fn abstract_name(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn notifier(variables: &[(&str, &str)]) -> io::Result<Notifier> {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        Notifier::from_environment(7, |name| variables.get(name).map(OsString::from))
    }

    fn heard(manager: &UnixDatagram) -> String {
        let mut octets = [0; 256];
        let count = manager.recv(&mut octets).unwrap();
        String::from_utf8(octets[..count].to_vec()).unwrap()
    }

    fn tell_all(notifier: &Notifier, manager: &UnixDatagram) {
        notifier.ready("no tunnel").unwrap();
        assert_eq!(heard(manager), "READY=1\nSTATUS=no tunnel\n");
        notifier.alive("contoso: connected").unwrap();
        assert_eq!(heard(manager), "WATCHDOG=1\nSTATUS=contoso: connected\n");
        notifier.stopping("ends").unwrap();
        assert_eq!(heard(manager), "STOPPING=1\nSTATUS=ends\n");
    }

    #[test]
    fn messages_reach_a_socket_with_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let notifier = notifier(&[("NOTIFY_SOCKET", path.to_str().unwrap())]).unwrap();
        assert!(notifier.is_heard());
        tell_all(&notifier, &manager);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn messages_reach_a_socket_with_an_abstract_name() {
        use std::os::linux::net::SocketAddrExt as _;

        let name = format!("azike-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        let notifier = notifier(&[("NOTIFY_SOCKET", &format!("@{name}"))]).unwrap();
        tell_all(&notifier, &manager);
    }

    #[test]
    fn a_status_cannot_say_something_else() {
        assert_eq!(line("a\nREADY=1\u{1b}"), "STATUS=a READY=1 \n");
    }

    #[test]
    fn without_a_manager_nobody_is_told() {
        let notifier = notifier(&[("WATCHDOG_USEC", "1000000")]).unwrap();
        assert!(!notifier.is_heard());
        assert_eq!(notifier.watchdog(), None);
        notifier.ready("no tunnel").unwrap();
    }

    #[test]
    fn an_address_of_another_kind_is_an_error() {
        for address in ["", "vsock:2:1", "relative/path"] {
            assert!(
                notifier(&[("NOTIFY_SOCKET", address)]).is_err(),
                "{address}"
            );
        }
    }

    #[test]
    fn the_watchdog_counts_only_for_the_process_that_it_is_meant_for() {
        let watchdog = |more: &[(&str, &str)]| {
            let variables = [&[("NOTIFY_SOCKET", "/run/x")], more].concat();
            notifier(&variables).unwrap().watchdog()
        };
        let usec = ("WATCHDOG_USEC", "30000000");
        let half_minute = Some(Duration::from_secs(30));
        assert_eq!(watchdog(&[usec]), half_minute);
        assert_eq!(watchdog(&[usec, ("WATCHDOG_PID", "7")]), half_minute);
        assert_eq!(watchdog(&[usec, ("WATCHDOG_PID", "8")]), None);
        assert_eq!(watchdog(&[usec, ("WATCHDOG_PID", "x")]), None);
        assert_eq!(watchdog(&[("WATCHDOG_USEC", "0")]), None);
        assert_eq!(watchdog(&[("WATCHDOG_USEC", "-1")]), None);
        assert_eq!(watchdog(&[]), None);
    }
}
