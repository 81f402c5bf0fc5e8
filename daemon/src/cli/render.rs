//! Text for people. Everything here is a pure function of what is to be shown; texts that others
//! had a hand in are escaped on the way.

mod certificates;
mod explain_text;
mod failure_text;
mod json;
mod progress;
mod service_text;
mod status_text;
mod units;
mod wrap;

pub(super) use self::certificates::{CertificateRow, CertificatesReport, certificates_text};
pub(super) use self::explain_text::{entry_text, list_text};
pub(super) use self::failure_text::failure_text;
pub(super) use self::json::ascii_json;
pub(super) use self::progress::Progress;
pub(super) use self::service_text::service_text;
pub(super) use self::status_text::status_text;
pub(super) use self::units::seconds;

/// `text` between the escape sequences of an SGR attribute, or as it is.
pub(super) fn paint(color: bool, attribute: &str, text: &str) -> String {
    if color {
        format!("\u{1b}[{attribute}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
