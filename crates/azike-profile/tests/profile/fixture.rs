//! The files of `tests/fixtures`.

use std::path::Path;

/// The password of every file that does not say otherwise.
pub(crate) const PASSWORD: &str = "correct horse";

/// The octets of a file.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}
