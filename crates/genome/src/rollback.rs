//! Protection from rollback: the state of accepted versions.

mod reading;

use crate::exposure::Origin;
use crate::model::{Genome, GenomeName};
use crate::policy::TrustPolicy;
use crate::refusal::{Accepted, Refusal, Rollback};
use crate::verified::Verified;
use genome_json::{self as json, Member, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The highest version that was accepted under each name, `state.v0.1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollbackState {
    accepted: BTreeMap<String, Accepted>,
    /// The bytes that it was read from; nothing once it has changed.
    origin: Origin,
}

/// Returns the reason why a genome may not follow what was accepted, if there is one.
pub(crate) fn find_rollback(
    genome: &GenomeName,
    policy: Option<&TrustPolicy>,
    state: Option<&RollbackState>,
    production: bool,
) -> Option<Rollback> {
    let minimum = policy.and_then(|policy| policy.minimum_versions.get(&genome.name));
    if let Some(minimum) = minimum
        && genome.version.cmp_precedence(minimum) == Ordering::Less
    {
        return Some(Rollback::BelowMinimum { genome: genome.clone(), minimum: minimum.clone() });
    }
    if production && minimum.is_none() && state.is_none() {
        return Some(Rollback::NoMemory { name: genome.name.clone() });
    }
    let accepted = state?.accepted(&genome.name)?.clone();
    match genome.version.cmp_precedence(&accepted.version) {
        Ordering::Less => Some(Rollback::BelowAccepted { genome: genome.clone(), accepted }),
        Ordering::Equal if genome.id != accepted.genome_id => Some(Rollback::OtherGenome { genome: genome.clone(), accepted }),
        Ordering::Equal | Ordering::Greater => None,
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
        let accepted = reading::read(&value).map_err(|faults| damaged(Refusal::of_faults(&value, faults)))?;
        Ok(Self { accepted, origin: Origin::of(bytes) })
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns what was accepted under this name.
    #[must_use]
    pub fn accepted(&self, name: &str) -> Option<&Accepted> {
        self.accepted.get(name)
    }

    /// The names under which anything was accepted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.accepted.keys().map(String::as_str)
    }

    /// Records a genome, if its version is the highest so far. Returns whether anything changed. Only a genome that passed every check that
    /// was asked for can be recorded: a state that is written earlier holds what nobody accepted (CVE-2020-15163). Without a trust policy anybody can block a name with a high version.
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
        let checksum = reading::checksum(&accepted);
        let state = Value::object([
            ("schema_version", Value::string(reading::VERSION)),
            ("accepted", accepted),
            ("sha256", Value::string(checksum.to_string())),
        ]);
        state.to_pretty()
    }
}
