//! Why a version may not follow what was accepted before.

use crate::concept::STATE;
use crate::digest::GenomeId;
use crate::hint::Hint;
use crate::model::GenomeName;
use genome_json::text::Quoted;
use semver::Version;
use std::fmt;

/// What was accepted under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// The highest version.
    pub version: Version,
    /// The genome of that version.
    pub genome_id: GenomeId,
}

/// Why a version may not follow what was accepted before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rollback {
    /// The trust policy requires a higher version.
    BelowMinimum {
        /// The genome.
        genome: GenomeName,
        /// The lowest version that the policy allows under its name.
        minimum: Version,
    },
    /// A higher version was accepted before.
    BelowAccepted {
        /// The genome.
        genome: GenomeName,
        /// What was accepted.
        accepted: Accepted,
    },
    /// Another genome of the same version was accepted before.
    OtherGenome {
        /// The genome.
        genome: GenomeName,
        /// What was accepted.
        accepted: Accepted,
    },
    /// Production needs to know what was accepted before, and neither a state nor the trust policy says anything of this name.
    NoState {
        /// The genome's name.
        name: String,
    },
}

impl Rollback {
    pub(crate) fn hint(&self) -> Hint {
        const STEP_BACK: &str = "to step back on purpose, set `minimum_versions` of the trust policy to the version that you want, and start with a new state";
        match self {
            Self::BelowMinimum { minimum, .. } => {
                format!("deploy {minimum} or higher; or change `minimum_versions` of the trust policy").into()
            }
            Self::BelowAccepted { accepted, .. } => format!("deploy {} or higher; {STEP_BACK}", accepted.version).into(),
            Self::OtherGenome { .. } => format!(
                "two genomes have one version: find out who signed the second; one that is meant has a higher version; {STEP_BACK}"
            )
            .into(),
            Self::NoState { name } => {
                STATE + format!(", or give {} a version in `minimum_versions` of the trust policy", Quoted(name))
            }
        }
    }
}

impl fmt::Display for Rollback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BelowMinimum { genome, minimum } => {
                write!(formatter, "{genome} is below {minimum}, the lowest version that the trust policy allows")
            }
            Self::BelowAccepted { genome, accepted: Accepted { version, genome_id } } => {
                write!(formatter, "{genome} goes back: {version} ({genome_id}) was accepted before")
            }
            Self::OtherGenome { genome, accepted: Accepted { version, genome_id } } => {
                write!(
                    formatter,
                    "{genome} is another genome than the one of version {version} ({genome_id}) that was accepted before"
                )
            }
            Self::NoState { name } => {
                write!(formatter, "nothing says which version of {} was accepted before", Quoted(name))
            }
        }
    }
}
