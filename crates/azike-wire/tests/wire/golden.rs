//! Messages that were captured or published, and how they read.
//!
//! `tests/golden/NAME.hex` holds the octets of a message, or of a decrypted chain if its first
//! line is `# chain TYPE`. `NAME.txt` holds what is read from them. Written again, the payloads
//! give the same octets.

use std::fs;
use std::path::{Path, PathBuf};

use azike_wire::{Chain, Malformed, Message, Payload, PayloadType, Payloads, write_message};

use crate::octets::{from_hex, shorten, to_hex};

#[test]
fn golden_messages_read_as_expected() {
    let mut wrong = Vec::new();
    for file in files() {
        let text = Golden::open(&file).text();
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        if text != expected {
            wrong.push(format!("{} reads:\n{text}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn golden_messages_are_written_with_the_same_octets() {
    for file in files() {
        let golden = Golden::open(&file);
        assert_eq!(
            to_hex(&golden.rewrite()),
            to_hex(&golden.octets),
            "{}",
            file.display()
        );
    }
}

/// The golden messages (not the chains), with their names.
pub(crate) fn messages() -> Vec<(String, Vec<u8>)> {
    let golden = files()
        .into_iter()
        .map(|file| (file.display().to_string(), Golden::open(&file)));
    golden
        .filter(|(_, golden)| golden.chain.is_none())
        .map(|(name, golden)| (name, golden.octets))
        .collect()
}

/// One file.
struct Golden {
    octets: Vec<u8>,
    /// The first payload, if this is a chain and not a message.
    chain: Option<PayloadType>,
}

impl Golden {
    fn open(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let chain = text.strip_prefix("# chain ").map(|rest| {
            let (number, _) = rest.split_once('\n').unwrap();
            PayloadType(number.parse().unwrap())
        });
        Self {
            octets: from_hex(&text),
            chain,
        }
    }

    fn payloads(&self) -> Result<Vec<Payload<'_>>, Malformed> {
        match self.chain {
            Some(first) => Payloads::new(first, &self.octets).collect(),
            None => Message::decode(&self.octets)?.payloads().collect(),
        }
    }

    fn text(&self) -> String {
        let mut lines = Vec::new();
        if self.chain.is_none() {
            lines.push(format!(
                "{:?}",
                Message::decode(&self.octets).unwrap().header()
            ));
        }
        for payload in self.payloads().unwrap() {
            lines.push(if let Payload::Encrypted(sk) = payload {
                {
                    let body = shorten(&format!("{:?}", sk.body));
                    format!("SK first {} aad {} body {body}", sk.first, sk.aad.len())
                }
            } else if let Payload::EncryptedFragment(skf) = payload {
                let (number, total, aad) = (skf.number, skf.total, skf.aad.len());
                let body = shorten(&format!("{:?}", skf.body));
                format!(
                    "SKF first {} {number}/{total} aad {aad} body {body}",
                    skf.first
                )
            } else {
                shorten(&format!("{payload:?}"))
            });
        }
        lines.join("\n") + "\n"
    }

    fn rewrite(&self) -> Vec<u8> {
        let mut chain = Chain::new();
        for payload in self.payloads().unwrap() {
            chain.push(&payload);
        }
        let (first, octets) = chain.finish();
        if self.chain.is_some() {
            return octets;
        }
        write_message(
            &Message::decode(&self.octets).unwrap().header(),
            first,
            &octets,
        )
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|kind| kind == "hex"))
        .collect();
    files.sort();
    files
}
