//! What a genome's `build_manifest` demands of the files that are deployed. The core reads no file: `genome-files` does, through
//! [`DeployedFiles`].

mod fault;

use crate::digest::Digest;
use crate::model::ManifestFile;
use crate::path::ManifestPath;
pub use crate::path::ManifestPathError;
pub use fault::{FileFault, FileKind, FileProblem};
use std::cell::LazyCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// The files of a release, beneath the directory where the paths of a manifest start. Closed directories may hold only what the manifest
/// lists.
pub trait DeployedFiles: fmt::Debug {
    /// Returns the current SHA-256 digest of each of these files, or why there is none, in their order.
    fn digests(&self, paths: &[&ManifestPath]) -> Vec<Result<Digest, FileProblem>>;

    /// Returns everything beneath the closed directories that is neither a directory nor listed ([`FileProblem::Unlisted`]), and everything
    /// that may be such and cannot be examined; each path once, from the root, sorted. By default, no directory is closed.
    fn unlisted(&self, is_listed: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, FileProblem)> {
        let _ = is_listed;
        Vec::new()
    }
}

/// Compares the files that are deployed with a manifest. Returns every file at fault, in the manifest's order, then those that it does not
/// list and should; nothing if there is none.
#[must_use]
pub fn check_files(manifest: &[ManifestFile], deployed: &dyn DeployedFiles) -> Vec<FileFault> {
    // A file without a digest to compare with is not read.
    let signed: Vec<&ManifestPath> = manifest.iter().filter(|file| file.sha256.is_some()).map(|file| &file.path).collect();
    let mut digests = deployed.digests(&signed).into_iter();
    let mut problem = |file: &ManifestFile| match file.sha256 {
        None => Some(FileProblem::Placeholder),
        // A file without an answer counts as missing.
        Some(expected) => match digests.next().unwrap_or(Err(FileProblem::Missing)) {
            Ok(found) if found == expected => None,
            Ok(found) => Some(FileProblem::Mismatch { expected, found }),
            Err(problem) => Some(problem),
        },
    };
    let fault = |(index, file): (usize, &ManifestFile)| {
        let path: &Path = file.path.as_ref();
        problem(file).map(|problem| FileFault { index: Some(index), path: path.to_owned(), problem })
    };
    let mut faults: Vec<FileFault> = manifest.iter().enumerate().filter_map(fault).collect();
    // Names are compared as bytes.
    let listed: LazyCell<HashSet<&OsStr>, _> = LazyCell::new(|| manifest.iter().map(|file| file.path.as_str().as_ref()).collect());
    let unlisted = deployed.unlisted(&|path| listed.contains(path.as_os_str()));
    faults.extend(unlisted.into_iter().map(|(path, problem)| FileFault { index: None, path, problem }));
    faults
}
