//! What the profile of these tests says about the gateway.

use std::time::Duration;

use azike_ike::trust::{GatewayTrust, TrustError, VerifiedGateway};
use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};

use super::authority::Authority;

/// The name of the gateway in the profile.
pub(crate) const SERVER: &str = "azuregateway-0a1b.vpn.azure.com";
/// The name in the certificates of real gateways.
pub(crate) const VNET: &str = "c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com";
/// 2027-06-01 00:00 UTC.
pub(crate) const NOW: u64 = 1_811_808_000;

/// A trust in `root` for both names of the profile.
pub(crate) fn trust(root: &Authority, lists: &[CertificateRevocationListDer<'_>]) -> GatewayTrust {
    let names = [SERVER.to_owned(), VNET.to_owned()];
    GatewayTrust::new(vec![root.der.clone()], &names, lists).unwrap()
}

pub(crate) fn verify(
    root: &Authority,
    chain: &[&CertificateDer<'_>],
) -> Result<VerifiedGateway, TrustError> {
    let chain: Vec<&[u8]> = chain.iter().map(AsRef::as_ref).collect();
    trust(root, &[]).verify(&chain, at(NOW))
}

pub(crate) fn refusal(root: &Authority, chain: &[&CertificateDer<'_>]) -> TrustError {
    verify(root, chain).unwrap_err()
}

pub(crate) const fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// A revocation list that names `serials`, good until January of `year`.
pub(crate) fn list(
    issuer: &Authority,
    serials: &[u64],
    year: i32,
) -> CertificateRevocationListDer<'static> {
    let revoked = serials.iter().map(|&serial| RevokedCertParams {
        serial_number: SerialNumber::from(serial),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(year, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&issuer.issuer).unwrap().into()
}
