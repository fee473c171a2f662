//! Genomes: signed JSON documents that say what an AI system may do.
//!
//! This crate takes bytes and gives values. It reads genomes strictly, signs them, verifies them, decides whether those who signed are
//! believed, and answers what they allow.
//!
//! # Which type is for which job
//!
//! | to | use |
//! |---|---|
//! | say whom to trust | [`TrustPolicy`] |
//! | know whether a genome is to be trusted, and why | [`Verifier::trusting`] that policy: bytes in, [`Verified<Genome>`](Verified) or [`Refused`] out; [`Verified::trust`] |
//! | find the ancestors of a genome | [`Ancestors`], such as a directory of them (`genome-files`); what was found is the [`Lineage`] |
//! | never go back to an older version | [`RollbackState`] |
//! | record a signing, and see whether one was recorded | [`AuditRecord`] and [`AuditTail`]; [`AuditLog`] |
//! | compare files with the manifest | [`ManifestRoot`] |
//! | hold a genome to the checklist of production | [`Verifier::in_production`], with the [`Surroundings`], which are made of [`Evidence`] |
//! | act upon a genome | [`Verified<Genome>`](Verified), which nothing but a [`Verifier`] makes |
//! | know whether a genome is as its own signers left it, and no more | [`dangerous::verify_self_declared`], which returns [`Intact<Genome>`](dangerous::Intact) |
//! | act upon a genome that only vouches for itself | [`dangerous::accept_self_declared`], which says so |
//! | ask whether an action is allowed | [`Ceiling`], made of a `Verified<Genome>` |
//! | read a genome in order to sign it | [`Document`], and [`Document::sign`], or [`Document::sign_with`] a key that is elsewhere |
//! | make the next version of a genome | [`Draft`]: an `Intact<Genome>` in, which a `Verified<Genome>` derefs to, [`Drafted`] out |
//! | say what a genome changes, and whether that gives more away | [`Genome::changes_to`], which gives [`Change`]s; [`Change::class`] |
//! | say whether a genome is a rightful child of another | [`Succession`] |
//! | hold what a change is said to be against what it is | [`Proposal`], [`Probes`], [`Rationale`]; [`Mismatch`] |
//! | know how many must sign a step from one genome to another | [`TrustPolicy::asks_for_step`] |
//! | bring together what several signed apart | [`Document::join`]; [`Document::differences`] where they are not copies of one |
//! | make or read a key | [`PrivateKey`], [`PublicKey`], [`Fingerprint`] |
//! | name a genome by its content | [`GenomeId`] |
//! | explain a no | [`Refused`]: every [`Refusal`], and the [`Checklist`] |
//! | explain one of its reasons | [`Refusal::code`], [`Refusal::pointer`], [`Refusal::hint`], [`Refusal::faults`], [`Refusal::quorums`] |
//! | show text that a stranger wrote | [`json::text`] |
//! | read or canonicalize any strict JSON | [`json`] |
//!
//! # What it does not do
//!
//! - It opens no connections, prints nothing, and has neither a clock nor a random source: seeds, times and bytes come from the
//!   caller. It writes no files, and reads only those below a directory that the caller names, in [`ManifestRoot`].
//! - Without a [`TrustPolicy`] it trusts nobody, and nothing can be acted upon. What is as its own signers left it is
//!   [`dangerous::Intact`], and no more than that: whoever puts his own key into a genome can sign it.
//! - It does not store the [`RollbackState`], nor look who may write the files that decide: the caller does, after and before.
//! - It does not check whether an invariant holds in the running system.
//!
//! # A whole life
//!
//! ```
//! use genome::{Ceiling, Code, Document, PrivateKey, Trust, TrustPolicy, Verifier};
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
//! // Say whom to trust: that key. The verifier takes nobody else's word.
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
//! let ceiling = Ceiling::of(&genome);
//! assert!(ceiling.decide("memory_search").is_allowed());
//! assert_eq!(ceiling.decide("memory_erase").code(), Some(Code::CapabilityDenied));
//!
//! // Any change to what it says is found.
//! let tampered = signed.replace("memory_search", "memory_erase");
//! assert_eq!(verifier.verify(tampered.as_bytes()).unwrap_err().first().code(), Code::InvalidSignature);
//! # Ok(())
//! # }
//! ```

mod audit;
mod ceiling;
mod change;
mod checklist;
mod code;
pub mod concept;
pub mod dangerous;
mod difference;
mod digest;
mod document;
mod draft;
mod entry;
mod exposure;
mod genome;
mod intact;
mod key;
mod legacy;
mod lineage;
mod listing;
mod manifest;
mod merging;
mod path;
mod policy;
mod price;
mod proposal;
mod quorum;
mod refusal;
mod rollback;
mod schema;
mod signature;
mod signing;
mod succession;
mod timestamp;
mod trust;
mod verified;
mod verify;
mod warning;

pub use audit::{
    AuditFault, AuditLog, AuditProblem, AuditReadError, AuditRecord, AuditTail, AuditTailError, Circumstances, Remembering,
};
pub use ceiling::{Ceiling, Decision, Reason};
pub use change::{ActionList, Change, Class, Standing};
pub use checklist::{Check, Checklist, Refused, State};
pub use code::Code;
pub use difference::Differences;
/// Strict JSON, its canonical form, and text that is shown safely: what this crate stands on.
pub use genome_json as json;

pub use digest::{Digest, DigestError, GenomeId};
pub use document::Document;
pub use draft::{Bump, Draft, DraftError, Drafted};
pub use entry::Entry;
pub use exposure::{EntryKind, Evidence, Exposure, ExposureError, Observed};
pub use genome::{Authority, Capability, Genome, Invariant, ManifestFile, RiskClass, Severity, Signer};
pub use key::{
    Encryption, EncryptionError, Fingerprint, FingerprintError, KeyId, KeyIdError, PrivateKey, PrivateKeyError, PublicKey,
    PublicKeyError, SignatureFault,
};
pub use lineage::{Ancestor, Ancestors, BadCopy, Lineage, LineageFault, LineageProblem, ReturnedKey, UnreadableCopy, Unsearched};
pub use manifest::{FileFault, FileKind, FileProblem, ManifestRoot, Progress};
pub use merging::MergingError;
pub use path::{ManifestPath, ManifestPathError};
pub use policy::TrustPolicy;
pub use price::{Asked, Because};
pub use proposal::{DeclaredChange, Mismatch, Probes, Proposal, ProposalNumber, ProposalNumberError, ProposalStatus, Rationale};
pub use quorum::{GenomeName, Quorum, Quorums, Whose};
pub use refusal::Refusal;
pub use rollback::{Accepted, Rollback, RollbackState};
pub use schema::{Fault, Faults, Problem};
pub use signature::{BadSignature, Signature, Tally};
pub use signing::{Signing, SigningError};
pub use succession::{Demand, Succession};
pub use timestamp::{Timestamp, TimestampError};
pub use trust::{KeySwap, Trust, Untrusted};
pub use verified::Verified;
pub use verify::{Surroundings, Verifier};
pub use warning::{TestKey, TestKeyPlace, Warning};
