//! A key that a genome and a trust policy name differently.

use crate::model::Signer;
use std::fmt;

/// A key of the trust policy that the genome names differently: an honest mistake, or an impostor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySwap {
    /// Where the genome names it, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// As the genome's authority names it.
    pub named: Signer,
    /// As the trust policy names it: the same key id with another key, or the same key under another key id.
    pub trusted: Signer,
}

impl fmt::Display for KeySwap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, trusted, .. } = self;
        let [named_print, trusted_print] = [named, trusted].map(|signer| signer.public_key.fingerprint());
        if named.key_id == trusted.key_id {
            let id = &named.key_id;
            write!(formatter, "`{id}` is {named_print} in the genome, and {trusted_print} in the trust policy: two different keys")
        } else {
            let (ours, theirs) = (&named.key_id, &trusted.key_id);
            write!(
                formatter,
                "the key {named_print} is `{ours}` in the genome, and `{theirs}` ({trusted_print}) in the trust policy"
            )
        }
    }
}
