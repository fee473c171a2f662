//! Changes of a trust policy, one by one.

use super::members::Members;
use super::{Approvals, PolicyChange, PolicyDocument, PolicyError, PolicyForm, TrustPolicy, TrustShift};
use crate::change::Class;
use crate::digest::GenomeId;
use crate::key::{Fingerprint, PublicKey};
use crate::model::{Authority, Signer};
use crate::named::nearest;
use crate::refusal::Refusal;
use genome_json::Value;
use semver::Version;

/// A trust policy that is being made or changed. What no change touches is carried over as it stands there, in the same order, except for
/// white space and escapes; a smaller form becomes the whole one.
#[derive(Debug, Clone)]
pub struct PolicyEditor<'a> {
    form: PolicyForm,
    before: TrustPolicy,
    /// The document, and the policy that is to be read from it. Each change is made to both.
    members: Members<'a>,
    policy: TrustPolicy,
    may_lower: bool,
}

/// A trust policy that was changed, and what that means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyEdit {
    /// The form that it had before. It has the whole form now.
    pub form: PolicyForm,
    /// Every change.
    pub changes: Vec<PolicyChange>,
    /// What they amount to.
    pub shift: TrustShift,
    /// The policy as it is now.
    pub document: PolicyDocument,
}

impl PolicyEdit {
    /// Whether the policy says the same as before, so that there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // That follows from the form alone.
        self.changes.iter().all(|change| *change == PolicyChange::KeyIdsCount)
    }
}

impl<'a> PolicyEditor<'a> {
    /// Starts with a policy that says nothing yet.
    #[must_use]
    pub fn empty() -> Self {
        let policy = TrustPolicy::default();
        Self { form: PolicyForm::Whole, before: policy.clone(), members: Members::empty(), policy, may_lower: false }
    }

    /// Starts with the policy that stands in this file.
    ///
    /// # Errors
    /// As [`TrustPolicy::read`].
    pub fn of(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let before = TrustPolicy::read(bytes)?;
        let (form, members) = Members::of(bytes, &before);
        let policy = TrustPolicy { is_of_keys: false, ..before.clone() };
        Ok(Self { form, before, members, policy, may_lower: false })
    }

    /// The form that the file has.
    #[must_use]
    pub fn form(&self) -> PolicyForm {
        self.form
    }

    /// The policy that stands in the file, without any change.
    #[must_use]
    pub fn before(&self) -> &TrustPolicy {
        &self.before
    }

    /// The signer of this fingerprint, or else of this key id.
    ///
    /// # Errors
    /// The policy names no such signer ([`PolicyError::Unknown`]).
    pub fn signer(&self, name: &str) -> Result<&Signer, PolicyError> {
        let fingerprint: Option<Fingerprint> = name.parse().ok();
        let signers = self.policy.signers();
        let by_key = signers.iter().find(|signer| Some(signer.public_key.fingerprint()) == fingerprint);
        by_key.or_else(|| signers.iter().find(|signer| signer.key_id.as_str() == name)).ok_or_else(|| PolicyError::Unknown {
            name: name.to_owned(),
            known: signers.iter().map(|signer| signer.key_id.clone()).collect(),
        })
    }

    /// Adds a signer, who may be there already. The first one has the threshold 1.
    ///
    /// # Errors
    /// The policy revokes the key ([`PolicyError::Revoked`]), has it under another key id ([`PolicyError::KeyTaken`]), or has the key id for another key
    /// ([`PolicyError::Taken`]).
    pub fn add(&mut self, signer: &Signer) -> Result<(), PolicyError> {
        let Signer { key_id, public_key } = signer;
        if self.policy.revokes(public_key) {
            return Err(PolicyError::Revoked { key_id: key_id.clone(), fingerprint: public_key.fingerprint() });
        }
        let point = public_key.point_without_sign();
        for known in self.policy.signers() {
            if known == signer {
                return Ok(());
            }
            if known.public_key.point_without_sign() == point {
                let (fingerprint, known_as) = (public_key.fingerprint(), known.key_id.clone());
                return Err(PolicyError::KeyTaken { key_id: key_id.clone(), fingerprint, known_as });
            }
            if known.key_id == *key_id {
                return Err(PolicyError::Taken { key_id: key_id.clone(), known: known.public_key.fingerprint() });
            }
        }
        self.members.edit_list("signers", |signers| signers.push(signer.to_value()));
        match &mut self.policy.authority {
            Some(authority) => authority.signers.push(signer.clone()),
            none => {
                *none = Some(Authority { signers: vec![signer.clone()], threshold: 1 });
                self.members.set("threshold", 1_usize.into());
            }
        }
        Ok(())
    }

    /// Removes the signer with this key. Returns whether there was one.
    pub fn remove(&mut self, key: &PublicKey) -> bool {
        let is_there = |signer: &Signer| signer.public_key == *key;
        let Some(authority) = &mut self.policy.authority else { return false };
        let Some(at) = authority.signers.iter().position(is_there) else { return false };
        authority.signers.remove(at);
        if authority.signers.is_empty() {
            self.policy.authority = None;
            self.members.remove(&["signers", "threshold"]);
            return true;
        }
        self.members.edit_list("signers", |signers| {
            if at < signers.len() {
                signers.remove(at);
            }
        });
        true
    }

    /// Revokes a key, and removes the signer who has it.
    pub fn revoke(&mut self, fingerprint: Fingerprint) {
        if self.policy.revoked.insert(fingerprint) {
            self.members.edit_list("revoked", |revoked| revoked.push(Value::string(fingerprint.to_string())));
        }
        let has = |signer: &&Signer| signer.public_key.fingerprints_of_both_signs().contains(&fingerprint);
        let keys: Vec<PublicKey> = self.policy.signers().iter().filter(has).map(|signer| signer.public_key.clone()).collect();
        for key in &keys {
            self.remove(key);
        }
    }

    /// Sets how many must sign, 1 or more. [`finish`](Self::finish) refuses 0, and more than there are signers.
    ///
    /// # Errors
    /// The policy names no signers ([`PolicyError::NoThreshold`]).
    pub fn set_threshold(&mut self, threshold: usize) -> Result<(), PolicyError> {
        self.policy.authority.as_mut().ok_or(PolicyError::NoThreshold)?.threshold = threshold;
        self.members.set("threshold", threshold.into());
        Ok(())
    }

    /// Sets the lowest version that is accepted under a name. Build metadata makes no version another.
    pub fn set_minimum_version(&mut self, name: &str, version: Version) {
        let known = self.policy.minimum_versions.get(name);
        if known.is_none_or(|known| known.cmp_precedence(&version).is_ne()) {
            self.members.set_in("minimum_versions", name, Value::string(version.to_string()));
            self.policy.minimum_versions.insert(name.to_owned(), version);
        }
    }

    /// Takes the lowest version of a name out, which is a weakening. Returns whether there was one.
    pub fn remove_minimum_version(&mut self, name: &str) -> bool {
        let was_there = self.policy.minimum_versions.remove(name).is_some();
        if was_there {
            self.members.remove_in("minimum_versions", name);
        }
        was_there
    }

    /// Trusts a genome for its id alone, which may be there already.
    pub fn add_genome_id(&mut self, id: GenomeId) {
        if self.policy.genome_ids.insert(id) {
            self.members.edit_list("genome_ids", |ids| ids.push(Value::string(id.to_string())));
        }
    }

    /// Takes the id of a genome out. Returns whether it was there.
    pub fn remove_genome_id(&mut self, id: GenomeId) -> bool {
        let was_there = self.policy.genome_ids.remove(&id);
        if was_there {
            let id = id.to_string();
            self.members.edit_list("genome_ids", |ids| ids.retain(|known| known.as_str() != Some(&id)));
            if self.policy.genome_ids.is_empty() {
                self.members.remove(&["genome_ids"]);
            }
        }
        was_there
    }

    /// Sets how old a genome may be at most, in days, 1 or more; with `None`, any age will do. [`finish`](Self::finish) refuses 0.
    pub fn set_maximum_age(&mut self, days: Option<u64>) {
        self.policy.maximum_age_days = days;
        match days {
            Some(days) => self.members.set("maximum_age_days", days.into()),
            None => self.members.remove(&["maximum_age_days"]),
        }
    }

    /// Sets how many must sign a change of this class, 1 or more; with `None`, the threshold is enough. [`finish`](Self::finish) refuses a
    /// count of 0, and one that its signers can no longer meet.
    pub fn set_quorum(&mut self, class: Class, approvals: Option<Approvals>) {
        let Some(approvals) = approvals else {
            if self.policy.by_class.remove(&class).is_some() {
                self.members.remove_in("quorum", class.as_str());
            }
            return;
        };
        self.policy.by_class.insert(class, approvals);
        let value = match approvals {
            Approvals::All => Value::string(approvals.to_string()),
            Approvals::Count(count) => count.into(),
        };
        self.members.set_in("quorum", class.as_str(), value);
    }

    /// The name with a lowest version that this one, which has none, may be a typing error of.
    #[must_use]
    pub fn resembling(&self, name: &str) -> Option<&str> {
        let known = &self.policy.minimum_versions;
        if known.contains_key(name) { None } else { nearest(name, known.keys().map(String::as_str)) }
    }

    /// Lets the threshold and lowest versions become lower than they are, and the policy ask for less in other ways.
    pub fn allow_lowering(&mut self) {
        self.may_lower = true;
    }

    /// Returns the policy as a document, after reading it as strictly as one from a stranger.
    ///
    /// # Errors
    /// It trusts no signer and no genome ([`PolicyError::NoSigners`]), cannot be met any more ([`PolicyError::Unmet`]), asks for less without permission
    /// ([`PolicyError::Lowers`]), or its schema refuses it ([`PolicyError::Refused`]).
    pub fn finish(self) -> Result<PolicyEdit, PolicyError> {
        let Self { form, before, members, policy, may_lower } = self;
        if policy.authority.is_none() && policy.genome_ids.is_empty() {
            return Err(PolicyError::NoSigners);
        }
        // What could not be met before is not made worse by a change of something else.
        if before.unmet().is_none()
            && let Some(unmet) = policy.unmet()
        {
            return Err(unmet);
        }
        let changes = PolicyChange::between(&before, &policy);
        if let Some(lower) = changes.iter().find(|change| !may_lower && change.is_lowering()) {
            return Err(PolicyError::Lowers(Box::new(lower.clone())));
        }
        let document = PolicyDocument::prove(&members.into_value(), &policy)?;
        let shift = TrustShift::between(&before, document.policy(), &changes);
        Ok(PolicyEdit { form, changes, shift, document })
    }
}
