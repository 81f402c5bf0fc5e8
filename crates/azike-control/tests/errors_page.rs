//! `docs/errors.md` is the catalogue.

use azike_control::code::reference;

#[test]
fn the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let page = std::fs::read_to_string(path).unwrap();
    assert!(
        page == reference::markdown(),
        "docs/errors.md is old: cargo run -p azike -- explain --markdown > docs/errors.md"
    );
}
