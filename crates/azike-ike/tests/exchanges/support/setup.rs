//! What a table is laid with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use azike_gateway::Gateway;
use azike_ike::trust::GatewayTrust;
use azike_ike::{
    Authentication, Client, Config, Lifetimes, Offer, Patience, Redirect, Strength, Transport,
    WallClock,
};
use azike_testkit::{KeyType, SeededRandom, Subject};

use super::Table;
use super::people::{self, NAME, RSA};

/// Where the gateway is.
pub(crate) const GATEWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(20, 61, 7, 9));
/// Where the client is, as the gateway sees it.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// 2027-06-01 00:00 UTC.
pub(crate) const UNIX: Duration = Duration::from_hours(503_280);

/// What a table is laid with.
pub(crate) struct Setup {
    pub(crate) client: Config,
    pub(crate) gateway: azike_gateway::Config,
    pub(crate) seed: u64,
}

impl Setup {
    /// RSA on both sides, and a gateway that does what Azure does.
    pub(crate) fn new(authentication: Authentication) -> Self {
        Self::with_keys(authentication, RSA, RSA)
    }

    /// The same with keys of these kinds.
    pub(crate) fn with_keys(
        authentication: Authentication,
        client: KeyType,
        gateway: KeyType,
    ) -> Self {
        let root = people::gateway_root();
        let trust = GatewayTrust::new(
            vec![root.certificate().to_vec().into()],
            &[NAME.to_owned()],
            &[],
        );
        Self {
            client: Config {
                gateway: azike_ike::Gateway::new(GATEWAY),
                first: Transport::Udp500,
                identity: people::client(people::client_root(), client),
                trust: Arc::new(trust.unwrap()),
                authentication,
                offer: Offer::azure(Strength::Strong),
                first_group: None,
                local: Some(SocketAddr::new(Ipv4Addr::new(192, 168, 1, 5).into(), 500)),
                wall_clock: WallClock {
                    at: start(),
                    unix: UNIX,
                },
                patience: Patience::default(),
                lifetimes: Lifetimes::default(),
                fragment_size: 1280,
                mobike: false,
                redirect: Redirect::default(),
                initial_contact: true,
            },
            gateway: azike_gateway::Config {
                address: GATEWAY,
                port_500: 500,
                port_4500: 4500,
                identity: people::gateway(root, &Subject::gateway(NAME), gateway),
                tls_identity: None,
                client_roots: vec![people::client_root().certificate().to_vec().into()],
                wall_clock: azike_gateway::WallClock {
                    at: start(),
                    unix: UNIX,
                },
                policy: azike_gateway::Policy::azure(),
            },
            seed: 1,
        }
    }

    /// Sits down. The client's first message lies on the wire.
    pub(crate) fn sit(self) -> Table {
        let now = start();
        let signer = Arc::clone(&self.client.identity.signer);
        let random = Box::new(SeededRandom::new(self.seed));
        let gateway = Gateway::new(self.gateway, now, random).unwrap();
        let random = Box::new(SeededRandom::new(self.seed + 1));
        let client = Client::new(self.client, now, random);
        Table::new((client, signer), gateway, now)
    }
}

/// The start of time: the same for all tests, so that times can be compared.
pub(crate) fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    *START.get_or_init(Instant::now)
}
