//! A trust policy as the text of a file.

use super::{PolicyEditor, PolicyError, TrustPolicy};
use crate::model::Signer;
use crate::named::named;
use genome_json::Value;

/// A trust policy, and the text of its file. The strict reader has read this policy from that text.
///
/// ```
/// use genome::policy::PolicyDocument;
/// use genome::{PrivateKey, TrustPolicy, draft::Draft};
///
/// let key = PrivateKey::from_seed(&[42; 32]).public_key();
/// let signer = Draft::read_signer(format!(r#"{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{key}" }}"#).as_bytes())?;
/// let document = PolicyDocument::of_signers(&[signer], 1)?;
/// assert!(document.to_json().starts_with("{\n  \"schema_version\": \"trust.v0.1\",\n  \"signers\": ["));
/// assert_eq!(TrustPolicy::read(document.to_json().as_bytes())?, *document.policy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    json: String,
    policy: TrustPolicy,
}

named! {
    /// A form in which a trust policy can be written.
    PolicyForm {
        /// The whole form.
        Whole = "trust.v0.1",
        /// An authority, as a genome has one.
        Authority = "authority",
        /// One signer, as the key generator prints it.
        Signer = "signer",
        /// Public keys, as OpenSSH and OpenSSL write them.
        PublicKeys = "public-keys",
    }
}

impl PolicyDocument {
    /// A policy that trusts these signers; so many of them must sign.
    ///
    /// # Errors
    /// Two signers have one key or one key id ([`PolicyError::KeyTaken`], [`PolicyError::Taken`]), there is none
    /// ([`PolicyError::NoSigners`]), or they cannot meet the threshold ([`PolicyError::Unmet`]).
    pub fn of_signers(signers: &[Signer], threshold: usize) -> Result<Self, PolicyError> {
        let mut editor = PolicyEditor::empty();
        for signer in signers {
            editor.add(signer)?;
        }
        if !signers.is_empty() {
            editor.set_threshold(threshold)?;
        }
        editor.finish().map(|edit| edit.document)
    }

    /// Reads the document as strictly as one from a stranger; it must be this policy.
    pub(super) fn prove(document: &Value<'_>, policy: &TrustPolicy) -> Result<Self, PolicyError> {
        let json = document.to_pretty();
        let read = TrustPolicy::read(json.as_bytes())?;
        if read == *policy { Ok(Self { json, policy: read }) } else { Err(PolicyError::Contradiction) }
    }

    /// The policy as JSON: two spaces of indentation, a final line feed.
    #[must_use]
    pub fn to_json(&self) -> &str {
        &self.json
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.policy
    }
}
