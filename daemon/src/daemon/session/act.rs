//! Does what the course wants done.

use std::net::IpAddr;

use azike_control::{Code, Failure, Stage, State};
use azike_tunnel::course::{Action, Attempt, LinkId, Target, Trouble};

use super::link::Link;
use super::{Found, Open, Session, resolve, wording};

impl Session {
    pub(super) async fn act(&mut self, action: Action) {
        match action {
            Action::Resolve(target) => self.resolve(target).await,
            Action::Open(attempt) => self.open(&attempt).await,
            Action::Configure(id) => self.configure(id).await,
            Action::Probe(id) => self.probe(id).await,
            Action::Ask(id) => {
                if let Some(open) = self.find(id) {
                    open.link.ask();
                }
            }
            Action::NewKeys(id) => {
                if let Some(open) = self.find(id) {
                    open.link.new_keys();
                }
            }
            Action::Close(id) => {
                if let Some(open) = self.take(id) {
                    self.closing.spawn(open.link.close());
                }
            }
            Action::Drop(id) => {
                if let Some(open) = self.take(id) {
                    self.closing.spawn(open.link.stop());
                }
            }
            Action::Restore => self.restore().await,
        }
    }

    async fn resolve(&mut self, target: Target) {
        self.blame.start();
        self.stages.start(Stage::Resolve).await;
        let setup = &self.tools.setup;
        let host = match target {
            Target::Profile => resolve::host(setup),
            Target::Redirect(target) => target.to_string(),
        };
        self.resolving = Some(tokio::spawn(resolve::addresses(host)));
    }

    /// The resolver's answer.
    pub(super) async fn resolved(&mut self, found: Found) {
        let addresses = match found {
            Ok((host, addresses)) => {
                let text = wording::resolved(&host, &addresses);
                self.stages.done(Stage::Resolve, text).await;
                addresses
            }
            Err(failure) => {
                tracing::info!(what = %failure.what, "no address");
                self.blame.failed(failure);
                Vec::new()
            }
        };
        self.course
            .handle_addresses(self.tools.clock.now(), &addresses);
    }

    async fn open(&mut self, attempt: &Attempt) {
        let id = attempt.link;
        if !attempt.beside {
            let address = attempt.address.to_string();
            self.tools.board.enter(State::Negotiating);
            self.tools
                .board
                .note(|status| status.gateway.addr = Some(address));
        }
        self.keep_outside(attempt.address).await;
        self.stages.start(Stage::Negotiate).await;
        tracing::debug!(address = %attempt.address, way = ?attempt.way, "trying");
        // A rehearsal must not end the tunnel that another process may have with this identity.
        let attempt = &Attempt {
            beside: attempt.beside || self.tools.rehearsal,
            ..attempt.clone()
        };
        match Link::open(self.tools.clock, &self.tools.setup, attempt) {
            Ok(link) => {
                let open = Open {
                    id,
                    link,
                    way: attempt.way,
                    negotiated: None,
                    established: None,
                    children: Vec::new(),
                };
                if let Some(free) = self.links.iter_mut().find(|link| link.is_none()) {
                    *free = Some(open);
                }
            }
            Err(failure) => self.give_up(id, failure),
        }
    }

    /// What goes to this gateway does not go through the tunnel to another one.
    async fn keep_outside(&mut self, gateway: IpAddr) {
        let Some(config) = &mut self.config else {
            return;
        };
        if config.outside.insert(gateway)
            && let Err(error) = self.tools.host.lock().await.set(config).await
        {
            tracing::warn!(%error, "no way to the gateway beside the tunnel");
        }
    }

    async fn configure(&mut self, id: LinkId) {
        self.tools.board.enter(State::Configuring);
        let done = if self.tools.rehearsal {
            self.rehearse(id).await
        } else {
            self.bring_up(id).await
        };
        match done {
            Ok(config) => {
                self.course.handle_configured(self.tools.clock.now(), id);
                self.announce(&config);
            }
            Err(failure) => {
                if let Some(open) = self.take(id) {
                    self.closing.spawn(open.link.close());
                }
                self.give_up(id, failure);
            }
        }
    }

    /// Something on this side keeps the link from working.
    fn give_up(&mut self, id: LinkId, failure: Failure) {
        let trouble = match failure.code {
            Code::NETWORK_UNREACHABLE => Trouble::Silent,
            _ if self.first.is_some() => Trouble::Final,
            // It worked before: a port that is still in use, a route that is not there yet.
            _ => Trouble::Busy,
        };
        self.blame.failed(failure);
        self.course
            .handle_closed(self.tools.clock.now(), id, trouble);
    }

    /// The network may be another: routes are made to fit, and the gateway is asked.
    async fn probe(&mut self, id: LinkId) {
        if self.course.carrier() == Some(id)
            && let Some(config) = &self.config
            && let Err(error) = self.tools.host.lock().await.set(config).await
        {
            // The route to the gateway comes back with the network, and then this is done again.
            tracing::warn!(%error, "the host does not follow the network");
        }
        if let Some(open) = self.find(id) {
            open.link.path_changed();
        }
    }

    /// The tunnel is lost: the computer is as it was before until there is another. With the
    /// tunnel's DNS servers in force the gateway's own name could not be resolved.
    async fn restore(&mut self) {
        let lost = self.blame.last();
        tracing::warn!(code = %lost.code, what = %lost.what, "the tunnel is lost");
        self.tools.board.lose(lost);
        self.tun = None;
        self.config = None;
        self.path = None;
        if let Some(failure) = self.clean(None).await {
            tracing::error!(what = %failure.what, "the host was not put back");
        }
    }
}
