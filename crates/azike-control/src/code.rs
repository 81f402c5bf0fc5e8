//! The catalogue: each thing that can go wrong has a number, a title, an explanation and a next
//! step.
//!
//! A number never changes its meaning and is never used again. The first two digits are the area:
//!
//! | numbers | area | file |
//! | --- | --- | --- |
//! | AZK-00xx | azike itself, the command line, files | `general` |
//! | AZK-01xx | the package from Azure | `package` |
//! | AZK-02xx | the client certificate and its key | `identity` |
//! | AZK-03xx | who the gateway is | `trust` |
//! | AZK-04xx | what the gateway answers (IKE) | `gateway` |
//! | AZK-05xx | the way to the gateway | `network` |
//! | AZK-06xx | warnings; nothing failed | `notice` |
//! | AZK-07xx | this computer | `host` |
//! | AZK-080x, 082x | command line and daemon | `daemon` |
//! | AZK-083x | azike as a service | `service` |

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Exit;

/// Writes one area of the catalogue: a constant of [`Code`] and an [`Entry`] for each number.
macro_rules! catalogue {
    ($(
        $name:ident = $number:literal, $exit:ident {
            title: $title:literal,
            meaning: $meaning:literal,
            next: $next:literal $(,)?
        }
    )*) => {
        impl $crate::code::Code {
            $(
                #[doc = $title]
                #[doc = ""]
                #[doc = $meaning]
                pub const $name: Self = Self($number);
            )*
        }

        /// The entries of this area, in the order of their numbers.
        pub(super) const ENTRIES: &[$crate::code::Entry] = &[
            $($crate::code::Entry {
                code: $crate::code::Code::$name,
                exit: $crate::Exit::$exit,
                title: $title,
                meaning: $meaning,
                next: $next,
            },)*
        ];
    };
}

mod daemon;
mod gateway;
mod general;
mod host;
mod identity;
mod network;
mod notice;
mod package;
pub mod reference;
mod service;
mod trust;

/// The number of a problem, printed as `AZK-0412`.
///
/// A number that this version does not know (the daemon is newer) is an ordinary value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(u16);

/// What the catalogue says about a [`Code`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The number.
    pub code: Code,
    /// How a command that meets this problem ends. [`Exit::Ok`] for warnings.
    pub exit: Exit,
    /// One line, without a full stop.
    pub title: &'static str,
    /// What it means and how it comes about; whole sentences.
    pub meaning: &'static str,
    /// What a person can do; whole sentences.
    pub next: &'static str,
}

/// The text is not the number of a problem; `AZK-` and up to four digits are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an error code; it looks like AZK-0401")]
pub struct NotACode;

impl Code {
    /// The number itself, below 10 000.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The entry of the catalogue; `None` when this version does not know the number.
    pub fn entry(self) -> Option<&'static Entry> {
        entries().find(|entry| entry.code == self)
    }

    /// How a command that meets this problem ends; [`Exit::Internal`] for an unknown number.
    pub fn exit(self) -> Exit {
        self.entry().map_or(Exit::Internal, |entry| entry.exit)
    }

    /// The title of the catalogue, or a neutral one for an unknown number.
    pub fn title(self) -> &'static str {
        self.entry()
            .map_or("A problem this version of azike does not know", |entry| {
                entry.title
            })
    }

    /// The next step of the catalogue, or a neutral one for an unknown number.
    pub fn next(self) -> &'static str {
        self.entry().map_or(
            "Use the command line and the daemon of the same version.",
            |entry| entry.next,
        )
    }
}

/// The whole catalogue, in the order of the numbers.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        general::ENTRIES,
        package::ENTRIES,
        identity::ENTRIES,
        trust::ENTRIES,
        gateway::ENTRIES,
        network::ENTRIES,
        notice::ENTRIES,
        host::ENTRIES,
        daemon::ENTRIES,
        service::ENTRIES,
    ]
    .into_iter()
    .flatten()
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AZK-{:04}", self.0)
    }
}

impl FromStr for Code {
    type Err = NotACode;

    /// Reads `AZK-0401`, and what people type instead: `azk-401`, `0401`, `401`.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let bare = match text.split_once('-') {
            Some((area, digits)) if area.eq_ignore_ascii_case("azk") => digits,
            Some(_) => return Err(NotACode),
            None => text,
        };
        let digits = (1..=4).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
        match bare.parse() {
            Ok(number) if digits => Ok(Self(number)),
            Ok(_) | Err(_) => Err(NotACode),
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_order() {
        let numbers: Vec<u16> = entries().map(|entry| entry.code.number()).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(numbers, sorted);
        assert!(numbers.len() > 80, "{} entries", numbers.len());
    }

    #[test]
    fn every_entry_says_what_to_do() {
        for entry in entries() {
            let code = entry.code;
            assert!(entry.title.len() <= 80, "{code}: title too long");
            assert!(!entry.title.ends_with('.'), "{code}: title is a line");
            for text in [entry.meaning, entry.next] {
                assert!(text.ends_with(['.', '?']), "{code}: {text}");
                assert!(!text.contains("  "), "{code}: {text}");
                assert!(text.is_ascii(), "{code}: {text}");
            }
        }
    }

    #[test]
    fn only_warnings_end_well() {
        for entry in entries() {
            let warning = (600..700).contains(&entry.code.number());
            assert_eq!(entry.exit == Exit::Ok, warning, "{}", entry.code);
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["AZK-0401", "azk-0401", "AZK-401", "0401", "401"] {
            assert_eq!(text.parse(), Ok(Code(401)), "{text}");
        }
        for text in ["", "AZK-", "AZK-04011", "XYZ-0401", "-1", "+401", "AZK-+41"] {
            assert_eq!(text.parse::<Code>(), Err(NotACode), "{text}");
        }
    }

    #[test]
    fn an_unknown_number_survives() {
        let code: Code = serde_json::from_str("\"AZK-9999\"").unwrap();
        assert_eq!(code.entry(), None);
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"AZK-9999\"");
    }
}
