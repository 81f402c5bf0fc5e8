//! A course on the bench: what it wants done is written down, and the test plays the world.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use azike_ike::Authentication;
use azike_testkit::SeededRandom;
use azike_tunnel::course::{Action, Attempt, Course, LinkId, Reading, Rules, Standing, Trouble};
use azike_wire::KeyExchangeMethod;

/// The first address of the gateway.
pub(crate) const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(20, 61, 7, 9));
/// The second.
pub(crate) const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(20, 61, 7, 10));
/// The group of the gateway.
pub(crate) const GROUP: KeyExchangeMethod = KeyExchangeMethod::MODP_2048;

/// A course and its world.
pub(crate) struct Bench {
    pub(crate) course: Course,
    pub(crate) now: Instant,
    pub(crate) reading: Reading,
}

impl Bench {
    /// Somebody wants a tunnel.
    pub(crate) fn new() -> Self {
        let rules = Rules {
            ways: vec![Authentication::Signature, Authentication::EapTls],
            timeout: Duration::from_secs(30),
            group: None,
        };
        let now = start();
        Self {
            course: Course::new(rules, now, Box::new(SeededRandom::new(3))),
            now,
            reading: Reading::default(),
        }
    }

    /// A tunnel that is up, by its first link.
    pub(crate) fn up() -> (Self, LinkId) {
        let mut bench = Self::new();
        bench.resolve(&[FIRST]);
        let link = bench.opened().link;
        bench.connect(link);
        (bench, link)
    }

    /// All that it wants done now.
    pub(crate) fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.course.poll_action()).collect()
    }

    /// The attempt that it wants made, and nothing else.
    pub(crate) fn opened(&mut self) -> Attempt {
        let mut actions = self.actions();
        match (actions.pop(), actions.is_empty()) {
            (Some(Action::Open(attempt)), true) => attempt,
            (last, _) => panic!("wanted one attempt: {actions:?} {last:?}"),
        }
    }

    /// The resolver answers what was asked.
    pub(crate) fn resolve(&mut self, addresses: &[IpAddr]) {
        let actions = self.actions();
        let asked = actions.iter().any(|it| matches!(it, Action::Resolve(_)));
        assert!(asked, "{actions:?}");
        self.course.handle_addresses(self.now, addresses);
    }

    /// The gateway lets this link in, and the host follows.
    pub(crate) fn connect(&mut self, link: LinkId) {
        self.course.handle_established(link, Some(GROUP));
        assert_eq!(self.actions(), [Action::Configure(link)]);
        self.course.handle_configured(self.now, link);
    }

    /// A link ends.
    pub(crate) fn close(&mut self, link: LinkId, trouble: Trouble) {
        self.course.handle_closed(self.now, link, trouble);
    }

    /// Goes on second by second; what it wants done meanwhile.
    pub(crate) fn pass(&mut self, seconds: u64) -> Vec<Action> {
        self.pass_while(seconds, |_| ())
    }

    /// The same, and `each` second something happens.
    pub(crate) fn pass_while(
        &mut self,
        seconds: u64,
        mut each: impl FnMut(&mut Reading),
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        for _ in 0..seconds {
            self.now += Duration::from_secs(1);
            each(&mut self.reading);
            while self.course.poll_timeout().is_some_and(|at| at <= self.now) {
                self.course.handle_timeout(self.now, self.reading);
            }
            actions.extend(self.actions());
        }
        actions
    }

    /// The machine sleeps: nothing is looked at meanwhile.
    pub(crate) fn sleep(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.course.handle_timeout(self.now, self.reading);
    }

    /// What it says it is.
    pub(crate) fn standing(&self) -> Standing {
        self.course.standing()
    }
}

fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    *START.get_or_init(Instant::now)
}
