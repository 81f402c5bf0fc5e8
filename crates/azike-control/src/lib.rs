//! Messages between the azike command line and daemon.
#![forbid(unsafe_code)]
