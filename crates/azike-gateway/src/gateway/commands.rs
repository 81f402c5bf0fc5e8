//! What a test, or an administrator, tells the gateway to do.

use std::net::Ipv4Addr;
use std::time::Instant;

use azike_wire::{ExchangeType, Spi};

use super::Gateway;
use crate::draft::Draft;
use crate::ike_sa::task::Wish;
use crate::ike_sa::{IkeSa, Outcome};

impl Gateway {
    /// Sends a request with these payloads; false if there is no such IKE SA. It goes out at once,
    /// also before the last one is answered, which RFC 7296, section 2.3, does not allow. No other
    /// request of the gateway does that.
    pub fn ask(&mut self, now: Instant, spi_r: Spi, exchange: ExchangeType, draft: &Draft) -> bool {
        let known = self.sas.contains_key(&spi_r);
        self.step(now, spi_r, None, |ike_sa, context| {
            let mut outcome = Outcome::default();
            ike_sa.ask(context, (exchange, draft.clone()), &mut outcome);
            outcome
        });
        known
    }

    /// Asks whether the client lives.
    pub fn check_liveness(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.ask(now, spi_r, ExchangeType::INFORMATIONAL, &Draft::new())
    }

    /// Asks for a new Child SA in place of the one in use, and deletes that one then; false if
    /// there is none.
    pub fn rekey_child(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.wish(now, spi_r, IkeSa::wish_child)
    }

    /// Asks for a new IKE SA in place of this one, and deletes this one then; false if it is not
    /// in use.
    pub fn rekey_ike(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.wish(now, spi_r, IkeSa::wish_ike)
    }

    /// Deletes the Child SA in use; false if there is none.
    pub fn delete_child(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.wish(now, spi_r, IkeSa::wish_no_child)
    }

    /// Deletes the IKE SA. It stays until the client has answered.
    pub fn delete_ike_sa(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.wish(now, spi_r, |ike_sa| {
            ike_sa.wish(Wish::DeleteIkeSa);
            true
        })
    }

    fn wish(&mut self, now: Instant, spi_r: Spi, wish: impl FnOnce(&mut IkeSa) -> bool) -> bool {
        let mut granted = false;
        self.step(now, spi_r, None, |ike_sa, context| {
            let mut outcome = Outcome::default();
            granted = wish(ike_sa);
            ike_sa.advance(context, &mut outcome);
            outcome
        });
        granted
    }

    /// Forgets all, as after a restart.
    pub fn forget(&mut self) {
        self.sas.clear();
    }

    /// Another instance takes over, as when Azure replaces one: it knows no client, and gives them
    /// the addresses from `pool` on.
    pub fn fail_over(&mut self, pool: Ipv4Addr) {
        self.forget();
        self.leases = 0;
        self.config.policy.pool = Some(pool);
    }
}
