//! Text of a package or a certificate, made fit for a terminal and a log.
//!
//! Whoever wrote the file must not be able to move the cursor, colour the
//! screen, start a new line or reverse the reading order.

/// The most characters of a foreign value that a message repeats.
const SHOWN: usize = 100;

/// `text` with everything unprintable written as `\u{…}`, cut after 100
/// characters.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if is_plain(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Neither a control, nor a character that is not seen or that changes the
/// direction of others.
pub(crate) fn is_plain(c: char) -> bool {
    let unseen = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}');
    !c.is_control() && !unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_bidi_marks_are_spelled_out() {
        assert_eq!(plain("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(plain("\u{202e}gpj.exe"), "\\u{202e}gpj.exe");
    }

    #[test]
    fn letters_of_every_language_stay() {
        assert_eq!(plain("Zürich – 東京"), "Zürich – 東京");
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(plain(&"x".repeat(5000)).chars().count(), SHOWN + 1);
    }
}
