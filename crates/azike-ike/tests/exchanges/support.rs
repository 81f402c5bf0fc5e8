//! What the tests of all exchanges use.

use azike_gateway::{At, Change, Draft, Lie};
use azike_ike::Authentication;
use azike_wire::Spi;

pub(crate) mod ends;
pub(crate) mod forge;
pub(crate) mod people;
pub(crate) mod script;
pub(crate) mod setup;
pub(crate) mod table;

pub(crate) use self::setup::Setup;
pub(crate) use self::table::Table;

/// A client that is connected, and the SPI of its IKE SA at the gateway.
pub(crate) fn connected() -> (Table, Spi) {
    connected_by(Setup::new(Authentication::Signature))
}

/// The same with a setup of the test's own.
pub(crate) fn connected_by(setup: Setup) -> (Table, Spi) {
    let mut table = setup.sit();
    table.talk();
    assert!(table.established().is_some());
    let spi_r = table.spi_r();
    table.gateway_events.clear();
    table.verdicts.clear();
    (table, spi_r)
}

/// A gateway that has something more to say in its `IKE_AUTH` response of this number.
pub(crate) const fn saying(number: u32, change: fn(&mut Draft)) -> Lie {
    Lie {
        name: "something more",
        at: At::Auth(number),
        change: Change::Draft(change),
    }
}
