//! Everything that must not connect, each with its exit code and its number.

use super::scenario::{BOTH, Before, Login, Package, Password, Scenario};
use crate::lab::azike::User;
use crate::lab::pki::client::{Client, Container};
use crate::lab::pki::server::Server;
use crate::lab::profile_zip::ProfileZip;
use crate::lab::profile_zip::damaged::Damage;
use crate::lab::router::{Block, Path};
use crate::lab::strongswan::connection::Auth;

/// Exit codes of azike.
const REJECTED: i32 = 5;
const TRUST: i32 = 6;
const NETWORK: i32 = 7;
const REFUSED: i32 = 8;
const FILE: i32 = 9;
const PERMISSION: i32 = 10;

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = files();
    rows.extend(own_identity());
    for auth in BOTH {
        rows.extend(login(auth));
        rows.extend(gateway_identity(auth));
    }
    rows.extend(negotiation());
    rows.extend(network());
    rows
}

fn row(name: &str, auth: Auth) -> Scenario {
    Scenario::new("refused", name, auth)
}

fn files() -> Vec<Scenario> {
    let damaged = [
        (Damage::NotAZip, "not a zip", "AZK-0101"),
        (Damage::Truncated, "truncated zip", "AZK-0102"),
        (Damage::Bomb, "zip bomb", "AZK-0103"),
        (
            Damage::DuplicateName,
            "duplicate name in the zip",
            "AZK-0104",
        ),
        (Damage::EscapingName, "escaping name in the zip", "AZK-0104"),
        (Damage::NoGenericFolder, "no Generic folder", "AZK-0110"),
        (Damage::OnlyOpenVpn, "OpenVPN only", "AZK-0111"),
        (Damage::Entra, "Entra login only", "AZK-0112"),
        (Damage::RadiusPassword, "RADIUS password", "AZK-0113"),
        (Damage::DocumentType, "XML with a DTD", "AZK-0122"),
        (Damage::Entities, "XML with entities", "AZK-0122"),
    ];
    let rows = damaged.map(|(damage, name, code)| {
        let mut row = row(name, Auth::Signature).azike_only().refused(FILE, code);
        row.package = Package::Damaged(damage);
        row.quick = true;
        row
    });
    rows.into()
}

fn own_identity() -> Vec<Scenario> {
    let identity = |name, client, container, password, code| {
        let row = row(name, Auth::Signature).azike_only();
        let mut row = row.refused(FILE, code).quick();
        row.client = client;
        row.container = container;
        row.password = password;
        row
    };
    let (rsa, p12) = (Client::Rsa, Container::Pkcs12);
    let mismatch = Container::PemOfAnotherKey;
    let right = Password::Right;
    vec![
        identity("wrong password", rsa, p12, Password::Wrong, "AZK-0204"),
        identity("missing password", rsa, p12, Password::Missing, "AZK-0203"),
        identity(
            "key of another certificate",
            rsa,
            mismatch,
            right,
            "AZK-0207",
        ),
        identity("expired client", Client::Expired, p12, right, "AZK-0211"),
        identity(
            "client not yet valid",
            Client::NotYetValid,
            p12,
            right,
            "AZK-0212",
        ),
        identity(
            "certificate not for clients",
            Client::NotForClients,
            p12,
            right,
            "AZK-0213",
        ),
    ]
}

fn login(auth: Auth) -> Vec<Scenario> {
    // With EAP-TLS it is TLS that says no, or the gateway that ends EAP: the certificate was refused.
    let code = match auth {
        Auth::Signature => "AZK-0401",
        Auth::EapTls => "AZK-0402",
    };
    let mut revoked = row("revoked client", auth).refused(REJECTED, code);
    revoked.client = Client::Revoked;
    revoked.quick = true;
    let other = match auth {
        Auth::Signature => Auth::EapTls,
        Auth::EapTls => Auth::Signature,
    };
    // Nothing in the package says which root was uploaded; the gateway's CERTREQ does.
    let mut unknown = row("root that was not uploaded", auth).refused(REJECTED, "AZK-0215");
    unknown.client = Client::Untrusted;
    unknown.package = Package::Sound(ProfileZip {
        vpn_type: "IkeV2",
        other_clients: false,
        ..ProfileZip::default()
    });
    let method = row("gateway wants the other login", auth).refused(REJECTED, "AZK-040");
    let method = method.gateway(|gateway| gateway.auths = vec![other]);
    // Here the package names the root, too; a gateway may have nineteen others, so it is asked.
    let mut other_root = row("client of another root", auth).refused(REJECTED, "AZK-0215");
    other_root.client = Client::Untrusted;
    vec![revoked, unknown, other_root, method]
}

fn gateway_identity(auth: Auth) -> Vec<Scenario> {
    let wrong = [
        (Server::Rogue, "gateway of another root", "AZK-0301"),
        (Server::Expired, "expired gateway", "AZK-0302"),
        (Server::NotYetValid, "gateway not yet valid", "AZK-0303"),
        (Server::WrongName, "gateway of another name", "AZK-0304"),
        (
            Server::NotForServers,
            "gateway without serverAuth",
            "AZK-0305",
        ),
    ];
    let rows = wrong.map(|(server, name, code)| {
        // strongSwan as a client does not mind the missing serverAuth, nor, by subject, the name.
        let mut row = row(name, auth).refused(TRUST, code);
        row.reference = !matches!(server, Server::NotForServers);
        row.quick = auth == Auth::Signature;
        row.gateway(|gateway| gateway.certificate = server)
    });
    let leaf = row("gateway without its intermediate", auth).refused(TRUST, "AZK-0301");
    let leaf = leaf.gateway(|gateway| gateway.sends_intermediate = false);
    rows.into_iter().chain([leaf]).collect()
}

fn negotiation() -> Vec<Scenario> {
    let auth = Auth::Signature;
    let mut auto = row("revoked client, either login", auth);
    auto.client = Client::Revoked;
    auto.login = Login::Auto;
    vec![
        row("no common IKE proposal", auth)
            .gateway(|gateway| gateway.ike = String::from("aes192-sha512-modp4096"))
            .refused(REFUSED, "AZK-0410")
            .quick(),
        row("no common ESP proposal", auth)
            .gateway(|gateway| gateway.esp = Some("aes192-sha512".to_owned()))
            .refused(REFUSED, "AZK-0411")
            .quick(),
        row("group 2 without --allow-weak", auth)
            .gateway(|gateway| gateway.ike = String::from("aes256-sha256-modp1024"))
            .refused(REFUSED, "AZK-041")
            .azike_only(),
        row("traffic selectors unacceptable", auth)
            .gateway(|gateway| gateway.esp = None)
            .refused(REFUSED, "AZK-0414")
            .quick(),
        row("no address for the client", auth)
            .gateway(|gateway| gateway.pool = None)
            .refused(REFUSED, "AZK-0415")
            .quick(),
        auto.azike_only().refused(REJECTED, "AZK-0402"),
    ]
}

fn network() -> Vec<Scenario> {
    let auth = Auth::Signature;
    let blocked = |name, block, code| {
        let row = row(name, auth).refused(NETWORK, code);
        row.options(&["--timeout", "6"]).path(Path {
            block,
            ..Path::default()
        })
    };
    let mut nowhere = row("name that does not resolve", auth).azike_only();
    nowhere.package = Package::Sound(ProfileZip {
        server: "azuregateway-nowhere.vpn.azure.com".to_owned(),
        ..ProfileZip::default()
    });
    let mut no_right = row("no right to make a tun device", auth).azike_only();
    no_right.user = User::Powerless;
    let mut taken = row("port in use", auth).azike_only();
    taken.before = Before::PortTaken(5500);
    vec![
        blocked("no answer on 500", Block::Port500, "AZK-0503").quick(),
        blocked("no answer on 4500", Block::Port4500, "AZK-0504"),
        blocked("no answer at all", Block::All, "AZK-0503"),
        nowhere.refused(NETWORK, "AZK-0501"),
        no_right.refused(PERMISSION, "AZK-0701").quick(),
        taken
            .options(&["--local-port", "5500"])
            .refused(NETWORK, "AZK-0703")
            .quick(),
    ]
}
