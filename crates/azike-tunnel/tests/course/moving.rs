//! Gateways that send us elsewhere (RFC 5685).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use azike_ike::RedirectTarget;
use azike_tunnel::course::{Action, Standing, Target, Trouble};

use crate::bench::{Bench, FIRST, SECOND};

fn to(address: IpAddr) -> Trouble {
    Trouble::Redirected(RedirectTarget::Address(address))
}

#[test]
fn a_redirect_is_followed_and_says_who_sent_us() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    let attempt = bench.opened();
    bench.close(attempt.link, to(SECOND));
    let next = bench.opened();
    assert_eq!(next.address, SECOND);
    assert_eq!(next.redirected_from, Some(FIRST));
    bench.connect(next.link);
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn n26_a_circle_is_not_run_through_twice() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    let first = bench.opened();
    bench.close(first.link, to(SECOND));
    let second = bench.opened();
    bench.close(second.link, to(FIRST));
    assert_eq!(bench.actions(), []);
    assert_eq!(bench.standing(), Standing::Over(Some(to(FIRST))));
}

#[test]
fn n26_four_in_a_row_are_too_many() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    for last in 20..23 {
        let attempt = bench.opened();
        bench.close(attempt.link, to(Ipv4Addr::new(20, 61, 7, last).into()));
    }
    let attempt = bench.opened();
    bench.close(attempt.link, to(Ipv4Addr::new(20, 61, 7, 23).into()));
    assert_eq!(bench.actions(), []);
}

#[test]
fn a_gateway_that_sends_us_to_itself_after_an_hour_is_not_followed() {
    let (mut bench, link) = Bench::up();
    bench.now += Duration::from_hours(1);
    bench.close(link, to(FIRST));
    assert_eq!(bench.actions(), [Action::Restore]);
    assert!(matches!(bench.standing(), Standing::Waiting(..)));
}

#[test]
fn n26_a_name_that_resolves_to_this_machine_leads_nowhere() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    let attempt = bench.opened();
    let name = RedirectTarget::Name("elsewhere.example".to_owned());
    bench.close(attempt.link, Trouble::Redirected(name.clone()));
    assert_eq!(bench.actions(), [Action::Resolve(Target::Redirect(name))]);
    let bad = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED].map(IpAddr::V4);
    bench.course.handle_addresses(bench.now, &bad);
    assert_eq!(bench.standing(), Standing::Over(Some(Trouble::Silent)));
}
