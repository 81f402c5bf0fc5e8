//! The first search.

use azike_ike::Authentication;
use azike_tunnel::course::{Action, Standing, Target, Trouble};

use crate::bench::{Bench, FIRST, GROUP, SECOND};

#[test]
fn name_address_login_host_and_it_is_up() {
    let mut bench = Bench::new();
    assert_eq!(bench.actions(), [Action::Resolve(Target::Profile)]);
    assert_eq!(bench.standing(), Standing::Resolving);
    bench.course.handle_addresses(bench.now, &[FIRST]);
    let attempt = bench.opened();
    assert_eq!(
        (attempt.address, attempt.way),
        (FIRST, Authentication::Signature)
    );
    assert!(!attempt.beside);
    assert_eq!(bench.standing(), Standing::Connecting);
    bench.course.handle_established(attempt.link, Some(GROUP));
    assert_eq!(bench.actions(), [Action::Configure(attempt.link)]);
    assert_eq!(bench.standing(), Standing::Configuring);
    bench.course.handle_configured(bench.now, attempt.link);
    assert_eq!(bench.standing(), Standing::Connected);
    assert_eq!(bench.course.carrier(), Some(attempt.link));
}

#[test]
fn every_address_is_tried() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST, SECOND]);
    let first = bench.opened();
    bench.close(first.link, Trouble::Silent);
    let second = bench.opened();
    assert_eq!((first.address, second.address), (FIRST, SECOND));
    bench.close(second.link, Trouble::Silent);
    assert_eq!(bench.standing(), Standing::Over(Some(Trouble::Silent)));
}

#[test]
fn an_address_that_keeps_us_waiting_is_left_for_the_next() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST, SECOND]);
    let first = bench.opened();
    let actions = bench.pass(16);
    let dropped = actions
        .iter()
        .position(|it| *it == Action::Drop(first.link));
    let opened = actions
        .iter()
        .position(|it| matches!(it, Action::Open(attempt) if attempt.address == SECOND));
    assert!(dropped.unwrap() < opened.unwrap(), "{actions:?}");
}

#[test]
fn every_way_to_log_in_is_tried_and_then_it_is_over() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST, SECOND]);
    let first = bench.opened();
    bench.close(first.link, Trouble::LoginRefused);
    let second = bench.opened();
    assert_eq!(second.way, Authentication::EapTls);
    assert_eq!(second.address, FIRST);
    bench.close(second.link, Trouble::LoginRefused);
    assert_eq!(bench.actions(), []);
    assert_eq!(
        bench.standing(),
        Standing::Over(Some(Trouble::LoginRefused))
    );
}

#[test]
fn the_way_that_worked_comes_first_next_time() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    let first = bench.opened();
    bench.close(first.link, Trouble::LoginRefused);
    let second = bench.opened();
    bench.connect(second.link);
    bench.close(second.link, Trouble::Ended);
    assert_eq!(bench.actions(), [Action::Restore]);
    bench.course.handle_path_change(bench.now);
    bench.resolve(&[FIRST]);
    let third = bench.opened();
    assert_eq!(third.way, Authentication::EapTls);
    assert_eq!(third.group, Some(GROUP));
}

#[test]
fn a_first_search_ends_with_its_time() {
    let mut bench = Bench::new();
    bench.actions();
    bench.pass(31);
    assert_eq!(bench.standing(), Standing::Over(Some(Trouble::TimedOut)));
}
