//! Looking: at the disk, and at what the manager says.

mod launchctl;
mod systemctl;

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::command::Runner;
use super::file;
use super::layout::{BREW_LABEL, LABEL, Layout, ManagerKind};
use super::manager::ServiceError;
use super::perform::beside;
use super::seen::{Copied, FileSeen, Packager, Program, Seen, SeenFile, Standing};
use super::trust;

/// Where packages put units.
const PACKAGED_UNITS: [&str; 3] = [
    "/usr/lib/systemd/system/azike.service",
    "/lib/systemd/system/azike.service",
    "/usr/local/lib/systemd/system/azike.service",
];

/// What the manager says.
pub(super) async fn standing(
    layout: &Layout,
    runner: &mut impl Runner,
) -> Result<Standing, ServiceError> {
    let mut standing = match layout.kind {
        ManagerKind::Systemd => systemctl::standing(runner).await?,
        ManagerKind::Launchd => launchctl::standing(label(layout), runner).await?,
    };
    if let (Some(pid), Some(program)) = (standing.pid, &standing.program) {
        standing.outdated = runs_another(pid, program);
    }
    Ok(standing)
}

/// The label under which launchd would have the service.
fn label(layout: &Layout) -> &'static str {
    let ours = layout.templates().iter().any(|one| one.path.exists());
    match (ours, brew_plist(layout)) {
        (false, Some(_)) => BREW_LABEL,
        _ => LABEL,
    }
}

fn brew_plist(layout: &Layout) -> Option<PathBuf> {
    let path = layout.at(&format!("/Library/LaunchDaemons/{BREW_LABEL}.plist"));
    path.exists().then_some(path)
}

/// Whether process `pid` runs another file than the one that has this name now: the name was given
/// to a newer one. Without `/proc` nobody knows.
fn runs_another(pid: u32, program: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let running = identity(Path::new(&format!("/proc/{pid}/exe")));
    matches!((running, identity(program)), (Ok(running), Ok(there)) if running != there)
}

/// What is on the disk, for the azike at `program`.
pub(super) fn disk(
    layout: &Layout,
    program: &Path,
    standing: Standing,
) -> Result<Seen, ServiceError> {
    let path = fs::canonicalize(program).map_err(|error| failed(program, error))?;
    let copy = layout.copy();
    let copied = compare(&path, &copy).map_err(|error| failed(&copy, error))?;
    let mut seen = Seen {
        kind: layout.kind,
        source: Program {
            trust: trust::check_program(&path, &layout.root, layout.owner),
            path,
        },
        place: trust::check_place(&copy, &layout.root, layout.owner),
        copy: (copy, copied),
        folders: Vec::new(),
        missing: Vec::new(),
        files: Vec::new(),
        remains: Vec::new(),
        package: None,
        standing,
        runtime: Some(layout.runtime()).filter(|path| path.exists()),
        state: Some(layout.state()).filter(|path| path.exists()),
    };
    let there = |path: PathBuf| (path.is_dir(), path);
    let folders = layout.copy_folders().into_iter().map(there);
    seen.folders = folders.map(|(is, path)| (path, is)).collect();
    let needed = layout.needed_folders().into_iter();
    seen.missing = needed.filter(|path| !path.is_dir()).collect();
    for template in layout.templates() {
        let wanted = file::render(&template, seen.program());
        let found = file::look(&template.path, &wanted);
        seen.files.push(SeenFile {
            seen: found.map_err(|error| failed(&template.path, error))?,
            path: template.path,
            wanted,
        });
    }
    seen.remains = remains(layout, &seen);
    package(layout, &mut seen);
    Ok(seen)
}

/// Half-written files, and links that enable units of ours that are gone.
fn remains(layout: &Layout, seen: &Seen) -> Vec<PathBuf> {
    let names = seen.files.iter().map(|file| &file.path);
    let halves = names.chain([&seen.copy.0]).map(|path| beside(path));
    let mut remains: Vec<_> = halves.filter(|path| is_there(path)).collect();
    for (link, unit) in layout.links() {
        let leads = fs::read_link(&link).is_ok_and(|to| to == unit);
        let gone = |file: &SeenFile| {
            file.path.file_name() == unit.file_name() && file.seen == FileSeen::Absent
        };
        if leads && seen.files.iter().any(gone) {
            remains.push(link);
        }
    }
    remains
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Finds the service of a package.
fn package(layout: &Layout, seen: &mut Seen) {
    seen.package = match layout.kind {
        ManagerKind::Systemd => {
            let mut places = PACKAGED_UNITS.iter().map(|path| layout.at(path));
            let found = places.find(|path| is_there(path));
            let dpkg = is_there(&layout.at("/var/lib/dpkg/info/azike.list"));
            let packager = if dpkg {
                Packager::Dpkg
            } else {
                Packager::System
            };
            found.map(|path| (packager, path))
        }
        ManagerKind::Launchd => match brew_plist(layout) {
            Some(path) => Some((Packager::Homebrew, path)),
            None => installer_plist(layout, seen),
        },
    };
}

/// An installer package puts its plist where ours would be, and leaves a receipt.
fn installer_plist(layout: &Layout, seen: &mut Seen) -> Option<(Packager, PathBuf)> {
    let receipts = fs::read_dir(layout.at("/var/db/receipts")).ok()?;
    let ours = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(LABEL);
    if !receipts.flatten().any(ours) {
        return None;
    }
    let file = seen
        .files
        .iter_mut()
        .find(|file| file.seen == FileSeen::Foreign)?;
    // It is known whose it is now, and not a stranger's.
    file.seen = FileSeen::Absent;
    Some((Packager::Installer, file.path.clone()))
}

/// What is at the place of the copy.
fn compare(program: &Path, copy: &Path) -> io::Result<Copied> {
    let theirs = match File::open(copy) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Copied::Absent),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(Copied::Absent),
        file => file?,
    };
    let ours = File::open(program)?;
    if ours.metadata()?.len() != theirs.metadata()?.len() {
        return Ok(Copied::Differs);
    }
    let (mut ours, mut theirs) = (BufReader::new(ours), BufReader::new(theirs));
    loop {
        let octets = ours.fill_buf()?;
        if octets.is_empty() {
            return Ok(Copied::Same);
        }
        let mut others = vec![0; octets.len()];
        theirs.read_exact(&mut others)?;
        if octets != others {
            return Ok(Copied::Differs);
        }
        let count = octets.len();
        ours.consume(count);
    }
}

fn failed(path: &Path, error: io::Error) -> ServiceError {
    ServiceError::Look(path.to_owned(), error)
}
