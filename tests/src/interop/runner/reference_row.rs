//! One row with strongSwan as the client: the lab shows that it works.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Run, Runner, traffic};
use crate::interop::scenario::{After, Evidence, Expect, Login, Scenario};
use crate::lab::layout::VNET_HOST;
use crate::lab::reference::{Reference, ReferenceConfig};
use crate::lab::stopwatch::{pause, wait_until};
use crate::lab::strongswan::connection::Auth;
use crate::lab::strongswan::settings::{Settings, Tls};

/// All that any gateway of the matrix wants.
const IKE: &str = "aes256gcm16-aes128gcm16-prfsha384-prfsha256-modp2048-modp2048s256-ecp384-ecp256-modp1024,\
                   aes256-aes128-sha384-sha256-prfsha384-prfsha256-modp2048-modp2048s256-ecp384-ecp256-modp1024,\
                   chacha20poly1305-prfsha256-curve25519";
const ESP: &str = "aes256gcm16-aes128gcm16-modpnone-modp2048-modp2048s256-ecp384-ecp256-modp1024,\
                   aes256-aes128-sha256-sha1-modpnone-modp2048-modp2048s256-ecp384-ecp256-modp1024,\
                   chacha20poly1305";

impl Runner {
    /// Connects, looks, disconnects.
    pub(super) fn reference_row(&mut self, row: &Scenario) -> Result<Run> {
        let auth = match row.login {
            Login::Only(auth) => auth,
            Login::Auto => Auth::Signature,
        };
        let config = ReferenceConfig {
            settings: Settings {
                signature_hashes: true,
                tls: Tls::Both,
                ..Settings::default()
            },
            client: row.client,
            auth,
            ike: IKE.to_owned(),
            esp: ESP.to_owned(),
            fragmentation: row.gateway.fragmentation,
            ..ReferenceConfig::default()
        };
        if let Some(reference) = &self.reference {
            reference.load(self.lab.pki(), &config)?;
        } else {
            let reference = Reference::start(self.lab.layout(), self.lab.pki(), &config)?;
            self.reference = Some(reference);
        }
        let log_start = self.gateway_log()?.len();
        let run = self.connect(row, log_start);
        let reference = self.reference.as_ref().context("reference client")?;
        reference.disconnect()?;
        run
    }

    fn connect(&self, row: &Scenario, log_start: usize) -> Result<Run> {
        let reference = self.reference.as_ref().context("reference client")?;
        let limit = if row.path.loss > 0 { 180 } else { 12 };
        let finished = reference.connect(limit)?;
        let seconds = finished.seconds;
        let connected = finished.code == Some(0);
        match &row.expect {
            Expect::Refused { .. } => {
                ensure!(!connected, "connected, and should not");
                let seen = why(&finished.text());
                Ok(Run::new(seconds, seen))
            }
            Expect::Connected(evidence) => {
                let last = finished.text().lines().last().unwrap_or("").to_owned();
                ensure!(connected, "not connected: {last}");
                let seen = self.reference_look(row, evidence)?;
                if let Some(words) = evidence.log {
                    self.gateway_said(words, log_start)?;
                }
                Ok(Run::new(seconds, seen))
            }
        }
    }

    fn reference_look(&self, row: &Scenario, evidence: &Evidence) -> Result<String> {
        let client = self.lab.layout().client();
        traffic::ping(&client, VNET_HOST, row.path.loss)?;
        if evidence.page {
            traffic::page(&client, false)?;
        }
        let seen = self.negotiated(evidence)?;
        let gateway = self.lab.gateway()?;
        match row.after {
            After::GatewayProbes => pause(Duration::from_millis(3500)),
            After::GatewayDeletes => {
                gateway.disconnect_all()?;
                let gone = wait_until(Duration::from_secs(5), || !traffic::answers(&client));
                ensure!(gone, "packets still get through");
            }
            After::Nothing
            | After::Rekeys { .. }
            | After::Trouble(_)
            | After::UpAgain
            | After::DownTwice
            | After::Killed
            | After::Terminated
            | After::CtrlC => {}
        }
        Ok(seen)
    }
}

/// The line in which strongSwan says why it did not connect.
fn why(text: &str) -> String {
    let telling = [
        "notify",
        "no trusted",
        "no issuer",
        "invalid",
        "constraint",
        "giving up",
        "timeout",
    ];
    let line = text
        .lines()
        .rfind(|line| telling.iter().any(|word| line.contains(word)));
    line.or_else(|| text.lines().last())
        .unwrap_or("")
        .to_owned()
}
