//! What comes of a message or a deadline.

use azike_wire::EspSpi;

use crate::event::{ChildSa, Event};
use crate::reason::CloseReason;
use crate::rekey_ike::MadeIke;

/// What came of a message or a deadline.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What to say to a request of the gateway.
    pub(crate) answer: Option<Answer>,
    /// Send these.
    pub(crate) datagrams: Vec<Vec<u8>>,
    /// What the caller should know.
    pub(crate) events: Vec<Event>,
    /// Child SAs that came and went.
    pub(crate) children: Vec<ChildEvent>,
    /// What became of the IKE SA.
    pub(crate) fate: Option<SaFate>,
}

/// A response of ours. It goes where the request came from (RFC 7296, section 2.11).
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) datagrams: Vec<Vec<u8>>,
    /// The request is opened, and was never seen before. One that is repeated may be repeated by
    /// anybody.
    pub(crate) fresh: bool,
}

/// What became of a Child SA.
#[derive(Debug)]
pub(crate) enum ChildEvent {
    /// A new one that we made: the gateway can use it already.
    Ours(Box<ChildSa>),
    /// A new one that the gateway made: it may not know yet that we agreed.
    Theirs(Box<ChildSa>),
    /// The one with this SPI of ours is gone.
    Down(EspSpi),
}

/// What became of the IKE SA.
#[derive(Debug)]
pub(crate) enum SaFate {
    /// It is gone.
    Closed(CloseReason),
    /// We leave it, and tell the gateway.
    Left(CloseReason),
    /// There is a new one, and we delete this.
    ReplacedByUs(Box<MadeIke>),
    /// There is a new one, and the gateway is going to delete this.
    ReplacedByGateway(Box<MadeIke>),
    /// There is a new one, and the gateway has deleted this.
    ReplacedAndDeleted(Box<MadeIke>),
    /// Both sides made one: use the first, delete the second (ours), await the gateway's Delete.
    Lost(Box<MadeIke>, Box<MadeIke>),
    /// Both sides made one: use the first (ours), delete this, await the Delete of the second.
    Won(Box<MadeIke>, Box<MadeIke>),
}

impl Outcome {
    pub(crate) fn send(datagrams: Vec<Vec<u8>>) -> Self {
        Self {
            datagrams,
            ..Self::default()
        }
    }

    pub(super) fn answer(datagrams: Vec<Vec<u8>>, fresh: bool) -> Self {
        Self {
            answer: Some(Answer { datagrams, fresh }),
            ..Self::default()
        }
    }

    pub(super) fn left(reason: CloseReason) -> Self {
        Self {
            fate: Some(SaFate::Left(reason)),
            ..Self::default()
        }
    }

    pub(super) fn closed(reason: CloseReason) -> Self {
        Self {
            fate: Some(SaFate::Closed(reason)),
            ..Self::default()
        }
    }
    /// The IKE SA has a fate.
    pub(super) fn fated(fate: SaFate) -> Self {
        Self {
            fate: Some(fate),
            ..Self::default()
        }
    }

    /// Something to know.
    pub(super) fn event(event: Event) -> Self {
        Self {
            events: vec![event],
            ..Self::default()
        }
    }

    /// What comes of the next step as well. It has no answer: that is of the first.
    pub(super) fn append(&mut self, next: Self) {
        self.datagrams.extend(next.datagrams);
        self.events.extend(next.events);
        self.children.extend(next.children);
        self.fate = self.fate.take().or(next.fate);
    }
}
