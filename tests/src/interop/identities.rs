//! Who may log in, with which key, at a gateway with which key.

use super::scenario::{BOTH, Evidence, Login, Scenario};
use crate::lab::pki::client::{Client, Container};
use crate::lab::pki::server::Server;
use crate::lab::strongswan::connection::Auth;

const CLIENTS: [(Client, &str); 5] = [
    (Client::Rsa, "RSA"),
    (Client::P256, "P-256"),
    (Client::P384, "P-384"),
    (Client::Intermediate, "RSA with intermediate"),
    (Client::Mail, "RSA named by e-mail"),
];
const SERVERS: [(Server, &str); 3] = [
    (Server::Azure, "RSA"),
    (Server::P256, "P-256"),
    (Server::P384, "P-384"),
];

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for (client, key) in CLIENTS {
        for (server, gateway_key) in SERVERS {
            for auth in BOTH {
                let name = format!("{key} client, {gateway_key} gateway");
                rows.push(row("identity", name, client, server, auth));
            }
        }
    }
    // RFC 7427: hashes are announced and signatures name their algorithm.
    for (client, key) in CLIENTS {
        for (server, gateway_key) in SERVERS {
            let name = format!("{key} client, {gateway_key} gateway");
            let row = row("RFC 7427", name, client, server, Auth::Signature);
            rows.push(row.gateway(|gateway| gateway.settings.signature_hashes = true));
        }
    }
    rows.extend(containers());
    rows.extend(names());
    for row in &mut rows {
        row.quick = row.name == "P-384 client, RSA gateway";
    }
    rows
}

fn containers() -> Vec<Scenario> {
    let kinds = [
        (Container::LegacyPkcs12, "legacy PKCS#12 (RC2, 3DES)"),
        (Container::Pem, "PEM, PKCS#8"),
        (Container::PemTraditional, "PEM, PKCS#1 or SEC1"),
        (Container::PemEncrypted, "PEM, encrypted PKCS#8"),
    ];
    let clients = [
        (Client::Rsa, "RSA"),
        (Client::P256, "P-256"),
        (Client::Intermediate, "with intermediate"),
    ];
    let mut rows = Vec::new();
    for (container, kind) in kinds {
        for (client, key) in clients {
            let name = format!("{kind}, {key}");
            let mut row = Scenario::new("container", name, Auth::Signature).azike_only();
            row.client = client;
            row.container = container;
            rows.push(row);
        }
    }
    rows
}

fn names() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for auth in BOTH {
        let row = Scenario::new("identity", "gateway named only in its subject", auth);
        rows.push(row.gateway(|gateway| gateway.certificate = Server::OnlyCommonName));
        let row = Scenario::new("identity", "gateway identifies itself by FQDN", auth);
        let fqdn = format!("fqdn:{}", crate::lab::layout::SERVER_NAME);
        rows.push(row.azike_only().gateway(|gateway| gateway.id = Some(fqdn)));
        let row = Scenario::new("identity", "gateway asks for no certificate", auth);
        rows.push(row.gateway(|gateway| gateway.certificate_requests = false));
        // Only the gateway with the EAP-TLS way: auto has to come back from the first refusal.
        let mut row = Scenario::new("identity", format!("gateway allows {}", auth.azike()), auth);
        row.login = Login::Auto;
        row.gateway.auths = vec![auth];
        rows.push(row.azike_only());
    }
    let row = Scenario::new(
        "identity",
        "gateway skips the EAP-Identity round",
        Auth::EapTls,
    );
    let row = row.shows(Evidence::default());
    rows.push(row.gateway(|gateway| gateway.asks_identity = false));
    rows
}

fn row(area: &'static str, name: String, client: Client, server: Server, auth: Auth) -> Scenario {
    let mut row = Scenario::new(area, name, auth);
    row.client = client;
    row.gateway.certificate = server;
    row
}
