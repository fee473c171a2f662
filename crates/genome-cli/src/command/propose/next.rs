//! What comes after a proposal was made: the command that checks it, which has to find both genomes.

use crate::input::Input;
use crate::parents::from_here;
use crate::proposal_places::proposal_places;
use crate::{Failure, Source};
use genome::{Ancestors as _, GenomeId};
use genome_json::text::{shell_path, shell_word};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The last lines of the report. `genome verify --proposal` looks for genomes in other places than those where a proposal takes them from, so that it is
/// said where they are, or how they get to where they are found.
pub(super) fn lines(directory: &Path, genomes: [&Input; 2]) -> Result<String, Failure> {
    let places = proposal_places(directory);
    let is_found = |id: GenomeId| places.iter().any(|place| place.find(id).is_ok_and(|found| !found.is_empty()));
    let mut lost = Vec::new();
    for genome in genomes {
        if !is_found(genome.document()?.id()) {
            lost.push(genome);
        }
    }
    let proposal = shell_path(directory);
    let mut text = String::new();
    // Writing to a string does not fail.
    let lineage = match (lost.as_slice(), above_both(genomes)) {
        ([], _) => String::new(),
        (_, Some(above)) => format!(" --lineage {}", shell_path(&from_here(&above))),
        (lost, None) => {
            let _ = writeln!(text, "  next        put what it is about into the directory of the proposal, where it is found:");
            for genome in lost {
                let _ = writeln!(text, "  {}", copying(genome, directory)?);
            }
            String::new()
        }
    };
    let _ = writeln!(text, "  next        check it, now and with each change:\n  genome verify --proposal {proposal}{lineage}");
    Ok(text)
}

/// The directory below which both genomes are, unless it is that of the whole system.
fn above_both(genomes: [&Input; 2]) -> Option<PathBuf> {
    let [old, new] = genomes.map(|genome| match &genome.source {
        // Links are not followed there.
        Source::File(path) => path.canonicalize().ok(),
        Source::Stdin | Source::Side(..) | Source::Version(..) => None,
    });
    let (old, new) = (old?, new?);
    let above = old.ancestors().skip(1).find(|above| new.starts_with(above))?;
    above.parent().is_some().then(|| above.to_owned())
}

/// The command that copies a genome into the directory of the proposal.
fn copying(genome: &Input, directory: &Path) -> Result<String, Failure> {
    let document = genome.document()?;
    let to = shell_path(&directory.join(format!("genome-{}.json", document.unverified().version)));
    Ok(match &genome.source {
        Source::File(path) | Source::Side(path, _) => format!("cp {} {to}", shell_path(path)),
        Source::Version(path, commit) => {
            let mut object = OsString::from(format!("{commit}:"));
            object.push(path);
            format!("git show {} > {to}", shell_word(&object))
        }
        Source::Stdin => format!("cp FILE {to}"),
    })
}
