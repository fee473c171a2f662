//! The contents of a genome, as types that cannot hold a value that the schema refuses.

mod list;
mod name;
pub(crate) mod pin;
pub(crate) mod reading;
mod servers;
mod written;

use crate::digest::{Digest, GenomeId};
use crate::key::{KeyId, PublicKey};
use crate::named::named;
use crate::path::ManifestPath;
use crate::timestamp::Timestamp;
use genome_json::Value;
pub use list::ListKind;
pub use name::GenomeName;
pub use pin::ToolPin;
use semver::Version;
pub use servers::NothingAllowed;
pub(crate) use written::written_signers;

/// A genome's contents, DESIGN section 3, without its signatures. Only a [`Verified`](crate::Verified) one may be acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Genome {
    /// The lineage's name, 1 to 128 characters that all show.
    pub name: String,
    /// Semantic Versioning 2.0.0.
    pub version: Version,
    /// The genomes that this one follows, all different; none for a root.
    pub parents: Vec<GenomeId>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// Who may sign it.
    pub authority: Authority,
    /// What must hold, with different ids.
    pub invariants: Vec<Invariant>,
    /// What may be done, with different ids.
    pub capabilities: Vec<Capability>,
    /// The definitions of tools that are good, all different; none where nothing is pinned.
    pub tools: Vec<ToolPin>,
    /// The files that belong to it, at different paths.
    pub files: Vec<ManifestFile>,
}

/// Who may sign a genome, and how many of them must.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Authority {
    /// At least one; all ids and all public keys are different.
    pub signers: Vec<Signer>,
    /// How many distinct keys must have signed, 1 to the number of signers.
    pub threshold: usize,
}

/// A key that may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signer {
    /// The key's name within the authority.
    pub key_id: KeyId,
    /// The key.
    pub public_key: PublicKey,
}

impl Signer {
    /// The signer who has this key, under this key id.
    #[must_use]
    pub fn new(key_id: KeyId, public_key: PublicKey) -> Self {
        Self { key_id, public_key }
    }

    /// The object that stands in a document, as JSON with two spaces of indentation and a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_pretty()
    }

    /// The object that stands in a document.
    pub(crate) fn to_value(&self) -> Value<'static> {
        Value::object([
            ("key_id", Value::string(self.key_id.to_string())),
            ("alg", Value::string("ed25519")),
            ("public_key", Value::string(self.public_key.to_string())),
        ])
    }
}

/// Something that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Invariant {
    /// Its name within the genome.
    pub id: String,
    /// How bad it is if it does not hold.
    pub severity: Severity,
    /// What must hold, in words.
    pub testable_claim: String,
    /// The place in the system that enforces it.
    pub enforcement_hook: String,
}

/// A part of the ceiling.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Capability {
    /// Its name within the genome.
    pub cap_id: String,
    /// How much damage its actions can do.
    pub risk_class: RiskClass,
    /// The actions that it allows.
    pub allow_actions: Vec<String>,
    /// The actions that it denies, whoever else allows them; none of them is in `allow_actions`.
    pub deny_actions: Vec<String>,
}

/// A file that belongs to a genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ManifestFile {
    /// Where it is, from the root of the repository.
    pub path: ManifestPath,
    /// The SHA-256 digest of its bytes; `None` in a draft that holds a placeholder.
    pub sha256: Option<Digest>,
}

named! {
    /// How bad it is if an invariant does not hold.
    #[derive(PartialOrd, Ord)]
    Severity {
        /// The system must stop.
        Critical = "CRITICAL",
        /// A serious fault.
        High = "HIGH",
        /// A fault.
        Medium = "MEDIUM",
    }
}

named! {
    /// How much damage the actions of a capability can do, from A, the least, to D.
    #[derive(PartialOrd, Ord)]
    RiskClass {
        /// Harmless.
        A = "A",
        /// Reads.
        B = "B",
        /// Writes.
        C = "C",
        /// Cannot be undone.
        D = "D",
    }
}
