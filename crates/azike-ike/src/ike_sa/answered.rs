//! The last request of the gateway, and our answer: what comes again is answered again, with the same
//! octets (RFC 7296, section 2.1).
//!
//! A request in fragments comes again in fragments. The first of them brings the answer and the
//! others nothing (RFC 7383, section 2.6.1), or each would bring all of it.

use crate::payload_set::Protected;

/// The last request and its answer.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The datagram that brings the answer when it comes again.
    request: Vec<u8>,
    response: Vec<Vec<u8>>,
    /// That of the request which is not complete.
    next: Vec<u8>,
}

impl Answered {
    /// An authentic datagram of the request that is due.
    pub(super) fn piece(&mut self, protected: &Protected<'_>, octets: &[u8]) {
        let first = match protected {
            Protected::Whole(_) => true,
            Protected::Fragment(fragment) => fragment.number == 1,
        };
        if first {
            self.next = octets.to_vec();
        }
    }

    /// The request is complete, and this is the answer.
    pub(super) fn with(&mut self, response: Vec<Vec<u8>>) {
        self.request = std::mem::take(&mut self.next);
        self.response = response;
    }

    /// The answer, if this is its request again.
    pub(super) fn again(&self, octets: &[u8]) -> Option<Vec<Vec<u8>>> {
        (self.request == octets).then(|| self.response.clone())
    }
}
