//! What the links report.

use azike_control::{Code, Failure, Stage, State, Warning};
use azike_esp::Overhead;
use azike_ike::{ChildSa, CloseReason, Event, Maker, Progress, ike_suite};
use azike_tunnel::course::{LinkId, Standing, Trouble};
use azike_wire::EspSpi;

use super::{Session, wording};

impl Session {
    pub(super) async fn hear(&mut self, id: LinkId, event: Event) {
        match event {
            Event::Progress(progress) => self.progress(id, progress).await,
            Event::Established(established) => {
                let Some(open) = self.find(id) else {
                    return;
                };
                let group = open.negotiated.as_ref().map(|negotiated| negotiated.group);
                let login = wording::login(open.way);
                open.established = Some(established);
                self.stages.done(Stage::Login, login).await;
                self.course.handle_established(id, group);
            }
            Event::ChildSaUp(child, maker) => self.rekeyed(id, *child, maker),
            Event::ChildSaDown(spi_in) => self.child_down(id, spi_in),
            Event::Closed(reason) => self.closed(id, reason).await,
            Event::IkeSaRekeyed {
                spi_i,
                spi_r,
                algorithms,
                group,
                maker,
            } => {
                tracing::info!(?maker, %spi_i, %spi_r, "new keys for the IKE SA");
                if self.course.carrier() == Some(id) {
                    let suite = ike_suite(algorithms, group);
                    self.tools.board.ike_keys((spi_i, spi_r), suite);
                }
            }
            Event::RekeyRefused {
                what,
                notify,
                ms_status,
                until,
            } => {
                tracing::warn!(?what, ?notify, ?ms_status, "the gateway refuses new keys");
                let now = self.tools.clock.now();
                self.course.handle_rekey_refused(now, id, until);
            }
            Event::Moved => tracing::info!("the gateway follows to the new address"),
            Event::MoveRefused(notify) => {
                tracing::info!(?notify, "the gateway does not follow to the new address");
                self.course.handle_refused(self.tools.clock.now(), id);
            }
            Event::AuthLifetime(lifetime) => {
                tracing::info!(
                    seconds = lifetime.as_secs(),
                    "the login is good for a while"
                );
                let now = self.tools.clock.now();
                self.course.handle_auth_lifetime(now, id, lifetime);
            }
            // The link signs by itself.
            Event::Sign(_) => {}
        }
    }

    async fn progress(&mut self, id: LinkId, progress: Progress) {
        let is_first = self.first.is_some();
        match progress {
            Progress::Negotiated(negotiated) => {
                let text = wording::negotiated(&negotiated);
                self.stages.done(Stage::Negotiate, text).await;
                let text = wording::nat(&negotiated);
                self.stages.done(Stage::Nat, text).await;
                self.stages.start(Stage::Server).await;
                if is_first {
                    self.tools.board.enter(State::Authenticating);
                }
                if let Some(open) = self.find(id) {
                    open.negotiated = Some(negotiated);
                }
            }
            Progress::GatewayVerified(gateway) => {
                let text = wording::server(&gateway);
                self.stages.done(Stage::Server, text).await;
                self.stages.start(Stage::Login).await;
            }
            Progress::RootNotListed => self.root_not_listed(),
            Progress::Cookie => tracing::info!("the gateway asks for a cookie"),
            Progress::OtherGroup(group) => {
                tracing::info!(%group, "the gateway asks for another group");
            }
            Progress::EapStarted | Progress::Authenticated => tracing::debug!("login goes on"),
        }
    }

    fn root_not_listed(&mut self) {
        self.blame.root_not_listed = true;
        let text = "the gateway does not list the root of this client certificate";
        let warning = Warning::new(Code::CERTIFICATE_LIST_HINT, text);
        let warnings = &mut self.tools.setup.warnings;
        if !warnings.contains(&warning) {
            warnings.push(warning.clone());
            self.tools
                .board
                .note(|status| status.warnings.push(warning));
        }
    }

    async fn closed(&mut self, id: LinkId, reason: CloseReason) {
        let Some(open) = self.take(id) else {
            return;
        };
        let trouble = Trouble::of(&reason);
        tracing::info!(way = ?open.way, %reason, "a link is over");
        self.blame.closed(&reason);
        if let Some(failure) = open.link.unsent().filter(|_| trouble == Trouble::Silent) {
            self.blame.failed(failure);
        }
        self.closing.spawn(open.link.stop());
        let refused = trouble == Trouble::LoginRefused;
        self.course
            .handle_closed(self.tools.clock.now(), id, trouble);
        if refused && self.course.standing() == Standing::Connecting {
            // There is another way to log in.
            self.stages.start(Stage::Login).await;
            self.stages.failed(wording::login_refused(open.way)).await;
        }
    }

    /// New keys for the tunnel.
    fn rekeyed(&mut self, id: LinkId, child: ChildSa, maker: Maker) {
        let carries = self.course.carrier() == Some(id);
        tracing::info!(?maker, spi = %child.spi_in, "new keys");
        let status = wording::child_status(&child);
        if let Some(path) = self.path.as_mut().filter(|_| carries) {
            path.rekeyed(Overhead::of(child.algorithms));
        }
        self.course.handle_rekeyed(id);
        let Some(open) = self.find(id) else {
            return;
        };
        open.children.push(child.spi_in);
        open.link.install(child, maker);
        let meter = open.link.datapath.meter();
        if carries {
            self.tools.board.keys(meter, status);
        }
    }

    fn child_down(&mut self, id: LinkId, spi_in: EspSpi) {
        let Some(open) = self.find(id) else {
            return;
        };
        open.children.retain(|child| *child != spi_in);
        if !open.children.is_empty() {
            open.link.retire(spi_in);
            return;
        }
        let what = "the gateway ended the tunnel";
        self.blame.failed(Failure::new(Code::GATEWAY_CLOSED, what));
        if let Some(open) = self.take(id) {
            self.closing.spawn(open.link.close());
        }
        self.course
            .handle_closed(self.tools.clock.now(), id, Trouble::Ended);
    }
}
