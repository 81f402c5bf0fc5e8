//! A tunnel that was up and is lost comes back by itself.
//!
//! ```text
//!   lost ─▶ host put back ─▶ wait ─▶ everything anew: name, sockets, IKE SA, address ─▶ up
//!                             ▲                 │
//!                             └── not yet ──────┘      a rejected login or a bad profile ends it
//! ```
//!
//! While it is gone the computer is as it was before: with the tunnel's DNS servers in force the
//! gateway's own name could not be resolved.

use std::time::Duration;

use azike_control::{Exit, Failure, State};
use azike_platform::entropy;
use tokio::sync::mpsc;

use super::bring_up::Live;
use super::{Session, unwanted};
use crate::daemon::stages::Stages;

/// The longest wait before the second try; doubled each time.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait of all.
const LONGEST: Duration = Duration::from_mins(5);

impl Session {
    /// Keeps the tunnel up until nobody wants it (`None`) or it cannot come back.
    pub(super) async fn keep_up(&mut self, mut live: Live) -> Option<Failure> {
        loop {
            let lost = self.stay(live).await?;
            tracing::warn!(code = %lost.code, what = %lost.what, "the tunnel is lost");
            self.board.lose(lost.clone());
            if let Some(failure) = self.clean(None).await {
                return Some(failure);
            }
            live = match self.reconnect(lost).await {
                Ok(live) => live,
                Err(failure) => return failure,
            };
            self.board.enter(State::Connected);
            tracing::info!("connected again");
        }
    }

    /// Tries until it works. `Err(None)` when nobody wants it any more.
    async fn reconnect(&mut self, mut why: Failure) -> Result<Live, Option<Failure>> {
        let mut longest = FIRST;
        loop {
            if !may_pass(&why) {
                return Err(Some(why));
            }
            let pause = jittered(longest);
            longest = (longest * 2).min(LONGEST);
            self.board.wait(&why, pause);
            tokio::select! {
                () = self.clock.sleep_until(self.clock.now() + pause) => {}
                () = unwanted(&mut self.wish) => return Err(None),
            }
            self.board.enter(State::Reconnecting);
            // Nobody watches the stages of a tunnel that comes back by itself.
            let (progress, _) = mpsc::channel(1);
            let mut stages = Stages::new(self.clock, progress);
            match Box::pin(self.connect(&mut stages)).await {
                Ok(live) => return Ok(live),
                Err(failure) => {
                    let failure = self.clean(Some(failure)).await;
                    if !self.is_wanted() {
                        return Err(None);
                    }
                    why = failure.unwrap_or(why);
                    tracing::info!(code = %why.code, what = %why.what, "not connected again yet");
                }
            }
        }
    }
}

/// Whether time alone may mend it: the network, or a gateway that is being replaced.
fn may_pass(failure: &Failure) -> bool {
    failure.exit() == Exit::Network.number()
}

/// Anything from nothing to `longest`: a thousand clients of one gateway shall not come at once.
fn jittered(longest: Duration) -> Duration {
    let mut octets = [0; 2];
    entropy(&mut octets);
    longest.mul_f64(f64::from(u16::from_be_bytes(octets)) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use azike_control::Code;

    use super::*;

    #[test]
    fn only_the_network_is_waited_for() {
        for (code, again) in [
            (Code::GATEWAY_LOST, true),
            (Code::GATEWAY_CLOSED, true),
            (Code::NO_ANSWER_500, true),
            (Code::NAME_NOT_RESOLVED, true),
            (Code::AUTHENTICATION_FAILED, false),
            (Code::CERTIFICATE_REFUSED, false),
            (Code::GATEWAY_WRONG_NAME, false),
            (Code::NO_PROPOSAL_CHOSEN, false),
            (Code::NO_RIGHT_TUN, false),
        ] {
            assert_eq!(may_pass(&code.into()), again, "{code}");
        }
    }

    #[test]
    fn waits_lie_between_nothing_and_the_longest() {
        for _ in 0..1000 {
            assert!(jittered(FIRST) <= FIRST);
        }
    }
}
