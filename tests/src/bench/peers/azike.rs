//! azike, as a user runs it: the release binary, driven by its command line.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use super::built_in::BuiltIn;
use super::{Peer, Programs, Tunnel, strongswan};
use crate::bench::netns::Site;
use crate::lab::azike::{Azike, UpArgs, User};
use crate::lab::gateway::Gateway;
use crate::lab::layout::{GATEWAY_INSIDE, VNET_HOST};
use crate::lab::pki::authority::only_for_owner;
use crate::lab::pki::client::{Client, Container, PASSWORD};
use crate::lab::profile_zip::ProfileZip;

/// azike's client and a gateway.
#[derive(Debug)]
pub(super) struct Tunnelled {
    azike: Azike,
    client: u32,
    gateway: Behind,
}

/// Which gateway.
#[derive(Debug)]
enum Behind {
    BuiltIn(BuiltIn),
    Strongswan(Gateway),
}

/// What `azike up` is given.
struct Files {
    package: PathBuf,
    identity: PathBuf,
    password: Option<PathBuf>,
}

/// Starts gateway and client, and connects.
pub(super) fn start(site: &Site, peer: Peer, programs: &Programs) -> Result<Tunnelled> {
    let binary = programs.azike.as_ref().context("there is no azike")?;
    let (gateway, files) = if peer == Peer::AzikeStrongswan {
        let gateway = Behind::Strongswan(strongswan::gateway(site)?);
        (gateway, files_of_the_lab(site)?)
    } else {
        let gateway = BuiltIn::start(site, peer == Peer::Azike)?;
        let files = Files {
            package: gateway.package().to_path_buf(),
            identity: gateway.identity().to_path_buf(),
            password: None,
        };
        (Behind::BuiltIn(gateway), files)
    };
    let mut azike = Azike::new(site.layout(), binary)?;
    azike.start(site.layout())?;
    let client = pid(site)?;
    let mut options = vec!["--dns".to_owned(), "off".to_owned()];
    if peer == Peer::AzikeAlone {
        options.extend(["--offload".to_owned(), "off".to_owned()]);
    }
    let args = UpArgs {
        package: files.package,
        identity: files.identity,
        password: files.password,
        auth: "signature",
        options,
    };
    let up = azike.up(User::Root, &args)?;
    ensure!(
        up.code == Some(0),
        "azike up: {}\n{}",
        up.text(),
        azike.log()
    );
    Ok(Tunnelled {
        azike,
        client,
        gateway,
    })
}

/// The package of the lab's strongSwan gateway and a client's identity.
fn files_of_the_lab(site: &Site) -> Result<Files> {
    let pki = site.pki()?;
    let dir = site.layout().dir();
    let files = Files {
        package: dir.join("profile.zip"),
        identity: Client::Rsa.packed(&pki, Container::Pkcs12)?,
        password: Some(dir.join("password")),
    };
    fs::write(&files.package, ProfileZip::default().octets(&pki)?)?;
    if let Some(password) = &files.password {
        fs::write(password, format!("{PASSWORD}\n"))?;
        only_for_owner(password)?;
    }
    Ok(files)
}

/// The daemon's process, from its pid file.
fn pid(site: &Site) -> Result<u32> {
    let text = fs::read_to_string(site.layout().pids().join("azike"))?;
    let Some((pid, _)) = text.split_once(' ') else {
        bail!("no process of azike in {text:?}");
    };
    pid.parse().context("azike's process")
}

impl Tunnel for Tunnelled {
    fn far(&self) -> &str {
        match &self.gateway {
            Behind::BuiltIn(_) => VNET_HOST,
            Behind::Strongswan(_) => GATEWAY_INSIDE,
        }
    }

    fn client(&self) -> Vec<u32> {
        vec![self.client]
    }

    fn gateway(&self) -> Vec<u32> {
        match &self.gateway {
            Behind::BuiltIn(gateway) => vec![gateway.id()],
            Behind::Strongswan(gateway) => vec![gateway.charon().process().id()],
        }
    }

    fn stop(mut self: Box<Self>) -> Result<()> {
        let code = self.azike.stop();
        match self.gateway {
            Behind::BuiltIn(gateway) => gateway.stop(),
            Behind::Strongswan(gateway) => gateway.stop(),
        }
        ensure!(code == Some(0), "azike ended with {code:?}");
        Ok(())
    }
}
