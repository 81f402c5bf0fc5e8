//! A tunnel that is up, and its successor beside it.

use std::time::Duration;

use azike_tunnel::course::{Action, Attempt, LinkId, Reading, Stall, Standing, Target, Trouble};

use crate::bench::{Bench, FIRST};

/// Packets go out that somebody has to answer.
fn ask(reading: &mut Reading, packets: u64) {
    reading.sent += packets;
    reading.asked += packets;
}

/// The gateway falls silent while we send.
fn silence(bench: &mut Bench, seconds: u64) -> Vec<Action> {
    let since = bench.now;
    bench.pass_while(seconds, |reading| {
        ask(reading, 1);
        reading.unanswered = Some(since);
    })
}

fn spare(bench: &mut Bench, actions: &[Action]) -> Attempt {
    let asked = Action::Resolve(Target::Profile);
    assert!(actions.contains(&asked), "no search: {actions:?}");
    bench.course.handle_addresses(bench.now, &[FIRST]);
    bench.opened()
}

fn closed(actions: &[Action], link: LinkId) -> bool {
    actions.contains(&Action::Close(link)) || actions.contains(&Action::Drop(link))
}

#[test]
fn silence_is_not_called_connected() {
    let (mut bench, _) = Bench::up();
    silence(&mut bench, 4);
    assert_eq!(bench.standing(), Standing::Stalled(Stall::GatewaySilent));
    bench.reading.unanswered = None;
    bench.reading.received += 1;
    bench.pass(1);
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn a_successor_is_looked_for_and_given_up_when_the_link_lives() {
    let (mut bench, link) = Bench::up();
    let actions = silence(&mut bench, 8);
    let attempt = spare(&mut bench, &actions);
    assert!(attempt.beside);
    bench.reading.unanswered = None;
    bench.reading.received += 1;
    let actions = bench.pass(1);
    assert_eq!(actions, [Action::Drop(attempt.link)]);
    assert_eq!(bench.course.carrier(), Some(link));
}

#[test]
fn the_successor_takes_over_before_the_old_link_is_closed() {
    let (mut bench, link) = Bench::up();
    let actions = silence(&mut bench, 8);
    let attempt = spare(&mut bench, &actions);
    bench
        .course
        .handle_established(attempt.link, Some(crate::bench::GROUP));
    assert_eq!(bench.actions(), [Action::Configure(attempt.link)]);
    assert_eq!(bench.course.carrier(), Some(link));
    bench.course.handle_configured(bench.now, attempt.link);
    assert_eq!(bench.actions(), [Action::Close(link)]);
    assert_eq!(bench.course.carrier(), Some(attempt.link));
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn the_old_link_dies_while_the_successor_is_sought() {
    let (mut bench, link) = Bench::up();
    let actions = silence(&mut bench, 8);
    let attempt = spare(&mut bench, &actions);
    bench.close(link, Trouble::Ended);
    assert_eq!(bench.actions(), []);
    assert_eq!(bench.standing(), Standing::Reconnecting);
    bench.connect(attempt.link);
    assert_eq!(bench.standing(), Standing::Connected);
    bench.reading = Reading::default();
    assert_eq!(bench.pass(5), []);
}

#[test]
fn a_successor_that_keeps_us_waiting_does_not_keep_the_host() {
    let (mut bench, link) = Bench::up();
    let actions = silence(&mut bench, 8);
    let attempt = spare(&mut bench, &actions);
    bench.close(link, Trouble::Silent);
    assert_eq!(bench.pass(3), [Action::Restore]);
    bench.connect(attempt.link);
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn names_that_do_not_resolve_through_a_dead_tunnel_are_remembered() {
    let (mut bench, _) = Bench::up();
    let actions = silence(&mut bench, 12);
    let opened = actions
        .iter()
        .any(|it| matches!(it, Action::Open(attempt) if attempt.address == FIRST));
    assert!(opened, "{actions:?}");
}

#[test]
fn esp_alone_that_does_not_come_back_is_noticed_and_gets_new_keys() {
    let (mut bench, link) = Bench::up();
    let actions = bench.pass_while(14, |reading| ask(reading, 5));
    assert_eq!(bench.standing(), Standing::Stalled(Stall::NothingComesBack));
    assert!(actions.contains(&Action::Ask(link)), "{actions:?}");
    let keys = actions.iter().filter(|it| **it == Action::NewKeys(link));
    assert_eq!(keys.count(), 1);
    assert!(!closed(&actions, link));
}

#[test]
fn a_link_that_worked_and_brings_nothing_back_gets_a_successor_and_not_often() {
    let (mut bench, _) = Bench::up();
    bench.reading.received = 1;
    bench.pass(1);
    let searches = |actions: &[Action]| {
        let asked = |it: &&Action| **it == Action::Resolve(Target::Profile);
        actions.iter().filter(asked).count()
    };
    let early = bench.pass_while(24, |reading| ask(reading, 1));
    assert_eq!(searches(&early), 0, "{early:?}");
    let all = bench.pass_while(60, |reading| ask(reading, 1));
    assert_eq!(searches(&all), 1, "{all:?}");
    let all = bench.pass_while(3600, |reading| ask(reading, 1));
    assert!((5..10).contains(&searches(&all)), "{all:?}");
}

#[test]
fn a_stream_that_nobody_has_to_answer_is_left_alone() {
    let (mut bench, _) = Bench::up();
    bench.reading.received = 1;
    bench.pass(1);
    let actions = bench.pass_while(3600, |reading| reading.sent += 1000);
    let asked_only = |it: &Action| matches!(it, Action::Ask(_));
    assert!(actions.iter().all(asked_only), "{actions:?}");
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn a_host_that_never_answered_is_no_reason_for_a_successor() {
    let (mut bench, _) = Bench::up();
    let actions = bench.pass_while(120, |reading| ask(reading, 1));
    assert!(
        !actions.contains(&Action::Resolve(Target::Profile)),
        "{actions:?}"
    );
}

#[test]
fn a_late_look_means_that_the_machine_slept() {
    let (mut bench, link) = Bench::up();
    bench.pass(3);
    bench.sleep(3600);
    assert_eq!(bench.actions(), [Action::Probe(link)]);
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn after_sleep_a_successor_is_sought_sooner() {
    let (mut bench, _) = Bench::up();
    bench.sleep(3600);
    bench.actions();
    let since = bench.now;
    let actions = bench.pass_while(5, |reading| reading.unanswered = Some(since));
    assert!(
        actions.contains(&Action::Resolve(Target::Profile)),
        "{actions:?}"
    );
}

#[test]
fn a_login_that_ends_is_renewed_before() {
    let (mut bench, link) = Bench::up();
    let lifetime = Duration::from_secs(100);
    bench.course.handle_auth_lifetime(bench.now, link, lifetime);
    assert_eq!(bench.pass(84), []);
    let actions = bench.pass(2);
    let attempt = spare(&mut bench, &actions);
    assert!(attempt.beside);
    // The link works all the time: no reason to give up its successor.
    bench.reading.received += 1;
    assert_eq!(bench.pass(1), []);
    bench.connect(attempt.link);
    assert_eq!(bench.actions(), [Action::Close(link)]);
}

#[test]
fn a_gateway_that_refuses_new_keys_gets_a_new_login_before_the_old_ones_end() {
    let (mut bench, link) = Bench::up();
    let until = bench.now + Duration::from_secs(100);
    bench.course.handle_rekey_refused(bench.now, link, until);
    assert_eq!(bench.pass(49), []);
    let actions = bench.pass(2);
    let attempt = spare(&mut bench, &actions);
    assert!(attempt.beside);
    // One that fails is not the last one.
    bench.close(attempt.link, Trouble::Busy);
    assert_eq!(bench.standing(), Standing::Connected);
    let again = bench.pass(10);
    assert!(
        again.contains(&Action::Resolve(Target::Profile)),
        "{again:?}"
    );
}

#[test]
fn new_keys_after_all_need_no_new_login() {
    let (mut bench, link) = Bench::up();
    let until = bench.now + Duration::from_secs(100);
    bench.course.handle_rekey_refused(bench.now, link, until);
    bench.pass(10);
    bench.course.handle_rekeyed(link);
    assert_eq!(bench.pass(120), []);
}

#[test]
fn a_gateway_that_does_not_follow_gets_a_new_login() {
    let (mut bench, link) = Bench::up();
    bench.course.handle_refused(bench.now, link);
    assert_eq!(bench.actions(), []);
    bench.course.handle_path_change(bench.now);
    bench.actions();
    bench.course.handle_refused(bench.now, link);
    let actions = bench.actions();
    let attempt = spare(&mut bench, &actions);
    bench.close(attempt.link, Trouble::Busy);
    assert_eq!(bench.standing(), Standing::Connected);
    assert_eq!(bench.course.carrier(), Some(link));
}

#[test]
fn the_link_of_yesterday_has_no_say() {
    let (mut bench, link) = Bench::up();
    bench.close(LinkId(4711), Trouble::Final);
    bench.course.handle_refused(bench.now, LinkId(4711));
    assert_eq!(bench.actions(), []);
    bench.reading = Reading::default();
    assert_eq!(bench.course.carrier(), Some(link));
}
