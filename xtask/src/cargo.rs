//! Calls of cargo, and where things lie.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Release or development build.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// Quick to build.
    #[default]
    Dev,
    /// As it is shipped.
    Release,
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The folder of cargo: sources of crates are in it.
pub(crate) fn home() -> Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    home.context("neither CARGO_HOME nor HOME is set")
}

/// The folder that cargo builds into.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = metadata(&["--no-deps"])?;
    let folder = metadata.pointer("/target_directory");
    let folder = folder.and_then(serde_json::Value::as_str);
    Ok(PathBuf::from(
        folder.context("cargo metadata has no target directory")?,
    ))
}

/// Runs `cargo` with its output on the terminal; wants it to succeed.
pub(crate) fn cargo(args: &[&str]) -> Result<()> {
    println!("$ cargo {}", args.join(" "));
    let status = command(args).status().context("cargo")?;
    if !status.success() {
        bail!("cargo {} failed", args.join(" "));
    }
    Ok(())
}

/// Runs `cargo` with an environment variable; wants it to succeed.
pub(crate) fn cargo_with(args: &[&str], name: &str, value: &str) -> Result<()> {
    println!("$ {name}={value:?} cargo {}", args.join(" "));
    let status = command(args).env(name, value).status().context("cargo")?;
    if !status.success() {
        bail!("cargo {} failed", args.join(" "));
    }
    Ok(())
}

/// Whether a `cargo` command ends well; says nothing.
pub(crate) fn works(args: &[&str]) -> bool {
    let mut command = command(args);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs `cargo` and gives what it printed on standard output.
fn cargo_output(args: &[&str]) -> Result<String> {
    let output = command(args).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("cargo {} failed", args.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Builds `azike` and gives the path of the binary.
pub(crate) fn build_azike(profile: Profile) -> Result<PathBuf> {
    let mut args = vec!["build", "--locked", "--package", "azike", "--bin", "azike"];
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            args.push("--release");
            "release"
        }
    };
    cargo(&args)?;
    Ok(target_directory()?.join(folder).join("azike"))
}

/// `cargo metadata`, with more arguments.
pub(crate) fn metadata(args: &[&str]) -> Result<serde_json::Value> {
    let mut all = vec!["metadata", "--format-version", "1", "--locked"];
    all.extend(args);
    Ok(serde_json::from_str(&cargo_output(&all)?)?)
}

/// `cargo` in the workspace, the same that started us.
pub(crate) fn command(args: &[&str]) -> Command {
    // Set by `cargo run`.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(args).current_dir(root());
    // What `cargo run` tells us about xtask would look to build scripts (ring's) like a change of theirs, and
    // everything above them would be built again.
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
