//! Proposes a change of a genome.

mod directory;
mod making;
mod report;

pub(crate) use making::into_directory;
