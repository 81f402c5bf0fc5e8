//! Which name the gateway's certificate must carry (RFC 9525, section 6; RFC 4945, section 5.1.3).
//!
//! A dNSName of the subject alternative name counts, with a wildcard as the whole left-most label
//! at most. The common name counts only if there is no subject alternative name at all, and only
//! letter for letter: gateways with certificates of their own making have no other.

use rustls_pki_types::{DnsName, ServerName};
use webpki::EndEntityCert;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::error::{TrustConfigError, TrustError};
use super::printable;

/// Names that are worth showing to a person.
const SHOWN: usize = 8;

/// A name that the profile expects.
pub(super) fn reference(name: &str) -> Result<DnsName<'static>, TrustConfigError> {
    let plain = name.strip_suffix('.').unwrap_or(name);
    DnsName::try_from(plain.to_owned())
        .map_err(|_invalid| TrustConfigError::Name(printable::text(name)))
}

/// The first of the `expected` names that the certificate has.
pub(super) fn check(
    leaf: &EndEntityCert<'_>,
    parsed: &X509Certificate<'_>,
    expected: &[DnsName<'static>],
) -> Result<DnsName<'static>, TrustError> {
    let alternative = parsed.subject_alternative_name();
    let has_alternative = alternative.map_err(|_| TrustError::Malformed)?.is_some();
    let matches = |name: &&DnsName<'static>| {
        if has_alternative {
            let name = ServerName::DnsName(DnsName::clone(name));
            leaf.verify_is_valid_for_subject_name(&name).is_ok()
        } else {
            common_name(parsed).is_some_and(|own| own.eq_ignore_ascii_case(name.as_ref()))
        }
    };
    let found = expected.iter().find(matches).cloned();
    found.ok_or_else(|| TrustError::WrongName {
        expected: expected
            .iter()
            .map(|name| name.as_ref().to_owned())
            .collect(),
        found: present(parsed),
    })
}

/// The names of a certificate, for people: its dNSNames, or its common name.
pub(super) fn present(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name();
    let Some(alternative) = alternative.ok().flatten() else {
        return common_name(certificate)
            .map(printable::text)
            .into_iter()
            .collect();
    };
    let names = alternative.value.general_names.iter();
    let names =
        names.filter_map(|name| dns_name(name).map(|name| printable::octets(name.as_bytes())));
    names.take(SHOWN).collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "other kinds of names never name a gateway"
)]
const fn dns_name<'n>(name: &GeneralName<'n>) -> Option<&'n str> {
    match name {
        GeneralName::DNSName(name) => Some(name),
        _ => None,
    }
}

/// The common name, if there is exactly one. With two, which one counts depends on the reader.
fn common_name<'c>(certificate: &'c X509Certificate<'_>) -> Option<&'c str> {
    let mut names = certificate.subject().iter_common_name();
    let only = names.next()?;
    match names.next() {
        None => only.as_str().ok(),
        Some(_) => None,
    }
}
