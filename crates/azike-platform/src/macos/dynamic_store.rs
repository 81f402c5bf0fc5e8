//! DNS on a Mac: keys of our own in the dynamic store of `configd(8)`.
//!
//! ```text
//!   DnsConfig --resolvers()--> Dictionary for each key --DynamicStore::set--> configd
//!                              (tested on Linux)         (translates only)
//!
//!   State:/Network/Service/azike-utun7/DNS          names that are asked of the servers
//!   State:/Network/Service/azike-utun7-search/DNS   the same, and tried behind short names
//! ```
//!
//! `configd` makes a supplemental resolver of each match domain of such a key.
//! The user's own services are never touched, so there is nothing to put back:
//! undoing is removing. The keys belong to our session with `configd` and go
//! away with the process, even when it is killed: nobody has to look for stale ones.
//!
//! A service with match domains but without addresses of its own never becomes
//! the primary one: `/etc/resolv.conf`, and programs that read it (`dig`,
//! `nslookup`), keep the machine's own servers. `scutil --dns` shows ours.

mod dictionary;
#[cfg(target_os = "macos")]
mod property_list;
mod resolvers;
#[cfg(target_os = "macos")]
mod store;
#[cfg(target_os = "macos")]
mod watch;

#[cfg(target_os = "macos")]
pub(in crate::macos) use self::property_list::text;
#[cfg(test)]
pub(crate) use self::resolvers::service;
#[cfg(target_os = "macos")]
pub(crate) use self::store::DynamicStore;
#[cfg(target_os = "macos")]
pub(crate) use self::watch::StoreWatch;
pub(crate) use self::{
    dictionary::{Dictionary, Value},
    resolvers::{OUR_KEYS, Resolvers, keys, resolvers},
};
