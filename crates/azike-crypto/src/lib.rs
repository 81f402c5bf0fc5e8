//! The algorithms behind IANA's numbers for IKEv2 and ESP.
#![forbid(unsafe_code)]
