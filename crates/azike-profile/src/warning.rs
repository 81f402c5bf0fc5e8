//! What a person should look at, although the package can be used.

use crate::profile::Root;
use crate::{HostName, Prefix, RootState, Timestamp};

/// A root that ends within this time is worth a warning.
const SOON_DAYS: i64 = 90;

/// A root that Microsoft has announced to leave: gateways that still have it
/// move to another, and packages that know only this one stop working.
/// (Azure documentation "VPN gateway certificate migration".)
const RETIRING_ROOTS: [&str; 2] = ["DigiCert Global Root CA", "Baltimore CyberTrust Root"];

/// Something odd or about to break. `Display` is for people, [`Warning::id`]
/// for programs.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Warning {
    /// A route has bits set behind its length; they were cleared.
    #[error("route {written} has host bits set, read as {prefix}")]
    HostBits {
        /// As in the package.
        written: String,
        /// As read.
        prefix: Prefix,
    },
    /// A route sends all traffic through the tunnel.
    #[error("the profile routes all traffic ({0}) through the tunnel")]
    DefaultRoute(Prefix),
    /// More routes than IKEv2 can carry (255 traffic selectors).
    #[error(
        "the profile has {0} routes, IKEv2 carries at most 255: some networks may not be reachable"
    )]
    ManyRoutes(usize),
    /// There is no `Routes` element, or it is empty.
    #[error("the profile lists no routes; the gateway tells them when it connects")]
    NoRoutes,
    /// `VpnClientAddressPool` could not be read.
    #[error("the address pool '{0}' is not readable and was ignored")]
    AddressPool(String),
    /// A DNS server could not be read.
    #[error("the DNS server '{0}' is not an IP address and was ignored")]
    DnsServer(String),
    /// `VnetId` is not the number in the server's name.
    #[error("VnetId {vnet_id} is not the number in the server name {server}")]
    VnetIdDiffers {
        /// The element.
        vnet_id: String,
        /// The server.
        server: HostName,
    },
    /// `VnetId` is not a GUID; it was ignored.
    #[error("VnetId '{0}' is not a GUID and was ignored")]
    VnetId(String),
    /// A root was left out, because another one could be used.
    #[error("{source_file} was ignored: {reason}")]
    RootIgnored {
        /// Where it was.
        source_file: String,
        /// Why.
        reason: String,
    },
    /// A root without basicConstraints: allowed only for old self-signed ones.
    #[error("root {0} does not say that it is a certificate authority")]
    RootWithoutConstraints(String),
    /// A root file also contains a private key. Somebody made a mistake.
    #[error("{0} contains a private key: tell your administrator, that key is no longer secret")]
    PrivateKeyInPackage(String),
    /// No root has the thumbprint that `azurevpnconfig.xml` names.
    #[error("no root of the profile has the thumbprint {0} that azurevpnconfig.xml names")]
    ServerRootMissing(crate::Sha1Thumbprint),
    /// `azurevpnconfig.xml` is there but could not be read.
    #[error(
        "azurevpnconfig.xml could not be read ({0}); the root of client certificates is not known"
    )]
    AzureVpnConfig(String),
    /// All roots of the profile are about to be replaced by Azure.
    #[error("the profile knows only {0}, which Azure is replacing: download a new package soon")]
    OnlyRetiringRoots(String),
    /// A root is valid only for some more days.
    #[error("root {subject} expires on {not_after}, in {days} days")]
    RootExpiresSoon {
        /// Which.
        subject: String,
        /// When.
        not_after: Timestamp,
        /// Whole days left.
        days: i64,
    },
    /// A root is not valid any more.
    #[error("root {subject} expired on {not_after}")]
    RootExpired {
        /// Which.
        subject: String,
        /// When.
        not_after: Timestamp,
    },
    /// A root is not valid yet; more often the clock of this machine is wrong.
    #[error("root {subject} is valid only from {not_before}: is the clock of this machine right?")]
    RootNotYetValid {
        /// Which.
        subject: String,
        /// When.
        not_before: Timestamp,
    },
}

impl Warning {
    /// A fixed name for programs, part of the JSON contract.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::HostBits { .. } => "route-host-bits",
            Self::DefaultRoute(_) => "route-default",
            Self::ManyRoutes(_) => "routes-many",
            Self::NoRoutes => "routes-none",
            Self::AddressPool(_) => "address-pool",
            Self::DnsServer(_) => "dns-server",
            Self::VnetIdDiffers { .. } => "vnet-id-differs",
            Self::VnetId(_) => "vnet-id",
            Self::RootIgnored { .. } => "root-ignored",
            Self::RootWithoutConstraints(_) => "root-without-constraints",
            Self::PrivateKeyInPackage(_) => "private-key-in-package",
            Self::ServerRootMissing(_) => "server-root-missing",
            Self::AzureVpnConfig(_) => "azurevpnconfig",
            Self::OnlyRetiringRoots(_) => "roots-retiring",
            Self::RootExpiresSoon { .. } => "root-expires-soon",
            Self::RootExpired { .. } => "root-expired",
            Self::RootNotYetValid { .. } => "root-not-yet-valid",
        }
    }
}

/// What the date says about `root`.
pub(crate) const fn state(root: &Root, now: Timestamp) -> RootState {
    if now.0 > root.not_after().0 {
        RootState::Expired
    } else if now.0 < root.not_before().0 {
        RootState::NotYetValid
    } else if now.days_until(root.not_after()) < SOON_DAYS {
        RootState::ExpiresSoon
    } else {
        RootState::Valid
    }
}

/// What the date says about `roots`, where a person should know.
pub(crate) fn of_roots(roots: &[Root], now: Timestamp) -> Vec<Warning> {
    let of_root = |root: &Root| {
        let subject = root.certificate.short_subject();
        let (not_before, not_after) = (root.not_before(), root.not_after());
        let days = now.days_until(not_after);
        match state(root, now) {
            RootState::Valid => None,
            RootState::Expired => Some(Warning::RootExpired { subject, not_after }),
            RootState::NotYetValid => Some(Warning::RootNotYetValid {
                subject,
                not_before,
            }),
            RootState::ExpiresSoon => Some(Warning::RootExpiresSoon {
                subject,
                not_after,
                days,
            }),
        }
    };
    roots.iter().filter_map(of_root).collect()
}

/// Whether all of `roots` are about to be replaced.
pub(crate) fn only_retiring(roots: &[Root]) -> Option<Warning> {
    let name = |root: &Root| root.certificate.common_name.clone().unwrap_or_default();
    let retiring = |root: &Root| RETIRING_ROOTS.contains(&name(root).as_str());
    let all = !roots.is_empty() && roots.iter().all(retiring);
    let names: Vec<String> = roots.iter().map(name).collect();
    all.then(|| Warning::OnlyRetiringRoots(names.join(" and ")))
}
