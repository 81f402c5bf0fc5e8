//! Octets as text.

/// Reads hexadecimal digits. Spaces, line ends, and lines that start with `#` are ignored.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::chars)
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    assert_eq!(digits.len() % 2, 0, "half an octet");
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// Writes octets as lower-case hexadecimal digits.
pub(crate) fn to_hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
}

/// The longest list of octets that is written in full.
const IN_FULL: usize = 40;

/// Turns every list of octets in a `Debug` text into hexadecimal: `[1, 171]` becomes `[01ab]`.
/// Of a long one, the beginning and the length are left.
pub(crate) fn shorten(debug: &str) -> String {
    let mut text = String::new();
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        text.push('[');
        rest = after;
        let Some((inside, after)) = after.split_once(']') else {
            continue;
        };
        let octets: Option<Vec<u8>> = inside
            .split(", ")
            .map(|number| number.trim().parse().ok())
            .collect();
        if let Some(octets) = octets {
            if octets.len() > IN_FULL {
                text = format!("{text}{}.. {} octets", to_hex(&octets[..8]), octets.len());
            } else {
                text += &to_hex(&octets);
            }
            text.push(']');
            rest = after;
        }
    }
    text + rest
}

#[test]
fn only_lists_of_octets_are_shortened() {
    assert_eq!(shorten("Nonce([1, 171])"), "Nonce([01ab])");
    assert_eq!(
        shorten("spi: [], x: [Transform { id: 3 }], y: [255]"),
        "spi: [], x: [Transform { id: 3 }], y: [ff]"
    );
}
