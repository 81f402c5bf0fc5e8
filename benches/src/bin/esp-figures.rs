//! `esp-figures BLOCKS`: measures and prints one JSON array; `cargo xtask bench esp` runs it.
#![expect(clippy::print_stdout, reason = "the figures go to whoever runs it")]

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let blocks = env::args().nth(1).ok_or("how many blocks?")?.parse()?;
    let rows = azike_benches::esp_rows::measure(blocks);
    println!("{}", serde_json::to_string(&rows)?);
    Ok(())
}
