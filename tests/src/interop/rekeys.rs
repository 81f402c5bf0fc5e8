//! New keys, made by either side or by both at once, with every kind of key exchange.
//!
//! ```text
//!                 PFS optional   PFS required   PFS forbidden
//!   client             x              x               x
//!   gateway            x              x               x         under a steady stream of echoes,
//!   both               x              x               x         of which none may be lost
//! ```

use super::scenario::{After, Scenario};
use crate::lab::strongswan::connection::Auth;

/// So many rekeys of Child SAs, and of IKE SAs, have to come together in the long rows.
pub const LONG: (usize, usize) = (200, 60);

/// What the gateway says about a key exchange for Child SAs: a name, and its ESP proposal.
const PFS: [(&str, &str); 3] = [
    ("optional", "aes256gcm16-modpnone-modp2048-ecp256"),
    ("required", "aes256gcm16-ecp256"),
    ("forbidden", "aes256gcm16"),
];

/// Who makes new keys, and after how many seconds; 0 for never.
#[derive(Clone, Copy, Debug)]
struct Pace {
    who: &'static str,
    /// The client: Child SA, IKE SA.
    client: (u32, u32),
    /// The gateway: Child SA, IKE SA.
    gateway: (u32, u32),
}

/// How long echoes are sent, and how many rekeys have to come.
type Span = (u32, usize);

/// The rows of every day.
pub fn rows() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for (who, client, gateway, least) in [
        ("client rekeys", (2, 0), (0, 0), 4),
        ("gateway rekeys", (0, 0), (2, 0), 4),
        ("both rekey", (2, 3), (2, 3), 6),
    ] {
        let pace = Pace {
            who,
            client,
            gateway,
        };
        rows.extend(PFS.map(|pfs| row(pace, pfs, (10, least))));
    }
    for (who, client, gateway) in [
        ("client rekeys the IKE SA", (0, 3), (0, 0)),
        ("gateway rekeys the IKE SA", (0, 0), (0, 3)),
    ] {
        let pace = Pace {
            who,
            client,
            gateway,
        };
        let [optional, ..] = PFS;
        rows.push(row(pace, optional, (10, 2)));
    }
    rows
}

/// The same with lifetimes of 15 s, for minutes each.
pub fn long() -> Vec<Scenario> {
    // The client begins when 85 to 95 % of a lifetime are over. A gateway that begins in the middle
    // of that is sometimes first, sometimes second, and sometimes both begin at once.
    let (life, soon) = (15, 13);
    // strongSwan forgets the rekey of a Child SA that falls due while its IKE SA is being replaced.
    let apart = 40;
    let mut rows = Vec::new();
    for (who, client, gateway) in [
        ("client rekeys all, 15 s", (life, life), (0, 0)),
        ("gateway rekeys all, 15 s", (0, 0), (life, apart)),
        ("both rekey all, 15 s", (life, life), (soon, soon)),
    ] {
        let pace = Pace {
            who,
            client,
            gateway,
        };
        rows.extend(PFS.map(|pfs| row(pace, pfs, (300, 16))));
    }
    rows
}

fn row(pace: Pace, (pfs, esp): (&str, &str), (seconds, least): Span) -> Scenario {
    let name = format!("{}, PFS {pfs}", pace.who);
    let mut row = Scenario::new("rekey", name, Auth::Signature).azike_only();
    row.after = After::Rekeys { seconds, least };
    let (child, ike) = pace.client;
    for (option, value) in [("--child-lifetime", child), ("--ike-lifetime", ike)] {
        if value > 0 {
            row = row.options(&[option, &value.to_string()]);
        }
    }
    row.gateway(|gateway| {
        gateway.esp = Some(esp.to_owned());
        (gateway.rekey_child, gateway.rekey_ike) = pace.gateway;
    })
}
