//! Genomes: signed JSON documents that say what an AI system may do.
//!
//! This crate takes bytes and gives values. It reads genomes strictly, signs them, verifies them, and answers what they allow.
//!
//! # Which type is for which job
//!
//! | to | use |
//! |---|---|
//! | know whether a genome holds | [`verify`]: bytes in, [`Verified<Genome>`](Verified) or a [`Refusal`] out |
//! | act upon a genome | [`Verified<Genome>`](Verified), which only [`verify`] makes |
//! | ask whether an action is allowed | [`Ceiling`], made of a `Verified<Genome>` |
//! | read a genome in order to sign it | [`Document`], and [`Document::sign`] |
//! | make or read a key | [`PrivateKey`], [`PublicKey`], [`Fingerprint`] |
//! | name a genome by its content | [`GenomeId`] |
//! | explain a no | [`Refusal::code`], [`Refusal::pointer`], [`Refusal::hint`], [`Refusal::faults`] |
//! | show text that a stranger wrote | [`Printable`] |
//! | read or canonicalize any strict JSON | [`json`], [`canonicalize`] |
//!
//! # What it does not do
//!
//! - It opens no files and no connections, prints nothing, and has neither a clock nor a random source: seeds, times and bytes
//!   come from the caller.
//! - It does not say whom to believe. A verified genome is as its own signers left it, which is [`Trust::SelfDeclared`]; whoever
//!   puts his own key into a genome can sign it.
//! - It does not check the files of the manifest, nor whether an invariant holds in the running system.
//!
//! # A whole life
//!
//! ```
//! use genome::{Ceiling, Code, Document, PrivateKey, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A key. The seed comes from a random source fit for cryptography; this one is for show.
//! let key = PrivateKey::from_seed(&[42; 32]);
//!
//! // A draft, with the public half of the key as its one signer.
//! let draft = format!(
//!     r#"{{
//!         "schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [],
//!         "created_at": "2026-01-31T00:00:00Z",
//!         "authority": {{
//!             "signers": [{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{}" }}],
//!             "threshold": 1
//!         }},
//!         "invariants": [],
//!         "capabilities": [{{
//!             "cap_id": "CAP-READ", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": []
//!         }}],
//!         "build_manifest": {{ "files": [] }}
//!     }}"#,
//!     key.public_key()
//! );
//!
//! // Before it is signed, it is refused.
//! assert_eq!(verify(draft.as_bytes()).unwrap_err().code(), Code::Unsigned);
//!
//! // Sign it.
//! let mut document = Document::read(draft.as_bytes())?;
//! let signing = document.sign(None, &key)?;
//! assert!(signing.tally.is_met());
//! let signed = document.to_json();
//!
//! // Verify it, and ask it what is allowed.
//! let genome = verify(signed.as_bytes())?;
//! assert_eq!(genome.id(), document.id());
//! let ceiling = Ceiling::of(&genome);
//! assert!(ceiling.decide("memory_search").is_allowed());
//! assert_eq!(ceiling.decide("memory_erase").code(), Some(Code::CapabilityDenied));
//!
//! // Any change to what it says is found.
//! let tampered = signed.replace("memory_search", "memory_erase");
//! assert_eq!(verify(tampered.as_bytes()).unwrap_err().code(), Code::InvalidSignature);
//! # Ok(())
//! # }
//! ```

mod canonical;
mod ceiling;
mod document;
mod genome;
mod id;
pub mod json;
mod key;
mod legacy;
mod path;
mod refusal;
mod schema;
mod signature;
mod signing;
mod text;
mod timestamp;
mod verify;

pub use canonical::canonicalize;
pub use ceiling::{Ceiling, Decision, Reason};
pub use document::Document;
pub use genome::{Authority, Capability, Genome, Invariant, ManifestFile, RiskClass, Severity, Signer};
pub use id::{Digest, DigestError, GenomeId};
pub use key::{Fingerprint, KeyId, KeyIdError, PrivateKey, PrivateKeyError, PublicKey, PublicKeyError, SignatureFault};
pub use path::{ManifestPath, ManifestPathError};
pub use refusal::{Code, Refusal};
pub use schema::{Fault, Faults, Problem};
pub use signature::{BadSignature, Signature, Tally};
pub use signing::{Signing, SigningError};
pub use text::{Printable, holds_private_key};
pub use timestamp::{Timestamp, TimestampError};
pub use verify::{Trust, Verified, Warning, verify};
