//! The people and the settings of the exchange tests; at the table sits a [`World`].

#[path = "../exchanges/support/people.rs"]
pub(crate) mod people;
#[path = "../exchanges/support/setup.rs"]
pub(crate) mod setup;

pub(crate) use self::setup::Setup;
pub(crate) use crate::world::World as Table;
