//! What is written is what is read.

use azike_wire::{Chain, Message, Payload, Payloads, write_message};

use crate::arbitrary::{Material, header};
use crate::invariant;
use crate::random::Xorshift;

#[test]
fn every_payload_survives_being_written_and_read() {
    for seed in 1..=4000 {
        let random = &mut Xorshift::new(seed);
        let material = Material::new(random);
        let payload = material.payload(random);
        let mut chain = Chain::new();
        chain.push(&payload);
        let (first, octets) = chain.finish();
        assert_eq!(first, payload.kind(), "seed {seed}");
        let read: Vec<_> = Payloads::new(first, &octets).collect();
        assert_eq!(read, [Ok(payload)], "seed {seed}");
    }
}

#[test]
fn every_message_survives_with_its_payloads_in_order() {
    for seed in 1..=1000 {
        let random = &mut Xorshift::new(seed);
        let header = header(random);
        let materials: Vec<_> = (0..random.below(65))
            .map(|_| Material::new(random))
            .collect();
        let payloads: Vec<_> = materials
            .iter()
            .map(|material| material.payload(random))
            .collect();
        let mut chain = Chain::new();
        for payload in &payloads {
            chain.push(payload);
        }
        let (first, octets) = chain.finish();
        let octets = write_message(&header, first, &octets);

        let message = Message::decode(&octets).unwrap();
        assert_eq!(
            (message.header(), message.first()),
            (header, first),
            "seed {seed}"
        );
        let read: Result<Vec<Payload<'_>>, _> = message.payloads().collect();
        assert_eq!(read.as_ref(), Ok(&payloads), "seed {seed}");
        invariant::check(&octets);
    }
}
