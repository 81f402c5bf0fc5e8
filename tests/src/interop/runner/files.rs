//! The files the user of a row has.

use std::fs;

use anyhow::Result;

use crate::interop::scenario::{Package, Password, Scenario};
use crate::lab::Lab;
use crate::lab::azike::UpArgs;
use crate::lab::pki::authority::only_for_owner;
use crate::lab::pki::client::PASSWORD;

/// Writes package, identity and password of `row` into the lab's folder.
pub(super) fn write(lab: &Lab, row: &Scenario) -> Result<UpArgs> {
    let dir = lab.layout().dir();
    let package = dir.join("row.zip");
    let octets = match &row.package {
        Package::Sound(profile) => profile.octets(lab.pki())?,
        Package::Damaged(damage) => damage.octets(lab.pki())?,
    };
    fs::write(&package, octets)?;
    let file = dir.join("row.password");
    let password = match row.password {
        Password::Missing => None,
        Password::Right => {
            fs::write(&file, format!("{PASSWORD}\n"))?;
            Some(file)
        }
        Password::Wrong => {
            fs::write(&file, "not this one\n")?;
            Some(file)
        }
    };
    if let Some(file) = &password {
        only_for_owner(file)?;
    }
    Ok(UpArgs {
        package,
        identity: row.client.packed(lab.pki(), row.container)?,
        password,
        auth: row.login.word(),
        options: row.options.clone(),
    })
}
