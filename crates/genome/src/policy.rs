//! The trust policy: whom a verifier trusts.

mod approvals;
mod change;
mod document;
mod editing;
mod fault;
mod members;
mod reach;
mod reading;

use crate::approvals::RequiredApprovals;
use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::document::Document;
use crate::exposure::Origin;
use crate::key::{Fingerprint, PublicKey, RevokedKeys, read_written};
use crate::kind::DocumentKind;
use crate::model::{Authority, Signer, written_signers};
use crate::refusal::{KeySwap, Quorum, QuorumOf, Refusal, refuse_secrets};
pub use approvals::Approvals;
use approvals::ClassApprovals;
pub use change::PolicyChange;
pub use document::{PolicyDocument, PolicyForm};
pub use editing::{PolicyEdit, PolicyEditor};
pub use fault::PolicyError;
use genome_json as json;
pub use reach::TrustShift;
use semver::Version;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Whom a verifier trusts, decided outside the genomes that it verifies (DESIGN section 6, `trust.v0.1`). The default trusts nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustPolicy {
    pub(crate) authority: Option<Authority>,
    pub(crate) genome_ids: HashSet<GenomeId>,
    pub(crate) revoked: RevokedKeys,
    pub(crate) minimum_versions: BTreeMap<String, Version>,
    pub(crate) maximum_age_days: Option<u64>,
    pub(crate) by_class: ClassApprovals,
    /// Whether it was read from public keys as other programs write them, which say nothing of key ids.
    pub(crate) is_of_keys: bool,
    /// The bytes that it was read from, if it was read.
    pub(crate) origin: Origin,
}

impl TrustPolicy {
    /// Reads a policy in any of its forms: a signer object as `genome-keygen` prints it, an `authority` object, the whole form; or public
    /// keys as OpenSSH and OpenSSL write them, each of which may sign alone.
    ///
    /// # Errors
    /// As for a genome: [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`], [`Refusal::OtherDocument`];
    /// and [`Refusal::WrittenKey`] for what OpenSSH or OpenSSL wrote.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if let Some(keys) = read_written(bytes) {
            let signers = written_signers(keys.map_err(Refusal::WrittenKey)?);
            let policy = Self { is_of_keys: true, ..Self::of_authority(Authority { signers, threshold: 1 }) };
            return Ok(Self { origin: Origin::of(bytes), ..policy });
        }
        let value = json::parse(bytes).map_err(|error| Refusal::of_text(DocumentKind::TrustPolicy, bytes, error))?;
        let policy = reading::read(&value).map_err(|faults| Refusal::of_faults(DocumentKind::TrustPolicy, &value, faults))?;
        // A policy that follows the schema may still hold a private key, in a name.
        refuse_secrets(&value)?;
        Ok(Self { origin: Origin::of(bytes), ..policy })
    }

    pub(crate) fn of_authority(authority: Authority) -> Self {
        Self { authority: Some(authority), ..Self::default() }
    }

    /// Who may sign, and how many of them must; `None` where genomes are pinned by their ids alone.
    #[must_use]
    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// The keys that may sign; none where genomes are pinned by their ids alone.
    #[must_use]
    pub fn signers(&self) -> &[Signer] {
        self.authority.as_ref().map_or(&[], |authority| &authority.signers)
    }

    /// The signers whose keys are not revoked.
    pub fn able_signers(&self) -> impl Iterator<Item = &Signer> {
        self.signers().iter().filter(|signer| !self.revokes(&signer.public_key))
    }

    /// Why its signers cannot pin a genome, if it has any and they cannot.
    #[must_use]
    pub fn unmet(&self) -> Option<PolicyError> {
        let RequiredApprovals { signatures, because } = self.approvals_to_pin()?;
        let able = self.able_signers().count();
        (signatures > able).then_some(PolicyError::Unmet { required: signatures, because, able })
    }

    /// The genomes that it pins by their ids, in the order of these.
    #[must_use]
    pub fn genome_ids(&self) -> Vec<GenomeId> {
        let mut ids: Vec<GenomeId> = self.genome_ids.iter().copied().collect();
        ids.sort_unstable_by_key(GenomeId::to_string);
        ids
    }

    /// The fingerprints of the keys that it revokes, in the order of their texts.
    #[must_use]
    pub fn revoked_keys(&self) -> Vec<Fingerprint> {
        self.revoked.beyond(&RevokedKeys::default())
    }

    /// The lowest version that it accepts under each name.
    #[must_use]
    pub fn minimum_versions(&self) -> &BTreeMap<String, Version> {
        &self.minimum_versions
    }

    /// How old a genome may be at most, in days.
    #[must_use]
    pub fn maximum_age_days(&self) -> Option<u64> {
        self.maximum_age_days
    }

    /// Whether it was read from public keys as OpenSSH or OpenSSL writes them. Their key ids are the comments of the keys, or else their
    /// fingerprints; signatures count under whatever key id they are made.
    #[must_use]
    pub fn is_of_keys(&self) -> bool {
        self.is_of_keys
    }

    /// Whether the policy pins this genome: its id is listed, or enough of the policy's keys have signed it. Open signatures are tried with
    /// the policy's keys.
    pub(crate) fn pins(&self, document: &Document<'_>, attribution: &mut Attribution) -> bool {
        let message = document.canonical.as_bytes();
        if self.is_of_keys {
            attribution.attribute_under_any_id(self.signers(), message);
        } else {
            attribution.attribute(self.signers(), message);
        }
        self.genome_ids.contains(&document.id) || self.quorum(attribution).is_some_and(|quorum| quorum.tally.is_met())
    }

    /// How far the policy's signers have signed, if it has any.
    pub(crate) fn quorum(&self, attribution: &Attribution) -> Option<Quorum> {
        let (authority, asked) = (self.authority.as_ref()?, self.approvals_to_pin()?);
        Some(Quorum::of(QuorumOf::Policy, attribution.tally(authority, Some(&self.revoked)), asked))
    }

    /// Every signer of the authority whose key id has another key in the policy, or whose key has another key id there.
    pub(crate) fn key_swaps(&self, authority: &Authority) -> Vec<KeySwap> {
        let by_id: HashMap<_, _> = self.signers().iter().map(|signer| (&signer.key_id, signer)).collect();
        let by_key: HashMap<_, _> = self.signers().iter().map(|signer| (&signer.public_key, signer)).collect();
        let mut swaps = Vec::new();
        for (index, named) in authority.signers.iter().enumerate() {
            let same_id = by_id.get(&named.key_id).filter(|trusted| trusted.public_key != named.public_key);
            // Nobody has chosen the key ids of such a policy.
            let same_key = by_key.get(&named.public_key).filter(|trusted| trusted.key_id != named.key_id && !self.is_of_keys);
            for &&trusted in same_id.iter().chain(&same_key) {
                let pointer = format!("/authority/signers/{index}");
                swaps.push(KeySwap { pointer, named: named.clone(), trusted: trusted.clone() });
            }
        }
        swaps
    }

    /// The keys that must not count anywhere.
    pub(crate) fn revoked(&self) -> &RevokedKeys {
        &self.revoked
    }

    /// Whether a key must not count anywhere.
    #[must_use]
    pub fn revokes(&self, key: &PublicKey) -> bool {
        self.revoked.includes(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    /// One secret signs for a point and for the point with the other sign.
    #[test]
    fn a_key_and_its_other_sign_are_one_signer() {
        let key = PrivateKey::from_seed(&[1; 32]).public_key();
        let mut bytes = *key.as_bytes();
        bytes[31] ^= 0x80;
        let other = PublicKey::from_bytes(&bytes).unwrap();
        assert_ne!(key, other);
        let signer = |id: &str, key: &PublicKey| format!(r#"{{"key_id": "{id}", "alg": "ed25519", "public_key": "{key}"}}"#);
        let policy = |signers: &[String], revoked: &str| {
            let signers = signers.join(", ");
            TrustPolicy::read(
                format!(r#"{{"schema_version": "trust.v0.1", "signers": [{signers}], "threshold": 1, "revoked": [{revoked}]}}"#)
                    .as_bytes(),
            )
        };
        let refusal = policy(&[signer("a", &key), signer("b", &other)], "").unwrap_err();
        let pointers: Vec<_> = refusal.faults().unwrap().iter().map(|fault| fault.pointer.clone()).collect();
        assert_eq!(pointers, ["/signers/1/public_key"]);
        let revoking = policy(&[signer("b", &other)], &format!("\"{}\"", key.fingerprint())).unwrap();
        assert!(revoking.revokes(&key) && revoking.revokes(&other));
        assert!(!revoking.revokes(&PrivateKey::from_seed(&[2; 32]).public_key()));
    }
}
