//! Packages of every age and shape that Azure makes.

use super::scenario::{Evidence, Package, Scenario};
use crate::lab::profile_zip::{Encoding, ProfileZip, Schema};
use crate::lab::strongswan::connection::Auth;

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let sound = ProfileZip::default;
    let shapes = [
        ("schema v2, as today", sound()),
        (
            "schema v1, until 2022",
            ProfileZip {
                schema: Schema::V1,
                vpn_type: "SSTP,IkeV2",
                ..sound()
            },
        ),
        (
            "UTF-8 with byte order mark",
            ProfileZip {
                encoding: Encoding::Utf8Bom,
                ..sound()
            },
        ),
        (
            "UTF-16",
            ProfileZip {
                encoding: Encoding::Utf16,
                ..sound()
            },
        ),
        (
            "unpacked and packed again, with slashes",
            ProfileZip {
                separator: '/',
                ..sound()
            },
        ),
        (
            "IKEv2 only, no files of other clients",
            ProfileZip {
                vpn_type: "IkeV2",
                other_clients: false,
                ..sound()
            },
        ),
        (
            "folder GenericDevice",
            ProfileZip {
                folder: Some("GenericDevice"),
                ..sound()
            },
        ),
    ];
    let rows = shapes.map(|(name, package)| {
        let mut row = Scenario::new("package", name, Auth::Signature).azike_only();
        row.quick = package.schema == Schema::V1;
        row.package = Package::Sound(package);
        row.shows(Evidence {
            page: true,
            ..Evidence::default()
        })
    });
    rows.into()
}
