//! A sans-IO IKEv2 initiator.
#![forbid(unsafe_code)]
