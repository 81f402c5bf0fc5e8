//! What a static program for Linux is linked with: musl and LLVM's libunwind, of Debian, for both kinds of computer.
//!
//! ```text
//!   musl-dev          crt1.o … crtn.o libc.a libdl.a … ─────┐
//!   libunwind-N-dev   libunwind.a + what glibc has besides ──┼──▶ rustlib/TARGET/lib/self-contained
//!   a line of C       crtbegin.o, crtend.o ──────────────────┘    where rustc looks by itself
//! ```

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::machine::Machine;
use crate::toolchain::{Toolchain, run, write_if_new};

/// What is taken of musl. The last two are empty there, and libunwind asks for them by name.
const MUSL: [&str; 7] = [
    "crt1.o",
    "rcrt1.o",
    "crti.o",
    "crtn.o",
    "libc.a",
    "libdl.a",
    "libpthread.a",
];

/// Programs compare the addresses of this with their own; what crtbegin.o of gcc has besides, musl does not need.
const BEGIN: &str = "void *__dso_handle = 0;\n";

/// Debian compiles libunwind for glibc, which prints through this function. Only its traces do.
const UNWIND_PRINTS: &str = "#include <stdarg.h>\n#include <stdio.h>\n\
int __fprintf_chk(FILE *stream, int flag, const char *format, ...) {\n\
    va_list list;\n    (void)flag;\n    va_start(list, format);\n\
    int written = vfprintf(stream, format, list);\n    va_end(list);\n    return written;\n}\n";

/// Fetches and builds what is missing. Gives what makes cargo and build scripts use it.
pub(super) fn ready(tools: &Toolchain, machine: Machine) -> Result<Vec<(String, OsString)>> {
    let unwind = format!("libunwind-{}-dev", tools.llvm_number());
    let folder = format!("musl-{}", machine.name);
    let folder = tools.foreign(&folder, machine.debian, &["musl-dev", &unwind])?;
    let driver = driver(tools, machine, &folder)?;
    let name = machine.target.replace('-', "_");
    let linker = format!("CARGO_TARGET_{}_LINKER", name.to_uppercase());
    let variables = vec![
        (format!("CC_{name}"), driver.clone().into()),
        (format!("AR_{name}"), tools.llvm("llvm-ar").into()),
        (linker, driver.clone().into()),
    ];
    tools.library(machine.target, &variables)?;
    self_contained(tools, machine, &folder, &driver)?;
    Ok(variables)
}

/// The script that is C compiler and linker.
fn driver(tools: &Toolchain, machine: Machine, folder: &Path) -> Result<std::path::PathBuf> {
    let script = tools.at("bin").join(format!("cc-{}", machine.target));
    let text = format!(
        "#!/bin/sh\nexec '{}' \"$@\" --target={2} -nostdlibinc -isystem '{}/usr/include/{2}' \
         -fuse-ld=lld -Wno-unused-command-line-argument\n",
        tools.llvm("clang").display(),
        folder.display(),
        machine.musl,
    );
    write_if_new(&script, &text)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

/// Fills the folder that rustc links static programs from.
fn self_contained(tools: &Toolchain, machine: Machine, folder: &Path, driver: &Path) -> Result<()> {
    let library = tools.at("root/usr/lib/rustlib").join(machine.target);
    let to = library.join("lib/self-contained");
    let receipt = to.join("complete");
    if receipt.exists() {
        return Ok(());
    }
    fs::create_dir_all(&to)?;
    let musl = folder.join("usr/lib").join(machine.musl);
    for name in MUSL {
        let file = musl.join(name);
        fs::copy(&file, to.join(name)).with_context(|| file.display().to_string())?;
    }
    for name in ["crtbegin", "crtbeginS"] {
        compile(tools, driver, BEGIN, &to.join(format!("{name}.o")))?;
    }
    for name in ["crtend", "crtendS"] {
        compile(tools, driver, "", &to.join(format!("{name}.o")))?;
    }
    let gnu = machine.musl.replace("musl", "gnu");
    let unwind = folder.join("usr/lib").join(gnu).join("libunwind.a");
    let archive = to.join("libunwind.a");
    fs::copy(&unwind, &archive).with_context(|| unwind.display().to_string())?;
    let prints = to.join("prints.o");
    compile(tools, driver, UNWIND_PRINTS, &prints)?;
    let mut add = Command::new(tools.llvm("llvm-ar"));
    add.arg("rD").arg(&archive).arg(&prints);
    run::run(add.envs(tools.variables()))?;
    fs::write(receipt, "")?;
    Ok(())
}

fn compile(tools: &Toolchain, driver: &Path, source: &str, object: &Path) -> Result<()> {
    let file = object.with_extension("c");
    fs::write(&file, source)?;
    let mut compile = Command::new(driver);
    compile.args(["-c", "-O2", "-fPIC", "-o"]).arg(object);
    run::run(compile.arg(&file).envs(tools.variables()))
}
