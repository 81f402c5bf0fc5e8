//! The gateway's name becomes addresses.

use std::collections::HashSet;
use std::net::IpAddr;

use azike_control::{Code, Failure};

use crate::daemon::setup::Setup;

/// How many addresses are tried.
const MOST: usize = 8;

/// The name or address that the user or the profile gives.
pub(crate) fn host(setup: &Setup) -> String {
    let wish = setup.options.gateway_address.as_deref();
    wish.unwrap_or_else(|| setup.profile.server.as_str())
        .to_owned()
}

/// `host` and its addresses, each once, in the order of the resolver.
pub(crate) async fn addresses(host: String) -> Result<(String, Vec<IpAddr>), Failure> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok((host, vec![address]));
    }
    let found = tokio::net::lookup_host((host.as_str(), 500))
        .await
        .map_err(|error| {
            let what = format!("the name {host} does not resolve");
            Failure::new(Code::NAME_NOT_RESOLVED, what).seen(error.to_string())
        })?;
    let mut seen = HashSet::new();
    let addresses: Vec<IpAddr> = found.map(|socket| socket.ip()).collect();
    let suspicious = addresses
        .iter()
        .find(|address| !can_be_a_gateway(**address));
    if let Some(address) = suspicious {
        let what = format!("the name {host} resolves to {address}, which cannot be a gateway");
        return Err(Failure::new(Code::NAME_SUSPICIOUS, what));
    }
    let addresses: Vec<IpAddr> = addresses
        .into_iter()
        .filter(|address| seen.insert(*address))
        .take(MOST)
        .collect();
    if addresses.is_empty() {
        let what = format!("the name {host} has no address");
        return Err(Failure::new(Code::NAME_NOT_RESOLVED, what));
    }
    Ok((host, addresses))
}

/// Answers of a captive portal or of an attacker on the local network.
fn can_be_a_gateway(address: IpAddr) -> bool {
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast())
}
