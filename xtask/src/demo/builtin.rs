//! The demo with the gateway of azike's own tests: nothing to install, and no root where users may make
//! namespaces.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

/// What only the built-in gateway can.
#[derive(Args, Debug)]
pub(crate) struct Wishes {
    /// Open a shell on the client while the tunnel is up, with the built-in gateway
    #[arg(long)]
    shell: bool,
    /// What the built-in gateway does otherwise than Azure's, such as cookie or aes-cbc; a wrong word lists all
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    policy: Vec<String>,
}

impl Wishes {
    /// Whether something was asked for.
    pub(super) fn any(&self) -> bool {
        self.shell || !self.policy.is_empty()
    }

    /// Wants that nothing was asked for.
    pub(super) fn refuse(&self) -> Result<()> {
        ensure!(
            !self.any(),
            "--shell and --policy are for the built-in gateway"
        );
        Ok(())
    }
}

/// Shows it.
#[cfg(target_os = "linux")]
pub(super) fn run(binary: PathBuf, auth: &str, options: &Wishes) -> Result<()> {
    let show = azike_tests::builtin::show::Show {
        binary,
        auth: auth.to_owned(),
        switches: options.policy.clone(),
        shell: options.shell,
        load: None,
    };
    show.run()?;
    println!("nothing is left: same links, addresses, routes, rules and DNS as before, no files");
    Ok(())
}

/// There is no such thing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn run(_: PathBuf, _: &str, _: &Wishes) -> Result<()> {
    anyhow::bail!("the demo needs Linux, for network namespaces")
}
