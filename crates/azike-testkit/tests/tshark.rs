//! What the tap writes, read by tshark: every cipher that Wireshark can open.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use azike_crypto::{
    ChildAlgorithms, ChildKeys, Encryption, EspCipher, IkeAlgorithms, IkeKeys, Integrity, Prf,
    Secret,
};
use azike_testkit::{Leave, Nat, Net, SeededRandom, Tap, Timeline};
use azike_wire::{
    Chain, EspSpi, ExchangeType, Header, MessageId, MessageKind, Notify, NotifyType, Payload, Role,
    Spi, protected_prefix,
};

/// An empty UDP datagram from 172.16.201.1 to 10.1.0.4, with the padding and the trailer of ESP.
const TEXT: [u8; 32] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0xfb, 0xba, 172, 16, 201, 1, 10, 1, 0, 4, 0, 53, 0, 53, 0,
    8, 0, 0, 1, 2, 2, 4,
];

const PRF: Prf = Prf::HmacSha256;

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

/// After a rekey there are two IKE SAs and two Child SAs, and the network has two addresses for the
/// client: all of it can be read.
#[test]
fn rekeyed_sas_are_decrypted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut time = Timeline::begin();
    let mut net = Net::new(1, Tap::new(time.start()));
    net.tap().leave(Leave::OnPanic, folder, "rekeyed");
    let nat = net.add_nat(Nat::new([198, 51, 100, 7].into(), Duration::from_mins(1)));
    let client: SocketAddr = "192.168.1.5:4500".parse().unwrap();
    net.add_host_behind(client.ip(), nat);
    let first = Sas::first(Encryption::Aes256Gcm16, None);
    let second = first.rekey();
    for sas in [&first, &second] {
        sas.keys_to(net.tap());
        for datagram in [sas.message(), sas.packet()] {
            net.send(time.now(), client, gateway(), datagram);
            time.advance(Duration::from_secs(1));
        }
        net.nat(nat).unwrap().rebind(Some([198, 51, 100, 8].into()));
    }
    net.tap().write(folder, "rekeyed").unwrap();
    let Some(text) = tshark(folder, "rekeyed") else {
        println!("tshark is not installed: nothing was checked");
        return;
    };
    for (wanted, times) in [
        ("INITIAL_CONTACT", 2),
        ("Src: 172.16.201.1, Dst: 10.1.0.4", 2),
        ("Src: 198.51.100.7, Dst: 20.61.7.9", 2),
        ("Src: 198.51.100.8, Dst: 20.61.7.9", 2),
    ] {
        let found = text.matches(wanted).count();
        assert!(found >= times, "{wanted}: {found}\n{text}");
    }
    for unwanted in ["incorrect", "Malformed", "Status: Bad"] {
        assert!(!text.contains(unwanted), "{unwanted}\n{text}");
    }
}

/// One protected message and one ESP packet, 18.5 seconds later.
fn write(encryption: Encryption, integrity: Option<Integrity>) -> Tap {
    let start = Timeline::begin().start();
    let later = start + Duration::from_millis(18_500);
    let client: SocketAddr = "198.51.100.7:4500".parse().unwrap();
    let sas = Sas::first(encryption, integrity);
    let mut tap = Tap::new(start);
    sas.keys_to(&mut tap);
    tap.datagram(start, client, gateway(), &sas.message());
    tap.datagram(later, client, gateway(), &sas.packet());
    tap
}

fn gateway() -> SocketAddr {
    "20.61.7.9:4500".parse().unwrap()
}

/// An IKE SA and a Child SA, as their initiator has them.
struct Sas {
    spis: (Spi, Spi),
    keys: IkeKeys,
    spi: EspSpi,
    child: ChildKeys,
}

impl Sas {
    fn first(encryption: Encryption, integrity: Option<Integrity>) -> Self {
        let (spi_i, spi_r) = (Spi::new(0x1122).unwrap(), Spi::new(0x3344).unwrap());
        let algorithms = IkeAlgorithms::new(encryption, integrity, PRF).unwrap();
        let g_ir = Secret::new(vec![7; 32].into());
        let keys = IkeKeys::derive(algorithms, &[1; 32], &[2; 32], &g_ir, spi_i, spi_r);
        let algorithms = ChildAlgorithms::new(encryption, integrity).unwrap();
        Self::with_child(keys, (spi_i, spi_r), 0xc0de, algorithms)
    }

    /// Those that take the place of these.
    fn rekey(&self) -> Self {
        let (spi_i, spi_r) = (Spi::new(0x5566).unwrap(), Spi::new(0x7788).unwrap());
        let algorithms = self.keys.algorithms();
        let g_ir = Secret::new(vec![8; 32].into());
        let (sk_d, nonces) = (&self.keys.sk_d, ([3; 32], [4; 32]));
        let keys = IkeKeys::rekey(
            algorithms, PRF, sk_d, &nonces.0, &nonces.1, &g_ir, spi_i, spi_r,
        );
        let algorithms = self.child.initiator.algorithms();
        Self::with_child(keys, (spi_i, spi_r), 0xcafe, algorithms)
    }

    fn with_child(keys: IkeKeys, spis: (Spi, Spi), spi: u32, algorithms: ChildAlgorithms) -> Self {
        let child = ChildKeys::derive(PRF, &keys.sk_d, None, &[1; 32], &[2; 32], algorithms);
        Self {
            spis,
            keys,
            spi: EspSpi::new(spi).unwrap(),
            child,
        }
    }

    fn keys_to(&self, tap: &mut Tap) {
        tap.ike_keys(self.spis.0, self.spis.1, &self.keys);
        tap.esp_keys(self.spi, &self.child.initiator);
    }

    /// A protected request, after the Non-ESP Marker.
    fn message(&self) -> Vec<u8> {
        let header = Header {
            spi_i: self.spis.0,
            spi_r: Some(self.spis.1),
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
        let (mut cipher, _) = self.keys.ciphers(Role::Initiator);
        let prefix = protected_prefix(&header, first, cipher.body_length(chain.len()));
        let message = cipher.seal(&mut SeededRandom::new(1), prefix, &chain);
        [&[0; 4], &message[..]].concat()
    }

    /// An ESP packet.
    fn packet(&self) -> Vec<u8> {
        let cipher = EspCipher::new(&self.child.initiator);
        let mut packet = self.spi.octets().to_vec();
        packet.resize(cipher.header_length(), 0);
        packet.extend(TEXT);
        packet.resize(packet.len() + cipher.icv_length(), 0);
        cipher.seal_in_place(1, None, &mut packet).unwrap();
        packet
    }
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
