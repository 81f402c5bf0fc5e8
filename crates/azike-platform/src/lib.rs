//! The host: tun, routes, DNS, clock.
