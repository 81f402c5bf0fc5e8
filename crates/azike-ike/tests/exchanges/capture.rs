//! A login as a file that Wireshark reads.

use std::process::Command;

use azike_ike::Authentication;

use crate::support::Setup;

/// A whole login can be read in Wireshark: `target/.../pcap/signature.pcapng`.
#[test]
fn capture_can_be_decrypted() {
    for (name, authentication) in [
        ("signature", Authentication::Signature),
        ("eap-tls", Authentication::EapTls),
    ] {
        let mut table = Setup::new(authentication).sit();
        table.talk();
        let folder = table.capture(name);
        let mut tshark = Command::new("tshark");
        tshark.env("WIRESHARK_CONFIG_DIR", folder.join(format!("{name}.keys")));
        tshark.args([
            "-o",
            "udp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
            "-V",
            "-r",
        ]);
        let Ok(output) = tshark.arg(folder.join(format!("{name}.pcapng"))).output() else {
            return; // There is no tshark here; azike-testkit has tests of its own.
        };
        let text = String::from_utf8_lossy(&output.stdout);
        for wanted in [
            "Traffic Selector - Responder",
            "INTERNAL_IP4_DNS",
            "[correct]",
        ] {
            assert!(text.contains(wanted), "{name}: no {wanted}");
        }
        for unwanted in ["[incorrect", "Malformed", "Checksum Status: Bad"] {
            assert!(!text.contains(unwanted), "{name}: {unwanted}");
        }
    }
}
