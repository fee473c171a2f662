//! Protection from rollback: the state of accepted versions.

mod reading;

use crate::exposure::Origin;
use crate::kind::DocumentKind;
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
        return Some(Rollback::NoState { name: genome.name.clone() });
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
        let value = json::parse(bytes).map_err(|error| damaged(Refusal::of_text(DocumentKind::State, bytes, error)))?;
        let accepted = reading::read(&value).map_err(|faults| damaged(Refusal::of_faults(DocumentKind::State, &value, faults)))?;
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
    /// was asked for can be recorded: a state that is written earlier holds what nobody accepted (CVE-2020-15163). Without a trust policy
    /// anybody can block a name with a high version.
    ///
    /// # Errors
    /// The genome may not follow what is recorded: it was verified without this state
    /// ([`Verifier::with_state`](crate::Verifier::with_state)). Nothing is changed then.
    pub fn record(&mut self, genome: &Verified<Genome>) -> Result<bool, Box<Rollback>> {
        if let Some(rollback) = find_rollback(&GenomeName::of(genome, genome.id()), None, Some(self), false) {
            return Err(Box::new(rollback));
        }
        let higher = |old: &Accepted| genome.version.cmp_precedence(&old.version) == Ordering::Greater;
        let new = self.accepted(&genome.name).is_none_or(higher);
        if new {
            let accepted = Accepted { version: genome.version.clone(), genome_id: genome.id() };
            self.accepted.insert(genome.name.clone(), accepted);
            self.origin = Origin::default();
        }
        Ok(new)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::key::PrivateKey;
    use crate::verify::Verifier;
    use std::time::SystemTime;

    /// A genome of this version, verified without any state.
    fn verified(version: &str, created_at: &str) -> Verified<Genome> {
        let key = PrivateKey::from_seed(&[7; 32]);
        let signer = format!(r#"{{"key_id":"a","alg":"ed25519","public_key":"{}"}}"#, key.public_key());
        let draft = format!(
            r#"{{"schema_version":"genome.v0.1","name":"TEST","version":"{version}","parents":[],"created_at":"{created_at}",
            "authority":{{"signers":[{signer}],"threshold":1}},"invariants":[],"capabilities":[],"build_manifest":{{"files":[]}}}}"#
        );
        let mut document = Document::read(draft.as_bytes()).unwrap();
        document.sign(None, &key, &[]).unwrap();
        let policy = TrustPolicy::read(signer.as_bytes()).unwrap();
        Verifier::trusting(&policy, SystemTime::now()).verify(document.to_json().as_bytes()).unwrap()
    }

    #[test]
    fn what_may_not_follow_is_not_remembered_whoever_verified_it() {
        let time = "2026-01-31T00:00:00Z";
        let mut state = RollbackState::default();
        assert_eq!(state.record(&verified("1.1.0", time)), Ok(true));
        assert_eq!(state.record(&verified("1.1.0", time)), Ok(false));
        let before = state.clone();
        assert!(
            matches!(state.record(&verified("1.0.0", time)), Err(rollback) if matches!(*rollback, Rollback::BelowAccepted { .. }))
        );
        assert!(
            matches!(state.record(&verified("1.1.0", "2026-02-01T00:00:00Z")), Err(rollback) if matches!(*rollback, Rollback::OtherGenome { .. }))
        );
        assert_eq!(state, before);
        assert_eq!(state.record(&verified("1.2.0", time)), Ok(true));
    }
}
