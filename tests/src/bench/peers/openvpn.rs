//! `OpenVPN` at both ends: UDP, TLS, AES-256-GCM, certificates known by their fingerprints.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Pair, TUNNEL_MTU};
use crate::bench::netns::Site;
use crate::lab::command::Call;
use crate::lab::layout::GATEWAY;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

const NEAR: &str = "10.9.4.1";
const FAR: &str = "10.9.4.2";
const CIPHER: &str = "AES-256-GCM";

/// Key, certificate and the certificate's fingerprint of one end.
struct Identity {
    key: PathBuf,
    certificate: PathBuf,
    fingerprint: String,
}

/// Starts both ends; waits until both say that they are done.
pub(super) fn start(site: &Site) -> Result<Pair> {
    let dir = site.layout().of("openvpn");
    fs::create_dir_all(&dir)?;
    let (near, far) = (
        Identity::new(&dir, "client")?,
        Identity::new(&dir, "gateway")?,
    );
    let call = call(&site.layout().gateway(), &far, &near, (FAR, NEAR));
    let gateway = Background::start(
        site.layout(),
        "openvpn-gateway",
        call.args(["--tls-server", "--dh", "none", "--local", GATEWAY]),
    )?;
    let call = self::call(&site.layout().client(), &near, &far, (NEAR, FAR));
    let client = Background::start(
        site.layout(),
        "openvpn-client",
        call.args(["--tls-client", "--remote", GATEWAY, "--nobind"]),
    )?;
    let mut pair = Pair {
        far: FAR,
        client,
        gateway,
    };
    let done = |process: &Background| process.output().contains("Sequence Completed");
    wait_until(Duration::from_secs(15), || {
        let over = !pair.client.is_running() || !pair.gateway.is_running();
        over || (done(&pair.client) && done(&pair.gateway))
    });
    ensure!(
        done(&pair.client) && pair.client.is_running() && pair.gateway.is_running(),
        "OpenVPN did not connect:\n{}\n{}",
        pair.client.output(),
        pair.gateway.output()
    );
    Ok(pair)
}

fn call(namespace: &str, own: &Identity, other: &Identity, (address, peer): (&str, &str)) -> Call {
    let call = Call::inside(namespace, "openvpn").args(["--dev", "tun", "--proto", "udp"]);
    let call = call.args(["--port", "1194", "--ifconfig", address, peer]);
    let call = call.args(["--tun-mtu", TUNNEL_MTU, "--disable-dco", "--verb", "3"]);
    let call = call.args(["--data-ciphers", CIPHER, "--cipher", CIPHER]);
    let call = call
        .arg("--key")
        .arg(&own.key)
        .arg("--cert")
        .arg(&own.certificate);
    call.args(["--peer-fingerprint", &other.fingerprint])
}

impl Identity {
    fn new(dir: &Path, name: &str) -> Result<Self> {
        let key = dir.join(format!("{name}.key"));
        let certificate = dir.join(format!("{name}.crt"));
        let call = Call::new("openssl").args(["req", "-x509", "-nodes", "-newkey", "ec"]);
        let call = call.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30"]);
        let call = call.args(["-subj", &format!("/CN={name}")]);
        call.arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .run()?;
        let call = Call::new("openssl").args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]);
        let printed = call.arg(&certificate).run()?;
        let (_, fingerprint) = printed.trim().split_once('=').context("a fingerprint")?;
        Ok(Self {
            key,
            certificate,
            fingerprint: fingerprint.to_owned(),
        })
    }
}
