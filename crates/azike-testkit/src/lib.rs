//! Virtual network, virtual time, captures and certificates for tests.
#![forbid(unsafe_code)]
