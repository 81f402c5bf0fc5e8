//! What the tap writes, read by tshark: every cipher that Wireshark can open.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use azike_crypto::{
    ChildAlgorithms, ChildKeys, Encryption, EspCipher, IkeAlgorithms, IkeKeys, Integrity, Prf,
    Secret,
};
use azike_testkit::{SeededRandom, Tap};
use azike_wire::{
    Chain, EspSpi, ExchangeType, Header, MessageId, MessageKind, Notify, NotifyType, Payload, Role,
    Spi, protected_prefix,
};

/// An empty UDP datagram from 172.16.201.1 to 10.1.0.4, with the padding and the trailer of ESP.
const TEXT: [u8; 32] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0xfb, 0xba, 172, 16, 201, 1, 10, 1, 0, 4, 0, 53, 0, 53, 0,
    8, 0, 0, 1, 2, 2, 4,
];

const SUITES: [(Encryption, Option<Integrity>); 6] = [
    (Encryption::Aes128Gcm16, None),
    (Encryption::Aes256Gcm16, None),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha512_256)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96)),
];

#[test]
fn every_suite_is_decrypted() {
    for (number, (encryption, integrity)) in SUITES.into_iter().enumerate() {
        let name = format!("suite-{number}");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        write(encryption, integrity).write(folder, &name).unwrap();
        let Some(text) = tshark(folder, &name) else {
            println!("tshark is not installed: nothing was checked");
            return;
        };
        for wanted in [
            "INITIAL_CONTACT",
            "Checksum Status: Good",
            "Src: 172.16.201.1, Dst: 10.1.0.4",
            "18.500000000",
        ] {
            assert!(text.contains(wanted), "{encryption:?}: no {wanted}\n{text}");
        }
        for unwanted in ["incorrect", "Malformed", "Status: Bad"] {
            assert!(
                !text.contains(unwanted),
                "{encryption:?}: {unwanted}\n{text}"
            );
        }
    }
}

/// One protected message and one ESP packet, 18.5 seconds later.
fn write(encryption: Encryption, integrity: Option<Integrity>) -> Tap {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    let start = Instant::now();
    let later = start + Duration::from_millis(18_500);
    let client: SocketAddr = "198.51.100.7:4500".parse().unwrap();
    let gateway: SocketAddr = "20.61.7.9:4500".parse().unwrap();
    let (spi_i, spi_r) = (Spi::new(0x1122).unwrap(), Spi::new(0x3344).unwrap());
    let prf = Prf::HmacSha256;
    let algorithms = IkeAlgorithms::new(encryption, integrity, prf).unwrap();
    let g_ir = Secret::new(vec![7; 32].into());
    let keys = IkeKeys::derive(algorithms, &[1; 32], &[2; 32], &g_ir, spi_i, spi_r);
    let mut tap = Tap::new(start);
    tap.ike_keys(spi_i, spi_r, &keys);

    let header = Header {
        spi_i,
        spi_r: Some(spi_r),
        exchange: ExchangeType::INFORMATIONAL,
        sender: Role::Initiator,
        kind: MessageKind::Request,
        message_id: MessageId(5),
    };
    let mut chain = Chain::new();
    chain.push(&Payload::Notify(Notify::new(
        NotifyType::INITIAL_CONTACT,
        &[],
    )));
    let (first, chain) = chain.finish();
    let (mut cipher, _) = keys.ciphers(Role::Initiator);
    let prefix = protected_prefix(&header, first, cipher.body_length(chain.len()));
    let message = cipher.seal(&mut SeededRandom::new(1), prefix, &chain);
    tap.datagram(start, client, gateway, &[&[0; 4], &message[..]].concat());

    let algorithms = ChildAlgorithms::new(encryption, integrity).unwrap();
    let child = ChildKeys::derive(prf, &keys.sk_d, None, &[1; 32], &[2; 32], algorithms);
    let spi = EspSpi::new(0xc0de).unwrap();
    tap.esp_keys(spi, &child.initiator);
    let cipher = EspCipher::new(&child.initiator);
    let mut packet = spi.octets().to_vec();
    packet.resize(cipher.header_length(), 0);
    packet.extend(TEXT);
    packet.resize(packet.len() + cipher.icv_length(), 0);
    cipher.seal_in_place(1, None, &mut packet).unwrap();
    tap.datagram(later, client, gateway, &packet);
    tap
}

/// All that tshark says; nothing if it is not there.
fn tshark(folder: &Path, name: &str) -> Option<String> {
    let output = Command::new("tshark")
        .env("WIRESHARK_CONFIG_DIR", folder.join(format!("{name}.keys")))
        .args([
            "-o",
            "udp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
            "-V",
            "-r",
        ])
        .arg(folder.join(format!("{name}.pcapng")))
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
