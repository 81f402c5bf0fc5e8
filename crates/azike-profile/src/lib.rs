//! The Azure VPN client package and the client identity.
#![forbid(unsafe_code)]
