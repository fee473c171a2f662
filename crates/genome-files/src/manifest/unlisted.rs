//! What lies beneath a directory without being in the manifest.

use super::beneath::Beneath;
use genome::manifest::FileProblem;
use rustix::fs::FileType;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Returns everything beneath these directories that is neither a directory nor listed, or may be such and cannot be examined. Names are
/// compared as bytes. The empty path is the root.
pub(super) fn unlisted(
    root: &OwnedFd,
    directories: &[PathBuf],
    is_listed: &dyn Fn(&Path) -> bool,
) -> BTreeMap<PathBuf, FileProblem> {
    let mut faults = BTreeMap::new();
    let mut beneath = Beneath::new(root);
    // By name, and not open: however deep they are, no more than two are open at a time.
    let mut pending = directories.to_vec();
    while let Some(path) = pending.pop() {
        if let Err(problem) = list(&mut beneath, &path, is_listed, &mut pending, &mut faults) {
            faults.insert(path, problem);
        }
    }
    faults
}

fn list(
    beneath: &mut Beneath<'_>,
    path: &Path,
    is_listed: &dyn Fn(&Path) -> bool,
    pending: &mut Vec<PathBuf>,
    faults: &mut BTreeMap<PathBuf, FileProblem>,
) -> Result<(), FileProblem> {
    for entry in beneath.list(path)? {
        let entry = entry?;
        let at = path.join(entry.name());
        let kind = match entry.kind() {
            // Not every file system says it in the listing.
            FileType::Unknown => beneath.kind(&at),
            kind => Ok(kind),
        };
        match kind {
            // If it is something else by the time it is looked into, that is a fault.
            Ok(FileType::Directory) => pending.push(at),
            Ok(_) if is_listed(&at) => {}
            Ok(_) => drop(faults.insert(at, FileProblem::Unlisted)),
            Err(problem) => drop(faults.insert(at, problem)),
        }
    }
    Ok(())
}
