//! Packages that must be refused, each with its own message.

use std::io::{Cursor, Write as _};

use anyhow::Result;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{ProfileZip, zip};
use crate::lab::pki::Pki;

/// What is wrong with the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Damage {
    /// It is a text.
    NotAZip,
    /// The second half is missing, as after an aborted download.
    Truncated,
    /// 300 MiB of zeros in a few hundred kilobytes.
    Bomb,
    /// Two files called `VpnSettings.xml`.
    DuplicateName,
    /// A file that wants to be written outside the folder it is unpacked in.
    EscapingName,
    /// No `Generic` folder: IKEv2 is switched off at the gateway, or the SKU is Basic.
    NoGenericFolder,
    /// Only `OpenVPN` is switched on.
    OnlyOpenVpn,
    /// Users log in with Microsoft Entra.
    Entra,
    /// Users log in with a RADIUS password.
    RadiusPassword,
    /// The settings have a document type definition.
    DocumentType,
    /// The settings have an entity that grows.
    Entities,
}

impl Damage {
    /// The file.
    pub fn octets(self, pki: &Pki) -> Result<Vec<u8>> {
        let sound = ProfileZip::default();
        match self {
            Self::NotAZip => Ok(b"This is not the file you are looking for.\n".repeat(100)),
            Self::Truncated => {
                let mut octets = sound.octets(pki)?;
                octets.truncate(octets.len() / 2);
                Ok(octets)
            }
            Self::Bomb => bomb(),
            Self::DuplicateName => {
                // The writer refuses equal names, so they become equal afterwards.
                let files = ["Generic/VpnSettings.xml", "Generic/VpnSettingz.xml"];
                let files = files.map(|name| (name.to_owned(), b"<VpnProfile/>".to_vec()));
                Ok(replace(zip(&files)?, b"VpnSettingz", b"VpnSettings"))
            }
            Self::EscapingName => {
                let files = ["Generic/VpnSettings.xml", "..\\..\\etc\\passwd"];
                zip(&files.map(|name| (name.to_owned(), b"<VpnProfile/>".to_vec())))
            }
            Self::NoGenericFolder => {
                let (folder, vpn_type) = (None, "SSTP");
                let profile = ProfileZip {
                    folder,
                    vpn_type,
                    ..sound
                };
                profile.octets(pki)
            }
            Self::OnlyOpenVpn => {
                let vpn_type = "OpenVPN";
                ProfileZip { vpn_type, ..sound }.octets(pki)
            }
            Self::Entra => ProfileZip {
                vpn_type: "OpenVPN",
                auth: "AAD",
                entra_tenant: "8f1c3a52-0f7e-4d43-9b6e-4a5d2c1b0e9f",
                ..sound
            }
            .octets(pki),
            Self::RadiusPassword => {
                let auth = "EAPMSCHAPV2";
                ProfileZip { auth, ..sound }.octets(pki)
            }
            Self::DocumentType => ProfileZip {
                xml_prolog: "<!DOCTYPE VpnProfile SYSTEM \"http://203.0.113.66/x.dtd\">\n",
                ..sound
            }
            .octets(pki),
            Self::Entities => ProfileZip {
                xml_prolog: "<!DOCTYPE VpnProfile [<!ENTITY a \"aaaaaaaaaa\">\
                             <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n",
                name: "&b;&b;&b;",
                ..sound
            }
            .octets(pki),
        }
    }
}

fn bomb() -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("Generic/VpnSettings.xml", SimpleFileOptions::default())?;
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        writer.write_all(&zeros)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// `octets` with each `from` made `to`; both are equally long.
fn replace(mut octets: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let found: Vec<usize> = octets
        .windows(from.len())
        .enumerate()
        .filter_map(|(at, window)| (window == from).then_some(at))
        .collect();
    for at in found {
        if let Some(place) = octets.get_mut(at..at + from.len()) {
            place.copy_from_slice(to);
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bomb_is_small_on_disk() {
        let octets = bomb().expect("a zip");
        assert!(octets.len() < 1 << 20, "{} octets", octets.len());
    }

    #[test]
    fn both_names_are_equal_afterwards() {
        let octets = replace(b"abc-abd-abd".to_vec(), b"abd", b"abc");
        assert_eq!(octets, b"abc-abc-abc");
    }
}
