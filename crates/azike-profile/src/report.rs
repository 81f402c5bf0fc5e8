//! What a package says, for `azike profile show`: as data with a schema, and as
//! text.

mod text;

use std::net::IpAddr;

use rustls_pki_types::UnixTime;
use serde::Serialize;

use crate::profile::{Profile, ProfileAuth, Root, SettingsSchema};
use crate::{PackageError, Prefix, Sha1Thumbprint, Sha256Thumbprint, Timestamp, Warning, warning};

/// A package, described. Serialises as `azike.profile/1`; `Display` gives the
/// text for people, several lines with a line end after each.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ProfileReport {
    /// Always `azike.profile/1`.
    pub schema: &'static str,
    /// The name of the connection.
    pub name: String,
    /// Whether azike can connect with this package.
    pub usable: bool,
    /// Why it cannot, and what of the package azike does not do.
    pub unsupported: Vec<Note>,
    /// What to connect to.
    pub server: String,
    /// Names the gateway's certificate may have.
    pub accepted_names: Vec<String>,
    /// `VnetId`, if known.
    pub vnet_id: Option<String>,
    /// Tunnel types as written.
    pub vpn_types: Vec<String>,
    /// The kind of login.
    pub auth: ProfileAuth,
    /// Layout of `VpnSettings.xml`, `1` or `2`.
    pub settings_schema: SettingsSchema,
    /// Whom the gateway's certificate must come from.
    pub roots: Vec<RootReport>,
    /// The same for a RADIUS server.
    pub radius_roots: Vec<RootReport>,
    /// Networks behind the gateway when the package was made.
    pub routes: Vec<Prefix>,
    /// Where inner addresses come from.
    pub address_pool: Vec<Prefix>,
    /// DNS servers of the package; the gateway may announce others.
    pub dns_servers: Vec<IpAddr>,
    /// A root from which client certificates must come.
    pub client_root_sha1: Option<Sha1Thumbprint>,
    /// What a person should look at.
    pub warnings: Vec<Note>,
}

/// A fixed name for programs and a sentence for people.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Note {
    /// Part of the JSON contract.
    pub id: &'static str,
    /// May change with any version.
    pub text: String,
}

/// A root, described.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RootReport {
    /// Distinguished name.
    pub subject: String,
    /// File of the package.
    pub source: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// Whole days until then; negative when expired.
    pub days_left: i64,
    /// What the date says.
    pub state: RootState,
    /// SHA-1 of the DER.
    pub sha1: Sha1Thumbprint,
    /// SHA-256 of the DER.
    pub sha256: Sha256Thumbprint,
}

/// What the date says of a root.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootState {
    /// Not yet valid.
    NotYetValid,
    /// Valid.
    Valid,
    /// Valid for less than 90 days more.
    ExpiresSoon,
    /// Not valid any more.
    Expired,
}

impl ProfileReport {
    /// Describes a usable profile at the time `now`.
    pub fn new(profile: &Profile, now: UnixTime) -> Self {
        let mut report = Self::of(profile, now);
        report.usable = true;
        report
    }

    /// Describes a package that azike cannot use for `reason`.
    pub(crate) fn of_unusable(
        profile: &Profile,
        auth: ProfileAuth,
        reason: &PackageError,
        now: UnixTime,
    ) -> Self {
        let mut report = Self::of(profile, now);
        report.auth = auth;
        let note = Note {
            id: unusable_id(reason),
            text: reason.to_string(),
        };
        report.unsupported.insert(0, note);
        report
    }

    fn of(profile: &Profile, now: UnixTime) -> Self {
        let warnings = profile.warnings_at(now);
        let now = Timestamp::from(now);
        let roots = |roots: &[Root]| {
            roots
                .iter()
                .map(|root| RootReport::new(root, now))
                .collect()
        };
        Self {
            schema: "azike.profile/1",
            name: profile.name.clone(),
            usable: false,
            unsupported: ignored_types(&profile.vpn_types),
            server: profile.server.to_string(),
            accepted_names: profile.accepted_names.clone(),
            vnet_id: profile.vnet_id.clone(),
            vpn_types: profile.vpn_types.clone(),
            auth: profile.auth,
            settings_schema: profile.schema,
            roots: roots(&profile.roots),
            radius_roots: roots(&profile.radius_roots),
            routes: profile.routes.clone(),
            address_pool: profile.address_pool.clone(),
            dns_servers: profile.dns_servers.clone(),
            client_root_sha1: profile.client_root_sha1,
            warnings: warnings.iter().map(Note::of).collect(),
        }
    }
}

impl RootReport {
    fn new(root: &Root, now: Timestamp) -> Self {
        Self {
            subject: root.subject().to_owned(),
            source: root.source.clone(),
            not_before: root.not_before(),
            not_after: root.not_after(),
            days_left: now.days_until(root.not_after()),
            state: warning::state(root, now),
            sha1: root.sha1(),
            sha256: root.sha256(),
        }
    }
}

impl Note {
    fn of(warning: &Warning) -> Self {
        Self {
            id: warning.id(),
            text: warning.to_string(),
        }
    }
}

/// Tunnel types of the gateway beside IKEv2. They do no harm.
fn ignored_types(types: &[String]) -> Vec<Note> {
    let others = types
        .iter()
        .filter(|kind| !kind.eq_ignore_ascii_case("IkeV2"));
    let notes = others.map(|kind| Note {
        id: "tunnel-type",
        text: format!("{kind}: azike connects by IKEv2 only"),
    });
    notes.collect()
}

/// A name for the reasons that leave something to describe.
const fn unusable_id(reason: &PackageError) -> &'static str {
    match reason {
        PackageError::OpenVpnOnly => "openvpn-only",
        PackageError::EntraOnly => "entra-only",
        PackageError::RadiusPassword => "radius-password",
        PackageError::NotIkev2 { .. } => "not-ikev2",
        PackageError::UnknownAuth(_) => "unknown-auth",
        PackageError::Empty
        | PackageError::NotAZip
        | PackageError::Truncated
        | PackageError::TooLarge(_)
        | PackageError::TooManyEntries(_)
        | PackageError::Bomb { .. }
        | PackageError::UnsafeName { .. }
        | PackageError::DuplicateName { .. }
        | PackageError::Overlap
        | PackageError::Symlink { .. }
        | PackageError::Encrypted { .. }
        | PackageError::UnsupportedZip(_)
        | PackageError::Damaged(_)
        | PackageError::NoGenericFolder { .. }
        | PackageError::NoSettings
        | PackageError::Xml { .. }
        | PackageError::MissingElement { .. }
        | PackageError::RepeatedElement { .. }
        | PackageError::BadValue { .. }
        | PackageError::NoRoot
        | PackageError::BadRoot { .. } => "package",
    }
}
