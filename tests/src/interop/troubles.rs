//! What happens to network, gateway and computer while a tunnel is up. It comes back by itself.

use std::time::Duration;

use super::scenario::{After, Scenario};
use crate::lab::layout::{GATEWAY, GATEWAY_LATER};
use crate::lab::router::{Block, Path};
use crate::lab::strongswan::connection::{Auth, Mobike};

/// What happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// The path swallows packets until azike says that it is not connected, and for so many
    /// seconds at least.
    BlackHole(Block, u64),
    /// The gateway loses its power, and starts again after so many seconds.
    GatewayKilled(u64),
    /// The gateway is shut down, and started again after so many seconds.
    GatewayStopped(u64),
    /// The gateway loses its power; another one with its name starts at another address.
    GatewayMoved,
    /// The gateway sends its clients to another address (REDIRECT).
    Redirected,
    /// The gateway tells when the login ends (`AUTH_LIFETIME`), and that comes.
    LoginEnds,
    /// The NAT forgets its mappings, under traffic.
    Rebound,
    /// The NAT forgets its mappings while nobody sends.
    ReboundIdle,
    /// The client gets another address in its network.
    AddressChanged,
    /// The client leaves its network, and comes into another one a second later.
    NetworkChanged,
    /// The client has no link for so many seconds.
    Unplugged(u64),
    /// The path carries packets of so many octets at most from now on.
    Narrower(u32),
    /// The daemon does not run for so many seconds, as if the computer slept.
    Asleep(u64),
}

impl Trouble {
    /// How soon echoes have to be back once the network is there again.
    pub const fn bound(self) -> Duration {
        Duration::from_secs(match self {
            Self::BlackHole(..)
            | Self::NetworkChanged
            | Self::AddressChanged
            | Self::Unplugged(_)
            | Self::Asleep(_) => 5,
            Self::Redirected | Self::LoginEnds | Self::Narrower(_) => 2,
            // First azike has to find out, on the path that looks as before.
            Self::GatewayStopped(_) | Self::Rebound | Self::ReboundIdle => 10,
            Self::GatewayKilled(_) | Self::GatewayMoved => 20,
        })
    }
}

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = vec![
        row("nothing gets through", Trouble::BlackHole(Block::All, 0)).quick(),
        row("no ESP gets through", Trouble::BlackHole(Block::Esp, 0)),
        row("nothing comes in", Trouble::BlackHole(Block::Inbound, 0)),
        row(
            "the gateway is killed and started",
            Trouble::GatewayKilled(4),
        ),
        row(
            "the gateway is stopped and started",
            Trouble::GatewayStopped(4),
        ),
        row("the gateway has another address", Trouble::GatewayMoved),
        row("the gateway redirects", Trouble::Redirected)
            .gateway(|gateway| gateway.addresses = vec![GATEWAY, GATEWAY_LATER]),
        row("NAT rebound while idle", Trouble::ReboundIdle),
        row("another network", Trouble::NetworkChanged).quick(),
        row("no link for 20 s", Trouble::Unplugged(20)),
    ];
    for (mobike, word) in [(Mobike::On, "on"), (Mobike::Off, "off")] {
        for (name, trouble) in [
            ("another address", Trouble::AddressChanged),
            ("NAT rebound under traffic", Trouble::Rebound),
        ] {
            let row = row(&format!("{name}, MOBIKE {word}"), trouble);
            rows.push(row.gateway(|gateway| gateway.mobike = mobike));
        }
    }
    let direct = Path {
        nat: false,
        ..Path::default()
    };
    rows.push(row("another address, without NAT", Trouble::AddressChanged).path(direct));
    rows.extend(sleeps());
    rows
}

/// Rows that take minutes.
pub fn long() -> Vec<Scenario> {
    let hole = |name, block| row(name, Trouble::BlackHole(block, 90));
    vec![
        // Less than a minute is not taken at its word.
        row("the login ends after 75 s", Trouble::LoginEnds).gateway(|gateway| gateway.login = 75),
        hole("nothing gets through for 90 s", Block::All),
        hole("no ESP gets through for 90 s", Block::Esp),
        hole("nothing comes in for 90 s", Block::Inbound),
        row("no gateway for 90 s, killed", Trouble::GatewayKilled(90)),
        row("no gateway for 90 s, stopped", Trouble::GatewayStopped(90)),
        row("no link for 90 s", Trouble::Unplugged(90)),
        row("the path narrows to 1300 octets", Trouble::Narrower(1300)),
        row("asleep for 90 s", Trouble::Asleep(90)).gateway(|gateway| {
            gateway.liveness = 2;
            gateway.settings.gives_up = Some(3);
        }),
    ]
}

fn sleeps() -> [Scenario; 2] {
    let keys = row("asleep for longer than the keys live", Trouble::Asleep(20));
    let gateway = row(
        "asleep for longer than the gateway waits",
        Trouble::Asleep(12),
    );
    [
        keys.options(&["--child-lifetime", "15"])
            .gateway(|gateway| {
                gateway.rekey_child = 15;
                gateway.child_life = 18;
            }),
        gateway.gateway(|gateway| {
            gateway.liveness = 2;
            gateway.settings.gives_up = Some(3);
        }),
    ]
}

fn row(name: &str, trouble: Trouble) -> Scenario {
    let mut row = Scenario::new("trouble", name, Auth::Signature).azike_only();
    row.after = After::Trouble(trouble);
    row
}
