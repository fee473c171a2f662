//! The parents of a genome, whose signers may sign it too: those that are given, and those that are found near it.

use super::SigningPlace;
use crate::{Failure, Finding, Source, genome_file, lineage_near};
use genome::dangerous::{Intact, verify_self_declared};
use genome::document::SigningError;
use genome::{Ancestors as _, Document, Genome, GenomeId};
use genome_files::LineageDirectory;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The parents of a genome whose signers may sign it, and where others were looked for.
///
/// A parent that is found counts as one that is given with `--parent`. That is safe, as nothing of a file is trusted but its bytes:
///
/// - The draft names its parents by genome id, the SHA-256 digest of all that a genome says. A file that was planted can only be the very
///   genome that is named: no other has that id. It names the same signers and the same threshold, wherever it lies.
/// - It must be in order itself, as a given one must: its signatures verify, and enough of its own signers have signed. A copy that is not
///   is passed over, so that a planted one does not hinder anybody either.
/// - What a signer of a parent signs counts for that parent's quorum, and never for that of the genome. Whether the parent is trusted is
///   decided when the signed genome is verified, by a policy, and not here.
/// - Whoever writes a draft can name a parent that he made and put it near. That gets him no signature that he could not ask for by naming the
///   signer in the draft itself: the review shows all of a genome whose parent the signer has not signed, and asks.
#[derive(Debug)]
pub(crate) struct CoSigningParents {
    /// Those that are given come first, and outweigh what is found.
    intact: Vec<Intact<Genome>>,
    /// The paths of those that are given.
    given: Vec<PathBuf>,
    /// How many are neither given nor found in order.
    missing: usize,
    nearby: Vec<LineageDirectory>,
}

impl CoSigningParents {
    /// Reads the parents that are given, and looks for the others.
    pub(crate) fn of(document: &Document<'_>, given: &[PathBuf], place: &SigningPlace) -> Result<Self, Failure> {
        let mut intact = given.iter().map(|path| parent(path)).collect::<Result<Vec<_>, _>>()?;
        let nearby: Vec<LineageDirectory> =
            [place.draft.clone(), Source::from(place.output.as_path())].iter().filter_map(lineage_near).collect();
        let named = &document.unverified().parents;
        let mut known: HashSet<GenomeId> = intact.iter().map(Intact::id).collect();
        let mut missing = 0;
        for &id in named {
            if known.insert(id) {
                match found(&nearby, id) {
                    Some(parent) => intact.push(parent),
                    None => missing += 1,
                }
            }
        }
        Ok(Self { intact, given: given.to_vec(), missing, nearby })
    }

    /// All that are in order.
    pub(crate) fn all(&self) -> &[Intact<Genome>] {
        &self.intact
    }

    /// Those that are given.
    pub(crate) fn given(&self) -> &[Intact<Genome>] {
        self.intact.get(..self.given.len()).unwrap_or_default()
    }

    /// The paths of those that are given, and would not be found without that.
    pub(crate) fn only_given(&self) -> impl Iterator<Item = &Path> {
        let paths = self.given.iter().zip(&self.intact);
        paths.filter(|(_, parent)| found(&self.nearby, parent.id()).is_none()).map(|(path, _)| path.as_path())
    }

    /// How many of those that the genome names are neither given nor found in order.
    pub(crate) fn missing(&self) -> usize {
        self.missing
    }

    /// Where they were looked for.
    pub(crate) fn nearby(&self) -> &[LineageDirectory] {
        &self.nearby
    }
}

/// A parent that is given, which must be in order itself: its authority decides who may sign.
fn parent(path: &Path) -> Result<Intact<Genome>, Failure> {
    // A path in any case: standard input may be the draft.
    let source = Source::File(genome_file(path).into_owned());
    verify_self_declared(&source.read()?)
        .map_err(|refusal| Failure::refused(Finding::from(&SigningError::from(refusal)).at(&source)))
}

/// The first copy of the genome of this id that is in order.
fn found(nearby: &[LineageDirectory], id: GenomeId) -> Option<Intact<Genome>> {
    // A directory that cannot be searched, and a copy that cannot be read, hold no parent that we could use; the review says so.
    let copies = nearby.iter().flat_map(|directory| directory.find(id).unwrap_or_default());
    copies.filter_map(|copy| verify_self_declared(&copy.bytes.ok()?).ok()).find(|copy| copy.id() == id)
}
