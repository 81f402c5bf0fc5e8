//! A failure on a terminal: what, what was seen, what to do.

use azike_control::{Failure, printable};

use super::paint;
use super::wrap::wrap;

/// Several lines:
///
/// ```text
/// Error AZK-0304: the certificate is for vpn.example.org
///   Seen: expected azuregateway-1.vpn.azure.com
///   Next: Check that package and gateway belong together. …
///   More: azike explain AZK-0304
/// ```
pub(in crate::cli) fn failure_text(failure: &Failure, color: bool) -> String {
    let head = paint(color, "1;31", &format!("Error {}:", failure.code));
    let mut text = format!("{head} {}\n", printable(&failure.what));
    let mut line = |label: &str, value: &str| {
        let wrapped = wrap(&printable(value), "        ", 88);
        for part in ["  ", label, " ", wrapped.trim_start()] {
            text.push_str(part);
        }
    };
    if let Some(evidence) = &failure.evidence {
        line("Seen:", evidence);
    }
    line("Next:", &failure.next);
    line("More:", &format!("azike explain {}", failure.code));
    text
}

#[cfg(test)]
mod tests {
    use azike_control::Code;

    use super::*;

    #[test]
    fn a_failure_says_what_and_what_next() {
        let failure = Failure::new(
            Code::GATEWAY_WRONG_NAME,
            "the gateway's certificate is for vpn.example.org",
        )
        .seen("expected azuregateway-1.vpn.azure.com or 1.vpn.azure.com");
        assert_eq!(
            failure_text(&failure, false),
            "\
Error AZK-0304: the gateway's certificate is for vpn.example.org
  Seen: expected azuregateway-1.vpn.azure.com or 1.vpn.azure.com
  Next: Check that package and gateway belong together. Only if you know that the name in the
        certificate is right, give it with --server-name.
  More: azike explain AZK-0304
"
        );
    }

    /// N-105: a failure that a daemon of another version sends is not trusted either.
    #[test]
    fn nothing_in_a_failure_acts_on_the_terminal() {
        let mut failure = Failure::from(Code::INTERNAL);
        let hostile = "\u{1b}]0;x\u{7}\u{202e}";
        failure.what = hostile.into();
        failure.evidence = Some(hostile.into());
        failure.next = hostile.into();
        let text = failure_text(&failure, false);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
    }
}
