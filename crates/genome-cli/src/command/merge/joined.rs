//! Copies of one genome, joined so far.

use crate::hints::with_options;
use crate::{Failure, Finding, Source};
use genome::document::{MergeError, Signature, Tally};
use genome::{Document, KeyId, Refusal};
use std::collections::{BTreeSet, HashSet};

/// A genome with the signatures of all its copies so far.
pub(crate) struct Joined<'b> {
    pub(crate) document: Document<'b>,
    /// The source of each copy, and the key ids of its signatures.
    copies: Vec<(Source, Vec<KeyId>)>,
}

/// Reads a copy.
pub(crate) fn read<'b>(source: &Source, bytes: &'b [u8]) -> Result<Document<'b>, Failure> {
    Document::read(bytes).map_err(|refusal| refused(&refusal, source))
}

fn refused(refusal: &Refusal, source: &Source) -> Failure {
    Failure::refused(Finding::from(refusal).at(source))
}

fn key_ids(document: &Document<'_>) -> Vec<KeyId> {
    document.signatures().iter().map(|signature| signature.key_id().clone()).collect()
}

impl<'b> Joined<'b> {
    /// The first copy.
    pub(crate) fn first(source: &Source, bytes: &'b [u8]) -> Result<Self, Failure> {
        let document = read(source, bytes)?;
        document.tally().map_err(|refusal| refused(&refusal, source))?;
        Ok(Self { copies: vec![(source.clone(), key_ids(&document))], document })
    }

    /// Joins one more copy; with the common ancestor of both, if there is one.
    pub(crate) fn join(&mut self, source: &Source, copy: &Document<'_>, ancestor: Option<&Document<'_>>) -> Result<(), Failure> {
        self.document.join(copy, ancestor).map_err(|error| self.refused(&error, source))?;
        self.copies.push((source.clone(), key_ids(copy)));
        Ok(())
    }

    fn refused(&self, error: &MergeError, source: &Source) -> Failure {
        let other = match error {
            MergeError::Refused(refusal) => return refused(refusal, source),
            MergeError::Contradiction(key_id) => self.copies.iter().find(|(_, key_ids)| key_ids.contains(key_id)),
            _ => self.copies.first(),
        };
        let other = other.map(|(other, _)| format!("compared with {other}, ")).unwrap_or_default();
        Failure::refused(Finding::error(format!("{other}{error}"), with_options(error.hint())).at(source))
    }

    /// The tally of the authority.
    pub(crate) fn tally(&self) -> Result<Tally, Failure> {
        self.document.tally().map_err(|refusal| Failure::refused(Finding::from(&refusal)))
    }

    /// The sources of the copies, each once, as text for a person.
    pub(crate) fn sources(&self) -> String {
        let mut seen = HashSet::new();
        let sources = self.copies.iter().map(|(source, _)| source).filter(|source| seen.insert(*source));
        sources.map(Source::to_string).collect::<Vec<String>>().join(", ")
    }

    /// The key ids of a copy's signatures that the result lacks.
    pub(crate) fn withdrawn(&self) -> BTreeSet<&KeyId> {
        let kept: BTreeSet<&KeyId> = self.document.signatures().iter().map(Signature::key_id).collect();
        self.copies.iter().flat_map(|(_, key_ids)| key_ids).filter(|key_id| !kept.contains(key_id)).collect()
    }
}
