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
    rows.extend(rekeys());
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

/// New keys, made by either side or by both at once, with every kind of key exchange.
fn rekeys() -> Vec<Scenario> {
    let all = "aes256gcm16-modpnone-modp2048-ecp256";
    let (with, without) = ("aes256gcm16-ecp256", "aes256gcm16");
    let ours: &[&str] = &["--child-lifetime", "2"];
    let ours_ike: &[&str] = &["--ike-lifetime", "3"];
    let both: &[&str] = &["--child-lifetime", "2", "--ike-lifetime", "3"];
    let none: &[&str] = &[];
    [
        (
            "client rekeys the Child SA, PFS optional",
            all,
            ours,
            (0, 0),
            4,
        ),
        (
            "client rekeys the Child SA, PFS required",
            with,
            ours,
            (0, 0),
            4,
        ),
        (
            "client rekeys the Child SA, PFS forbidden",
            without,
            ours,
            (0, 0),
            4,
        ),
        (
            "gateway rekeys the Child SA, PFS optional",
            all,
            none,
            (0, 2),
            4,
        ),
        (
            "gateway rekeys the Child SA, PFS required",
            with,
            none,
            (0, 2),
            4,
        ),
        (
            "gateway rekeys the Child SA, PFS forbidden",
            without,
            none,
            (0, 2),
            4,
        ),
        ("client rekeys the IKE SA", all, ours_ike, (0, 0), 2),
        ("gateway rekeys the IKE SA", all, none, (3, 0), 2),
        ("both rekey everything", all, both, (3, 2), 6),
    ]
    .into_iter()
    .map(|(name, esp, options, (ike, child), least)| {
        let row = row(name, Auth::Signature, After::Rekeys(least)).azike_only();
        let mut row = row.gateway(|gateway| {
            gateway.esp = Some(esp.to_owned());
            gateway.rekey_ike = ike;
            gateway.rekey_child = child;
        });
        row.options = options.iter().map(|option| (*option).to_owned()).collect();
        row
    })
    .collect()
}

fn row(name: &str, auth: Auth, after: After) -> Scenario {
    let mut row = Scenario::new("life", name, auth);
    row.after = after;
    row
}
