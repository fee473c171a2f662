//! Genomes: signed JSON documents that say what an AI system may do.
//!
//! This crate takes bytes and returns values. It reads genomes strictly, signs them, verifies them, decides whether those who signed are
//! trusted, and answers what they allow.
//!
//! # Which type is for which job
//!
//! | to | use |
//! |---|---|
//! | say whom to trust | [`TrustPolicy`] |
//! | make a trust policy, or change one | [`policy::PolicyDocument::of_signers`]; [`policy::PolicyEditor`] |
//! | know whether a genome is to be trusted, and why | [`Verifier::trusting`] that policy: bytes in, [`Verified<Genome>`](Verified) or [`Refused`] out; [`Verified::trust`] |
//! | find the ancestors of a genome | [`Ancestors`], such as a directory of them (`genome-files`); what was found is the [`Lineage`] |
//! | never go back to an older version | [`RollbackState`] |
//! | record a signing, and see whether one was recorded | [`audit::AuditRecord`] and [`audit::AuditTail`]; [`audit::AuditLog`] |
//! | compare files with the manifest | [`manifest::check_files`] and [`DeployedFiles`], such as those beneath a directory (`genome-files`) |
//! | hold a genome to the checklist of production | [`Verifier::in_production`], with the [`Surroundings`], which are made of [`exposure::Evidence`] |
//! | act upon a genome | [`Verified<Genome>`](Verified), which nothing but a [`Verifier`] makes |
//! | know whether a genome is as its own signers left it, and no more | [`dangerous::verify_self_declared`], which returns [`Intact<Genome>`](dangerous::Intact) |
//! | act upon a genome that only vouches for itself | [`dangerous::accept_self_declared`], which says so |
//! | ask whether an action is allowed | [`Verified::to_ceiling`], which returns the [`Ceiling`] |
//! | know under which name an action of MCP is allowed | [`mcp::ActionNames`] |
//! | know the digest of what an MCP server says of a tool | [`definition::ToolDefinition`] |
//! | keep those definitions for reviewers, and find the text of a pin | [`definition::Definitions`] |
//! | say how a definition differs from another | [`definition::differences`] |
//! | know which definitions of a tool its signers have seen | [`Genome::pins_of`], [`Genome::pins_of_server`] |
//! | read a genome in order to sign it | [`Document`], and [`Document::sign`], or [`Document::sign_with`] a key that is elsewhere |
//! | make the next version of a genome | [`draft::Draft`]: an `Intact<Genome>` in, which a `Verified<Genome>` derefs to, [`draft::Drafted`] out |
//! | say what a genome changes, and whether that gives more away | [`change::Change::between`] two of them; [`change::Change::class`] |
//! | say whether a genome is a valid successor of another | [`lineage::Succession`] |
//! | hold what a change is said to be against what it is | [`proposal::Proposal`], [`proposal::Probes`], [`proposal::Rationale`]; [`proposal::Mismatch`] |
//! | know how many must sign a step from one genome to another | [`TrustPolicy::required_approvals`] |
//! | bring together what several signed apart | [`Document::join`]; [`Document::divergence`] where they are not copies of one |
//! | make or read a key | [`PrivateKey`], [`PublicKey`], [`Fingerprint`] |
//! | name a genome by its content | [`GenomeId`] |
//! | explain a refusal | [`Refused`]: every [`Refusal`], and the [`Checklist`] |
//! | explain one of its reasons | [`Refusal::code`], [`Refusal::pointer`], [`Refusal::hint`], [`Refusal::faults`], [`Refusal::quorums`] |
//! | show text that a stranger wrote | [`json::text`] |
//! | read or canonicalize any strict JSON | [`json`] |
//!
//! # What it does not do
//!
//! - It opens no files and no connections, prints nothing, and has neither a clock nor a random source: seeds, times and bytes come from
//!   the caller.
//! - Without a [`TrustPolicy`] it trusts nobody, and nothing can be acted upon. What is as its own signers left it is
//!   [`dangerous::Intact`], and no more than that: whoever puts his own key into a genome can sign it.
//! - It does not store the [`RollbackState`], nor look who may write the files that decide: the caller does, after and before.
//! - It does not check whether an invariant holds in the running system.
//!
//! # A whole life
//!
//! ```
//! use genome::{Code, Document, PrivateKey, Trust, TrustPolicy, Verifier};
//! use std::time::SystemTime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A key. The seed comes from a random source fit for cryptography; this one is for show.
//! let key = PrivateKey::from_seed(&[42; 32]);
//! let signer = format!(r#"{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{}" }}"#, key.public_key());
//!
//! // A draft, with the public half of the key as its one signer.
//! let draft = format!(
//!     r#"{{
//!         "schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [],
//!         "created_at": "2026-01-31T00:00:00Z",
//!         "authority": {{ "signers": [{signer}], "threshold": 1 }},
//!         "invariants": [],
//!         "capabilities": [{{
//!             "cap_id": "CAP-READ", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": []
//!         }}],
//!         "build_manifest": {{ "files": [] }}
//!     }}"#
//! );
//!
//! // Say whom to trust: that key, and no other.
//! let policy = TrustPolicy::read(signer.as_bytes())?;
//! let verifier = Verifier::trusting(&policy, SystemTime::now());
//!
//! // Before it is signed, the draft is refused.
//! assert_eq!(verifier.verify(draft.as_bytes()).unwrap_err().first().code(), Code::Unsigned);
//!
//! // Sign it.
//! let mut document = Document::read(draft.as_bytes())?;
//! let signing = document.sign(None, &key, &[])?;
//! assert!(signing.tally.is_met());
//! let signed = document.to_json();
//!
//! // Verify the genome, and ask it what is allowed.
//! let genome = verifier.verify(signed.as_bytes())?;
//! assert_eq!(genome.id(), document.id());
//! assert_eq!(genome.trust(), Trust::Pinned);
//! let ceiling = genome.to_ceiling();
//! assert!(ceiling.decide("memory_search").is_allowed());
//! assert_eq!(ceiling.decide("memory_erase").code(), Some(Code::CapabilityDenied));
//!
//! // Any change to what it says is found.
//! let tampered = signed.replace("memory_search", "memory_erase");
//! assert_eq!(verifier.verify(tampered.as_bytes()).unwrap_err().first().code(), Code::InvalidSignature);
//! # Ok(())
//! # }
//! ```

pub mod approvals;
mod attribution;
pub mod audit;
mod ceiling;
pub mod change;
mod checklist;
mod code;
pub mod concept;
pub mod dangerous;
pub mod definition;
pub mod digest;
pub mod document;
pub mod draft;
pub mod exposure;
pub mod hint;
pub mod key;
pub mod kind;
pub mod lineage;
mod listing;
pub mod manifest;
pub mod mcp;
pub mod model;
mod named;
mod path;
pub mod policy;
pub mod proposal;
pub mod refusal;
mod rollback;
mod schema;
#[cfg(feature = "serde")]
mod serialize;
mod signature;
mod tally;
pub mod timestamp;
mod trust;
mod verified;
mod verify;
mod version;
pub mod warning;

pub use ceiling::{Ceiling, Decision, Reason};
pub use checklist::Checklist;
pub use code::Code;
pub use digest::{Digest, GenomeId};
pub use document::Document;
/// Strict JSON, its canonical form, and text that is shown safely: the base of this crate.
pub use genome_json as json;
pub use key::{Fingerprint, KeyId, PrivateKey, PublicKey};
pub use lineage::{Ancestors, Lineage};
pub use manifest::DeployedFiles;
pub use model::Genome;
pub use path::ManifestPath;
pub use policy::TrustPolicy;
pub use refusal::{Refusal, Refused};
pub use rollback::RollbackState;
pub use timestamp::Timestamp;
pub use trust::Trust;
pub use verified::Verified;
pub use verify::{Surroundings, Verifier};
pub use warning::Warning;
