//! ESP packets, sealed and opened in place.
#![forbid(unsafe_code)]
