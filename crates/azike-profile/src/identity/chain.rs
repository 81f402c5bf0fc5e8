//! Which certificate belongs to the key, and which ones are above it.
//!
//! Only names and key identifiers are compared: whether the signatures are right
//! is for the gateway to say, which verifies the chain anyway.

use super::IdentityError;
use crate::certificate::Certificate;

/// The most certificates between leaf and root.
const LONGEST: usize = 10;

/// Parses all certificates; the same one twice counts once.
pub(super) fn parse(ders: &[Vec<u8>]) -> Result<Vec<Certificate>, IdentityError> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for der in ders {
        let certificate = Certificate::from_der(der);
        let certificate = certificate.map_err(|_| IdentityError::BadCertificate)?;
        if certificates
            .iter()
            .all(|known| known.sha256 != certificate.sha256)
        {
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

/// The certificate of this public key: the newest one, if it was renewed
/// without a new key.
pub(super) fn leaf<'c>(
    certificates: &'c [Certificate],
    public_key: &[u8],
) -> Option<&'c Certificate> {
    let owned = certificates
        .iter()
        .filter(|certificate| certificate.public_key == public_key);
    owned.max_by_key(|certificate| certificate.not_before)
}

/// The issuers of `leaf`, nearest first, and the self-signed one at the end if
/// it is there.
pub(super) fn above(
    leaf: &Certificate,
    certificates: &[Certificate],
) -> (Vec<Certificate>, Option<Certificate>) {
    let mut intermediates: Vec<Certificate> = Vec::new();
    let mut below = leaf;
    while !below.is_self_issued() && intermediates.len() < LONGEST {
        let seen = |candidate: &Certificate| {
            candidate == leaf || intermediates.iter().any(|known| known == candidate)
        };
        let issuers = certificates
            .iter()
            .filter(|candidate| is_issuer(candidate, below));
        let newest = issuers
            .filter(|candidate| !seen(candidate))
            .max_by_key(|c| c.not_after);
        match newest {
            None => break,
            Some(root) if root.is_self_issued() => return (intermediates, Some(root.clone())),
            Some(issuer) => {
                intermediates.push(issuer.clone());
                below = issuer;
            }
        }
    }
    (intermediates, None)
}

/// Names and, where both have one, key identifiers fit.
fn is_issuer(candidate: &Certificate, below: &Certificate) -> bool {
    let ids = (&candidate.subject_key_id, &below.authority_key_id);
    let same_key = match ids {
        (Some(subject), Some(authority)) => subject == authority,
        _ => true,
    };
    candidate.subject_der == below.issuer_der && same_key
}
