//! Numbers as people say them.

/// Milliseconds as `4 ms` or `1.24 s`.
pub(super) fn milliseconds(value: u64) -> String {
    if value < 1000 {
        format!("{value} ms")
    } else {
        format!("{} s", seconds(value))
    }
}

/// Milliseconds as seconds with two digits, `0.61`.
pub(in crate::cli) fn seconds(milliseconds: u64) -> String {
    let hundredths = milliseconds.saturating_add(5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A time in seconds by its two biggest units, `2h 14m`.
pub(super) fn duration(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest}s"),
        (0, 0, minutes) if minutes < 10 && rest > 0 => format!("{minutes}m {rest}s"),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, 0) => format!("{hours}h"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, 0, _) => format!("{days}d"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

/// Octets by decimal units, `1.2 GB`.
pub(super) fn octets(count: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB"];
    let mut tenths = count;
    if count < 1000 {
        return format!("{count} B");
    }
    for (index, unit) in units.iter().enumerate() {
        tenths /= if index == 0 { 100 } else { 1000 };
        if tenths < 100 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        if tenths < 10_000 {
            return format!("{} {unit}", tenths / 10);
        }
    }
    format!("{} PB", tenths / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let cases = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m 1s"),
            (2_460, "41m"),
            (3_600, "1h"),
            (8_047, "2h 14m"),
            (86_399, "23h 59m"),
            (86_400, "1d"),
            (190_000, "2d 4h"),
        ];
        for (value, expected) in cases {
            assert_eq!(duration(value), expected);
        }
        assert_eq!(milliseconds(999), "999 ms");
        assert_eq!(milliseconds(1_236), "1.24 s");
        assert_eq!(seconds(612), "0.61");
    }

    #[test]
    fn sizes_are_short() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_999, "9.9 kB"),
            (10_000, "10 kB"),
            (999_999, "999 kB"),
            (88_000_000, "88 MB"),
            (1_234_000_000, "1.2 GB"),
            (u64::MAX, "18446 PB"),
        ];
        for (value, expected) in cases {
            assert_eq!(octets(value), expected);
        }
    }
}
