//! Message IDs of an IKE SA, one row for each side (RFC 7296, sections 2.2 and 2.3).
//!
//! Windows have size one. No ID is ever used twice: long before the last one the IKE SA is rekeyed,
//! which begins both rows anew.

use azike_wire::MessageId;

/// So many messages before the last ID, new keys are wanted.
const RESERVE: u64 = 1 << 16;
/// One more than the last ID.
const END: u64 = 1 << 32;

/// Where both rows are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    next: u64,
    expected: u64,
}

impl Window {
    /// Our next request has the ID `next`.
    pub(super) const fn new(next: u32) -> Self {
        Self {
            next: next as u64,
            expected: 0,
        }
    }

    /// The ID of our next request. None if only that of the goodbye is left.
    pub(super) fn take(&mut self) -> Option<MessageId> {
        if self.spent() {
            return None;
        }
        let id = self.goodbye();
        self.next += 1;
        Some(MessageId(id))
    }

    /// The ID of the goodbye.
    pub(super) fn goodbye(&self) -> u32 {
        u32::try_from(self.next).unwrap_or(u32::MAX)
    }

    /// Whether the gateway's request of this ID is due.
    pub(super) fn awaits(&self, id: MessageId) -> bool {
        u64::from(id.0) == self.expected
    }

    /// Whether the gateway's request of this ID was the last one.
    pub(super) fn answered(&self, id: MessageId) -> bool {
        u64::from(id.0) + 1 == self.expected
    }

    /// The gateway's request that was due is answered.
    pub(super) const fn advance(&mut self) {
        self.expected += 1;
    }

    /// Whether a new IKE SA is wanted (section 2.2: before the numbers are used up).
    pub(super) fn worn(&self) -> bool {
        self.next.max(self.expected) + RESERVE >= END
    }

    /// Whether nothing is left but the goodbye.
    pub(super) fn spent(&self) -> bool {
        self.next + 1 >= END
    }
}

#[cfg(test)]
mod tests {
    use azike_wire::MessageId;

    use super::Window;

    /// N-40: long before the last Message ID the IKE SA wants to be rekeyed, and none comes twice.
    #[test]
    fn n40_no_message_id_comes_twice() {
        let mut window = Window::new(u32::MAX - (1 << 16));
        assert!(!window.worn());
        window.take();
        assert!(window.worn());

        let mut window = Window::new(u32::MAX - 1);
        assert_eq!(window.take(), Some(MessageId(u32::MAX - 1)));
        assert!(window.worn() && window.spent());
        assert_eq!(window.take(), None);
        assert_eq!(window.goodbye(), u32::MAX);
    }

    /// N-40: the same for the gateway's side: its number zero does not come again.
    #[test]
    fn n40_the_gateways_message_ids_do_not_begin_anew() {
        let mut window = Window::new(0);
        window.expected = u64::from(u32::MAX) - 1;
        assert!(window.worn() && window.awaits(MessageId(u32::MAX - 1)));
        window.advance();
        window.advance();
        assert!(window.answered(MessageId(u32::MAX)));
        assert!(!window.awaits(MessageId(0)) && !window.answered(MessageId(0)));
    }
}
