//! What runs on the `VNet` host: a web server, a DNS server that alone knows `vm1.lab.internal`, and iperf3.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Result, ensure};

use super::command::Call;
use super::errand::Errand;
use super::layout::{GREETING, Layout, VNET_HOST, VNET_HOST_NAME, VNET_HOST_V6};
use super::process::Background;
use super::stopwatch::wait_until;

/// The services that run.
#[derive(Debug)]
pub struct Services(Vec<Background>);

impl Services {
    /// Starts them and waits until the DNS and web servers answer.
    pub fn start(layout: &Layout) -> Result<Self> {
        let vnet = layout.vnet();
        let web = Errand::WebServer.inside(&vnet)?;
        let dns = Call::inside(&vnet, "dnsmasq").args([
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            "--user=root",
            "--pid-file=",
            &format!("--listen-address={VNET_HOST},{VNET_HOST_V6}"),
            &format!("--address=/{VNET_HOST_NAME}/{VNET_HOST}"),
            "--local=/lab.internal/",
        ]);
        let iperf3 = Call::inside(&vnet, "iperf3").args(["-s", "-p", "5201"]);
        let mut services = Self(Vec::new());
        for (name, call) in [("web", web), ("dns", dns), ("iperf3", iperf3)] {
            services.0.push(Background::start(layout, name, call)?);
        }
        let listens = |protocol: &str, port: &str| {
            let args = ["-H", "-l", "-n", protocol, &format!("sport = :{port}")];
            let found = Call::inside(&vnet, "ss").args(args).run();
            found.is_ok_and(|text| !text.trim().is_empty())
        };
        let ready = wait_until(Duration::from_secs(10), || {
            listens("-t", "80") && listens("-u", "53")
        });
        ensure!(ready, "the VNet host's web and DNS servers did not start");
        Ok(services)
    }

    /// Ends them.
    pub fn stop(self) {
        for service in self.0 {
            service.stop();
        }
    }
}

/// Serves the lab's page for ever.
pub(super) fn serve() -> Result<()> {
    let listener = TcpListener::bind((VNET_HOST, 80))?;
    for connection in listener.incoming() {
        // A client that goes away is no reason to stop serving the others.
        drop(connection.map_err(Into::into).and_then(answer));
    }
    Ok(())
}

fn answer(connection: TcpStream) -> Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let body = format!("{GREETING}\n");
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    Ok(reader.into_inner().write_all((head + &body).as_bytes())?)
}
