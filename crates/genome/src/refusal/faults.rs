//! Turns the faults of a document into its refusal.

use super::Refusal;
use crate::key::WrittenKeyProblem;
use crate::kind::{DocumentKind, OtherDocument};
use crate::schema::{Faults, private_half_of_jwk, secrets};
use genome_json::{JsonError, Value};

impl Refusal {
    /// The refusal of a document for its faults; for private keys in it, which are worse; or because it is another document than was expected.
    pub(crate) fn of_faults(expected: DocumentKind, document: &Value<'_>, faults: Faults) -> Self {
        // The whole document is one, so nothing else of it is wrong.
        if let Value::Object(members) = document
            && private_half_of_jwk(members).is_some()
        {
            return Self::WrittenKey(WrittenKeyProblem::PrivateKey.somewhere());
        }
        let pointers = secrets(document);
        if !pointers.is_empty() {
            return Self::SecretExposed { pointers, faults };
        }
        OtherDocument::of(expected, document).map_or(Self::Schema(faults), Self::OtherDocument)
    }

    /// The refusal of a text that is not JSON.
    pub(crate) fn of_text(expected: DocumentKind, bytes: &[u8], error: JsonError) -> Self {
        OtherDocument::of_text(expected, bytes, &error).map_or(Self::Json(error), Self::OtherDocument)
    }
}

/// Refuses a document in which a private key stands where the schema takes any text.
pub(crate) fn refuse_secrets(document: &Value<'_>) -> Result<(), Refusal> {
    let pointers = secrets(document);
    if pointers.is_empty() { Ok(()) } else { Err(Refusal::SecretExposed { pointers, faults: Faults::default() }) }
}
