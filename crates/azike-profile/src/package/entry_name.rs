//! Names of entries: where they could point to, and how we compare them.

/// The longest name, in octets.
const LONGEST: usize = 255;

/// What makes the name of an entry unsafe.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameFault {
    /// No name.
    #[error("it is empty")]
    Empty,
    /// More than 255 octets.
    #[error("it is too long")]
    TooLong,
    /// Not UTF-8.
    #[error("it is not readable text")]
    NotText,
    /// A NUL, a line end, an escape…
    #[error("it contains a control character")]
    Control,
    /// `..`
    #[error("it points outside of the archive")]
    Escape,
    /// `/etc/passwd`, `\\server\share`
    #[error("it is an absolute path")]
    Absolute,
    /// `C:`, or a stream of a file.
    #[error("it contains ':'")]
    Colon,
    /// `a//b`, `a/./b`
    #[error("it has an empty part")]
    EmptyPart,
}

/// The name as we compare it: `/` between the parts, lower case. A folder's own
/// entry keeps its `/` at the end.
pub(super) fn normal(raw: &[u8]) -> Result<String, NameFault> {
    if raw.len() > LONGEST {
        return Err(NameFault::TooLong);
    }
    let name = std::str::from_utf8(raw).map_err(|_| NameFault::NotText)?;
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.chars().any(char::is_control) {
        return Err(NameFault::Control);
    }
    if name.contains(':') {
        return Err(NameFault::Colon);
    }
    let name = name.replace('\\', "/");
    if name.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    let parts = name.strip_suffix('/').unwrap_or(&name).split('/');
    for part in parts {
        match part {
            ".." => return Err(NameFault::Escape),
            "" | "." => return Err(NameFault::EmptyPart),
            _ => {}
        }
    }
    Ok(name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_separators_and_every_case_are_one_name() {
        for name in [
            "Generic/VpnSettings.xml",
            "Generic\\VpnSettings.xml",
            "GENERIC/vpnsettings.XML",
        ] {
            assert_eq!(normal(name.as_bytes()).unwrap(), "generic/vpnsettings.xml");
        }
        assert_eq!(normal(b"Generic\\").unwrap(), "generic/");
    }

    /// N-96.
    #[test]
    fn names_that_point_elsewhere_are_refused() {
        for (name, fault) in [
            (&b""[..], NameFault::Empty),
            (b"../Generic/VpnSettings.xml", NameFault::Escape),
            (b"Generic/../../etc/passwd", NameFault::Escape),
            (b"Generic\\..\\x", NameFault::Escape),
            (b"..", NameFault::Escape),
            (b"/etc/passwd", NameFault::Absolute),
            (b"\\\\server\\share", NameFault::Absolute),
            (b"/", NameFault::Absolute),
            (b"C:\\Windows", NameFault::Colon),
            (b"Generic/x:stream", NameFault::Colon),
            (b"Generic/a\0.xml", NameFault::Control),
            (b"Generic/a\n", NameFault::Control),
            (b"Generic//a", NameFault::EmptyPart),
            (b"./Generic/a", NameFault::EmptyPart),
            (b"Generic/\xff", NameFault::NotText),
            (&[b'a'; 256], NameFault::TooLong),
        ] {
            assert_eq!(
                normal(name),
                Err(fault),
                "{:?}",
                String::from_utf8_lossy(name)
            );
        }
    }
}
