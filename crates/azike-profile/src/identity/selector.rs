//! Which identity of many: what a person types to name one in a key store.
//!
//! ```text
//!   cn:ada   issuer:Contoso P2S Root   sha256:1A2B3C4D   ada
//!      │  all that fit
//!      ▼
//!   with a private key ─▶ valid now ─▶ one, or one and its renewals ─▶ the newest
//! ```
//!
//! A renewal has the subject and the issuer of the one before. Everything else
//! that fits twice is a question to the user, never a guess.

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::UnixTime;

use crate::certificate::Certificate;
use crate::plain_text::plain;
use crate::{Sha256Thumbprint, Timestamp};

/// The fewest digits of a thumbprint that name a certificate.
const DIGITS_MIN: usize = 8;
/// The digits of a whole thumbprint.
const DIGITS_MAX: usize = 64;
/// The longest name, in octets.
const NAME_MAX: usize = 256;
/// How many identities a message names.
const NAMED: usize = 5;

/// What names an identity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selector {
    /// The subject's common name; letters of ASCII in either case.
    CommonName(String),
    /// The issuer's common name; letters of ASCII in either case.
    Issuer(String),
    /// The first digits of the SHA-256 of the certificate, at least 8, capital letters.
    Sha256(String),
}

/// Why a text names no identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SelectorFault {
    /// Nothing, or nothing behind `cn:` or `issuer:`.
    #[error("a name is missing; use cn:NAME, issuer:NAME or sha256:DIGITS")]
    Empty,
    /// More than 256 octets.
    #[error("the name is too long")]
    TooLong,
    /// Something else than hexadecimal digits behind `sha256:`.
    #[error("sha256: takes 8 to 64 hexadecimal digits, of which there are 0 to 9 and A to F")]
    NoDigits,
    /// Fewer than 8 digits, or more than 64.
    #[error("sha256: takes 8 to 64 hexadecimal digits, not {0}")]
    DigitCount(usize),
}

impl FromStr for Selector {
    type Err = SelectorFault;

    /// A text with another beginning than the three is a common name as a whole.
    fn from_str(text: &str) -> Result<Self, SelectorFault> {
        if text.len() > NAME_MAX {
            return Err(SelectorFault::TooLong);
        }
        let name = |name: &str| match name.trim() {
            "" => Err(SelectorFault::Empty),
            name => Ok(name.to_owned()),
        };
        match text.split_once(':') {
            Some(("cn", rest)) => name(rest).map(Self::CommonName),
            Some(("issuer", rest)) => name(rest).map(Self::Issuer),
            Some(("sha256", rest)) => digits(rest).map(Self::Sha256),
            Some(_) | None => name(text).map(Self::CommonName),
        }
    }
}

/// The digits, without the colons and spaces that programs put between them.
fn digits(text: &str) -> Result<String, SelectorFault> {
    let digits = text.chars().filter(|c| !matches!(c, ':' | ' '));
    let digits: String = digits.map(|c| c.to_ascii_uppercase()).collect();
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(SelectorFault::NoDigits);
    }
    match digits.len() {
        DIGITS_MIN..=DIGITS_MAX => Ok(digits),
        count => Err(SelectorFault::DigitCount(count)),
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommonName(name) => write!(f, "cn:{}", plain(name)),
            Self::Issuer(name) => write!(f, "issuer:{}", plain(name)),
            Self::Sha256(digits) => write!(f, "sha256:{digits}"),
        }
    }
}

impl Selector {
    fn fits(&self, certificate: &Certificate) -> bool {
        let same = |found: &Option<String>, wanted: &str| {
            let found = found.as_deref().map(str::trim);
            found.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
        };
        match self {
            Self::CommonName(name) => same(&certificate.common_name, name),
            Self::Issuer(name) => same(&certificate.issuer_common_name, name),
            Self::Sha256(digits) => certificate.sha256.to_string().starts_with(digits),
        }
    }
}

/// A certificate of a key store.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The certificate.
    pub certificate: Certificate,
    /// Whether its private key is there too.
    pub has_key: bool,
}

/// Why no identity was picked. `Display` is for people and says what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PickFault {
    /// There is no identity at all.
    #[error("there is no certificate with a private key")]
    Empty,
    /// None fits.
    #[error("no identity fits {selector}; there {}", are(.there))]
    NoneFits {
        /// What was asked for.
        selector: Selector,
        /// The identities there are.
        there: Vec<Named>,
    },
    /// The ones that fit are certificates only.
    #[error("{found} fits {selector} and has no private key")]
    WithoutKey {
        /// What was asked for.
        selector: Selector,
        /// The first that fits.
        found: Box<Named>,
    },
    /// The ones that fit are over.
    #[error("{found} fits {selector} and expired on {}", found.not_after)]
    Expired {
        /// What was asked for.
        selector: Selector,
        /// The one that was valid longest.
        found: Box<Named>,
    },
    /// The ones that fit have not begun.
    #[error("{found} fits {selector} and is not valid before {not_before}")]
    NotYetValid {
        /// What was asked for.
        selector: Selector,
        /// The one that begins first.
        found: Box<Named>,
        /// When it begins.
        not_before: Timestamp,
    },
    /// More than one fits.
    #[error("{} identities fit {selector}: {}", found.len(), list(found))]
    Several {
        /// What was asked for.
        selector: Selector,
        /// All that fit.
        found: Vec<Named>,
    },
}

/// An identity, as messages name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    /// The subject's common name, or all of the subject; fit for a terminal.
    pub subject: String,
    /// The same of the issuer.
    pub issuer: String,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// SHA-256 of the certificate.
    pub sha256: Sha256Thumbprint,
}

impl Named {
    fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.short_subject(),
            issuer: certificate.short_issuer(),
            not_after: certificate.not_after,
            sha256: certificate.sha256,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            issuer,
            sha256,
            ..
        } = self;
        write!(f, "{subject} (issuer {issuer}, SHA-256 {sha256})")
    }
}

impl PickFault {
    /// The selectors that would each name one of the identities in question.
    pub fn choices(&self) -> Vec<String> {
        let named = match self {
            Self::NoneFits { there, .. } => there.as_slice(),
            Self::Several { found, .. } => found.as_slice(),
            Self::Empty
            | Self::WithoutKey { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. } => &[],
        };
        let whole: Vec<_> = named.iter().map(|named| named.sha256.to_string()).collect();
        let distinct = |length: &usize| {
            let starts = whole.iter().filter_map(|digits| digits.get(..*length));
            let starts: std::collections::BTreeSet<_> = starts.collect();
            starts.len() == whole.len()
        };
        let length = (DIGITS_MIN..DIGITS_MAX).find(distinct);
        let length = length.unwrap_or(DIGITS_MAX);
        let choice = |digits: &String| Some(format!("sha256:{}", digits.get(..length)?));
        whole.iter().take(NAMED).filter_map(choice).collect()
    }
}

fn are(there: &[Named]) -> String {
    let verb = if there.len() == 1 { "is" } else { "are" };
    format!("{verb} {}", list(there))
}

fn list(named: &[Named]) -> String {
    let shown: Vec<_> = named.iter().take(NAMED).map(Named::to_string).collect();
    let more = match named.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// The place of the candidate that `selector` names, as of `now`.
pub fn pick(
    selector: &Selector,
    candidates: &[Candidate],
    now: UnixTime,
) -> Result<usize, PickFault> {
    let now = Timestamp::from(now);
    let selector = selector.clone();
    let named = |place: usize| {
        candidates
            .get(place)
            .map(|found| Named::of(&found.certificate))
    };
    let all = candidates.iter().enumerate();
    let with_key = || all.clone().filter(|(_, candidate)| candidate.has_key);
    let fits = |(_, candidate): &(usize, &Candidate)| selector.fits(&candidate.certificate);

    let fitting: Vec<_> = with_key()
        .filter(fits)
        .map(|(place, candidate)| (place, &candidate.certificate))
        .collect();
    if fitting.is_empty() {
        let keyless = all.clone().find(fits).and_then(|(place, _)| named(place));
        if let Some(found) = keyless.map(Box::new) {
            return Err(PickFault::WithoutKey { selector, found });
        }
        let there: Vec<_> = with_key().filter_map(|(place, _)| named(place)).collect();
        return Err(if there.is_empty() {
            PickFault::Empty
        } else {
            PickFault::NoneFits { selector, there }
        });
    }
    let valid =
        |certificate: &Certificate| (certificate.not_before..=certificate.not_after).contains(&now);
    let usable: Vec<_> = fitting
        .iter()
        .filter(|(_, certificate)| valid(certificate))
        .collect();
    let newest = usable
        .iter()
        .max_by_key(|(_, certificate)| (certificate.not_before, certificate.not_after));
    let Some((place, newest)) = newest else {
        return Err(unusable(selector, &fitting, now));
    };
    let renewed = |(_, older): &&&(usize, &Certificate)| {
        older.subject_der == newest.subject_der && older.issuer_der == newest.issuer_der
    };
    if usable.iter().filter(renewed).count() == usable.len() {
        return Ok(*place);
    }
    let found = usable
        .iter()
        .map(|(_, certificate)| Named::of(certificate))
        .collect();
    Err(PickFault::Several { selector, found })
}

/// Why none of those that fit can be used: none is valid at `now`.
fn unusable(selector: Selector, fitting: &[(usize, &Certificate)], now: Timestamp) -> PickFault {
    let certificates = || fitting.iter().map(|(_, certificate)| *certificate);
    let future = certificates()
        .filter(|certificate| certificate.not_before > now)
        .min_by_key(|certificate| certificate.not_before);
    let past = certificates().max_by_key(|certificate| certificate.not_after);
    match (future, past) {
        (Some(found), _) => PickFault::NotYetValid {
            selector,
            found: Box::new(Named::of(found)),
            not_before: found.not_before,
        },
        (None, Some(found)) => PickFault::Expired {
            selector,
            found: Box::new(Named::of(found)),
        },
        (None, None) => PickFault::Empty,
    }
}
