//! What happens to a tunnel that is up.

use super::scenario::{After, BOTH, Evidence, Scenario};
use crate::lab::strongswan::connection::Auth;

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for auth in BOTH {
        let log = Some("parsed INFORMATIONAL response");
        let evidence = Evidence {
            log,
            ..Evidence::default()
        };
        let probes = row(
            "the gateway checks for liveness",
            auth,
            After::GatewayProbes,
        );
        rows.push(
            probes
                .shows(evidence)
                .gateway(|gateway| gateway.liveness = 1),
        );
        rows.push(row(
            "the gateway deletes the IKE SA; it comes back",
            auth,
            After::GatewayDeletes,
        ));
    }
    for (name, after) in [
        ("up when up", After::UpAgain),
        ("down when down", After::DownTwice),
        ("the daemon is killed", After::Killed),
        ("the daemon is asked to end", After::Terminated),
        ("Ctrl-C in the foreground", After::CtrlC),
    ] {
        rows.push(row(name, Auth::Signature, after).azike_only().quick());
    }
    rows
}

fn row(name: &str, auth: Auth, after: After) -> Scenario {
    let mut row = Scenario::new("life", name, auth);
    row.after = after;
    row
}
