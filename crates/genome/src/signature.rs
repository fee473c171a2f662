//! Signatures, and the one place where they are counted.

use crate::genome::{Authority, Signer};
use crate::json::Value;
use crate::key::{KeyId, PublicKey, SignatureFault};
use base64ct::{Base64, Encoding as _};
use std::collections::{HashMap, HashSet};

/// A signature as it stands in a document, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub(crate) key_id: KeyId,
    pub(crate) bytes: [u8; 64],
    pub(crate) pointer: String,
}

impl Signature {
    /// The key that is said to have made it.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Where it stands, as a JSON Pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    pub(crate) fn to_value(&self) -> Value<'static> {
        Value::object([
            ("alg", Value::string("ed25519")),
            ("signer_key_id", Value::string(self.key_id.to_string())),
            ("sig_base64", Value::string(Base64::encode_string(&self.bytes))),
        ])
    }
}

/// How far an authority has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// How many distinct keys must have signed.
    pub threshold: usize,
    /// The signers whose signatures verify, in the authority's order.
    pub signed: Vec<Signer>,
    /// The signers who have not signed, in the authority's order.
    pub unsigned: Vec<Signer>,
    /// The signatures by keys that the authority does not name. They count for nothing.
    pub unknown: Vec<Signature>,
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

    /// How many of the signatures required are there, at most the threshold: distinct public keys, not names and not signatures, so
    /// that neither one key under two names nor one signature shown twice counts for more than one.
    #[must_use]
    pub fn counted(&self) -> usize {
        let keys: HashSet<&PublicKey> = self.signed.iter().map(|signer| &signer.public_key).collect();
        keys.len().min(self.threshold)
    }
}

/// A signature that is said to be by a known key and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadSignature {
    /// The signature.
    pub signature: Signature,
    /// Who is said to have made it.
    pub signer: Signer,
    /// What is wrong with it.
    pub fault: SignatureFault,
}

/// Checks signatures over a message and counts them against an authority. This is the only count there is.
///
/// # Errors
/// Every signature of a known signer that does not verify. One is enough to refuse a genome, whatever the others say.
pub(crate) fn tally(authority: &Authority, signatures: &[Signature], message: &[u8]) -> Result<Tally, Vec<BadSignature>> {
    let known: HashMap<&KeyId, &Signer> = authority.signers.iter().map(|signer| (&signer.key_id, signer)).collect();
    let mut verified = HashSet::new();
    let mut unknown = Vec::new();
    let mut bad = Vec::new();
    for signature in signatures {
        match known.get(&signature.key_id) {
            None => unknown.push(signature.clone()),
            Some(&signer) => match signer.public_key.verify(message, &signature.bytes) {
                Ok(()) => {
                    verified.insert(&signer.public_key);
                }
                Err(fault) => bad.push(BadSignature { signature: signature.clone(), signer: signer.clone(), fault }),
            },
        }
    }
    if !bad.is_empty() {
        return Err(bad);
    }
    let (signed, unsigned) = authority.signers.iter().cloned().partition(|signer| verified.contains(&signer.public_key));
    Ok(Tally { threshold: authority.threshold, signed, unsigned, unknown })
}
