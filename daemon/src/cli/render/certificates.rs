//! `azike cert list`: as data with a schema, and as text.

use std::path::Path;

use azike_control::{Failure, printable};
use azike_profile::{
    Certificate, Identity, IdentityProblem, Severity, Sha256Thumbprint, Timestamp,
};
use rustls_pki_types::UnixTime;
use serde::Serialize;

use super::paint;
use crate::daemon::keychain::Shown;

/// How many digits of a thumbprint are proposed.
const DIGITS: usize = 16;

/// Document `azike.certificates/1`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(in crate::cli) struct CertificatesReport {
    /// Always `azike.certificates/1`.
    schema: &'static str,
    /// One for each certificate or file.
    certificates: Vec<CertificateRow>,
}

/// A certificate, or a file that holds none.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(in crate::cli) struct CertificateRow {
    /// The file, or `Keychain`.
    source: String,
    /// How the source names it.
    label: Option<String>,
    /// Whether a gateway could accept it.
    usable: bool,
    /// Whether its private key is there.
    private_key: bool,
    /// What to give to `azike up`.
    argument: Option<String>,
    /// What the certificate says.
    certificate: Option<Facts>,
    /// What speaks against it, the worst first.
    notes: Vec<Note>,
}

/// What a certificate says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
struct Facts {
    subject: String,
    issuer: String,
    not_before: Timestamp,
    not_after: Timestamp,
    days_left: i64,
    key: String,
    sha256: Sha256Thumbprint,
}

/// A fixed name for programs and a sentence for people.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
struct Note {
    id: String,
    text: String,
}

impl CertificatesReport {
    pub(in crate::cli) const fn new(certificates: Vec<CertificateRow>) -> Self {
        Self {
            schema: "azike.certificates/1",
            certificates,
        }
    }
}

impl CertificateRow {
    /// An identity in a file.
    pub(in crate::cli) fn in_file(path: &Path, identity: &Identity, now: UnixTime) -> Self {
        let problems = identity.check_alone(now);
        Self {
            source: path.display().to_string(),
            label: None,
            usable: usable(&problems),
            private_key: true,
            argument: Some(format!("--identity {}", path.display())),
            certificate: Some(Facts::of(identity.leaf(), now)),
            notes: problems.iter().map(Note::of).collect(),
        }
    }

    /// A file that is no identity.
    pub(in crate::cli) fn unreadable(path: &Path, failure: &Failure) -> Self {
        Self {
            source: path.display().to_string(),
            label: None,
            usable: false,
            private_key: false,
            argument: None,
            certificate: None,
            notes: vec![Note {
                id: failure.code.to_string(),
                text: failure.what.clone(),
            }],
        }
    }

    /// A certificate in the Keychain. `None` for one of an authority without a key: nobody took
    /// that for an identity.
    pub(in crate::cli) fn in_keychain(shown: &Shown, now: UnixTime) -> Option<Self> {
        let certificate = &shown.certificate;
        if shown.identity.is_none() && certificate.authority == Some(true) {
            return None;
        }
        let problems = shown
            .identity
            .as_ref()
            .map(|identity| identity.check_alone(now));
        let without_key = || Note {
            id: "no-private-key".to_owned(),
            text: "there is no private key for it in the Keychain".to_owned(),
        };
        let notes = match &problems {
            Some(problems) => problems.iter().map(Note::of).collect(),
            None => vec![without_key()],
        };
        let digits: String = certificate
            .sha256
            .to_string()
            .chars()
            .take(DIGITS)
            .collect();
        let argument = shown.identity.is_some();
        Some(Self {
            source: "Keychain".to_owned(),
            label: Some(shown.label.clone()),
            usable: problems.as_deref().is_some_and(usable),
            private_key: shown.identity.is_some(),
            argument: argument.then(|| format!("--keychain sha256:{digits}")),
            certificate: Some(Facts::of(certificate, now)),
            notes,
        })
    }
}

fn usable(problems: &[IdentityProblem]) -> bool {
    let fatal = |problem: &IdentityProblem| problem.severity() == Severity::Fatal;
    !problems.iter().any(fatal)
}

impl Facts {
    fn of(certificate: &Certificate, now: UnixTime) -> Self {
        Self {
            subject: certificate.short_subject(),
            issuer: certificate.short_issuer(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            days_left: Timestamp::from(now).days_until(certificate.not_after),
            key: certificate.key.to_string(),
            sha256: certificate.sha256,
        }
    }
}

impl Note {
    fn of(problem: &IdentityProblem) -> Self {
        Self {
            id: problem.id().to_owned(),
            text: problem.to_string(),
        }
    }
}

/// Several lines for each:
///
/// ```text
/// ✓ ada, issuer Contoso P2S Root, valid to 2027-06-23 (212 days), RSA 2048
///     --keychain sha256:1A2B3C4D5E6F7081
/// ✗ eve, issuer Contoso P2S Root, valid to 2021-01-01 (over), ECDSA P-256
///     --keychain sha256:0011223344556677
///     the client certificate eve expired on 2021-01-01
/// ```
pub(in crate::cli) fn certificates_text(report: &CertificatesReport, color: bool) -> String {
    if report.certificates.is_empty() {
        return "No identity was found.\n".to_owned();
    }
    let rows = report.certificates.iter();
    rows.map(|row| row_text(row, color)).collect()
}

fn row_text(row: &CertificateRow, color: bool) -> String {
    let sign = match (row.usable, row.notes.is_empty()) {
        (true, true) => paint(color, "32", "✓"),
        (true, false) => paint(color, "33", "⚠"),
        (false, _) => paint(color, "31", "✗"),
    };
    let head = match &row.certificate {
        Some(facts) => {
            let left = match facts.days_left {
                ..0 => "over".to_owned(),
                0 => "ends today".to_owned(),
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            };
            format!(
                "{}, issuer {}, valid to {} ({left}), {}",
                facts.subject, facts.issuer, facts.not_after, facts.key
            )
        }
        None => row.source.clone(),
    };
    let mut text = format!("{sign} {}\n", printable(&head));
    let notes = row.notes.iter().map(|note| &note.text);
    for line in row.argument.iter().chain(notes) {
        for part in ["    ", &printable(line), "\n"] {
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use azike_control::Code;
    use azike_profile::read_identity;

    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    /// The identity of a fixture, and a row of it at the given time.
    fn row(seconds: u64) -> CertificateRow {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../crates/azike-profile/tests/fixtures/pkcs8-rsa.pem"
        );
        let identity = read_identity(&std::fs::read(file).unwrap(), None).unwrap();
        CertificateRow::in_file(Path::new("ada.pem"), &identity, at(seconds))
    }

    fn text(row: CertificateRow) -> String {
        certificates_text(&CertificatesReport::new(vec![row]), false)
    }

    #[test]
    fn an_identity_that_can_log_in_says_how_to_use_it() {
        let row = row(1_800_000_000);
        assert!(row.usable, "{row:?}");
        let text = text(row);
        assert!(text.starts_with("✓ ada, issuer "), "{text}");
        assert!(text.contains("\n    --identity ada.pem\n"), "{text}");
    }

    #[test]
    fn one_that_is_over_says_why_it_cannot() {
        let row = row(9_000_000_000);
        assert!(!row.usable);
        assert_eq!(row.notes[0].id, "expired");
        let text = text(row);
        assert!(text.starts_with('✗') && text.contains("(over)"), "{text}");
        assert!(text.contains("expired on "), "{text}");
    }

    #[test]
    fn a_file_that_is_no_identity_is_listed_with_its_code() {
        let failure = Failure::from(Code::IDENTITY_NO_KEY);
        let row = CertificateRow::unreadable(Path::new("a\u{1b}[2J.cer"), &failure);
        assert_eq!(row.notes[0].id, "AZK-0205");
        let text = text(row);
        assert!(
            text.starts_with('✗') && !text.contains('\u{1b}'),
            "{text:?}"
        );
    }

    #[test]
    fn the_document_has_its_schema_and_the_whole_thumbprint() {
        let report = CertificatesReport::new(vec![row(1_800_000_000)]);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["schema"], "azike.certificates/1");
        let sha256 = json["certificates"][0]["certificate"]["sha256"].as_str();
        assert_eq!(sha256.unwrap().len(), 64);
        assert_eq!(json["certificates"][0]["private_key"], true);
    }
}
