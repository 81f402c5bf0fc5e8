//! What a Mac is told, and what it says: octets and decisions, without a system call.
//!
//! ```text
//!   Change ──▶ order ──▶ ioctl octets ──▶ request ──┐
//!                   └──▶ route octets ──▶ route    ─┤
//!                   └──▶ keys of the dynamic store ─┴──▶ macos/, which only hands them over
//!
//!   kernel ──▶ octets ──▶ message ──▶ routes, links, addresses ──▶ news: did the network change?
//! ```
//!
//! All of it is compiled and tested on Linux too, because no machine of ours is a Mac. Layouts are those of XNU
//! (`net/route.h`, `net/if.h`, `netinet6/in6_var.h`, `net/if_utun.h`); a Mac build compares their sizes with
//! those of libc. Whatever the kernel says is read within bounds: octets that make no sense give nothing.
//! Every Mac is little-endian.

pub(crate) mod message;
pub(crate) mod news;
mod octets;
pub(crate) mod order;
pub(crate) mod request;
pub(crate) mod route;
mod sockaddr;
pub(crate) mod utun;

#[cfg(test)]
mod golden;
