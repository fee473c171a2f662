//! Keys that must not count.

use super::{Fingerprint, PublicKey};
use std::collections::HashSet;

/// The fingerprints of keys whose signatures count nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RevokedKeys(HashSet<Fingerprint>);

impl RevokedKeys {
    /// Whether this key is one of them, with either sign: whoever has the secret of a key has that of its other sign.
    pub(crate) fn includes(&self, key: &PublicKey) -> bool {
        // Most policies revoke nothing, and a fingerprint takes two hashes.
        !self.0.is_empty() && key.fingerprints_of_both_signs().iter().any(|print| self.0.contains(print))
    }

    /// Adds one. Returns whether it is new.
    pub(crate) fn insert(&mut self, fingerprint: Fingerprint) -> bool {
        self.0.insert(fingerprint)
    }

    /// Those that another list does not have, in the order of their texts.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<Fingerprint> {
        let mut beyond: Vec<Fingerprint> = self.0.difference(&other.0).copied().collect();
        beyond.sort_by_key(Fingerprint::to_string);
        beyond
    }
}

impl FromIterator<Fingerprint> for RevokedKeys {
    fn from_iter<I: IntoIterator<Item = Fingerprint>>(fingerprints: I) -> Self {
        Self(fingerprints.into_iter().collect())
    }
}
