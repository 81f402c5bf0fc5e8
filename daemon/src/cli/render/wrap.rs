//! Paragraphs.

/// Breaks `text` at spaces into lines of at most `width` characters, each after `indent`. Words
/// that are longer stay whole.
pub(super) fn wrap(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            lines.push('\n');
            length = 0;
        }
        if length == 0 {
            lines.push_str(indent);
        } else {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("aa bb cc", "  ", 5), "  aa bb\n  cc\n");
        assert_eq!(wrap("abcdefgh i", "", 4), "abcdefgh\ni\n");
        assert_eq!(wrap("", "", 4), "\n");
    }
}
