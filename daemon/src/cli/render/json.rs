//! JSON in ASCII: the same documents, without a character that could act on a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// Compact JSON that escapes everything beyond printable ASCII.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if matches!(character, ' '..='~') {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

/// `document` on one line, in ASCII.
pub(in crate::cli) fn ascii_json(document: &impl Serialize) -> serde_json::Result<String> {
    let mut octets = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut octets, Ascii);
    document.serialize(&mut serializer)?;
    String::from_utf8(octets).map_err(serde::ser::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_and_nothing_acts() {
        let text = "a\u{1b}[2J\u{9b}31m\u{202e}\u{7f} ✓ 𝔸 \"\\\n";
        let json = ascii_json(&text).unwrap();
        assert!(json.bytes().all(|b| (b' '..=b'~').contains(&b)), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
