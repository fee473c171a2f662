//! Signatures as they stand in a document.

pub(crate) mod reading;

use crate::key::{KeyId, SignatureFault};
use crate::model::Signer;
use base64ct::{Base64, Encoding as _};
use genome_json::Value;

/// A signature as it stands in a document, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub(crate) key_id: KeyId,
    pub(crate) bytes: [u8; 64],
    pub(crate) pointer: String,
}

impl Signature {
    /// The key id that it names.
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

/// A signature that names a known key and does not verify with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadSignature {
    /// The signature.
    pub signature: Signature,
    /// The signer that it names.
    pub signer: Signer,
    /// What is wrong with it.
    pub fault: SignatureFault,
}
