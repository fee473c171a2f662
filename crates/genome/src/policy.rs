use crate::document::Document;
use crate::exposure::Origin;
use crate::genome::{Authority, Signer};
use crate::price::Prices;
use crate::quorum::{Quorum, Whose};
use crate::refusal::Refusal;
use crate::signature::Attribution;
use crate::{Fingerprint, GenomeId, PublicKey, json, schema};
use semver::Version;
use std::collections::{BTreeMap, HashSet};

/// Whom a verifier believes, decided outside the genomes that it verifies (DESIGN section 6, `trust.v0.1`). The default believes nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustPolicy {
    pub(crate) authority: Option<Authority>,
    pub(crate) genome_ids: HashSet<GenomeId>,
    pub(crate) revoked: HashSet<Fingerprint>,
    pub(crate) minimum_versions: BTreeMap<String, Version>,
    pub(crate) maximum_age_days: Option<u64>,
    pub(crate) prices: Prices,
    /// The bytes that it was read from, if it was read.
    pub(crate) origin: Origin,
}

impl TrustPolicy {
    /// Reads a policy in any of its three forms: a signer object as `genome-keygen` prints it, an `authority` object, or the whole
    /// form.
    ///
    /// # Errors
    /// As for a genome: [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let value = json::parse(bytes)?;
        let policy = schema::policy::read(&value).map_err(|faults| schema::refuse(&value, faults))?;
        // What the schema takes may still hold a key, in a name.
        schema::refuse_secrets(&value)?;
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

    /// Whether the policy believes this genome itself: its id is listed, or enough of the policy's keys have signed it. Signatures that
    /// are open are tried with the policy's keys.
    pub(crate) fn pins(&self, document: &Document<'_>, attribution: &mut Attribution) -> bool {
        attribution.attribute(self.signers(), document.canonical.as_bytes());
        self.genome_ids.contains(&document.id) || self.quorum(attribution).is_some_and(|quorum| quorum.tally.is_met())
    }

    /// How far the policy's signers have signed, if it has any.
    pub(crate) fn quorum(&self, attribution: &Attribution) -> Option<Quorum> {
        let (authority, asked) = (self.authority.as_ref()?, self.asks_to_pin()?);
        Some(Quorum::of(Whose::Policy, attribution.tally(authority, Some(self)), asked))
    }

    /// Whether a key must not count anywhere.
    #[must_use]
    pub fn revokes(&self, key: &PublicKey) -> bool {
        // Most policies revoke nothing, and a fingerprint takes two hashes.
        !self.revoked.is_empty() && self.revoked.contains(&key.fingerprint())
    }
}
