//! A file that should hold a genome, which need not be signed.

use crate::{Failure, Finding, Source, genome_file, stdin_once};
use genome::Document;
use std::path::Path;

/// A file that should hold a genome, which need not be signed: its bytes, and where they are from.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) source: Source,
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    pub(crate) fn read(source: Source) -> Result<Self, Failure> {
        let bytes = source.read()?;
        Ok(Self { source, bytes })
    }

    /// The genome that this path means; `-` is standard input.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        Self::read(Source::from(genome_file(path).as_ref()))
    }

    /// The genome before and the one after; one of them may come from standard input.
    pub(crate) fn both(old: &Path, new: &Path) -> Result<[Self; 2], Failure> {
        stdin_once(&[old.to_owned(), new.to_owned()])?;
        Ok([Self::of(old)?, Self::of(new)?])
    }

    pub(crate) fn document(&self) -> Result<Document<'_>, Failure> {
        Document::read(&self.bytes).map_err(|refusal| Failure::undecided(Finding::from(&refusal).at(&self.source)))
    }
}
