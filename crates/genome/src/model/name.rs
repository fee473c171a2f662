//! The name of a genome in messages.

use super::Genome;
use crate::digest::GenomeId;
use genome_json::text::Quoted;
use semver::Version;
use std::fmt;

/// A genome by its name, version and id, as messages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct GenomeName {
    /// Its name.
    pub name: String,
    /// Its version.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub version: Version,
    /// Its genome id.
    pub id: GenomeId,
}

impl GenomeName {
    pub(crate) fn of(genome: &Genome, id: GenomeId) -> Self {
        Self { name: genome.name.clone(), version: genome.version.clone(), id }
    }
}

impl fmt::Display for GenomeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({})", Quoted(&self.name), self.version, self.id)
    }
}
