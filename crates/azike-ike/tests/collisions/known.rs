//! Cells that are red, and why. One that is green must leave the list: the test says so.

use crate::crossing::{ClientMove, Crossing, GatewayMove};
use crate::variant::COLUMNS;

/// The gateway's rekey of the Child SA won, and it has deleted the old one before its answer to the
/// client's rekey came: what that answer made is forgotten, not deleted.
const FORGOTTEN: &str = "a redundant Child SA is forgotten";
/// The gateway's rekey of the IKE SA won, and it deletes the old one while the client's request for
/// the same is out: the client takes it for the end.
const ENDED: &str = "a Delete of the old IKE SA ends the tunnel";
/// A Delete of an old IKE SA is answered once: if that is lost, the gateway asks in vain.
const ONCE: &str = "the answer to a Delete of an old IKE SA is not repeated";

type Known = (
    ClientMove,
    GatewayMove,
    &'static [&'static str],
    &'static str,
);

const KNOWN: [Known; 5] = [
    (
        ClientMove::RekeyChild,
        GatewayMove::RekeyChild,
        &["late", "lost", "storm"],
        FORGOTTEN,
    ),
    (
        ClientMove::DeleteChild,
        GatewayMove::RekeyChild,
        &["storm"],
        FORGOTTEN,
    ),
    (
        ClientMove::RekeyIke,
        GatewayMove::RekeyIke,
        &["late", "lost", "storm"],
        ENDED,
    ),
    (
        ClientMove::DeleteOldIke,
        GatewayMove::RekeyIke,
        &["lost", "storm"],
        ENDED,
    ),
    (
        ClientMove::Liveness,
        GatewayMove::RekeyIke,
        &["lost", "storm"],
        ONCE,
    ),
];

/// Why a cell is red, if that is known.
pub(crate) fn known(crossing: Crossing, column: usize) -> Option<&'static str> {
    let mut all = KNOWN.iter();
    let found = all.find(|(client, gateway, columns, _)| {
        let same = *client == crossing.client && *gateway == crossing.gateway;
        same && COLUMNS.get(column).is_some_and(|it| columns.contains(it))
    });
    found.map(|(.., why)| *why)
}
