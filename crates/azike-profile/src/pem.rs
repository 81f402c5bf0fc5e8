//! PEM: octets between `-----BEGIN X-----` and `-----END X-----` (RFC 7468).
//!
//! Read as people find it: text before and between the blocks, any line ends,
//! UTF-16 as PowerShell's `>` writes it.

use std::str::Split;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::unicode;

/// The most blocks a file may have. A key with a long chain has ten.
const MOST_BLOCKS: usize = 200;

/// Base64 with or without its `=`, and with stray bits in the last character.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is between `BEGIN` and `END`.
#[derive(Debug)]
pub(crate) struct Block {
    /// The words behind `BEGIN`.
    pub label: String,
    /// Whether the old headers of RFC 1421 say that the octets are encrypted.
    pub old_encryption: bool,
    /// The octets. They may be a private key.
    pub octets: Zeroizing<Vec<u8>>,
}

/// Why a text is not PEM.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum PemFault {
    /// There is a `BEGIN` without its `END`.
    #[error("a block has no END line: the file is cut off")]
    NoEnd,
    /// What is between the lines is not Base64.
    #[error("the text between BEGIN and END is not Base64")]
    NotBase64,
    /// More blocks than anybody needs.
    #[error("it has too many blocks")]
    TooMany,
}

/// Whether there is a block in `octets`.
pub(crate) fn is_pem(octets: &[u8]) -> bool {
    let marker = b"-----BEGIN ";
    let plain = octets.windows(marker.len()).any(|window| window == marker);
    plain || (octets.contains(&0) && text(octets).contains("-----BEGIN "))
}

/// All blocks of a file, in their order.
pub(crate) fn blocks(octets: &[u8]) -> Result<Vec<Block>, PemFault> {
    let text = text(octets);
    let mut blocks = Vec::new();
    let mut lines = text.split(['\n', '\r']);
    while let Some(line) = lines.next() {
        let Some(label) = marker(line, "-----BEGIN ") else {
            continue;
        };
        if blocks.len() == MOST_BLOCKS {
            return Err(PemFault::TooMany);
        }
        let block = body(label, &mut lines, text.len())?;
        blocks.push(block);
    }
    Ok(blocks)
}

/// Decodes Base64 in which white space does not count.
pub(crate) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    digits.extend(text.chars().filter(|c| !c.is_ascii_whitespace()));
    let mut octets = Zeroizing::new(Vec::with_capacity(digits.len()));
    LENIENT.decode_vec(digits.as_bytes(), &mut octets).ok()?;
    Some(octets)
}

fn text(octets: &[u8]) -> Zeroizing<String> {
    unicode::decode(octets).unwrap_or_else(|| {
        // A friendly name in some old code page; the blocks themselves are ASCII.
        let mut text = Zeroizing::new(String::with_capacity(octets.len() * 2));
        text.extend(octets.iter().map(|&octet| char::from(octet)));
        text
    })
}

fn marker<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    line.trim().strip_prefix(start)?.strip_suffix("-----")
}

fn body(label: &str, lines: &mut Split<'_, [char; 2]>, room: usize) -> Result<Block, PemFault> {
    let mut old_encryption = false;
    let mut digits = Zeroizing::new(String::with_capacity(room));
    for line in lines {
        if marker(line, "-----END ") == Some(label) {
            let octets = base64(&digits).ok_or(PemFault::NotBase64)?;
            let label = label.to_owned();
            return Ok(Block {
                label,
                old_encryption,
                octets,
            });
        }
        if line.contains("-----") {
            return Err(PemFault::NoEnd);
        }
        if line.contains(':') {
            old_encryption |= line.contains("ENCRYPTED");
        } else if !(old_encryption && line.contains(',')) {
            digits.push_str(line);
        }
    }
    Err(PemFault::NoEnd)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "Bag Attributes\n    friendlyName: x\n-----BEGIN A-----\nAAEC\nAwQ=\n\
                       -----END A-----\n\nsubject=CN = y\n-----BEGIN B C-----\n////\n-----END B C-----";

    fn labels(octets: &[u8]) -> Vec<(String, Vec<u8>)> {
        let blocks = blocks(octets).unwrap().into_iter();
        blocks
            .map(|block| (block.label, block.octets.to_vec()))
            .collect()
    }

    #[test]
    fn text_around_the_blocks_does_not_count() {
        let wanted = [
            ("A".to_owned(), vec![0, 1, 2, 3, 4]),
            ("B C".to_owned(), vec![255; 3]),
        ];
        assert_eq!(labels(TWO.as_bytes()), wanted);
        assert_eq!(labels(TWO.replace('\n', "\r\n").as_bytes()), wanted);
        assert_eq!(labels(TWO.replace('\n', "\r").as_bytes()), wanted);
        let utf16 = TWO.encode_utf16().flat_map(u16::to_le_bytes);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16).collect();
        assert!(is_pem(&utf16));
        assert_eq!(labels(&utf16), wanted);
        let latin1: Vec<u8> = [b"M\xfcller\n", TWO.as_bytes()].concat();
        assert_eq!(labels(&latin1), wanted);
    }

    #[test]
    fn a_block_that_is_cut_off_is_an_error() {
        for (text, fault) in [
            ("-----BEGIN A-----\nAAEC\n", PemFault::NoEnd),
            (
                "-----BEGIN A-----\nAAEC\n-----BEGIN A-----\n-----END A-----",
                PemFault::NoEnd,
            ),
            ("-----BEGIN A-----\nAAEC\n-----END B-----", PemFault::NoEnd),
            (
                "-----BEGIN A-----\nAA!C\n-----END A-----",
                PemFault::NotBase64,
            ),
        ] {
            assert_eq!(blocks(text.as_bytes()).err(), Some(fault), "{text}");
        }
        let many = "-----BEGIN A-----\n-----END A-----\n".repeat(MOST_BLOCKS + 1);
        assert_eq!(blocks(many.as_bytes()).err(), Some(PemFault::TooMany));
    }

    #[test]
    fn the_old_way_of_encryption_is_recognised() {
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
                   DEK-Info: AES-128-CBC,00\n\nAAEC\n-----END RSA PRIVATE KEY-----";
        assert!(blocks(old.as_bytes()).unwrap()[0].old_encryption);
    }
}
