//! Never back: the memory of what was accepted.

use crate::GenomeId;
use crate::concept::STATE;
use crate::exposure::Origin;
use crate::genome::Genome;
use crate::policy::TrustPolicy;
use crate::quorum::GenomeName;
use crate::refusal::Refusal;
use crate::schema;
use crate::verified::Verified;
use genome_json::text::Quoted;
use genome_json::{self as json, Member, Value};
use semver::Version;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// The highest version that was accepted under each name, `state.v0.1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollbackState {
    accepted: BTreeMap<String, Accepted>,
    /// The bytes that it was read from; nothing once it has changed.
    origin: Origin,
}

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
    /// The trust policy asks for a higher version.
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
    /// Production needs a memory, and neither a state nor the trust policy says anything of this name.
    NoMemory {
        /// The genome's name.
        name: String,
    },
}

impl Rollback {
    /// Looks for a reason why a genome may not follow.
    pub(crate) fn find(
        genome: &GenomeName,
        policy: Option<&TrustPolicy>,
        state: Option<&RollbackState>,
        production: bool,
    ) -> Option<Self> {
        let minimum = policy.and_then(|policy| policy.minimum_versions.get(&genome.name));
        if let Some(minimum) = minimum
            && genome.version.cmp_precedence(minimum) == Ordering::Less
        {
            return Some(Self::BelowMinimum { genome: genome.clone(), minimum: minimum.clone() });
        }
        if production && minimum.is_none() && state.is_none() {
            return Some(Self::NoMemory { name: genome.name.clone() });
        }
        let accepted = state?.accepted(&genome.name)?.clone();
        match genome.version.cmp_precedence(&accepted.version) {
            Ordering::Less => Some(Self::BelowAccepted { genome: genome.clone(), accepted }),
            Ordering::Equal if genome.id != accepted.genome_id => Some(Self::OtherGenome { genome: genome.clone(), accepted }),
            Ordering::Equal | Ordering::Greater => None,
        }
    }

    pub(crate) fn hint(&self) -> String {
        const STEP_BACK: &str = "to step back on purpose, set `minimum_versions` of the trust policy to the version that you want, and start with a new state";
        match self {
            Self::BelowMinimum { minimum, .. } => {
                format!("deploy {minimum} or higher; or change `minimum_versions` of the trust policy")
            }
            Self::BelowAccepted { accepted, .. } => format!("deploy {} or higher; {STEP_BACK}", accepted.version),
            Self::OtherGenome { .. } => {
                format!(
                    "two genomes have one version: find out who signed the second; one that is meant has a higher version; {STEP_BACK}"
                )
            }
            Self::NoMemory { name } => {
                format!("{STATE}, or give {} a version in `minimum_versions` of the trust policy", Quoted(name))
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
            Self::NoMemory { name } => {
                write!(formatter, "nothing says which version of {} was accepted before", Quoted(name))
            }
        }
    }
}

impl RollbackState {
    /// Reads a state.
    ///
    /// # Errors
    /// [`Refusal::DamagedState`]: the bytes are not what [`to_json`](Self::to_json) wrote.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let damaged = |refusal| Refusal::DamagedState(Box::new(refusal));
        let value = json::parse(bytes).map_err(|error| damaged(error.into()))?;
        let accepted = schema::state::read(&value).map_err(|faults| damaged(schema::refuse(&value, faults)))?;
        Ok(Self { accepted, origin: Origin::of(bytes) })
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// What was accepted under this name.
    #[must_use]
    pub fn accepted(&self, name: &str) -> Option<&Accepted> {
        self.accepted.get(name)
    }

    /// The names under which anything was accepted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.accepted.keys().map(String::as_str)
    }

    /// Remembers a genome, if its version is the highest so far. Says whether anything changed. Only what has been verified, with every
    /// check that was asked for, can be remembered: a state that is written before it remembers what nobody accepted
    /// (CVE-2020-15163). Without a trust policy anybody can block a name with a high version.
    pub fn record(&mut self, genome: &Verified<Genome>) -> bool {
        let higher = |old: &Accepted| genome.version.cmp_precedence(&old.version) == Ordering::Greater;
        let new = self.accepted(&genome.name).is_none_or(higher);
        if new {
            let accepted = Accepted { version: genome.version.clone(), genome_id: genome.id() };
            self.accepted.insert(genome.name.clone(), accepted);
            self.origin = Origin::default();
        }
        new
    }

    /// The state as JSON, with a checksum.
    #[must_use]
    pub fn to_json(&self) -> String {
        let members = self.accepted.iter().map(|(name, accepted)| Member {
            name: name.as_str().into(),
            value: Value::object([
                ("version", Value::string(accepted.version.to_string())),
                ("genome_id", Value::string(accepted.genome_id.to_string())),
            ]),
        });
        let accepted = Value::Object(members.collect());
        let checksum = schema::state::checksum(&accepted);
        let state = Value::object([
            ("schema_version", Value::string(schema::state::VERSION)),
            ("accepted", accepted),
            ("sha256", Value::string(checksum.to_string())),
        ]);
        state.to_pretty()
    }
}
