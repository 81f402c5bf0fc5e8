//! Two namespaces and the cable between them.
//!
//! ```text
//!   PREFIX-client                     PREFIX-gateway
//!   cl0 203.0.113.1/24 ══════ veth ══════ gw0 203.0.113.10/24
//!                                         lo  10.1.0.1, the network behind the gateway
//! ```

use std::fs::{self, File};
use std::mem;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use nix::sched::{CloneFlags, setns};

use crate::lab::Lab;
use crate::lab::command::Call;
use crate::lab::layout::{GATEWAY, GATEWAY_INSIDE, Layout, ROUTER_OUTSIDE};
use crate::lab::pki::Pki;
use crate::lab::process;
use crate::lab::topology;

/// The client's address on the cable.
pub const CLIENT: &str = ROUTER_OUTSIDE;

/// Both namespaces, up. Gone when dropped.
#[derive(Debug)]
pub struct Site {
    layout: Layout,
    lowered: bool,
}

/// How packets travel on the cable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cable {
    /// Up to 64 KiB at once, as the kernel likes it.
    Together,
    /// Every packet alone, as on a wire.
    Alone,
}

impl Site {
    /// Raises it. What an earlier one with this prefix left behind is removed first.
    pub fn raise(layout: Layout) -> Result<Self> {
        Lab::lower(&layout)?;
        fs::create_dir_all(layout.dir())?;
        // From here on, dropping it takes everything down again.
        let site = Self {
            layout,
            lowered: false,
        };
        site.write_client_etc()?;
        site.lay_cable().context("namespaces of the bench")?;
        Ok(site)
    }

    /// Names and folders.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Keys and certificates, made when first asked for.
    pub fn pki(&self) -> Result<Pki> {
        Pki::open(&self.layout).context("keys and certificates of the bench")
    }

    /// Makes packets travel so on the cable.
    pub fn set_cable(&self, cable: Cable) -> Result<()> {
        let word = match cable {
            Cable::Together => "on",
            Cable::Alone => "off",
        };
        for (namespace, link) in [
            (self.layout.client(), "cl0"),
            (self.layout.gateway(), "gw0"),
        ] {
            let call = Call::inside(&namespace, "ethtool");
            call.args(["-K", link, "tso", word, "gso", word]).run()?;
        }
        Ok(())
    }

    /// Ends every program that was started here, also those that nobody holds any more.
    pub fn stop_all(&self) -> Result<()> {
        process::stop_all(&self.layout.pids())
    }

    /// Removes it; says when it cannot.
    pub fn lower(mut self) -> Result<()> {
        self.lowered = true;
        Lab::lower(&self.layout)
    }

    /// Without these, azike would write to the machine's own files.
    fn write_client_etc(&self) -> Result<()> {
        let etc = self.layout.client_etc();
        fs::create_dir_all(&etc)?;
        fs::write(etc.join("resolv.conf"), topology::RESOLV_CONF)?;
        fs::write(etc.join("nsswitch.conf"), "hosts: files dns\n")?;
        topology::name_gateway(&self.layout, GATEWAY)
    }

    fn lay_cable(&self) -> Result<()> {
        let (client, gateway) = (self.layout.client(), self.layout.gateway());
        let batch = |lines: String| Call::new("ip").args(["-batch", "-"]).input(lines).run();
        batch(format!("netns add {client}\nnetns add {gateway}\n"))?;
        for namespace in [&client, &gateway] {
            let call = Call::inside(namespace, "sysctl").arg("-qw");
            // kernel-libipsec decapsulates into a tun device of its own: no reverse path filter there.
            call.args([
                "net.ipv6.conf.default.accept_dad=0",
                "net.ipv4.ip_forward=1",
                "net.ipv4.conf.all.rp_filter=0",
                "net.ipv4.conf.default.rp_filter=0",
            ])
            .run()?;
        }
        batch(format!(
            "link add cl0 netns {client} type veth peer name gw0 netns {gateway}\n"
        ))?;
        let inside = |namespace: &str, lines: String| {
            let call = Call::new("ip").args(["-n", namespace, "-batch", "-"]);
            call.input(format!("link set lo up\n{lines}")).run()
        };
        inside(
            &client,
            format!("addr add {CLIENT}/24 dev cl0\nlink set cl0 up\n"),
        )?;
        inside(
            &gateway,
            format!(
                "addr add {GATEWAY}/24 dev gw0\nlink set gw0 up\naddr add {GATEWAY_INSIDE}/32 dev lo\n"
            ),
        )?;
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !mem::replace(&mut self.lowered, true) {
            // Nobody is left to hear of an error; the next run removes what is left, and tells.
            drop(Lab::lower(&self.layout));
        }
    }
}

/// Does `work` on a thread inside `namespace`. Sockets that it opens stay there, whoever uses them later.
pub fn inside<T: Send>(namespace: &str, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let network = File::open(format!("/run/netns/{namespace}"))
        .with_context(|| format!("the namespace {namespace}"))?;
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            setns(network, CloneFlags::CLONE_NEWNET).context("entering a namespace")?;
            work()
        });
        thread.join().map_err(|_| anyhow!("a thread panicked"))?
    })
}
