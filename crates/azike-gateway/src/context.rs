//! What every step of an IKE SA may look at.

use std::time::{Duration, Instant};

use azike_crypto::Random;

use crate::client_trust::ClientTrust;
use crate::config::Config;
use crate::policy::Policy;

/// The gateway around an IKE SA, at an instant.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    pub(crate) trust: &'a ClientTrust,
    pub(crate) now: Instant,
    pub(crate) random: &'a mut dyn Random,
}

impl<'a> Context<'a> {
    pub(crate) const fn policy(&self) -> &'a Policy {
        &self.config.policy
    }

    /// A nonce as long as the policy wants it.
    pub(crate) fn nonce(&mut self) -> Vec<u8> {
        let mut nonce = vec![0; self.config.policy.nonce_length];
        self.random.fill(&mut nonce);
        nonce
    }

    /// Up to a tenth less, by chance: not all clients at once.
    pub(crate) fn a_little_less(&mut self, time: Duration) -> Duration {
        let mut octets = [0; 2];
        self.random.fill(&mut octets);
        let share = f64::from(u16::from_be_bytes(octets)) / f64::from(u16::MAX);
        time.mul_f64(1.0 - share / 10.0)
    }
}
