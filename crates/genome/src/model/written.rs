//! Signers of public keys that other programs wrote.

use super::Signer;
use crate::key::{KeyId, WrittenKey};

/// The start of a comment that would pass for the fingerprint of another key.
const FINGERPRINT: &str = "SHA256:";

/// A signer for each key. Its key id is the comment of the key, where it has one that can be a key id and that no other has; or else its
/// fingerprint.
pub(crate) fn written_signers(keys: Vec<WrittenKey>) -> Vec<Signer> {
    let comments: Vec<Option<KeyId>> = keys.iter().map(|key| key.comment.clone()).collect();
    let is_own = |comment: &KeyId| {
        let same = comments.iter().flatten().filter(|other| *other == comment).count();
        same == 1 && !comment.as_str().starts_with(FINGERPRINT)
    };
    let signer = |WrittenKey { key, comment, .. }: WrittenKey| {
        let key_id = comment.filter(is_own).unwrap_or_else(|| key.fingerprint().into());
        Signer { key_id, public_key: key }
    };
    keys.into_iter().map(signer).collect()
}
