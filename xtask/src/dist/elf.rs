//! Whether a binary is what we say: for that computer, static, and silent about where it was built.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use object::elf;
use object::read::elf::{ElfFile64, ProgramHeader as _};
use object::{Architecture, Endianness, Object as _, ObjectKind};

use super::machine::Machine;

/// Checks it and prints its facts.
pub(super) fn check(file: &Path, machine: Machine, secret: &[&Path]) -> Result<()> {
    let octets = fs::read(file).with_context(|| file.display().to_string())?;
    look(&octets, machine, secret).with_context(|| file.display().to_string())
}

fn look(octets: &[u8], machine: Machine, secret: &[&Path]) -> Result<()> {
    let file = ElfFile64::<Endianness>::parse(octets).context("not an ELF file")?;
    let wanted = match machine.name {
        "x86_64" => Architecture::X86_64,
        _ => Architecture::Aarch64,
    };
    let found = file.architecture();
    ensure!(found == wanted, "is for {found:?}");
    let executable = matches!(file.kind(), ObjectKind::Executable | ObjectKind::Dynamic);
    ensure!(executable, "is not a program");
    let endian = file.endian();
    for header in file.elf_program_headers() {
        let kind = header.p_type(endian);
        ensure!(
            kind != elf::PT_INTERP,
            "is not static: it names a dynamic linker"
        );
        let writable = header.p_flags(endian).contains(elf::PF_W | elf::PF_X);
        ensure!(
            !(kind == elf::PT_LOAD && writable),
            "has memory that is written and run"
        );
    }
    ensure!(
        file.imports()?.next().is_none(),
        "is not static: it wants names"
    );
    for path in secret {
        let path = path.as_os_str().as_bytes();
        let told = octets.windows(path.len()).any(|part| part == path);
        ensure!(
            !told,
            "says where it was built: {}",
            String::from_utf8_lossy(path)
        );
    }
    println!(
        "azike for {:<8} static{}, {} kB, no path of this machine in it",
        machine.name,
        if file.kind() == ObjectKind::Dynamic {
            ", position independent"
        } else {
            ""
        },
        octets.len() / 1000
    );
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::machine::ALL;
    use super::*;

    #[test]
    fn a_program_with_a_dynamic_linker_or_of_another_computer_is_refused() {
        // The program of this test, which is neither static nor silent.
        let octets = fs::read("/proc/self/exe").unwrap();
        let faults = ALL.map(|machine| look(&octets, machine, &[]).unwrap_err().to_string());
        let here = std::env::consts::ARCH;
        for (machine, fault) in ALL.into_iter().zip(faults) {
            let wanted = if machine.name == here {
                "is not static"
            } else {
                "is for "
            };
            assert!(fault.contains(wanted), "{fault}");
        }
    }
}
