//! The directory where the paths of a manifest start.

use crate::environment::named;
use crate::{Failure, Finding, ReadError, Source};
use genome_files::{ManifestRoot, OpenError, open_directory};
use genome_json::text::QuotedPath;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The directory where the paths of a manifest start: this one, or else that of `MATHISON_REPO_ROOT`, or else the working directory.
///
/// # Errors
/// The path is empty.
pub fn repository_root(argument: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let root = named(argument, "MATHISON_REPO_ROOT", "the directory where the paths of the manifest start")?;
    Ok(root.unwrap_or_else(|| PathBuf::from(".")))
}

/// Opens that directory.
///
/// # Errors
/// It is not there, or not a directory, or this user may not go there.
pub fn open_root(root: &Path) -> Result<ManifestRoot, ReadError> {
    let read_error = |error| ReadError::new(Source::File(root.to_owned()), error);
    match ManifestRoot::open(root) {
        // Opening the directory reports what is there instead.
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(read_error(open_directory(root).err().unwrap_or(OpenError::System(error))))
        }
        root => root.map_err(|error| read_error(error.into())),
    }
}

/// A manifest's root, and the directories beneath it in which nothing else may be.
pub(super) fn closed(root: ManifestRoot, directories: &[PathBuf]) -> Result<ManifestRoot, Failure> {
    directories.iter().try_fold(root, |root, directory| {
        // What stands for bytes that are no text may be the name of another directory. A character that does not show is refused.
        let text = directory.to_str().unwrap_or("\0");
        // Shells complete the name of a directory with a slash.
        let plain = text.strip_suffix('/').filter(|plain| !plain.is_empty()).unwrap_or(text);
        root.closing(plain).map_err(|error| {
            let message = format!("{} names no directory for --strict-manifest: {error}", QuotedPath(directory));
            let hint = "name a directory from where the paths of the manifest start, as they are written; `.` is all of it";
            Failure::undecided(Finding::error(message, hint))
        })
    })
}
