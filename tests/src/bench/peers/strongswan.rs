//! strongSwan at both ends, with its own userspace ESP. azike meets the same gateway in another row.

use anyhow::{Result, ensure};

use super::Tunnel;
use crate::bench::netns::Site;
use crate::lab::gateway::{Gateway, GatewayConfig};
use crate::lab::layout::GATEWAY_INSIDE;
use crate::lab::reference::{Reference, ReferenceConfig};

const ESP: &str = "aes256gcm16";

/// Client and gateway.
#[derive(Debug)]
pub(super) struct Strongswan {
    client: Reference,
    gateway: Gateway,
}

/// The gateway of both rows.
pub(super) fn gateway(site: &Site) -> Result<Gateway> {
    let config = GatewayConfig {
        esp: Some(ESP.to_owned()),
        ..GatewayConfig::default()
    };
    Gateway::start(site.layout(), &site.pki()?, &config)
}

/// Starts both and connects.
pub(super) fn start(site: &Site) -> Result<Strongswan> {
    let gateway = gateway(site)?;
    let config = ReferenceConfig {
        esp: ESP.to_owned(),
        ..ReferenceConfig::default()
    };
    let client = Reference::start(site.layout(), &site.pki()?, &config)?;
    let up = client.connect(15)?;
    ensure!(up.code == Some(0), "strongSwan: {}", up.text());
    Ok(Strongswan { client, gateway })
}

impl Tunnel for Strongswan {
    fn far(&self) -> &str {
        GATEWAY_INSIDE
    }

    fn client(&self) -> Vec<u32> {
        vec![self.client.charon().process().id()]
    }

    fn gateway(&self) -> Vec<u32> {
        vec![self.gateway.charon().process().id()]
    }

    fn stop(self: Box<Self>) -> Result<()> {
        self.client.stop();
        self.gateway.stop();
        Ok(())
    }
}
