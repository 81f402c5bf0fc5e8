//! IKEv2 messages: parse and write.
#![forbid(unsafe_code)]
