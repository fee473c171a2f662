use genome::{Document, KeyId, MergingError, QuotedPath, Refusal, Signature, Tally};
use genome_cli::{Failure, Finding};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A genome with the signatures of all its copies so far.
pub(crate) struct Joined<'b> {
    pub(crate) document: Document<'b>,
    /// What each copy is called, and who is said to have signed it.
    copies: Vec<(PathBuf, Vec<KeyId>)>,
}

/// Reads a copy.
pub(crate) fn read<'b>(name: &Path, bytes: &'b [u8]) -> Result<Document<'b>, Failure> {
    Document::read(bytes).map_err(|refusal| refused(&refusal, name))
}

fn refused(refusal: &Refusal, name: &Path) -> Failure {
    Failure::refused(Finding::from(refusal).at(name))
}

fn key_ids(document: &Document<'_>) -> Vec<KeyId> {
    document.signatures().iter().map(|signature| signature.key_id().clone()).collect()
}

impl<'b> Joined<'b> {
    /// The first copy.
    pub(crate) fn first(name: &Path, bytes: &'b [u8]) -> Result<Self, Failure> {
        let document = read(name, bytes)?;
        document.tally().map_err(|refusal| refused(&refusal, name))?;
        Ok(Self { copies: vec![(name.to_owned(), key_ids(&document))], document })
    }

    /// Joins one more copy; with the common ancestor of both, if there is one.
    pub(crate) fn join(&mut self, name: &Path, copy: &Document<'_>, ancestor: Option<&Document<'_>>) -> Result<(), Failure> {
        self.document.join(copy, ancestor).map_err(|error| self.refused(&error, name))?;
        self.copies.push((name.to_owned(), key_ids(copy)));
        Ok(())
    }

    fn refused(&self, error: &MergingError, name: &Path) -> Failure {
        let other = match error {
            MergingError::Refused(refusal) => return refused(refusal, name),
            MergingError::Contradiction(key_id) => self.copies.iter().find(|(_, key_ids)| key_ids.contains(key_id)),
            _ => self.copies.first(),
        };
        let other = other.map_or(Path::new(""), |(name, _)| name);
        Failure::refused(Finding::error(format!("compared with {}, {error}", QuotedPath(other)), error.hint()).at(name))
    }

    /// How far the authority has signed.
    pub(crate) fn tally(&self) -> Result<Tally, Failure> {
        self.document.tally().map_err(|refusal| Failure::refused(Finding::from(&refusal)))
    }

    /// What the copies are called, each once, as it is safe to print.
    pub(crate) fn names(&self) -> String {
        let mut seen = HashSet::new();
        let names = self.copies.iter().map(|(name, _)| name).filter(|name| seen.insert(*name));
        names.map(|name| QuotedPath(name).to_string()).collect::<Vec<String>>().join(", ")
    }

    /// Who is said to have signed a copy, and did not sign what came of it.
    pub(crate) fn withdrawn(&self) -> BTreeSet<&KeyId> {
        let kept: BTreeSet<&KeyId> = self.document.signatures().iter().map(Signature::key_id).collect();
        self.copies.iter().flat_map(|(_, key_ids)| key_ids).filter(|key_id| !kept.contains(key_id)).collect()
    }
}
