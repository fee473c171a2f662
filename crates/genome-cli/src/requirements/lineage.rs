//! Where the ancestors of a genome are by default.

use crate::Source;
use genome_files::{LineageDirectory, directory_of};
use std::path::{Component, Path, PathBuf};

/// The directories in which the ancestors of a genome are searched by default; none for standard input.
#[must_use]
pub fn lineage_near(source: &Source) -> Option<LineageDirectory> {
    Some(above(source)).filter(|above| !above.is_empty()).map(LineageDirectory::nearby)
}

/// The directories above the genome's own, with links resolved: above its path as it is written, above the directory to which that leads, and
/// above the file to which it leads, as each may be a link. The genome need not exist yet.
pub(super) fn above(source: &Source) -> Vec<PathBuf> {
    let Source::File(path) = source else { return Vec::new() };
    let file = path.canonicalize().ok();
    let written = std::path::absolute(path).ok();
    // Without a link all three are one.
    if let (Some(file), Some(written)) = (&file, &written)
        && file == written
    {
        return grandparent(file).map(Path::to_owned).into_iter().collect();
    }
    let directory = directory_of(path).canonicalize().ok();
    // Above `a/..` is not `a`.
    let is_plain = |above: &&Path| !above.components().any(|step| step == Component::ParentDir);
    let own = written.as_deref().and_then(Path::parent).filter(is_plain);
    let found = [
        file.as_deref().and_then(grandparent).map(Path::to_owned),
        directory.as_deref().and_then(Path::parent).map(Path::to_owned),
        own.and_then(Path::parent).and_then(|above| above.canonicalize().ok()),
    ];
    let mut above: Vec<PathBuf> = Vec::new();
    for path in found.into_iter().flatten() {
        if !above.contains(&path) {
            above.push(path);
        }
    }
    above
}

fn grandparent(path: &Path) -> Option<&Path> {
    path.parent()?.parent()
}
