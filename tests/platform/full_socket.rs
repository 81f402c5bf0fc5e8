//! A socket that is full: its datagrams wait for a neighbour who does not answer.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

use azike_platform::{Clock, send_soon};
use nix::sys::socket::{setsockopt, sockopt};

use crate::namespace::{in_namespace, ip};

/// Nobody has this address.
const NEIGHBOUR: &str = "192.0.2.77";

in_namespace! {
    async fn a_message_waits_a_moment_for_room_and_not_for_ever() {
        let socket = UdpSocket::bind("192.0.2.10:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        setsockopt(&socket, sockopt::SndBuf, &8192).unwrap();
        let to = format!("{NEIGHBOUR}:500").parse().unwrap();
        let mut filled = 0;
        while filled < 1000 && socket.send_to(&[0; 1000], to).is_ok() {
            filled += 1;
        }
        assert!((1..1000).contains(&filled), "{filled} datagrams fill the socket");
        let clock = Clock::start();
        let start = clock.now();
        let error = send_soon(&socket, &[0; 1000], to).unwrap_err();
        let waited = clock.now() - start;
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert!(waited >= Duration::from_millis(25), "{waited:?}");
        assert!(waited < Duration::from_secs(2), "{waited:?}");
        // The neighbour is found: what waited leaves.
        ip(&format!("neigh replace {NEIGHBOUR} lladdr 02:00:00:00:00:77 dev eth0 nud permanent"));
        send_soon(&socket, &[0; 1000], to).unwrap();
    }
}
