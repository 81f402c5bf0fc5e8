//! A message that is not sent yet: payloads whose octets may still be changed.

use azike_wire::{Chain, Notify, NotifyType, Payload, PayloadType};

/// The payloads of a message, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Draft(pub Vec<Piece>);

/// One payload: its type and its octets, legal or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece {
    /// The type.
    pub kind: PayloadType,
    /// The critical bit.
    pub critical: bool,
    /// The octets after the generic header.
    pub body: Vec<u8>,
}

impl Draft {
    /// No payloads yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing but this notify, which concerns the IKE SA.
    pub(crate) fn only(kind: NotifyType, data: &[u8]) -> Self {
        let mut draft = Self::new();
        draft.notify(kind, data);
        draft
    }

    /// Appends a payload.
    pub fn push(&mut self, payload: &Payload<'_>) {
        let mut chain = Chain::new();
        chain.push(payload);
        let (kind, octets) = chain.finish();
        let body = octets.get(4..).unwrap_or_default();
        self.piece(kind, body);
    }

    /// Appends a payload of any type with any octets.
    pub fn piece(&mut self, kind: PayloadType, body: &[u8]) {
        let critical = false;
        let body = body.to_vec();
        self.0.push(Piece {
            kind,
            critical,
            body,
        });
    }

    /// Appends a notify that concerns the IKE SA.
    pub fn notify(&mut self, kind: NotifyType, data: &[u8]) {
        self.push(&Payload::Notify(Notify::new(kind, data)));
    }

    /// The octets of the first payload of this type; those of a new one at the end if there is
    /// none, so that a lie is told in any case.
    pub fn body(&mut self, kind: PayloadType) -> &mut Vec<u8> {
        let at = self.0.iter().position(|piece| piece.kind == kind);
        let at = at.unwrap_or_else(|| {
            self.piece(kind, &[]);
            self.0.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found, or just appended")]
        &mut self.0[at].body
    }

    /// Takes away all payloads of this type.
    pub fn remove(&mut self, kind: PayloadType) {
        self.0.retain(|piece| piece.kind != kind);
    }

    /// Takes away all notifies of this type.
    pub fn remove_notify(&mut self, kind: NotifyType) {
        let number = kind.0.to_be_bytes();
        let is_it = |piece: &Piece| piece.body.get(2..4) == Some(&number);
        self.0
            .retain(|piece| piece.kind != PayloadType::NOTIFY || !is_it(piece));
    }

    /// Appends the first payload of this type once more.
    pub fn repeat(&mut self, kind: PayloadType) {
        let found = self.0.iter().find(|piece| piece.kind == kind).cloned();
        self.0.extend(found);
    }

    /// Type of the first payload, and the chain.
    pub(crate) fn encode(&self) -> (PayloadType, Vec<u8>) {
        let mut chain = Chain::new();
        for piece in &self.0 {
            if piece.critical {
                chain.push(&Payload::Unknown {
                    kind: piece.kind,
                    critical: true,
                    body: &piece.body,
                });
            } else {
                chain.payload(piece.kind, |body| body.extend_from_slice(&piece.body));
            }
        }
        chain.finish()
    }
}
