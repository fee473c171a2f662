//! What lies between two genomes, which every report shows.

use crate::Source;
use genome::Document;
use genome::change::{Change, Class};
use genome::lineage::Succession;

/// Two genomes, and what lies between them.
pub(crate) struct Comparison<'c> {
    pub(crate) old: Side<'c>,
    pub(crate) new: Side<'c>,
    /// Those that mean anything.
    pub(crate) changes: Vec<Change>,
    /// Whether the one follows from the other; `None` where both are the same genome.
    pub(crate) succession: Option<Succession>,
    /// The classes that make it fail, as somebody named them; if nobody did, each does.
    pub(crate) failing: &'c [Class],
}

/// A genome, and what its file is called.
pub(crate) struct Side<'c> {
    pub(crate) source: &'c Source,
    pub(crate) document: &'c Document<'c>,
}

impl Comparison<'_> {
    /// Whether there is a change of a class that makes it fail.
    pub(crate) fn fails(&self) -> bool {
        self.changes.iter().any(|change| self.failing.is_empty() || self.failing.contains(&change.class()))
    }
}
