//! azike against strongSwan: scenarios as data, one runner, one printed matrix.
//!
//! Each row names what is special about the gateway, the network, the package, the client or the user, and
//! what has to come of it. Everything else is as on an ordinary day at Azure.

pub mod identities;
pub mod lifecycle;
pub mod matrix;
pub mod networks;
pub mod packages;
pub mod policies;
pub mod refusals;
pub mod rekeys;
pub mod runner;
pub mod scenario;
pub mod side_by_side;
pub mod troubles;

use std::collections::BTreeSet;

use scenario::Scenario;

/// Every scenario, in the order of the matrix.
pub fn all() -> Vec<Scenario> {
    let mut all = policies::rows();
    all.extend(identities::rows());
    all.extend(packages::rows());
    all.extend(networks::rows());
    all.extend(lifecycle::rows());
    all.extend(rekeys::rows());
    all.extend(troubles::rows());
    all.extend(refusals::rows());
    all
}

/// Rows that take minutes each.
pub fn long() -> Vec<Scenario> {
    let mut long = rekeys::long();
    long.extend(troubles::long());
    long
}

/// A slice of a minute or so: the rows marked for it, and the first of each area.
pub fn quick() -> Vec<Scenario> {
    let mut areas = BTreeSet::new();
    let mut rows = all();
    rows.retain(|row| areas.insert(row.area) || row.quick);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_have_the_same_name() {
        let mut seen = BTreeSet::new();
        for row in all().into_iter().chain(long()) {
            assert!(seen.insert(row.title()), "twice: {}", row.title());
        }
    }

    #[test]
    fn the_quick_slice_is_less_than_a_third() {
        assert!(quick().len() * 3 < all().len());
    }
}
