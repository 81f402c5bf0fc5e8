//! Every row of Azure's policy tables (facts of Azure, 2.1 to 2.3): the gateway allows exactly one
//! combination, and that is what must come out.

use super::scenario::{BOTH, Evidence, Scenario};
use crate::lab::strongswan::connection::Auth;

/// Key exchange groups: strongSwan's word in a proposal, its word in the list of IKE SAs.
const GROUPS: [(&str, &str); 4] = [
    ("modp2048s256", "MODP_2048_256"),
    ("modp2048", "MODP_2048"),
    ("ecp384", "ECP_384"),
    ("ecp256", "ECP_256"),
];
const GROUP_2: (&str, &str) = ("modp1024", "MODP_1024");

/// IKE algorithms: in a proposal, in the list of IKE SAs.
const DEFAULT_IKE: [(&str, &str); 4] = [
    ("aes256gcm16-prfsha384", "AES_GCM_16/256/PRF_HMAC_SHA2_384"),
    ("aes256gcm16-prfsha256", "AES_GCM_16/256/PRF_HMAC_SHA2_256"),
    ("aes256-sha384", AES256_SHA384),
    ("aes256-sha256", AES256_SHA256),
];
const AES256_SHA384: &str = "AES_CBC/256/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384";
const AES256_SHA256: &str = "AES_CBC/256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256";
const CUSTOM_IKE: [(&str, &str); 4] = [
    ("aes128gcm16-prfsha384", "AES_GCM_16/128/PRF_HMAC_SHA2_384"),
    ("aes128gcm16-prfsha256", "AES_GCM_16/128/PRF_HMAC_SHA2_256"),
    (
        "aes128-sha384",
        "AES_CBC/128/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384",
    ),
    (
        "aes128-sha256",
        "AES_CBC/128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256",
    ),
];

const GCM_256: (&str, &str) = ("aes256gcm16", "AES_GCM_16/256");
const GCM_128: (&str, &str) = ("aes128gcm16", "AES_GCM_16/128");
const CBC_256: (&str, &str) = ("aes256-sha256", "AES_CBC/256/HMAC_SHA2_256_128");
const CBC_128: (&str, &str) = ("aes128-sha256", "AES_CBC/128/HMAC_SHA2_256_128");
const CBC_256_SHA1: (&str, &str) = ("aes256-sha1", "AES_CBC/256/HMAC_SHA1_96");

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for ike in DEFAULT_IKE {
        for group in GROUPS {
            rows.extend(BOTH.map(|auth| ike_row("Azure IKE", ike, group, auth)));
        }
    }
    let last = ("aes256-sha256", AES256_SHA256);
    rows.extend(BOTH.map(|auth| weak(ike_row("Azure IKE", last, GROUP_2, auth))));
    // The group that a gateway with its default policy asks for belongs to the quick slice.
    for row in &mut rows {
        row.quick = row.name.ends_with("prfsha384-modp2048");
    }
    rows.extend(default_esp());
    rows.extend(custom());
    rows.extend(others());
    rows
}

fn default_esp() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for esp in [GCM_256, CBC_256, CBC_256_SHA1] {
        rows.extend(BOTH.map(|auth| esp_row("Azure ESP", esp, "", auth)));
    }
    for esp in [GCM_256, CBC_256] {
        for (pfs, _) in GROUPS {
            rows.push(esp_row("Azure ESP", esp, pfs, Auth::Signature));
        }
    }
    rows
}

fn custom() -> Vec<Scenario> {
    let mut rows = Vec::new();
    let [group_24, ..] = GROUPS;
    for auth in BOTH {
        let ike = ("aes256-sha256", AES256_SHA256);
        let row = ike_row("Virtual WAN default", ike, group_24, auth);
        rows.push(row.gateway(|gateway| gateway.esp = Some("aes256gcm16-modp2048s256".to_owned())));
    }
    for ike in CUSTOM_IKE {
        for group in GROUPS {
            rows.push(ike_row("custom IKE", ike, group, Auth::Signature));
        }
        let [_, group_14, ..] = GROUPS;
        rows.push(ike_row("custom IKE", ike, group_14, Auth::EapTls));
    }
    for ike in DEFAULT_IKE.iter().take(3).chain(&CUSTOM_IKE) {
        rows.push(weak(ike_row("custom IKE", *ike, GROUP_2, Auth::Signature)));
    }
    for esp in [GCM_128, CBC_128] {
        rows.extend(BOTH.map(|auth| esp_row("custom ESP", esp, "", auth)));
        for (pfs, _) in GROUPS {
            rows.push(esp_row("custom ESP", esp, pfs, Auth::Signature));
        }
    }
    rows.push(weak(esp_row(
        "custom ESP",
        GCM_256,
        "modp1024",
        Auth::Signature,
    )));
    rows
}

/// What Azure has not, and other gateways have.
fn others() -> Vec<Scenario> {
    let chacha = ("chacha20poly1305-prfsha256", "CHACHA20_POLY1305");
    let mut rows = Vec::new();
    for auth in BOTH {
        let mut row = Scenario::new("other gateways", "chacha20poly1305-curve25519", auth);
        row.gateway.ike = format!("{}-curve25519", chacha.0);
        row.gateway.esp = Some("chacha20poly1305".to_owned());
        rows.push(row.shows(Evidence {
            ike: Some(format!("{}/PRF_HMAC_SHA2_256/CURVE_25519", chacha.1)),
            esp: Some(chacha.1.to_owned()),
            ..Evidence::default()
        }));
    }
    rows
}

fn weak(row: Scenario) -> Scenario {
    row.options(&["--allow-weak"])
}

fn ike_row(
    area: &'static str,
    (proposal, algorithms): (&str, &str),
    (group, name): (&str, &str),
    auth: Auth,
) -> Scenario {
    let proposal = format!("{proposal}-{group}");
    let evidence = Evidence {
        ike: Some(format!("{algorithms}/{name}")),
        ..Evidence::default()
    };
    let row = Scenario::new(area, proposal.clone(), auth).shows(evidence);
    row.gateway(|gateway| gateway.ike = proposal)
}

fn esp_row(
    area: &'static str,
    (proposal, algorithms): (&str, &str),
    pfs: &str,
    auth: Auth,
) -> Scenario {
    let proposal = match pfs {
        "" => proposal.to_owned(),
        group => format!("{proposal}-{group}"),
    };
    let evidence = Evidence {
        esp: Some(algorithms.to_owned()),
        ..Evidence::default()
    };
    let row = Scenario::new(area, proposal.clone(), auth).shows(evidence);
    row.gateway(|gateway| gateway.esp = Some(proposal))
}
