//! wireguard-go and boringtun: two programs with one control socket, which `wg` speaks to.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Pair, Peer, Programs, TUNNEL_MTU};
use crate::bench::netns::Site;
use crate::lab::command::Call;
use crate::lab::layout::GATEWAY;
use crate::lab::pki::authority::only_for_owner;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

const NEAR: &str = "10.9.3.1";
const FAR: &str = "10.9.3.2";
const PORT: &str = "51820";

/// One end.
struct End {
    namespace: String,
    /// Also the name of the control socket, which all namespaces share: the prefix makes it ours.
    link: String,
    address: &'static str,
    other: &'static str,
    key: PathBuf,
    public: String,
}

/// Starts both ends.
pub(super) fn start(site: &Site, peer: Peer, programs: &Programs) -> Result<Pair> {
    let dir = site.layout().of(peer.word());
    fs::create_dir_all(&dir)?;
    let prefix = site.layout().prefix();
    let client = End::new(
        site.layout().client(),
        format!("{prefix}-wgc"),
        (NEAR, FAR),
        &dir,
    )?;
    let gateway = End::new(
        site.layout().gateway(),
        format!("{prefix}-wgg"),
        (FAR, NEAR),
        &dir,
    )?;
    let pair = Pair {
        far: FAR,
        gateway: gateway.start(site, peer, programs)?,
        client: client.start(site, peer, programs)?,
    };
    gateway.set(&client.public, &["listen-port", PORT], &[])?;
    let endpoint = format!("{GATEWAY}:{PORT}");
    client.set(&gateway.public, &[], &["endpoint", &endpoint])?;
    Ok(pair)
}

impl End {
    fn new(
        namespace: String,
        link: String,
        (address, other): (&'static str, &'static str),
        dir: &Path,
    ) -> Result<Self> {
        ensure!(
            link.len() < 16,
            "a shorter prefix: {link} is too long for a device"
        );
        let private = Call::new("wg").arg("genkey").run()?;
        let key = dir.join(&link);
        fs::write(&key, &private)?;
        only_for_owner(&key)?;
        let public = Call::new("wg").arg("pubkey").input(private).run()?;
        Ok(Self {
            namespace,
            link,
            address,
            other,
            key,
            public: public.trim().to_owned(),
        })
    }

    fn start(&self, site: &Site, peer: Peer, programs: &Programs) -> Result<Background> {
        let call = if peer == Peer::Boringtun {
            let program = programs
                .boringtun
                .as_ref()
                .context("there is no boringtun-cli")?;
            Call::inside(&self.namespace, program).args(["-f", "--disable-drop-privileges"])
        } else {
            // Where the kernel has WireGuard of its own, it wants to be told that this is no mistake.
            let variable = "WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD";
            let call = Call::inside(&self.namespace, "wireguard-go").arg("-f");
            call.env(variable, "1").env("LOG_LEVEL", "error")
        };
        let mut process = Background::start(site.layout(), &self.link, call.arg(&self.link))?;
        let listens = |end: &Self| {
            let call = Call::inside(&end.namespace, "wg").args(["show", &end.link]);
            call.succeeds()
        };
        let limit = Duration::from_secs(5);
        let ready = wait_until(limit, || listens(self) || !process.is_running());
        ensure!(
            ready && process.is_running(),
            "{} did not start: {}",
            peer.word(),
            process.output()
        );
        Ok(process)
    }

    fn set(&self, peer: &str, own: &[&str], of_peer: &[&str]) -> Result<()> {
        let call = Call::inside(&self.namespace, "wg").args(["set", &self.link]);
        let call = call.args(own).arg("private-key").arg(&self.key);
        let call = call.args(["peer", peer, "allowed-ips", "10.9.3.0/24"]);
        call.args(of_peer).run()?;
        let Self {
            link,
            address,
            other,
            ..
        } = self;
        let lines = format!(
            "link set {link} mtu {TUNNEL_MTU}\naddr add {address} peer {other} dev {link}\n\
             link set {link} up\n"
        );
        let call = Call::new("ip").args(["-n", &self.namespace, "-batch", "-"]);
        call.input(lines).run().map(drop)
    }
}
