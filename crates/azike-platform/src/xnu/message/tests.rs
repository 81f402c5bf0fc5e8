use super::*;
use crate::xnu::octets::put;

/// A line of the routing table, or an event: header and addresses as the kernel lays them out.
fn route(kind: u8, index: u16, flags: u32, present: u32, addresses: &[&[u8]]) -> Vec<u8> {
    let mut octets = vec![0; ROUTE_HEADER];
    for address in addresses {
        octets.extend_from_slice(address);
        octets.resize(octets.len().next_multiple_of(4), 0);
    }
    let length = u16::try_from(octets.len()).unwrap();
    put(&mut octets, 0, &length.to_le_bytes());
    put(&mut octets, 2, &[VERSION, kind]);
    put(&mut octets, 4, &index.to_le_bytes());
    put(&mut octets, 8, &flags.to_le_bytes());
    put(&mut octets, 12, &present.to_le_bytes());
    octets
}

const ANY: [u8; 16] = [16, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const ROUTER: [u8; 16] = [16, 2, 0, 0, 192, 168, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const LAN: [u8; 16] = [16, 2, 0, 0, 192, 168, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const EN0: [u8; 20] = [
    20, 18, 4, 0, 6, 3, 6, 0, b'e', b'n', b'0', 0, 0, 0, 0, 0, 0, 0, 0, 0,
];
const UP: u32 = RTF_UP | RTF_GATEWAY | RTF_STATIC;

fn seen(octets: &[u8]) -> Vec<(String, Option<String>, u32)> {
    let routes = messages(octets).filter_map(|message| match message {
        Message::Route(route) => route.seen(),
        Message::Link(_) | Message::Address(_) | Message::Other => None,
    });
    let words = |route: SeenRoute| {
        let via = route.via.map(|via| via.to_string());
        (route.net.to_string(), via, route.index)
    };
    routes.map(words).collect()
}

#[test]
fn a_table_is_read_as_the_routes_that_all_programs_use() {
    let mask = [7, 0, 0, 0, 255, 255, 255];
    let table = [
        // The mask of a default route has no length at all.
        route(GET, 4, UP, 7, &[&ANY, &ROUTER, &[0, 0, 0, 0]]),
        // The second network has its own, for whoever asks for that interface.
        route(GET, 5, UP | RTF_IFSCOPE, 7, &[&ANY, &ROUTER, &[0, 0, 0, 0]]),
        route(GET, 4, RTF_UP, 7, &[&LAN, &EN0, &mask]),
        // A neighbour.
        route(
            GET,
            4,
            RTF_UP | RTF_HOST | RTF_WASCLONED,
            3,
            &[&ROUTER, &EN0],
        ),
        route(GET, 4, UP | RTF_HOST, 3, &[&LAN, &ROUTER]),
    ]
    .concat();
    let word = |net: &str, via: Option<&str>| (net.to_owned(), via.map(str::to_owned), 4);
    assert_eq!(
        seen(&table),
        [
            word("0.0.0.0/0", Some("192.168.1.1")),
            word("192.168.1.0/24", None),
            word("192.168.1.0/32", Some("192.168.1.1")),
        ]
    );
}

#[test]
fn a_route_that_leads_nowhere_is_seen_and_not_usable() {
    for flags in [RTF_UP | RTF_REJECT, RTF_UP | RTF_BLACKHOLE, RTF_GATEWAY] {
        let octets = route(GET, 4, flags, 7, &[&ANY, &ROUTER, &[0, 0, 0, 0]]);
        let Some(Message::Route(route)) = messages(&octets).next() else {
            panic!("no route");
        };
        assert!(!route.seen().unwrap().usable, "{flags:#x}");
    }
}

#[test]
fn an_interface_and_its_address_are_read() {
    let mut link = vec![0; LINK_HEADER];
    link.extend(EN0);
    put(&mut link, 0, &[132, 0, VERSION, IFINFO, 0x10]);
    put(&mut link, 8, &0x8863_u32.to_le_bytes());
    put(&mut link, 12, &[4, 0]);
    put(&mut link, 24, &1500_u32.to_le_bytes());
    let mut address = vec![0; ADDRESS_HEADER];
    address.extend([7, 0, 0, 0, 255, 255, 255, 0]);
    address.extend(EN0);
    address.extend([16, 2, 0, 0, 192, 168, 1, 23, 0, 0, 0, 0, 0, 0, 0, 0]);
    put(&mut address, 0, &[64, 0, VERSION, NEWADDR, 0x34]);
    put(&mut address, 12, &[4, 0]);
    let read: Vec<_> = messages(&[link, address].concat()).collect();
    let expected = [
        Message::Link(Link {
            index: 4,
            name: "en0".to_owned(),
            flags: 0x8863,
            mtu: 1500,
        }),
        Message::Address(Address {
            index: 4,
            net: Some("192.168.1.23/24".parse().unwrap()),
        }),
    ];
    assert_eq!(read, expected);
}

#[test]
fn only_what_came_about_is_news() {
    let news = |octets: &[u8]| match messages(octets).next() {
        Some(Message::Route(route)) => route.is_news,
        other => panic!("{other:?}"),
    };
    let add = route(ADD, 4, UP, 7, &[&ANY, &ROUTER, &[0, 0, 0, 0]]);
    let mut failed = add.clone();
    failed[24] = 17;
    assert!(news(&add) && !news(&failed));
    assert!(!news(&route(
        GET,
        4,
        UP,
        7,
        &[&ANY, &ROUTER, &[0, 0, 0, 0]]
    )));
}

#[test]
fn another_version_is_not_understood_and_the_next_message_is() {
    let mut strange = route(ADD, 4, UP, 3, &[&ANY, &ROUTER]);
    strange[2] = 6;
    let good = route(ADD, 4, UP | RTF_HOST, 3, &[&LAN, &ROUTER]);
    let read: Vec<_> = messages(&[strange, good].concat()).collect();
    assert!(matches!(read[..], [Message::Other, Message::Route(_)]));
}

#[test]
fn a_message_without_an_end_is_the_last() {
    let good = route(ADD, 4, UP | RTF_HOST, 3, &[&LAN, &ROUTER]);
    for bad in [
        &[][..],
        &[1],
        &[0, 0, 5, 1],
        &[3, 0, 5, 1],
        &[200, 0, 5, 1, 0],
    ] {
        let octets = [&good[..], bad, &good].concat();
        assert!(messages(&octets).count() <= 2, "{bad:?}");
    }
}

/// Every message cut at every octet, every octet of it changed, and noise: none of it stops the process.
#[test]
fn no_octets_stop_the_reader() {
    let whole = [
        route(
            ADD,
            4,
            UP,
            7,
            &[&ANY, &ROUTER, &[7, 0, 0, 0, 255, 255, 255]],
        ),
        route(IFINFO, 4, 0, 0xff, &[&EN0, &ANY]),
        route(NEWADDR, 4, 0xff, 0xff, &[&ANY, &LAN]),
    ];
    let (mut tried, mut routes) = (0, 0);
    let mut read = |octets: &[u8]| {
        for message in messages(octets) {
            if let Message::Route(route) = &message {
                routes += usize::from(route.seen().is_some());
            }
            tried += 1;
        }
    };
    for message in &whole {
        for cut in 0..message.len() {
            let mut cut = message[..cut].to_vec();
            read(&cut);
            if let Ok(length) = u8::try_from(cut.len()) {
                put(&mut cut, 0, &[length, 0]);
            }
            read(&cut);
        }
        for place in 2..message.len() {
            for value in [0, 1, 2, 4, 5, 18, 30, 127, 128, 255] {
                let mut changed = message.clone();
                changed[place] = value;
                read(&changed);
            }
        }
    }
    let mut seed = 1_u32;
    for _ in 0..20_000 {
        let mut noise = [0; 160];
        for octet in &mut noise {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *octet = seed.to_be_bytes()[0];
        }
        put(&mut noise, 0, &[160, 0, VERSION]);
        noise[3] %= 20;
        read(&noise);
    }
    assert!(tried > 20_000 && routes > 0, "{tried} {routes}");
}
