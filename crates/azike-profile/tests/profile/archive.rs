//! Zip archives that were made to hurt (N-95, N-96). Each is refused with its
//! own reason, and nothing is unpacked that need not be.
use std::io::{Cursor, Write as _};

use crate::azure::{package, root, settings_v2, zip};
use azike_profile::{PackageError, is_zip, read_package};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const SETTINGS: &str = "Generic/VpnSettings.xml";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

#[test]
fn what_is_no_zip_is_called_so() {
    assert_eq!(refusal(b""), PackageError::Empty);
    for octets in [
        &b"x"[..],
        b"<html>",
        b"PK",
        b"%PDF-1.7",
        &[0; 5000],
        &[0x30, 0x82, 1, 2],
    ] {
        assert_eq!(refusal(octets), PackageError::NotAZip);
        assert!(!is_zip(octets));
    }
    assert!(is_zip(&good()));
    let large = vec![0; 16 * 1024 * 1024 + 1];
    assert_eq!(refusal(&large), PackageError::TooLarge(large.len()));
}

#[test]
fn a_download_that_was_cut_off_is_called_so() {
    let good = good();
    for length in [4, 30, 100, good.len() / 2, good.len() - 23, good.len() - 1] {
        assert_eq!(
            refusal(&good[..length]),
            PackageError::Truncated,
            "{length} octets"
        );
    }
}

#[test]
fn other_octets_in_front_are_refused_and_a_comment_behind_is_not() {
    let mut front = b"#!/bin/sh\n".to_vec();
    front.extend(good());
    assert!(matches!(refusal(&front), PackageError::Damaged(_)));
    let mut commented = good();
    let end = commented.len();
    commented[end - 2] = 5;
    commented.extend(b"hello");
    assert!(read_package(&commented).is_ok());
}

#[test]
fn bombs_do_not_go_off() {
    let spaces = vec![b' '; 1_900_000];
    let zeros = vec![0; 100 * 1024 * 1024];
    for octets in [
        zip(&[(SETTINGS, &spaces)]),
        zip(&[(SETTINGS, &zeros)]),
        zip(&[
            (SETTINGS, settings().as_bytes()),
            ("Generic/VpnServerRoot.cer", &zeros),
        ]),
        patched(&good(), CENTRAL, 24, &[0xf0, 0xff, 0xff, 0xff]),
    ] {
        let name = SETTINGS.to_owned();
        let other = "Generic/VpnServerRoot.cer".to_owned();
        let refusal = refusal(&octets);
        let bomb = [name, other].map(|name| PackageError::Bomb { name });
        assert!(bomb.contains(&refusal), "{refusal}");
    }
    // Larger when unpacked than all of a package may be, in parts that nobody reads.
    let many: Vec<(String, &[u8])> = (0..3)
        .map(|n| (format!("x/{n}"), zeros.as_slice()))
        .collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, octets)| (name.as_str(), *octets))
        .collect();
    assert!(matches!(refusal(&zip(&many)), PackageError::Bomb { .. }));
}

#[test]
fn too_many_entries_are_refused_before_room_is_made_for_them() {
    for count in [600, 10_000] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for n in 0..count {
            writer.start_file(format!("{n}"), stored).unwrap();
        }
        let octets = writer.finish().unwrap().into_inner();
        assert_eq!(refusal(&octets), PackageError::TooManyEntries(count));
    }
}

/// Two readers could take different ones.
#[test]
fn no_two_entries_share_a_name() {
    let settings = settings();
    for twin in ["Generic\\VpnSettings.xml", "generic/vpnsettings.XML"] {
        let octets = zip(&[(SETTINGS, settings.as_bytes()), (twin, b"x")]);
        assert!(
            matches!(refusal(&octets), PackageError::DuplicateName { .. }),
            "{twin}"
        );
    }
    let octets = zip(&[
        (SETTINGS, settings.as_bytes()),
        ("Generic/VpnSettings.xmm", b"x"),
    ]);
    let twice = replaced(&octets, b"VpnSettings.xmm", b"VpnSettings.xml");
    assert!(matches!(
        refusal(&twice),
        PackageError::DuplicateName { .. }
    ));
}

#[test]
fn links_and_encryption_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer
        .add_symlink(SETTINGS, "/etc/shadow", options)
        .unwrap();
    let octets = writer.finish().unwrap().into_inner();
    let name = SETTINGS.to_owned();
    assert_eq!(
        refusal(&octets),
        PackageError::Symlink { name: name.clone() }
    );
    let encrypted = patched(&good(), CENTRAL, 8, &[1, 0]);
    let encrypted = patched(&encrypted, LOCAL, 6, &[1, 0]);
    assert_eq!(refusal(&encrypted), PackageError::Encrypted { name });
}

#[test]
fn unusual_kinds_of_zip_are_read_or_refused() {
    let split = patched(&good(), END, 4, &[1, 0]);
    assert!(matches!(refusal(&split), PackageError::UnsupportedZip(_)));
    let bzip2 = patched(&patched(&good(), CENTRAL, 10, &[12, 0]), LOCAL, 8, &[12, 0]);
    assert!(matches!(refusal(&bzip2), PackageError::UnsupportedZip(_)));
    let mut large = good();
    let end = positions(&large, END)[0];
    large.splice(end..end, [b"PK\x06\x07".as_slice(), &[0; 16]].concat());
    let zip64 = PackageError::UnsupportedZip("zip64".to_owned());
    assert_eq!(refusal(&large), zip64);
    assert_eq!(refusal(&patched(&good(), END, 8, &[0xff; 4])), zip64);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(true);
        writer.start_file(SETTINGS, options).unwrap();
        writer.write_all(settings().as_bytes()).unwrap();
        assert!(read_package(&writer.finish().unwrap().into_inner()).is_ok());
    }
}

#[test]
fn a_zip_that_contradicts_itself_is_damaged() {
    let octets = zip(&[(SETTINGS, settings().as_bytes()), ("Generic/x", b"x")]);
    let wrong_checksum = patched(&patched(&octets, CENTRAL, 16, b"1234"), LOCAL, 14, b"1234");
    assert!(matches!(refusal(&wrong_checksum), PackageError::Damaged(_)));
    let second = positions(&octets, CENTRAL)[1];
    let mut overlapping = octets.clone();
    overlapping[second + 42..second + 46].fill(0);
    assert_eq!(refusal(&overlapping), PackageError::Overlap);
    let lying = patched(&octets, CENTRAL, 24, &[100, 0, 0, 0]);
    assert!(matches!(refusal(&lying), PackageError::Damaged(_)));
    let two_ends = [octets.as_slice(), &octets[octets.len() - 22..]].concat();
    assert!(matches!(refusal(&two_ends), PackageError::Damaged(_)));
    let nowhere = patched(&octets, CENTRAL, 42, &[0xff, 0xff, 0xff, 0]);
    assert!(matches!(refusal(&nowhere), PackageError::Damaged(_)));
}

fn settings() -> String {
    settings_v2(&[&root("New Root", 2013..2038)])
}

fn good() -> Vec<u8> {
    package(&root("New Root", 2013..2038), "")
}

fn refusal(octets: &[u8]) -> PackageError {
    read_package(octets).unwrap_err()
}

/// All places where a record begins.
fn positions(octets: &[u8], mark: [u8; 4]) -> Vec<usize> {
    let windows = octets.windows(4).enumerate();
    windows
        .filter(|(_, window)| *window == mark)
        .map(|(at, _)| at)
        .collect()
}

/// The first record of a kind with other octets at `offset`.
fn patched(octets: &[u8], mark: [u8; 4], offset: usize, new: &[u8]) -> Vec<u8> {
    let at = positions(octets, mark)[0] + offset;
    let mut octets = octets.to_vec();
    octets[at..at + new.len()].copy_from_slice(new);
    octets
}

fn replaced(octets: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    for at in 0..octets.len() - old.len() {
        if octets[at..].starts_with(old) {
            octets[at..at + old.len()].copy_from_slice(new);
        }
    }
    octets
}
