//! A tunnel is lost, and comes back by itself.

use std::time::Duration;

use azike_tunnel::course::{Action, Standing, Target, Trouble};

use crate::bench::{Bench, FIRST};

#[test]
fn the_host_is_put_back_and_everything_is_asked_anew() {
    let (mut bench, link) = Bench::up();
    bench.close(link, Trouble::Silent);
    assert_eq!(bench.actions(), [Action::Restore]);
    let Standing::Waiting(until, Trouble::Silent) = bench.standing() else {
        panic!("{:?}", bench.standing());
    };
    assert!(until <= bench.now + Duration::from_secs(4));
    let actions = bench.pass(5);
    assert_eq!(actions, [Action::Resolve(Target::Profile)]);
    assert_eq!(bench.standing(), Standing::Reconnecting);
    bench.course.handle_addresses(bench.now, &[FIRST]);
    let attempt = bench.opened();
    assert_ne!(attempt.link, link);
    bench.connect(attempt.link);
    assert_eq!(bench.standing(), Standing::Connected);
}

#[test]
fn it_does_not_give_up_while_the_network_is_away() {
    let (mut bench, link) = Bench::up();
    bench.close(link, Trouble::Silent);
    let mut searches = 0;
    for _ in 0..3600 {
        for action in bench.pass(1) {
            if action == Action::Resolve(Target::Profile) {
                searches += 1;
                bench.course.handle_addresses(bench.now, &[]);
            } else {
                assert_eq!(action, Action::Restore);
            }
        }
    }
    assert!((100..400).contains(&searches), "{searches} in an hour");
    assert!(matches!(bench.standing(), Standing::Waiting(..)));
}

#[test]
fn another_network_ends_the_pause() {
    let (mut bench, link) = Bench::up();
    for _ in 0..8 {
        bench.close(link, Trouble::Busy);
    }
    bench.actions();
    bench.course.handle_path_change(bench.now);
    assert_eq!(bench.actions(), [Action::Resolve(Target::Profile)]);
}

#[test]
fn a_rejected_login_is_the_end() {
    let (mut bench, link) = Bench::up();
    bench.close(link, Trouble::Ended);
    bench.actions();
    bench.course.handle_path_change(bench.now);
    bench.resolve(&[FIRST]);
    for _ in 0..2 {
        let attempt = bench.opened();
        bench.close(attempt.link, Trouble::LoginRefused);
    }
    assert_eq!(
        bench.standing(),
        Standing::Over(Some(Trouble::LoginRefused))
    );
    assert_eq!(bench.course.poll_timeout(), None);
}

#[test]
fn nobody_wants_it_any_more() {
    let (mut bench, link) = Bench::up();
    bench.course.close();
    assert_eq!(bench.actions(), [Action::Close(link)]);
    assert_eq!(bench.standing(), Standing::Closing);
    bench.course.handle_gone();
    assert_eq!(bench.standing(), Standing::Over(None));
    bench.course.handle_path_change(bench.now);
    assert_eq!(bench.actions(), []);
}

#[test]
fn what_is_let_in_after_nobody_wants_it_is_closed() {
    let mut bench = Bench::new();
    bench.resolve(&[FIRST]);
    let attempt = bench.opened();
    bench.course.close();
    assert_eq!(bench.actions(), [Action::Drop(attempt.link)]);
    bench
        .course
        .handle_established(attempt.link, Some(crate::bench::GROUP));
    assert_eq!(bench.actions(), [Action::Close(attempt.link)]);
}
