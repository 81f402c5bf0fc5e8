//! What we say to a request of the gateway while something of ours is under way: every crossing of
//! RFC 7296, sections 2.8 and 2.25, in one table.
//!
//! ```text
//!                       what of ours is out
//!   the gateway asks    nothing     about a Child SA       rekey of the   the IKE SA
//!                                   this      another      IKE SA         is replaced
//!   ─────────────────   ─────────   ───────   ──────────   ────────────   ───────────
//!   a new Child SA      NO_ADD      NO_ADD    NO_ADD       NO_ADD         NO_ADD
//!   rekey Child SA
//!     in use            make        rival     make         TEMP           TEMP
//!     replaced          make        rival     make         TEMP           TEMP
//!     we delete it      TEMP        TEMP      TEMP         TEMP           TEMP
//!     unknown, gone     NOT_FOUND   –         NOT_FOUND    TEMP           TEMP
//!   delete Child SA
//!     in use            delete      await     delete       delete         delete
//!     in use, rival     –           delete    –            –              –
//!     replaced          delete      delete    delete       delete         delete
//!     to be deleted     delete      –         delete       delete         delete
//!     our Delete out    –           quietly   –            –              –
//!     unknown, gone     nothing     nothing   nothing      nothing        nothing
//!   rekey IKE SA        make        TEMP      TEMP         rival          TEMP
//!   delete IKE SA       end         end       end          end, or the    end
//!                                                          rival's turn
//! ```
//!
//! A rekey of ours that is only due and not out is nothing: it is not begun once theirs is made.

use azike_wire::NotifyType;

/// What of ours is out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ours {
    /// Nothing that concerns SAs.
    Nothing,
    /// A rekey or a Delete of a Child SA.
    Child,
    /// A rekey of the IKE SA; whether the gateway's own came meanwhile.
    RekeyIke { rival: bool },
    /// This IKE SA has a successor.
    Replaced,
}

/// What we know of the Child SA that the gateway names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Known {
    /// Nothing, or that it is gone.
    No,
    /// It is in use.
    Used,
    /// Our rekey of it is out; whether the gateway's own came meanwhile.
    Rekeying { rival: bool },
    /// A newer one is in use.
    Replaced,
    /// We want to delete it.
    Leaving,
    /// Our Delete of it is out.
    Deleting,
}

/// What the gateway asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    /// One more Child SA.
    NewChild,
    /// A new Child SA in place of this one.
    RekeyChild(Known),
    /// The end of this Child SA.
    DeleteChild(Known),
    /// A new IKE SA in place of this.
    RekeyIke,
    /// The end of this IKE SA.
    DeleteIke,
}

/// What we do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ruling {
    /// As usual: it is made.
    Make,
    /// It is made as well. Which of the two stays is seen when ours is answered (section 2.8).
    Rival,
    /// Not possible, or not now.
    Decline(NotifyType),
    /// It is deleted, and our half is named in the answer.
    Delete,
    /// It is deleted, and the answer to our own Delete says the rest (section 1.4.1).
    Quietly,
    /// Our half is named in the answer. Whether a new one takes its place is seen when our rekey is
    /// answered.
    Await,
    /// There is nothing to delete.
    Nothing,
    /// The IKE SA is over.
    End,
    /// The gateway's own new IKE SA takes over: ours is forgotten.
    Succeed,
}

/// The table.
pub(super) const fn rule(ours: Ours, asked: Asked) -> Ruling {
    const LATER: Ruling = Ruling::Decline(NotifyType::TEMPORARY_FAILURE);
    match asked {
        // One tunnel has one Child SA.
        Asked::NewChild => Ruling::Decline(NotifyType::NO_ADDITIONAL_SAS),
        Asked::RekeyChild(known) => match ours {
            //= https://www.rfc-editor.org/rfc/rfc7296#section-2.25.2
            //# If a peer receives a request to create or rekey a Child SA when it is
            //# currently rekeying the IKE SA, it SHOULD reply with
            //# TEMPORARY_FAILURE.
            Ours::RekeyIke { .. } | Ours::Replaced => LATER,
            Ours::Nothing | Ours::Child => match known {
                Known::No => Ruling::Decline(NotifyType::CHILD_SA_NOT_FOUND),
                Known::Used | Known::Replaced => Ruling::Make,
                Known::Rekeying { .. } => Ruling::Rival,
                //= https://www.rfc-editor.org/rfc/rfc7296#section-2.25.1
                //# If a peer receives a request to rekey a Child SA that it is currently
                //# trying to close, it SHOULD reply with TEMPORARY_FAILURE.
                Known::Leaving | Known::Deleting => LATER,
            },
        },
        Asked::DeleteChild(known) => match known {
            Known::No => Ruling::Nothing,
            Known::Rekeying { rival: false } => Ruling::Await,
            Known::Rekeying { rival: true } | Known::Used | Known::Replaced | Known::Leaving => {
                Ruling::Delete
            }
            Known::Deleting => Ruling::Quietly,
        },
        Asked::RekeyIke => match ours {
            Ours::Nothing => Ruling::Make,
            Ours::RekeyIke { .. } => Ruling::Rival,
            Ours::Child | Ours::Replaced => LATER,
        },
        Asked::DeleteIke => match ours {
            Ours::RekeyIke { rival: true } => Ruling::Succeed,
            Ours::RekeyIke { rival: false } | Ours::Nothing | Ours::Child | Ours::Replaced => {
                Ruling::End
            }
        },
    }
}
