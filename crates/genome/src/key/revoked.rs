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
}

impl FromIterator<Fingerprint> for RevokedKeys {
    fn from_iter<I: IntoIterator<Item = Fingerprint>>(fingerprints: I) -> Self {
        Self(fingerprints.into_iter().collect())
    }
}
