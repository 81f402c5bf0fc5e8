//! Names: systemd-resolved where it answers, a resolv.conf where it does not.

pub(super) mod resolv_conf;
mod resolved;

pub(super) use self::resolved::Resolved;
