//! The zip archive: checked as a whole before anything is unpacked, then single
//! entries unpacked into memory, with limits. Nothing is ever written to disk.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::entry_name;
use super::fault::PackageError;
use crate::plain_text::plain;

/// The largest zip. Real ones have about 300 KB, most of it two installers.
const LARGEST_ZIP: usize = 16 * 1024 * 1024;

/// The most entries. Real packages have about ten.
const MOST_ENTRIES: usize = 512;

/// What all entries together may say they unpack to.
const LARGEST_TOTAL: u64 = 256 * 1024 * 1024;

/// Text and certificates shrink to a tenth; a bomb to a thousandth.
const MOST_EXPANSION: u64 = 200;

/// Below this size nobody counts how far it was compressed.
const SMALL: u64 = 64 * 1024;

/// Begins the record at the end of every zip archive (APPNOTE 4.3.16).
const END_OF_DIRECTORY: [u8; 4] = *b"PK\x05\x06";

/// The length of that record without its comment.
const END_LENGTH: usize = 22;

/// An archive whose directory was found harmless.
#[derive(Debug)]
pub(super) struct Archive<'z> {
    zip: ZipArchive<Cursor<&'z [u8]>>,
    /// Position by normal name.
    entries: BTreeMap<String, usize>,
    /// Names of the folders at the top, as written.
    folders: Vec<String>,
}

/// Whether `octets` begin as a zip archive begins: for callers that must tell a
/// package from something else. Says nothing about the rest.
pub fn is_zip(octets: &[u8]) -> bool {
    octets.starts_with(b"PK\x03\x04") || octets.starts_with(&END_OF_DIRECTORY)
}

impl<'z> Archive<'z> {
    /// Reads and checks the directory.
    pub(super) fn open(octets: &'z [u8]) -> Result<Self, PackageError> {
        check_outside(octets)?;
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let zip = ZipArchive::with_config(config, Cursor::new(octets));
        let mut zip = zip.map_err(|error| fault(error, "the directory"))?;
        if zip.len() > MOST_ENTRIES {
            return Err(PackageError::TooManyEntries(zip.len()));
        }
        let mut archive = Self {
            entries: BTreeMap::new(),
            folders: Vec::new(),
            zip: zip.clone(),
        };
        archive.check_entries()?;
        if zip.has_duplicate_names() {
            let name = "an entry".to_owned();
            return Err(PackageError::DuplicateName { name });
        }
        match zip.has_overlapping_files() {
            Ok(false) => Ok(archive),
            Ok(true) => Err(PackageError::Overlap),
            Err(error) => Err(fault(error, "the directory")),
        }
    }

    fn check_entries(&mut self) -> Result<(), PackageError> {
        let mut total = 0_u64;
        for at in 0..self.zip.len() {
            let entry = self.zip.by_index_data(at);
            let entry = entry.map_err(|error| fault(error, "the directory"))?;
            let name = shown(entry.name_raw());
            let normal = match entry_name::normal(entry.name_raw()) {
                Ok(normal) => normal,
                Err(fault) => return Err(PackageError::UnsafeName { name, fault }),
            };
            if entry.is_symlink() {
                return Err(PackageError::Symlink { name });
            }
            if entry.encrypted() {
                return Err(PackageError::Encrypted { name });
            }
            total = total.saturating_add(entry.size());
            let folder_with_data = normal.ends_with('/') && entry.size() > 0;
            if total > LARGEST_TOTAL || folder_with_data {
                return Err(PackageError::Bomb { name });
            }
            self.note_folder(&name);
            if self.entries.insert(normal, at).is_some() {
                return Err(PackageError::DuplicateName { name });
            }
        }
        Ok(())
    }

    fn note_folder(&mut self, name: &str) {
        let Some((folder, _)) = name.split_once('/') else {
            return;
        };
        let known = self
            .folders
            .iter()
            .any(|known| known.eq_ignore_ascii_case(folder));
        if !known && self.folders.len() < 8 {
            self.folders.push(folder.to_owned());
        }
    }

    /// Whether there is such a folder at the top; `folder` in lower case.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let start = format!("{folder}/");
        let mut behind = self.entries.range(start.clone()..);
        behind
            .next()
            .is_some_and(|(name, _)| name.starts_with(&start))
    }

    /// The folders at the top, as written.
    pub(super) fn folders(&self) -> Vec<String> {
        self.folders.clone()
    }

    /// Names of files that begin with `start`, in lower case.
    pub(super) fn files(&self, start: &str) -> Vec<String> {
        let behind = self.entries.range(start.to_owned()..);
        let names = behind.map(|(name, _)| name);
        let names = names.take_while(|name| name.starts_with(start));
        let files = names.filter(|name| !name.ends_with('/'));
        files.cloned().collect()
    }

    /// The name of a file as the archive writes it, with `/`.
    pub(super) fn written(&self, normal: &str) -> String {
        let at = self.entries.get(normal).copied();
        let entry = at.and_then(|at| self.zip.by_index_data(at).ok());
        entry.map_or_else(|| normal.to_owned(), |entry| shown(entry.name_raw()))
    }

    /// Unpacks the file of that normal name; `None` when there is none.
    pub(super) fn read(
        &mut self,
        normal: &str,
        largest: u64,
    ) -> Result<Option<Vec<u8>>, PackageError> {
        let Some(&at) = self.entries.get(normal) else {
            return Ok(None);
        };
        let name = self.written(normal);
        let file = self.zip.by_index(at).map_err(|error| fault(error, &name))?;
        if !matches!(
            file.compression(),
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return Err(PackageError::UnsupportedZip("compression".to_owned()));
        }
        let (size, packed) = (file.size(), file.compressed_size());
        let expansion = size > SMALL && size / MOST_EXPANSION > packed;
        if size > largest || expansion {
            return Err(PackageError::Bomb { name });
        }
        let mut octets = Vec::new();
        let unpacked = file.take(largest + 1).read_to_end(&mut octets);
        // The reader itself checks size and checksum.
        match unpacked {
            Ok(unpacked) if unpacked as u64 == size => Ok(Some(octets)),
            _ => Err(PackageError::Damaged(format!("'{name}' does not unpack"))),
        }
    }
}

/// A name for messages: as written, with `/` in place of `\`.
fn shown(name: &[u8]) -> String {
    plain(&String::from_utf8_lossy(name).replace('\\', "/"))
}

/// What can be said before the directory is read.
fn check_outside(octets: &[u8]) -> Result<(), PackageError> {
    if octets.is_empty() {
        return Err(PackageError::Empty);
    }
    if octets.len() > LARGEST_ZIP {
        return Err(PackageError::TooLarge(octets.len()));
    }
    let start = octets
        .len()
        .saturating_sub(END_LENGTH + usize::from(u16::MAX) + 64);
    let tail = octets.get(start..).unwrap_or(octets);
    let marks = tail.windows(4).enumerate();
    let mut ends = marks.filter(|(_, mark)| *mark == END_OF_DIRECTORY);
    match (ends.next(), ends.next()) {
        (Some((at, _)), None) => check_end(tail, at),
        // Readers do not agree on which of them counts.
        (Some(_), Some(_)) => Err(PackageError::Damaged("it has two ends".to_owned())),
        (None, _) if is_zip(octets) => Err(PackageError::Truncated),
        (None, _) => Err(PackageError::NotAZip),
    }
}

/// The counts in the end record at `at`, before room is made for so many entries.
fn check_end(tail: &[u8], at: usize) -> Result<(), PackageError> {
    let Some(end) = tail.get(at..at + END_LENGTH) else {
        return Err(PackageError::Truncated);
    };
    let field = |at: usize| {
        let octets = end.get(at..at + 2).and_then(|field| field.try_into().ok());
        octets.map_or(0, u16::from_le_bytes)
    };
    // The record of large archives is in front of this one (APPNOTE 4.3.15).
    let locator = at.checked_sub(20).and_then(|at| tail.get(at..at + 4));
    let (this_disk, first_disk, here, all) = (field(4), field(6), field(8), field(10));
    if locator == Some(b"PK\x06\x07") || all == u16::MAX {
        return Err(PackageError::UnsupportedZip("zip64".to_owned()));
    }
    if (this_disk, first_disk, here) != (0, 0, all) {
        return Err(PackageError::UnsupportedZip(
            "split over several files".to_owned(),
        ));
    }
    if usize::from(all) > MOST_ENTRIES {
        return Err(PackageError::TooManyEntries(usize::from(all)));
    }
    Ok(())
}

fn fault(error: ZipError, what: &str) -> PackageError {
    if let ZipError::UnsupportedArchive(reason) = error {
        PackageError::UnsupportedZip(plain(reason))
    } else if let ZipError::CompressionMethodNotSupported(number) = error {
        PackageError::UnsupportedZip(format!("compression method {number}"))
    } else if let ZipError::InvalidArchive(reason) = error {
        PackageError::Damaged(plain(&reason))
    } else {
        PackageError::Damaged(format!("{what} cannot be read"))
    }
}
