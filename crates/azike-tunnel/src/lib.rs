//! IKE and ESP as one sans-IO value.
#![forbid(unsafe_code)]
