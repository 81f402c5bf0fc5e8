//! What went wrong, for a person and for a script: document `azike.error/1`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::printable_within;
use crate::{Code, Exit};

/// The longest text of a field, in characters; a peer may have had a hand in it.
const TEXT_MAX: usize = 1000;

/// Why something could not be done.
///
/// ```
/// use azike_control::{Code, Failure};
///
/// let failure = Failure::new(Code::GATEWAY_WRONG_NAME, "the certificate is for vpn.example.org")
///     .seen("expected azuregateway-1.vpn.azure.com or 1.vpn.azure.com");
/// assert_eq!(failure.exit(), 6);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// The number in the catalogue.
    pub code: Code,
    /// The catalogue's title for the number.
    pub title: String,
    /// The exit code of a command that ends with this failure.
    pub exit: u8,
    /// What happened, here and now.
    pub what: String,
    /// What was seen: names, dates, numbers, messages of the system; `None` when `what` says all.
    pub evidence: Option<String>,
    /// What a person can do about it.
    pub next: String,
}

impl Failure {
    /// A failure with the title and next step of the catalogue. `what` is escaped and cut to
    /// 1000 characters, as are all texts of a failure.
    pub fn new(code: Code, what: impl AsRef<str>) -> Self {
        Self {
            code,
            title: code.title().to_owned(),
            exit: code.exit().number(),
            what: printable_within(what.as_ref(), TEXT_MAX),
            evidence: None,
            next: code.next().to_owned(),
        }
    }

    /// Adds what was seen.
    #[must_use]
    pub fn seen(mut self, evidence: impl AsRef<str>) -> Self {
        self.evidence = Some(printable_within(evidence.as_ref(), TEXT_MAX));
        self
    }

    /// Replaces the catalogue's next step by one that fits the case.
    #[must_use]
    pub fn advise(mut self, next: impl AsRef<str>) -> Self {
        self.next = printable_within(next.as_ref(), TEXT_MAX);
        self
    }

    /// The exit code: the catalogue's, or the one that came with a number we do not know.
    pub fn exit(&self) -> u8 {
        match self.code.entry() {
            Some(entry) => entry.exit.number(),
            None if self.exit == 0 => Exit::Internal.number(),
            None => self.exit,
        }
    }
}

impl From<Code> for Failure {
    /// A failure about which there is nothing to say beyond the catalogue.
    fn from(code: Code) -> Self {
        Self::new(code, code.title())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.what)?;
        match &self.evidence {
            Some(evidence) => write!(f, " ({evidence})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// A failure as a document of its own: schema `azike.error/1`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ErrorDocument {
    /// Always [`ErrorDocument::SCHEMA`].
    pub schema: String,
    /// The failure; its fields stand beside `schema`.
    #[serde(flatten)]
    pub failure: Failure,
}

impl ErrorDocument {
    /// The name and major version of the schema.
    pub const SCHEMA: &str = "azike.error/1";

    /// Makes the document.
    pub fn new(failure: Failure) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            failure,
        }
    }
}

/// Something a person should look at although the command does its work.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Warning {
    /// The number in the catalogue, AZK-06xx.
    pub code: Code,
    /// What was found, here and now.
    pub text: String,
}

impl Warning {
    /// A warning; `text` is escaped and cut to 1000 characters.
    pub fn new(code: Code, text: impl AsRef<str>) -> Self {
        Self {
            code,
            text: printable_within(text.as_ref(), TEXT_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_peer_cannot_act_or_grow() {
        let failure = Failure::new(Code::OTHER_NOTIFY, "\u{1b}[2J").seen("x".repeat(5000));
        assert_eq!(failure.what, "\\u{1b}[2J");
        assert_eq!(failure.evidence.unwrap().chars().count(), TEXT_MAX);
    }

    #[test]
    fn exit_of_an_unknown_code_is_the_one_that_came_with_it() {
        let code = "AZK-9999".parse().unwrap();
        let mut failure = Failure::new(code, "new");
        failure.exit = 7;
        assert_eq!(failure.exit(), 7);
        failure.exit = 0;
        assert_eq!(failure.exit(), 1, "a failure never looks like success");
    }
}
