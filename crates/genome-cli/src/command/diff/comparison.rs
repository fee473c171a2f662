//! The comparison of two genomes, which every report shows.

use crate::Source;
use genome::Document;
use genome::change::{Change, Class};
use genome::lineage::Succession;

/// Two genomes and the differences between them.
pub(crate) struct Comparison<'c> {
    pub(crate) old: Side<'c>,
    pub(crate) new: Side<'c>,
    /// The changes of meaning.
    pub(crate) changes: Vec<Change>,
    /// Whether the one follows from the other; `None` where both are the same genome.
    pub(crate) succession: Option<Succession>,
    /// The classes with which it fails, as named with `--fail-on`; `None` where every class does.
    pub(crate) failing: &'c [Class],
}

/// A genome, and the name of its file.
pub(crate) struct Side<'c> {
    pub(crate) source: &'c Source,
    pub(crate) document: &'c Document<'c>,
}

impl Comparison<'_> {
    /// Whether there is a change of a class with which it fails.
    pub(crate) fn fails(&self) -> bool {
        self.changes.iter().any(|change| self.failing.is_empty() || self.failing.contains(&change.class()))
    }
}
