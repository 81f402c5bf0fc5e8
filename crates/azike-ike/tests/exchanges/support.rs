//! What the tests of all exchanges use.

pub(crate) mod people;
pub(crate) mod table;

pub(crate) use self::table::{Setup, Table};
