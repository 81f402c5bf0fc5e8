//! What a Mach-O file says of itself.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use object::Endianness;
use object::macho;
use object::read::macho::{LoadCommandVariant, MachHeader as _, MachOFile64};
use object::{Architecture, NameOrOrdinal, Object as _};

/// The facts that [`super::judge`] judges.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Facts {
    /// Name of the file.
    pub(super) name: String,
    /// Octets of it.
    pub(super) size: usize,
    /// Processor, as rustc calls it.
    pub(super) architecture: &'static str,
    /// Whether it is a program that may be loaded anywhere, by names in two levels (library and name).
    pub(super) program: bool,
    /// `LC_BUILD_VERSION`: the oldest macOS, and the SDK it was linked with.
    pub(super) versions: Option<(String, String)>,
    /// Libraries it loads.
    pub(super) libraries: Vec<String>,
    /// Names it wants, and from which library.
    pub(super) wanted: Vec<(String, String)>,
    /// Whether there is a signature: without one, Apple silicon does not run it.
    pub(super) signed: bool,
}

impl Facts {
    /// Reads them from a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let octets = fs::read(path)?;
        let name = path.file_name().context("a file without a name")?;
        Self::of(&name.to_string_lossy(), &octets).with_context(|| path.display().to_string())
    }

    fn of(name: &str, octets: &[u8]) -> Result<Self> {
        let file = MachOFile64::<Endianness>::parse(octets).context("not a Mach-O file")?;
        let endian = file.endian();
        let names = [
            (Architecture::Aarch64, "aarch64"),
            (Architecture::X86_64, "x86_64"),
        ];
        let found = file.architecture();
        let (_, architecture) = names
            .into_iter()
            .find(|name| name.0 == found)
            .with_context(|| format!("a file for {found:?}"))?;
        let mut facts = Self {
            name: name.to_owned(),
            size: octets.len(),
            architecture,
            program: false,
            versions: None,
            libraries: Vec::new(),
            wanted: Vec::new(),
            signed: false,
        };
        let header = file.macho_header();
        let flags = header.flags(endian);
        let wanted = macho::MH_PIE | macho::MH_TWOLEVEL | macho::MH_DYLDLINK;
        facts.program = header.filetype(endian) == macho::MH_EXECUTE && flags & wanted == wanted;
        let mut commands = file.macho_load_commands()?;
        while let Some(command) = commands.next()? {
            facts.signed |= command.cmd() == macho::LC_CODE_SIGNATURE;
            let kind = command.variant()?;
            if let LoadCommandVariant::Dylib(library) = kind {
                let path = command.string(endian, library.dylib.name)?;
                facts.libraries.push(String::from_utf8(path.to_vec())?);
            }
            if let LoadCommandVariant::BuildVersion(version, _) = kind
                && version.platform.get(endian) == macho::PLATFORM_MACOS
            {
                let oldest = dotted(version.minos.get(endian));
                facts.versions = Some((oldest, dotted(version.sdk.get(endian))));
            }
        }
        for import in file.imports()? {
            let import = import?;
            let NameOrOrdinal::Name(name) = import.name() else {
                bail!("wants something without a name");
            };
            let library = String::from_utf8(import.library().to_vec())?;
            let name = String::from_utf8(name.to_vec())?;
            facts.wanted.push((library, name));
        }
        Ok(facts)
    }
}

/// A version without its last number, which is for corrections.
fn dotted(version: macho::Version) -> String {
    format!("{}.{}", version.major(), version.minor())
}
