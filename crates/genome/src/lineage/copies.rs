//! The copies of one ancestor.

use super::parents::parents;
use super::{Ancestor, Ancestors};
use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::document::Document;
use crate::model::Signer;
use crate::refusal::{BadCopy, Refusal};
use crate::signature::BadSignature;
use std::path::{Path, PathBuf};

/// The copies of one genome, which may differ in their signatures. Each is judged by itself, so that a file beside a
/// good copy cannot spoil it; the signatures of all good copies count together.
pub(super) struct Copies {
    good: Vec<Copy>,
}

/// A copy on which no signature is known to be wrong.
struct Copy {
    /// The file; `None` for the genome where the walk starts.
    source: Option<PathBuf>,
    /// The attribution by the genome's own key ids, by which its own quorum counts.
    own: Attribution,
    /// The attribution by the key ids of others, too.
    known: Attribution,
}

/// A copy with signatures that name a known key and do not verify with it.
pub(super) struct Forged {
    pub(super) source: Option<PathBuf>,
    pub(super) signatures: Vec<BadSignature>,
}

impl Copies {
    /// The genome where the walk starts, of which there is one copy.
    pub(super) fn of_start(attribution: Attribution) -> Self {
        Self { good: vec![Copy::of(None, attribution)] }
    }

    /// Returns the copies of the genome of this id among the files, and its document, or `None` where none is good by itself; then the bad
    /// copies: files that are not a genome, or whose own signers have not signed although they say so. Skips files that cannot be read.
    pub(super) fn read(id: GenomeId, files: &[Ancestor]) -> (Option<(Document<'_>, Self)>, Vec<BadCopy>) {
        let (mut good, mut bad): (Option<(Document<'_>, Self)>, Vec<BadCopy>) = (None, Vec::new());
        for Ancestor { bytes, source } in files {
            let Ok(bytes) = bytes else { continue };
            let attributed = match Document::read(bytes) {
                // Its contents are another genome, under whichever id it was found.
                Ok(document) if document.id != id => continue,
                Ok(document) => document.attribution().map(|attribution| (document, attribution)),
                Err(refusal) => Err(refusal),
            };
            match attributed {
                Ok((document, attribution)) => {
                    let copy = Copy::of(Some(source.clone()), attribution);
                    good.get_or_insert_with(|| (document, Self { good: Vec::new() })).1.good.push(copy);
                }
                Err(refusal) => bad.push(BadCopy { id, source: source.clone(), refusal: Box::new(refusal) }),
            }
        }
        (good, bad)
    }

    /// Tries the signatures of each copy that are still open with the keys that these signers have under their key ids.
    pub(super) fn attribute(&mut self, signers: &[Signer], message: &[u8]) {
        Attribution::attribute_each(self.good.iter_mut().map(|copy| &mut copy.known), signers, message);
    }

    /// Removes the copies with a signature that names a known key and does not verify with it.
    pub(super) fn drop_forged(&mut self) -> Vec<Forged> {
        self.drop_if(|copy| copy.known.bad())
    }

    /// Removes such copies before the parents of the document are known: a key id of the policy may be theirs too, for another key. Their key
    /// ids do not count yet. The parents are read once, if at all, however many copies there are.
    pub(super) fn drop_forged_among(&mut self, document: &Document<'_>, ancestors: Option<&dyn Ancestors>) -> Vec<Forged> {
        let suspect = |copy: &Copy| (!copy.known.bad().is_empty()).then(|| copy.known.clone());
        let mut tried: Vec<Option<Attribution>> = self.good.iter().map(suspect).collect();
        if tried.iter().all(Option::is_none) {
            return Vec::new();
        }
        let parents = ancestors.map(|ancestors| parents(document, ancestors)).unwrap_or_default();
        for parent in parents.iter().filter_map(|(_, parent)| parent.as_ref()) {
            Attribution::attribute_each(tried.iter_mut().flatten(), &parent.authority.signers, document.canonical.as_bytes());
        }
        let mut tried = tried.into_iter();
        self.drop_if(|_| tried.next().flatten().map_or_else(Vec::new, |attribution| attribution.bad()))
    }

    fn drop_if(&mut self, mut bad: impl FnMut(&Copy) -> Vec<BadSignature>) -> Vec<Forged> {
        let mut forged = Vec::new();
        self.good.retain(|copy| {
            let signatures = bad(copy);
            let is_good = signatures.is_empty();
            forged.extend((!is_good).then(|| Forged { source: copy.source.clone(), signatures }));
            is_good
        });
        forged
    }

    /// The name of a good copy, if there is one.
    pub(super) fn source(&self) -> Option<&Path> {
        self.good.first()?.source.as_deref()
    }

    /// Who signed any of the good copies, by the genome's own key ids; `None` where none is good.
    pub(super) fn own(&self) -> Option<Attribution> {
        join(self.good.iter().map(|copy| &copy.own))
    }

    /// Who signed any of the good copies, by all key ids that were tried; `None` where none is good.
    pub(super) fn known(&self) -> Option<Attribution> {
        join(self.good.iter().map(|copy| &copy.known))
    }
}

impl Copy {
    fn of(source: Option<PathBuf>, own: Attribution) -> Self {
        Self { source, known: own.clone(), own }
    }
}

fn join<'a>(attributions: impl IntoIterator<Item = &'a Attribution>) -> Option<Attribution> {
    let mut attributions = attributions.into_iter().cloned();
    let first = attributions.next()?;
    Some(attributions.fold(first, |mut joined, copy| {
        joined.join(copy);
        joined
    }))
}

impl Forged {
    /// The same, of a genome that has this id; `None` for the genome where the walk starts.
    pub(super) fn of(self, id: GenomeId) -> Option<BadCopy> {
        let refusal = Box::new(Refusal::InvalidSignature(self.signatures));
        self.source.map(|source| BadCopy { id, source, refusal })
    }
}
