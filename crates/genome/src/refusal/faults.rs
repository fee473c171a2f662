//! Turns the faults of a document into its refusal.

use super::Refusal;
use crate::schema::{Faults, secrets};
use genome_json::Value;

impl Refusal {
    /// The refusal of a document for its faults, or for private keys in it, which are worse.
    pub(crate) fn of_faults(document: &Value<'_>, faults: Faults) -> Self {
        let pointers = secrets(document);
        if pointers.is_empty() { Self::Schema(faults) } else { Self::SecretExposed { pointers, faults } }
    }
}

/// Refuses a document in which a private key stands where the schema takes any text.
pub(crate) fn refuse_secrets(document: &Value<'_>) -> Result<(), Refusal> {
    match Refusal::of_faults(document, Faults::default()) {
        exposed @ Refusal::SecretExposed { .. } => Err(exposed),
        _ => Ok(()),
    }
}
