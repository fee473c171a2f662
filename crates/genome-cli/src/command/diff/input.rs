use crate::{Failure, Finding, Source, stdin_once};
use genome::Document;
use std::path::Path;

/// A file that should hold a genome, which need not be signed.
pub(crate) struct Input {
    pub(crate) source: Source,
    bytes: Vec<u8>,
}

impl Input {
    pub(crate) fn read(source: Source) -> Result<Self, Failure> {
        let bytes = source.read()?;
        Ok(Self { source, bytes })
    }

    /// The genome before and the one after; one of them may come from standard input.
    pub(crate) fn both(old: &Path, new: &Path) -> Result<[Self; 2], Failure> {
        stdin_once(&[old.to_owned(), new.to_owned()])?;
        Ok([Self::read(old.into())?, Self::read(new.into())?])
    }

    pub(crate) fn document(&self) -> Result<Document<'_>, Failure> {
        Document::read(&self.bytes).map_err(|refusal| Failure::undecided(Finding::from(&refusal).at(&self.source)))
    }
}
