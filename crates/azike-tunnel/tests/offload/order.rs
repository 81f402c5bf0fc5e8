//! When a packet comes out, and before which others.

use azike_tunnel::{Coalesced, Coalescer, Gso, VnetHeader};

use crate::coalesce::{continued, octets};
use crate::invariant::{check_coalescing, coalesce};
use crate::packet::{PSH, Packet};

/// Pure ACKs carry nothing that could be joined, and come where they came.
#[test]
fn pure_acks_pass_alone_and_in_order() {
    let first = Packet::tcp4(100);
    let second = continued(&first, 100);
    let ack = continued(&second, 0);
    let third = continued(&second, 100);
    let packets = octets(&[first, second, ack.clone(), third]);
    assert_eq!(check_coalescing(&packets), [2, 1, 1]);
    assert_eq!(check_coalescing(&octets(&[ack.clone(), ack])), [1, 1]);
    let empty = Packet::udp4(0);
    assert_eq!(check_coalescing(&octets(&[empty.clone(), empty])), [1, 1]);
}

/// Options, fragments, extension headers: never joined, and never overtaken.
#[test]
fn what_cannot_be_read_keeps_its_place() {
    let first = Packet::tcp4(96);
    let second = continued(&first, 96);
    let optioned = second.clone().with(|packet| packet.ip_options = vec![1; 4]);
    let mut fragment = second.octets();
    fragment[6] |= 0x20;
    for middle in [
        optioned.octets(),
        fragment,
        vec![0x45, 0],
        vec![],
        vec![0; 60],
    ] {
        let packets = [
            first.octets(),
            middle.clone(),
            continued(&second, 96).octets(),
        ];
        let writes = coalesce(Coalescer::new(), &packets);
        assert_eq!(writes.len(), 3);
        assert_eq!(writes[1].octets, middle);
    }
    // Not even one whose header checksum is right.
    let optioned = [optioned.clone(), continued(&optioned, 96)];
    assert_eq!(check_coalescing(&octets(&optioned)), [1, 1]);
}

/// An echo request between two segments does not part them, and does not wait for them.
#[test]
fn icmp_parts_nothing() {
    let first = Packet::tcp4(100);
    let mut echo = Packet::udp4(30).octets();
    echo[9] = 1;
    let packets = [
        first.octets(),
        echo.clone(),
        continued(&first, 100).octets(),
    ];
    let writes = coalesce(Coalescer::new(), &packets);
    let sizes: Vec<usize> = writes.iter().map(|write| write.packets).collect();
    assert_eq!(sizes, [1, 2]);
    assert_eq!(writes[0].octets, echo);
}

#[test]
fn order_of_flushing_is_the_order_of_arrival() {
    let flows: Vec<Packet> = (0..8)
        .map(|port| Packet::udp4(100).with(|packet| packet.ports.0 = 7000 - port))
        .collect();
    let writes = coalesce(Coalescer::new(), &octets(&flows));
    let written: Vec<Vec<u8>> = writes.into_iter().map(|write| write.octets).collect();
    assert_eq!(written, octets(&flows));
}

/// A packet that says "nothing more for now" is not kept waiting, whatever else is open.
#[test]
fn pushed_packet_does_not_wait_for_others() {
    let waiting = Packet::udp4(100);
    let pushed = Packet::tcp4(100).with(|packet| packet.flags |= PSH);
    let writes = coalesce(
        Coalescer::new(),
        &octets(&[waiting.clone(), pushed.clone()]),
    );
    let written: Vec<Vec<u8>> = writes.into_iter().map(|write| write.octets).collect();
    assert_eq!(written, octets(&[pushed, waiting]));
}

/// A range that is not in the buffer is no packet.
#[test]
fn range_beyond_the_buffer_is_nothing() {
    let mut coalescer = Coalescer::default();
    coalescer.push(&mut [0x45; 10], 5..11, &mut |_| panic!("nothing there"));
    coalescer.flush(&mut [], &mut |_| panic!("nothing there"));
}

/// The caller breaks the rule and changes the buffer: whatever comes out, nothing panics.
#[test]
fn another_buffer_does_no_harm() {
    for length in 0..400 {
        let first = Packet::tcp4(100).octets();
        let second = continued(&Packet::tcp4(100), 100).octets();
        let (a, b) = (first.len(), second.len());
        let mut buffer = [first, second].concat();
        let mut coalescer = Coalescer::new();
        let mut out = |_: &Coalesced<'_>| ();
        coalescer.push(&mut buffer, 0..a, &mut out);
        coalescer.push(&mut buffer, a..a + b, &mut out);
        coalescer.flush(&mut vec![0xff; length], &mut out);
    }
}

#[test]
fn udp_can_be_left_alone() {
    let first = Packet::udp4(100);
    let packets = octets(&[first.clone(), continued(&first, 100)]);
    let writes = coalesce(Coalescer::new().without_udp(), &packets);
    assert_eq!(writes.len(), 2);
    let first = Packet::tcp4(100);
    let packets = octets(&[first.clone(), continued(&first, 100)]);
    let writes = coalesce(Coalescer::new().without_udp(), &packets);
    assert_eq!(writes.len(), 1);
    assert_eq!(VnetHeader::read(&writes[0].header).unwrap().gso, Gso::Tcp4);
}
