//! Where the genomes of a proposal are looked for.

use genome_files::LineageDirectory;
use std::path::{Path, PathBuf};

/// Where the genomes of a proposal are looked for where no option says it; the last is its own directory, as a draft may lie beside its proposal.
pub(crate) fn proposal_places(directory: &Path) -> Vec<LineageDirectory> {
    genomes(directory).into_iter().chain([LineageDirectory::nearby(vec![directory.to_owned()])]).collect()
}

/// Where genomes are by default: beside the directory of the proposals, as its path is written, and as it is where links lead.
fn genomes(directory: &Path) -> Option<LineageDirectory> {
    let beside = |directory: &Path| Some(directory.parent()?.parent()?.join("genomes")).filter(|genomes| genomes.is_dir());
    let real = directory.canonicalize().ok().as_deref().and_then(beside);
    let written = beside(directory);
    let is_same =
        |written: &PathBuf| real.as_ref().is_some_and(|real| written.canonicalize().is_ok_and(|written| &written == real));
    let places: Vec<PathBuf> = match written {
        Some(written) if is_same(&written) => vec![written],
        written => written.into_iter().chain(real).collect(),
    };
    Some(places).filter(|places| !places.is_empty()).map(LineageDirectory::nearby)
}
