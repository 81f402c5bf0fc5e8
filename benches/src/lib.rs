//! Benchmarks of azike.
