//! Text from a certificate, made fit for a terminal and a log.
//!
//! A gateway, or whoever poses as one, chooses these octets. Escape sequences, line breaks and
//! characters that turn the writing direction around would let it write our messages for us.

use x509_parser::x509::X509Name;

/// Characters of one piece of text. Enough for any real name.
const MAX_CHARS: usize = 256;

/// `text` with everything escaped that is not simply visible, cut to 256 characters.
pub(crate) fn text(text: &str) -> String {
    let mut printable = String::new();
    let mut count = 0;
    for c in text.chars() {
        let escaped: String = if is_plain(c) {
            c.to_string()
        } else {
            c.escape_unicode().to_string()
        };
        count += escaped.chars().count();
        if count >= MAX_CHARS {
            printable.push('…');
            break;
        }
        printable.push_str(&escaped);
    }
    printable
}

/// A distinguished name as people write it: `CN=…, O=…`.
pub(crate) fn name(name: &X509Name<'_>) -> String {
    let shown = text(&name.to_string());
    if shown.is_empty() {
        "(no name)".to_owned()
    } else {
        shown
    }
}

/// Octets that should be ASCII; any others are escaped one by one.
pub(crate) fn octets(octets: &[u8]) -> String {
    match str::from_utf8(octets) {
        Ok(valid) if valid.is_ascii() => text(valid),
        Ok(_) | Err(_) => text(&octets.escape_ascii().to_string()),
    }
}

/// Whether `c` has a shape of its own and no influence on its neighbours.
fn is_plain(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}');
    !c.is_control() && !invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        for (hostile, shown) in [
            ("gw\u{1b}[2J", r"gw\u{1b}[2J"),
            ("a\r\nb\0", r"a\u{d}\u{a}b\u{0}"),
            ("\u{202e}moc.eruza", r"\u{202e}moc.eruza"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("Zürich", "Zürich"),
        ] {
            assert_eq!(text(hostile), shown);
        }
        assert_eq!(octets(b"g\xffw\n"), r"g\xffw\n");
        assert_eq!(octets("gå".as_bytes()), r"g\xc3\xa5");
    }

    #[test]
    fn long_text_is_cut() {
        for long in ["a".repeat(70_000), "\u{202e}".repeat(70_000)] {
            assert!(text(&long).chars().count() <= MAX_CHARS);
        }
    }
}
