//! What lies behind the gateway: a host with a page and a name server. Its threads live in the network
//! namespace of the thread that starts them, as long as the process.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::thread;

use anyhow::{Context as _, Result};

use super::dns;
use crate::lab::layout::{GREETING, VNET_HOST_NAME};

/// Serves the page on port 80 and the name on port 53 of `address`.
pub fn serve(address: Ipv4Addr) -> Result<()> {
    let listener = TcpListener::bind((address, 80)).context("the page's port")?;
    let name_server = UdpSocket::bind((address, 53)).context("the name server's port")?;
    thread::Builder::new()
        .name("page".to_owned())
        .spawn(move || pages(&listener))?;
    thread::Builder::new()
        .name("names".to_owned())
        .spawn(move || names(&name_server, address))?;
    Ok(())
}

fn pages(listener: &TcpListener) {
    for connection in listener.incoming().flatten() {
        // A client that goes away is no reason to stop serving the others.
        drop(page::send(connection));
    }
}

fn names(socket: &UdpSocket, address: Ipv4Addr) {
    let mut query = [0; 1500];
    while let Ok((length, from)) = socket.recv_from(&mut query) {
        let query = query.get(..length).unwrap_or_default();
        if let Some(answer) = dns::answer(query, VNET_HOST_NAME, address) {
            // The client asks again.
            drop(socket.send_to(&answer, from));
        }
    }
}

/// The page, from both sides (RFC 9112).
pub mod page {
    use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::GREETING;

    const PATIENCE: Duration = Duration::from_secs(5);

    pub(super) fn send(connection: TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(connection);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        let page = format!("{head}{GREETING}\n");
        reader.into_inner().write_all(page.as_bytes())
    }

    /// Fetches the page of the host called `name`: the resolver of this system looks the name up.
    pub fn fetch(name: &str) -> io::Result<String> {
        let mut connection = TcpStream::connect((name, 80))?;
        connection.set_read_timeout(Some(PATIENCE))?;
        let request = format!("GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes())?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let page = answer.strip_prefix("HTTP/1.1 200 ");
        let page = page.and_then(|rest| rest.split_once("\r\n\r\n"));
        match page {
            Some((_, body)) => Ok(body.to_owned()),
            None => Err(io::Error::other(format!("not a page: {answer:?}"))),
        }
    }
}
