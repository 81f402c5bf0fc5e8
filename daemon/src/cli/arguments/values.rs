//! Values of options, from their text.

use azike_control::DscpChoice;

/// Reads `zero`, `copy` or a number.
pub(super) fn dscp(text: &str) -> Result<DscpChoice, &'static str> {
    match text {
        "zero" => Ok(DscpChoice::Zero),
        "copy" => Ok(DscpChoice::Copy),
        number => match number.parse() {
            Ok(dscp @ 0..64) => Ok(DscpChoice::Fixed(dscp)),
            _ => Err("zero, copy or a number from 0 to 63 is wanted"),
        },
    }
}

/// Reads two ports with a comma between them.
pub(super) fn ports(text: &str) -> Result<(u16, u16), &'static str> {
    let ports = text.split_once(',');
    let ports = ports.and_then(|(ike, other)| Some((ike.parse().ok()?, other.parse().ok()?)));
    ports.ok_or("two ports are wanted, such as 500,4500")
}

/// Reads `30s`, `2m`, `1500ms` or a number of seconds.
pub(super) fn milliseconds(text: &str) -> Result<u32, &'static str> {
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let factor = match unit {
        "" | "s" => 1000,
        "m" => 60_000,
        "ms" => 1,
        _ => return Err("a time is wanted, such as 30s or 2m"),
    };
    let number: u32 = digits
        .parse()
        .map_err(|_| "a time is wanted, such as 30s or 2m")?;
    number.checked_mul(factor).ok_or("this is too long")
}
