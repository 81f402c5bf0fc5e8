//! A sans-IO IKEv2 responder for tests, benchmarks and the demo.
#![forbid(unsafe_code)]
