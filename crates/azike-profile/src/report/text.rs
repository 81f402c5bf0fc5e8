//! The report as text: a label, two spaces, the value; more values below it.
//!
//! ```text
//! contoso-vnet
//!   server    azuregateway-….vpn.azure.com
//!   names     azuregateway-….vpn.azure.com
//!             3f2c….vpn.azure.com
//!   login     client certificate (signature or EAP-TLS)
//! ```

use std::fmt;

use super::{Note, ProfileReport, RootReport, RootState};
use crate::profile::ProfileAuth;

/// Rows of a long list that are shown; the rest is counted.
const ROWS: usize = 20;

impl fmt::Display for ProfileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usable = if self.usable {
            ""
        } else {
            "  (azike cannot use this package)"
        };
        writeln!(f, "{}{usable}", self.name)?;
        rows(f, "server", std::slice::from_ref(&self.server))?;
        rows(f, "names", &self.accepted_names)?;
        rows(f, "tunnel", &[self.vpn_types.join(", ")])?;
        rows(f, "login", &[login(self.auth).to_owned()])?;
        rows(f, "roots", &roots(&self.roots))?;
        rows(f, "radius", &roots(&self.radius_roots))?;
        rows(f, "routes", &texts(&self.routes))?;
        rows(f, "pool", &texts(&self.address_pool))?;
        rows(f, "dns", &texts(&self.dns_servers))?;
        let root = self
            .client_root_sha1
            .map(|sha1| format!("issued below the root {sha1}"));
        rows(f, "client", &root.into_iter().collect::<Vec<_>>())?;
        rows(f, "not used", &notes(&self.unsupported))?;
        rows(f, "warning", &notes(&self.warnings))
    }
}

fn rows(f: &mut fmt::Formatter<'_>, label: &str, values: &[String]) -> fmt::Result {
    for (at, value) in values.iter().take(ROWS).enumerate() {
        let label = if at == 0 { label } else { "" };
        writeln!(f, "  {label:<8}  {value}")?;
    }
    match values.len().checked_sub(ROWS) {
        Some(more) if more > 0 => writeln!(f, "  {:<8}  … and {more} more", ""),
        _ => Ok(()),
    }
}

const fn login(auth: ProfileAuth) -> &'static str {
    match auth {
        ProfileAuth::Certificate => "client certificate (signature or EAP-TLS)",
        ProfileAuth::RadiusPassword => "RADIUS user name and password (not supported)",
        ProfileAuth::EntraId => "Microsoft Entra ID (not supported)",
        ProfileAuth::Unknown => "unknown",
    }
}

fn roots(roots: &[RootReport]) -> Vec<String> {
    let row = |root: &RootReport| {
        let state = match root.state {
            RootState::NotYetValid => format!("not valid before {}", root.not_before),
            RootState::Valid => format!("valid until {}", root.not_after),
            RootState::ExpiresSoon => {
                format!("expires in {} days, on {}", root.days_left, root.not_after)
            }
            RootState::Expired => format!("EXPIRED on {}", root.not_after),
        };
        format!("{}, {state} ({})", root.subject, root.source)
    };
    roots.iter().map(row).collect()
}

fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn notes(notes: &[Note]) -> Vec<String> {
    notes.iter().map(|note| note.text.clone()).collect()
}
