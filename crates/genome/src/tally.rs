//! How far an authority has signed.

use crate::key::PublicKey;
use crate::model::Signer;
use std::collections::HashSet;

/// How far an authority has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Tally {
    /// How many distinct keys must have signed.
    pub threshold: usize,
    /// The signers whose signatures verify, in the authority's order.
    pub signed: Vec<Signer>,
    /// The signers who have not signed and may, in the authority's order.
    pub unsigned: Vec<Signer>,
    /// The signers whose signatures verify and do not count, because the trust policy revokes their keys.
    pub revoked: Vec<Signer>,
}

impl Tally {
    /// Whether enough have signed.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.missing() == 0
    }

    /// How many signatures are still missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.threshold - self.counted()
    }

    /// How many of the required signatures are there, at most the threshold. It counts distinct public keys, neither names nor signatures, so
    /// that one key under two names, or one signature shown twice, counts once.
    #[must_use]
    pub fn counted(&self) -> usize {
        let keys: HashSet<&PublicKey> = self.signed.iter().map(|signer| &signer.public_key).collect();
        keys.len().min(self.threshold)
    }

    /// Whether enough would have signed, had no key been revoked.
    #[must_use]
    pub fn is_met_but_for_revoked(&self) -> bool {
        !self.is_met() && self.missing() <= self.revoked.len()
    }
}
