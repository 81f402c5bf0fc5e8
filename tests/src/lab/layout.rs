//! Names, addresses and folders of a lab.

use std::path::{Path, PathBuf};

/// The client's address in its LAN, behind the NAT.
pub const CLIENT: &str = "192.168.50.2";
/// Another address in that LAN, which the client may get later.
pub const CLIENT_LATER: &str = "192.168.50.3";
/// The client's address in another LAN behind the same NAT.
pub const CLIENT_ELSEWHERE: &str = "192.168.60.2";
/// The router's address in the client's LAN.
pub const ROUTER_INSIDE: &str = "192.168.50.1";
/// The router's address in the other LAN.
pub const ROUTER_ELSEWHERE: &str = "192.168.60.1";
/// The router's address in the "Internet".
pub const ROUTER_OUTSIDE: &str = "203.0.113.1";
/// The gateway's address in the "Internet".
pub const GATEWAY: &str = "203.0.113.10";
/// Another address of the gateway in the "Internet": where it is after a failover.
pub const GATEWAY_LATER: &str = "203.0.113.11";
/// The gateway's address in the `VNet`.
pub const GATEWAY_INSIDE: &str = "10.1.0.1";
/// The `VNet` host: web, DNS, iperf3.
pub const VNET_HOST: &str = "10.1.0.4";
/// The `VNet` host's IPv6 address.
pub const VNET_HOST_V6: &str = "fd00:10:1::4";
/// The gateway's IPv6 address in the `VNet`.
pub const GATEWAY_INSIDE_V6: &str = "fd00:10:1::1";
/// The `VNet`.
pub const VNET: &str = "10.1.0.0/16";
/// The `VNet`'s IPv6 prefix.
pub const VNET_V6: &str = "fd00:10:1::/64";
/// Where clients get their addresses from.
pub const POOL: &str = "172.16.201.0/24";
/// The `VNet`'s identifier, as Azure writes it into the package.
pub const VNET_ID: &str = "5f0c2a1e-7b3d-4c6a-9e21-0d4b8f6a7c35";
/// `VpnServer` of the package: where the client connects to.
pub const VPN_SERVER: &str =
    "azuregateway-5f0c2a1e-7b3d-4c6a-9e21-0d4b8f6a7c35-9a1c3e5f7b20.vpn.azure.com";
/// The name in the gateway's certificate, which is not `VpnServer` (facts of Azure).
pub const SERVER_NAME: &str = "5f0c2a1e-7b3d-4c6a-9e21-0d4b8f6a7c35.vpn.azure.com";
/// The name that only the `VNet`'s own DNS server knows.
pub const VNET_HOST_NAME: &str = "vm1.lab.internal";
/// What the `VNet` host's web server says.
pub const GREETING: &str = "hello from the vnet";

/// Where a lab keeps its files, and how its namespaces are called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layout {
    prefix: String,
    dir: PathBuf,
}

impl Layout {
    /// The lab called `prefix`; its folder is `dir`, or one in `/var/tmp` named after the lab.
    pub fn new(prefix: &str, dir: Option<&Path>) -> Self {
        let dir = dir.map_or_else(
            || PathBuf::from(format!("/var/tmp/azike-lab-{prefix}")),
            Path::to_path_buf,
        );
        Self {
            prefix: prefix.to_owned(),
            dir,
        }
    }

    /// The prefix of all namespaces.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The folder that holds everything.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keys and certificates.
    pub fn pki(&self) -> PathBuf {
        self.dir.join("pki")
    }

    /// Process identifiers of what runs in the background.
    pub fn pids(&self) -> PathBuf {
        self.dir.join("pids")
    }

    /// Logs of what runs in the background.
    pub fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    /// A folder for the program called `name`.
    pub fn of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The client's namespace.
    pub fn client(&self) -> String {
        format!("{}-client", self.prefix)
    }

    /// The router's namespace.
    pub fn router(&self) -> String {
        format!("{}-router", self.prefix)
    }

    /// The gateway's namespace.
    pub fn gateway(&self) -> String {
        format!("{}-gateway", self.prefix)
    }

    /// The `VNet` host's namespace.
    pub fn vnet(&self) -> String {
        format!("{}-vnet", self.prefix)
    }

    /// All four namespaces.
    pub fn namespaces(&self) -> [String; 4] {
        [self.client(), self.router(), self.gateway(), self.vnet()]
    }

    /// Files that `ip netns exec` lays over `/etc` in the client's namespace.
    pub fn client_etc(&self) -> PathBuf {
        Path::new("/etc/netns").join(self.client())
    }
}
