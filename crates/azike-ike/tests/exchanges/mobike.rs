//! MOBIKE as the initiator (RFC 4555), and a new address without it.

use azike_crypto::sha1;
use azike_gateway::Draft;
use azike_ike::{Authentication, CloseReason, ProtocolFault, Timer, Verdict};
use azike_wire::NotifyType;

use crate::support::script::{Said, Script};
use crate::support::setup::GATEWAY;
use crate::support::{Setup, Table, connected, connected_by, saying};

const SIGNATURE: Authentication = Authentication::Signature;
const COOKIE2: NotifyType = NotifyType::COOKIE2;
const UPDATE: &str = "N(UPDATE_SA_ADDRESSES) N(NAT_DETECTION_SOURCE_IP) \
                      N(NAT_DETECTION_DESTINATION_IP) N(COOKIE2)";

/// A client that is connected, and both sides know MOBIKE.
fn mobile() -> (Table, Script) {
    let mut setup = Setup::new(SIGNATURE);
    setup.client.mobike = true;
    let announce = |it: &mut Draft| it.notify(NotifyType::MOBIKE_SUPPORTED, &[]);
    setup.gateway.policy.lies = vec![saying(1, announce)];
    let (table, spi_r) = connected_by(setup);
    assert!(table.established().unwrap().mobike);
    let script = Script::new(&table, spi_r);
    (table, script)
}

/// The client gets another address.
fn roam(table: &mut Table) {
    table
        .client
        .handle_path_change(table.now, Some(([10, 7, 7, 7], 500).into()));
    table.drain();
}

/// The gateway takes the address that `update` is about.
fn accept(table: &mut Table, script: &mut Script, update: &Said) {
    let cookie = update.notify(COOKIE2).unwrap().to_vec();
    let verdict = script.answer(table, update, &[(COOKIE2, &cookie)]);
    assert_eq!(verdict, Verdict::Accepted);
}

/// Section 3.1: in the request with the SA payload, and only when both say so.
#[test]
fn mobike_is_used_when_both_announce_it() {
    for (ours, theirs) in [(true, true), (true, false), (false, true), (false, false)] {
        for authentication in [SIGNATURE, Authentication::EapTls] {
            let mut setup = Setup::new(authentication);
            setup.client.mobike = ours;
            setup.client.fragment_size = 9000;
            if theirs {
                let announce = |it: &mut Draft| it.notify(NotifyType::MOBIKE_SUPPORTED, &[]);
                let lies = (1..20).map(|number| saying(number, announce));
                setup.gateway.policy.lies = lies.collect();
            }
            let mut table = setup.sit();
            table.deliver_request();
            let _verdict = table.deliver_response();
            let spi_r = table.half_open();
            let request = Script::new(&table, spi_r).open(&table.to_gateway[0]);
            let announced = " SA TS_I TS_R N(MOBIKE_SUPPORTED) N(NO_ADDITIONAL_ADDRESSES)";
            assert_eq!(
                request.words.ends_with(announced),
                ours,
                "{}",
                request.words
            );
            assert_eq!(request.words.contains("MOBIKE"), ours, "{}", request.words);
            table.talk();
            let established = table.established().unwrap();
            assert_eq!(established.mobike, ours && theirs, "{ours} {theirs}");
        }
    }
}

/// Section 3.5, with the hashes of RFC 7296, section 2.23: the source is never ours, so that ESP
/// stays in UDP.
#[test]
fn gateway_hears_of_a_new_address() {
    let (mut table, mut script) = mobile();
    roam(&mut table);

    //  HDR, SK { N(UPDATE_SA_ADDRESSES), N(NAT_DETECTION_..), N(COOKIE2) }  -->
    let update = script.next(&mut table);
    assert_eq!(update.words, UPDATE);
    let (spi_i, spi_r) = (update.header.spi_i, update.header.spi_r.unwrap());
    let std::net::IpAddr::V4(gateway) = GATEWAY else {
        panic!("{GATEWAY}");
    };
    let port = 4500_u16.to_be_bytes();
    let hash = sha1(&[&spi_i.octets(), &spi_r.octets(), &gateway.octets(), &port]);
    let destination = update.notify(NotifyType::NAT_DETECTION_DESTINATION_IP);
    assert_eq!(destination, Some(&hash[..]));
    let source = update.notify(NotifyType::NAT_DETECTION_SOURCE_IP);
    assert_eq!(source.map(<[u8]>::len), Some(20));
    assert!((8..=64).contains(&update.notify(COOKIE2).unwrap().len()));

    //                                        <--  HDR, SK { N(COOKIE2) }
    assert!(table.news().is_empty());
    accept(&mut table, &mut script, &update);
    assert_eq!(table.news(), ["Moved"]);
    assert!(table.to_gateway.is_empty());

    // The next one says something else.
    roam(&mut table);
    let next = script.next(&mut table);
    assert_ne!(next.notify(COOKIE2), update.notify(COOKIE2));
}

/// What was asked before is asked again from the new address, and answered first.
#[test]
fn outstanding_request_goes_out_again_before_the_update() {
    let (mut table, mut script) = mobile();
    table.wait_for(Timer::Liveness);
    let check = table.to_gateway.pop_back().unwrap();
    roam(&mut table);
    assert_eq!(table.to_gateway.pop_back().unwrap(), check);
    table.to_gateway.clear();

    let check = script.open(&check);
    assert_eq!(check.words, "");
    let verdict = script.answer(&mut table, &check, &[]);
    assert_eq!(verdict, Verdict::Accepted);
    let update = script.next(&mut table);
    assert_eq!(update.words, UPDATE);
    accept(&mut table, &mut script, &update);
    assert_eq!(table.news(), ["Moved"]);
}

/// An answer about the second last address is no answer about the last one.
#[test]
fn newest_address_counts() {
    let (mut table, mut script) = mobile();
    roam(&mut table);
    let first = table.to_gateway.pop_front().unwrap();
    roam(&mut table);
    assert_eq!(table.to_gateway.pop_front().unwrap(), first);
    assert!(table.to_gateway.is_empty());

    let first = script.open(&first);
    accept(&mut table, &mut script, &first);
    assert!(table.news().is_empty());
    let second = script.next(&mut table);
    assert_eq!(second.words, UPDATE);
    accept(&mut table, &mut script, &second);
    assert_eq!(table.news(), ["Moved"]);
}

/// A request that had no answer for a while has all its time again, on the new path.
#[test]
fn new_path_is_given_time() {
    let (mut table, _) = mobile();
    roam(&mut table);
    let start = table.now;
    let patience = azike_ike::Patience::default();
    while table.now < start + patience.established / 2 {
        table.wait();
    }
    roam(&mut table);
    table.to_gateway.clear();
    let roamed = table.now;
    let due = table.client.poll_timeout().unwrap().at;
    assert_eq!(due, roamed + patience.first);
    let reason = table.end_in_silence();
    assert!(matches!(reason, CloseReason::NoAnswer { .. }), "{reason}");
    assert_eq!(table.now - roamed, patience.established);
}

/// The gateway makes a new IKE SA before it answers: it hears of the address on that one.
#[test]
fn new_address_goes_over_to_the_new_ike_sa() {
    let (mut table, mut script) = mobile();
    roam(&mut table);
    let old = script.open(&table.to_gateway[0]);
    table.to_gateway.clear();
    let mut new = script.rekey_ike(&mut table);
    accept(&mut table, &mut script, &old);
    assert!(table.to_gateway.is_empty() && table.news().is_empty());
    table.wait();
    let update = new.next(&mut table);
    assert_eq!(update.words, UPDATE);
    accept(&mut table, &mut new, &update);
    assert_eq!(table.news(), ["Moved"]);

    // And the next address, too.
    roam(&mut table);
    assert_eq!(new.next(&mut table).words, UPDATE);
}

/// N-75, and whatever else a gateway may have against an address: the IKE SA stays.
#[test]
fn n75_refused_address_changes_nothing() {
    for error in [
        NotifyType::UNACCEPTABLE_ADDRESSES,
        NotifyType::UNEXPECTED_NAT_DETECTED,
        NotifyType::INVALID_SYNTAX,
    ] {
        let (mut table, mut script) = mobile();
        roam(&mut table);
        let update = script.next(&mut table);
        let cookie = update.notify(COOKIE2).unwrap().to_vec();
        let notifies: [(NotifyType, &[u8]); 2] = [(COOKIE2, &cookie), (error, &[])];
        let _verdict = script.answer(&mut table, &update, &notifies);
        assert_eq!(table.news(), [format!("MoveRefused(Some({error}))")]);
        assert!(table.closed().is_none());
        assert_eq!(script.ask(&mut table, &[]).words, "");
    }
}

/// N-75: who does not return our `COOKIE2` did not read the request (section 3.7).
#[test]
fn n75_wrong_cookie2_ends_the_ike_sa() {
    let wrong: [fn(&mut Vec<u8>); 4] = [
        |it| it[0] ^= 1,
        |it| it.push(0),
        |it| it.truncate(15),
        Vec::clear,
    ];
    for change in wrong {
        let (mut table, mut script) = mobile();
        roam(&mut table);
        let update = script.next(&mut table);
        let mut cookie = update.notify(COOKIE2).unwrap().to_vec();
        change(&mut cookie);
        let _verdict = script.answer(&mut table, &update, &[(COOKIE2, &cookie)]);
        let goodbye = script.next(&mut table);
        assert_eq!(goodbye.words, "DELETE");
        let _verdict = script.answer(&mut table, &goodbye, &[]);
        let reason = CloseReason::Protocol(ProtocolFault::Cookie2);
        assert_eq!(table.closed(), Some(&reason));
        assert!(table.news().is_empty());
    }
}

/// N-75: the gateway's `COOKIE2` goes back as it came, if it is one and MOBIKE was agreed.
#[test]
fn n75_cookie2_of_the_gateway_is_returned() {
    for length in [0_usize, 7, 8, 64, 65, 1000] {
        let cookie = vec![length.to_le_bytes()[0]; length];
        let (mut table, mut script) = mobile();
        let answer = script.ask(&mut table, &[(COOKIE2, &cookie)]);
        let legal = (8..=64).contains(&length).then_some(&cookie[..]);
        assert_eq!(answer.notify(COOKIE2), legal, "{length}");
    }
    let (mut table, spi_r) = connected();
    let answer = Script::new(&table, spi_r).ask(&mut table, &[(COOKIE2, &[8; 8])]);
    assert_eq!(answer.words, "");
}

/// N-75: the responder does not move, and what it says about NATs moves nobody.
#[test]
fn n75_update_of_the_gateway_is_not_obeyed() {
    let (mut table, mut script) = mobile();
    let notifies: [(NotifyType, &[u8]); 4] = [
        (NotifyType::UPDATE_SA_ADDRESSES, &[]),
        (NotifyType::NO_NATS_ALLOWED, &[20, 61, 7, 10, 1, 1, 1, 1]),
        (NotifyType::NAT_DETECTION_SOURCE_IP, &[1; 20]),
        (NotifyType::NAT_DETECTION_DESTINATION_IP, &[2; 20]),
    ];
    let answer = script.ask(&mut table, &notifies);
    assert_eq!(answer.words, "");
    assert!(table.news().is_empty() && table.closed().is_none());
    table.client.check_liveness();
    table.wait();
    assert_eq!(table.to_gateway[0].to, (GATEWAY, 4500).into());
}

/// N-75: a thousand addresses, before and after what matters.
#[test]
fn n75_gateway_may_have_a_thousand_addresses() {
    let addresses = |it: &mut Draft| {
        for n in 0..500_u16 {
            let [high, low] = n.to_be_bytes();
            it.notify(NotifyType::ADDITIONAL_IP4_ADDRESS, &[10, 9, high, low]);
            it.notify(NotifyType::ADDITIONAL_IP6_ADDRESS, &[low; 16]);
        }
        it.notify(NotifyType::MOBIKE_SUPPORTED, &[]);
    };
    let mut setup = Setup::new(SIGNATURE);
    setup.client.mobike = true;
    setup.gateway.policy.lies = vec![saying(1, addresses)];
    let (mut table, spi_r) = connected_by(setup);
    assert!(table.established().unwrap().mobike);

    let exchange = azike_wire::ExchangeType::INFORMATIONAL;
    let mut draft = Draft::new();
    addresses(&mut draft);
    table.gateway.ask(table.now, spi_r, exchange, &draft);
    table.drain();
    table.talk_to_client();
    let answer = Script::new(&table, spi_r).next(&mut table);
    assert_eq!(answer.words, "");
    assert!(table.closed().is_none());
}

/// Without MOBIKE a packet from the new address is all that can be done.
#[test]
fn without_mobike_the_gateway_is_asked_at_once() {
    let (mut table, spi_r) = connected();
    let mut script = Script::new(&table, spi_r);
    roam(&mut table);
    let check = table.to_gateway.pop_front().unwrap();
    assert_eq!(script.open(&check).words, "");

    // Again somewhere else: the same octets, at once.
    roam(&mut table);
    assert_eq!(table.to_gateway.pop_front().unwrap(), check);
    assert!(table.to_gateway.is_empty());
    let check = script.open(&check);
    let _verdict = script.answer(&mut table, &check, &[]);
    assert!(table.to_gateway.is_empty());
    assert!(table.news().is_empty());
}

/// A login that is going on when the address changes goes on.
#[test]
fn login_goes_on_from_the_new_address() {
    let mut table = Setup::new(SIGNATURE).sit();
    let first = table.to_gateway.pop_front().unwrap();
    roam(&mut table);
    assert_eq!(table.to_gateway[0], first);
    table.deliver_request();
    let _verdict = table.deliver_response();
    let asked: Vec<_> = table.to_gateway.drain(..).collect();
    roam(&mut table);
    assert_eq!(table.to_gateway, asked);
    table.talk();
    assert!(table.established().is_some());

    // And so does a goodbye.
    table.client.close(table.now);
    table.drain();
    let goodbye = table.to_gateway.pop_front().unwrap();
    roam(&mut table);
    assert_eq!(table.to_gateway[0], goodbye);
    table.talk();
    assert_eq!(table.closed(), Some(&CloseReason::Closed));
    roam(&mut table);
    assert!(table.to_gateway.is_empty());
}
