//! Text of others on our terminal: names in packages, certificates and notifications may hold
//! escape sequences, line breaks and characters that turn the writing direction around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns `text` with everything escaped that could do more on a terminal or in a log than be
/// read: control characters, line breaks, direction marks and invisible characters become
/// `\u{…}`.
///
/// A second call changes nothing.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hazardous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hazardous(character) {
            #[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
            write!(safe, "\\u{{{:x}}}", u32::from(character)).expect("a String takes any text");
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// [`printable`], cut to at most `limit` characters; an ellipsis shows the cut.
pub fn printable_within(text: &str, limit: usize) -> String {
    let safe = printable(text);
    if safe.chars().count() <= limit {
        return safe.into_owned();
    }
    let mut short: String = safe.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Whether a character acts instead of being seen.
const fn is_hazardous(character: char) -> bool {
    matches!(character,
        // C0, DEL and C1: ESC, CSI and line breaks are among them.
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers,
        // Mongolian separators.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        // Zero width, direction marks, line and paragraph separators, embeddings and overrides.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        // Word joiner, invisible operators, isolates, deprecated format characters.
        | '\u{2060}'..='\u{206f}' | '\u{3164}'
        // Variation selectors, byte order mark, half-width filler, interlinear marks.
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Musical format characters, tags and the other variation selectors.
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_touched() {
        for text in ["contoso", "Zürich — 日本 ✓", "CN=ada, O=\"A B\"", ""] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn what_could_act_is_escaped() {
        let cases = [
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}gpj", "abc\\u{202e}gpj"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{e0041}tag", "\\u{e0041}tag"),
        ];
        for (text, safe) in cases {
            assert_eq!(printable(text), safe);
            assert_eq!(printable(&printable(text)), safe, "a second call");
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(printable_within("äöüäöü", 4), "äöü…");
        assert_eq!(printable_within("äöü", 3), "äöü");
        assert_eq!(printable_within("\u{1b}\u{1b}", 4), "\\u{…");
    }
}
