//! The tunnel's MTU follows the path to the gateway.
//!
//! ```text
//!   every 10 s, network changed, datagram too long ─▶ path_mtu ─▶ PathWatch ─▶ another MTU? ─▶ host
//! ```

use std::net::IpAddr;

use azike_datapath::DropCause;
use azike_esp::Overhead;
use azike_ike::{Assigned, ChildSa};
use azike_platform::{HostConfig, path_mtu};
use azike_tunnel::{InnerVersions, PathWatch};

use super::Session;

impl Session {
    /// The path of a new tunnel, with what is known of it already.
    pub(super) fn path_watch(
        &self,
        gateway: IpAddr,
        assigned: &Assigned,
        child: &ChildSa,
    ) -> PathWatch {
        let mut addresses = assigned.addresses.iter();
        let inner = if addresses.any(|(address, _)| address.is_ipv6()) {
            InnerVersions::Ipv6
        } else {
            InnerVersions::Ipv4
        };
        let overhead = Overhead::of(child.algorithms);
        let chosen = self.tools.setup.options.mtu;
        let now = self.tools.clock.now();
        let mut path = PathWatch::new(gateway, overhead, inner, chosen, now);
        path.see(path_mtu(gateway));
        path
    }

    /// Looks at the path, if it is time to, and gives the tun device the MTU that fits. If the host
    /// refuses, the next look tries again.
    pub(super) async fn look_at_path(&mut self) {
        let Some(config) = self.refit() else {
            return;
        };
        let mtu = config.mtu;
        if let Err(error) = self.tools.host.lock().await.set(&config).await {
            tracing::warn!(%error, mtu, "the tunnel's MTU does not follow the path");
            return;
        }
        for open in self.links.iter().flatten() {
            open.link.set_mtu(mtu);
        }
        let path_mtu = self.path.as_ref().map(PathWatch::path_mtu);
        tracing::info!(path_mtu, mtu, "the tunnel's MTU follows the path");
        self.tools.board.note(|status| status.mtu = Some(mtu));
        self.config = Some(config);
    }

    /// What the host should be when the path of the link that carries the traffic is not what it
    /// was; `None` if it is, or nobody looked.
    fn refit(&mut self) -> Option<HostConfig> {
        let carrier = self.course.carrier();
        let mut links = self.links.iter().flatten();
        let open = links.find(|open| Some(open.id) == carrier)?;
        let counters = open.link.datapath.counters();
        let too_long = counters.upload.lost(DropCause::TooLong);
        let (path, config) = (self.path.as_mut()?, self.config.as_ref()?);
        if !path.is_due(self.tools.clock.now(), too_long) {
            return None;
        }
        path.see(path_mtu(open.link.gateway.address));
        let mtu = u32::from(path.inner_mtu());
        (mtu != config.mtu).then(|| HostConfig {
            mtu,
            ..config.clone()
        })
    }
}
