//! What either side does when the other does something, too, and how it must end.

/// What the client begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClientMove {
    /// New keys for the Child SA.
    RekeyChild,
    /// It has rekeyed the Child SA, and now the old one goes.
    DeleteChild,
    /// New keys for the IKE SA.
    RekeyIke,
    /// It has rekeyed the IKE SA, and now the old one goes.
    DeleteOldIke,
    /// The end.
    DeleteIke,
    /// Is the gateway there?
    Liveness,
}

/// What the gateway begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum GatewayMove {
    /// New keys for the Child SA.
    RekeyChild,
    /// No Child SA any more.
    DeleteChild,
    /// New keys for the IKE SA.
    RekeyIke,
    /// The end.
    DeleteIke,
    /// One more Child SA, which a client declines.
    NewChild,
    /// Is the client there?
    Liveness,
}

/// Two exchanges that cross.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Crossing {
    pub(crate) client: ClientMove,
    pub(crate) gateway: GatewayMove,
}

/// What is left on both sides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// One IKE SA with one Child SA.
    Tunnel,
    /// One IKE SA without a Child SA.
    NoChild,
    /// Nothing.
    Nothing,
}

impl Crossing {
    /// Every one there is.
    pub(crate) fn all() -> Vec<Self> {
        const CLIENT: [ClientMove; 6] = [
            ClientMove::RekeyChild,
            ClientMove::DeleteChild,
            ClientMove::RekeyIke,
            ClientMove::DeleteOldIke,
            ClientMove::DeleteIke,
            ClientMove::Liveness,
        ];
        const GATEWAY: [GatewayMove; 6] = [
            GatewayMove::RekeyChild,
            GatewayMove::DeleteChild,
            GatewayMove::RekeyIke,
            GatewayMove::DeleteIke,
            GatewayMove::NewChild,
            GatewayMove::Liveness,
        ];
        let of = |client| GATEWAY.map(|gateway| Self { client, gateway });
        CLIENT.into_iter().flat_map(of).collect()
    }

    /// A delete wins against all that would make something new.
    pub(crate) fn ending(self) -> Ending {
        match (self.client, self.gateway) {
            (ClientMove::DeleteIke, _) | (_, GatewayMove::DeleteIke) => Ending::Nothing,
            (_, GatewayMove::DeleteChild) => Ending::NoChild,
            (
                ClientMove::RekeyChild
                | ClientMove::DeleteChild
                | ClientMove::RekeyIke
                | ClientMove::DeleteOldIke
                | ClientMove::Liveness,
                GatewayMove::RekeyChild
                | GatewayMove::RekeyIke
                | GatewayMove::NewChild
                | GatewayMove::Liveness,
            ) => Ending::Tunnel,
        }
    }

    /// Whether both sides can make a new SA for the same old one, so that nonces decide.
    pub(crate) fn is_race(self) -> bool {
        matches!(
            (self.client, self.gateway),
            (ClientMove::RekeyChild, GatewayMove::RekeyChild)
                | (ClientMove::RekeyIke, GatewayMove::RekeyIke)
        )
    }

    /// How many datagrams the client's exchange has before the one that is meant.
    pub(crate) fn prelude(self) -> usize {
        match self.client {
            ClientMove::DeleteChild | ClientMove::DeleteOldIke => 2,
            ClientMove::RekeyChild
            | ClientMove::RekeyIke
            | ClientMove::DeleteIke
            | ClientMove::Liveness => 0,
        }
    }
}

impl std::fmt::Display for Crossing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:?} x {:?}", self.client, self.gateway);
        f.pad(&text)
    }
}
