//! What the tests of all exchanges use.

use azike_ike::Authentication;
use azike_wire::Spi;

pub(crate) mod forge;
pub(crate) mod people;
pub(crate) mod setup;
pub(crate) mod table;

pub(crate) use self::setup::Setup;
pub(crate) use self::table::Table;

/// A client that is connected, and the SPI of its IKE SA at the gateway.
pub(crate) fn connected() -> (Table, Spi) {
    let mut table = Setup::new(Authentication::Signature).sit();
    table.talk();
    assert!(table.established().is_some());
    let spi_r = table.spi_r();
    table.gateway_events.clear();
    table.verdicts.clear();
    (table, spi_r)
}
