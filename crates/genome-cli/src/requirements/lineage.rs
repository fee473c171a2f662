//! Where the ancestors of a genome are by default.

use crate::Source;
use genome_files::{LineageDirectory, directory_of};
use std::path::{Path, PathBuf};

/// The directory in which the ancestors of a genome are searched by default; none for standard input.
#[must_use]
pub fn lineage_near(source: &Source) -> Option<LineageDirectory> {
    above(source).map(|above| LineageDirectory::nearby(&above))
}

/// The directory above the genome's own, with links resolved. The genome need not exist yet.
pub(super) fn above(source: &Source) -> Option<PathBuf> {
    let Source::File(path) = source else { return None };
    let directory = || directory_of(path).canonicalize().ok();
    let directory = path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned)).or_else(directory)?;
    Some(directory.parent()?.to_owned())
}
