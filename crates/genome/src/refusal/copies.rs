//! Unusable copies of ancestors, and places where more may be.

use super::Refusal;
use crate::digest::GenomeId;
use genome_json::text::BarePath;
use std::fmt;
use std::path::PathBuf;

/// Files and directories that could not be read, so that it is unknown which genomes they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsearched {
    /// The first of them.
    pub path: PathBuf,
    /// The system's error.
    pub error: String,
    /// How many others there are.
    pub more: usize,
}

impl fmt::Display for Unsearched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, error, more } = self;
        write!(formatter, "{}, where it may be, cannot be read ({error})", BarePath(path))?;
        if *more == 0 { Ok(()) } else { write!(formatter, ", nor can {more} more") }
    }
}

/// A copy of an ancestor that is refused, beside one that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadCopy {
    /// The genome id under which it was found.
    pub id: GenomeId,
    /// The path of its file.
    pub source: PathBuf,
    /// Why it is refused.
    pub refusal: Box<Refusal>,
}

/// A copy of an ancestor that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableCopy {
    /// The genome id under which it was found.
    pub id: GenomeId,
    /// The path of its file.
    pub source: PathBuf,
    /// What the system says.
    pub error: String,
}
