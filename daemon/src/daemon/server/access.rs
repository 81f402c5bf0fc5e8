//! Who may use the daemon: root, the members of the group `azike`, and the user who runs it.
//!
//! The credentials come from the kernel (`SO_PEERCRED`, `LOCAL_PEERCRED`) and were fixed when the
//! peer connected: a process that takes over a pid later gains nothing. Membership is read anew
//! for each connection, so a change of the group counts at once. Only the files of the local
//! system are read, not LDAP: who is a member there alone needs `azike` as primary group.

use std::fs::File;
use std::io::{self, Read as _};

use tokio::net::UnixStream;

/// The group whose members may use the daemon.
pub(super) const GROUP: &str = "azike";

/// The most that is read of a user database, in octets.
const DATABASE_MAX: u64 = 4 << 20;

/// The process at the other end, as the kernel saw it when it connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer {
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
}

/// A group of users.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// Its number.
    pub gid: u32,
    /// Its members' numbers, without those whose primary group it is.
    pub members: Vec<u32>,
}

/// The rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Access {
    owner: u32,
}

impl Peer {
    /// Asks the kernel.
    pub(super) fn of(stream: &UnixStream) -> io::Result<Self> {
        let credentials = stream.peer_cred()?;
        Ok(Self {
            uid: credentials.uid(),
            gid: credentials.gid(),
        })
    }
}

impl Access {
    /// For a daemon that runs as `owner`.
    pub const fn for_owner(owner: u32) -> Self {
        Self { owner }
    }

    /// For a daemon that runs as the user of this process.
    pub fn for_this_process() -> Self {
        Self::for_owner(rustix::process::geteuid().as_raw())
    }

    /// Whether `peer` may use the daemon now.
    pub(super) fn allows(self, peer: Peer) -> bool {
        self.decide(peer, || Group::find(GROUP))
    }

    /// The rule itself. The group counts only where root runs the daemon: a tunnel of an ordinary
    /// user is that user's own.
    fn decide(self, peer: Peer, group: impl FnOnce() -> Option<Group>) -> bool {
        if peer.uid == 0 || peer.uid == self.owner {
            return true;
        }
        if self.owner != 0 {
            return false;
        }
        group().is_some_and(|group| group.gid == peer.gid || group.members.contains(&peer.uid))
    }
}

impl Group {
    /// Looks `name` up in the files of the local system.
    pub(super) fn find(name: &str) -> Option<Self> {
        Self::parse(name, &read("/etc/group")?, &read("/etc/passwd")?)
    }

    /// `groups` has lines `name:password:gid:member,member`, `users` has `name:password:uid:…`.
    fn parse(name: &str, groups: &str, users: &str) -> Option<Self> {
        let mut fields = groups
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
        let gid = fields.nth(1)?.parse().ok()?;
        let names: Vec<&str> = fields.next().unwrap_or_default().split(',').collect();
        let members = users.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let user = fields.next().filter(|user| !user.is_empty())?;
            let uid = fields.nth(1)?.parse().ok()?;
            names.contains(&user).then_some(uid)
        });
        Some(Self {
            gid,
            members: members.collect(),
        })
    }
}

/// A user database, as far as it has a sane size.
fn read(path: &str) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(DATABASE_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: &str = "root:x:0:\nazikes:x:7:mallory\n# note\nazike:x:987:ada,bob,gone\nz:x:9:";
    const USERS: &str = "root:x:0:0::/:/bin/sh\nada:x:1000:1000::/:\nbob:x:1001:100::/:\n:x:5:5\nmallory:x:66:66::/:";

    /// N-101: who is not named is not let in, and nothing but the kernel's word counts.
    #[test]
    fn only_root_the_owner_and_members_are_let_in() {
        let group = || Group::parse(GROUP, GROUPS, USERS);
        let peer = |uid, gid| Peer { uid, gid };
        let daemon = Access::for_owner(0);
        let cases = [
            (peer(0, 0), true),
            (peer(1000, 1000), true),
            (peer(1001, 100), true),
            (peer(1002, 987), true),
            (peer(1002, 1002), false),
            (peer(66, 66), false),
            (peer(u32::MAX, u32::MAX), false),
        ];
        for (peer, allowed) in cases {
            assert_eq!(daemon.decide(peer, group), allowed, "{peer:?}");
        }
        assert!(!daemon.decide(peer(1000, 987), || None), "no such group");
    }

    #[test]
    fn a_daemon_of_an_ordinary_user_serves_that_user_and_root() {
        let group = || Group::parse(GROUP, GROUPS, USERS);
        let own = Access::for_owner(1002);
        let peer = |uid| Peer { uid, gid: 987 };
        assert!(own.decide(peer(1002), group));
        assert!(own.decide(peer(0), group));
        assert!(!own.decide(peer(1000), group), "a member of the group");
    }

    #[test]
    fn damaged_databases_let_nobody_in() {
        for groups in [
            "",
            "azike",
            "azike:x",
            "azike:x:",
            "azike:x:-1:ada",
            "azike:x:x:ada",
        ] {
            assert_eq!(Group::parse(GROUP, groups, USERS), None, "{groups}");
        }
        let group = Group::parse(GROUP, "azike:x:987", USERS).unwrap();
        assert!(group.members.is_empty());
        let group = Group::parse(GROUP, "azike:x:987:ada", "ada\nada:x\nada:x:\n").unwrap();
        assert!(group.members.is_empty());
    }
}
