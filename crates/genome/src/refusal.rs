//! Every reason for a refusal, as data.

mod copies;
mod exposed;
mod faults;
mod key_swap;
mod lineage;
mod quorum;
mod refused;
mod rollback;
mod table;
mod test_key;
mod untrusted;
mod words;

pub use crate::checklist::{Check, CheckResult};
use crate::exposure::{DecidingFile, ExposedPath};
use crate::key::WrittenKeyFault;
use crate::kind::OtherDocument;
use crate::manifest::FileFault;
pub use crate::schema::{Fault, Faults, Problem};
pub use crate::signature::BadSignature;
use crate::signature::Signature;
use crate::timestamp::Timestamp;
pub use copies::{BadCopy, UnreadableCopy, Unsearched};
pub(crate) use faults::refuse_secrets;
use genome_json::JsonError;
pub use key_swap::KeySwap;
pub use lineage::{LineageFault, LineageProblem};
pub use quorum::{Quorum, QuorumOf, Quorums};
pub use refused::Refused;
pub use rollback::{Accepted, Rollback};
use std::path::Path;
pub use test_key::{TestKey, TestKeyPlace};
pub use untrusted::Untrusted;
pub(crate) use words::names;

/// Why a document is not a verified genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are not strict JSON.
    Json(JsonError),
    /// The document does not follow the schema.
    Schema(Faults),
    /// The document is one of another kind.
    OtherDocument(OtherDocument),
    /// A file of public keys, as other programs write it, that is not read.
    WrittenKey(WrittenKeyFault),
    /// Private keys stand at these JSON Pointers.
    SecretExposed {
        /// Where.
        pointers: Vec<String>,
        /// What else is wrong with the document.
        faults: Faults,
    },
    /// The document carries no signature.
    Unsigned(Box<Quorums>),
    /// Signatures by known signers that do not verify; at least one.
    InvalidSignature(Vec<BadSignature>),
    /// Signatures that would have satisfied the replaced scripts, and protect nothing; at least one.
    LegacySignature(Vec<BadSignature>),
    /// Too few have signed.
    InsufficientSignatures(Box<Quorums>),
    /// Enough have signed only if keys counted that the trust policy revokes.
    RevokedKey(Box<Quorum>),
    /// A trust policy is needed, and none is given.
    NoPolicy,
    /// The trust policy does not trust the genome.
    Untrusted(Box<Untrusted>),
    /// A step of the lineage is not good.
    LineageBroken(Box<LineageFault>),
    /// Published test keys where only secret ones may be; at least one.
    TestKeys(Vec<TestKey>),
    /// The genome is dated in the future.
    NotYetValid {
        /// Its `created_at`.
        created_at: Timestamp,
        /// How many seconds it is ahead of the clock, rounded up.
        seconds: u64,
    },
    /// The genome is older than the trust policy allows.
    Stale {
        /// Its age in days, rounded down.
        days: u64,
        /// How many the policy allows.
        maximum: u64,
    },
    /// The version is not one that may follow.
    Rollback(Box<Rollback>),
    /// The state, which remembers what was accepted, cannot be relied on.
    DamagedState(Box<Self>),
    /// Files that are not as the manifest says; at least one.
    Manifest(Vec<FileFault>),
    /// Signatures that no audit log records; at least one.
    Unrecorded(Vec<Signature>),
    /// The files that decide, and the entries on the way to them, that others than root and the user that runs this can change; at least one.
    WritableByOthers(Vec<ExposedPath>),
    /// What was verified in production is not what was read from the files that were examined.
    Unseen(DecidingFile),
}

impl Refusal {
    /// The quorums that lack signatures: of the genome's own authority, its parents, the trust policy.
    #[must_use]
    pub fn quorums(&self) -> Vec<Quorum> {
        match self {
            Self::Unsigned(quorums) | Self::InsufficientSignatures(quorums) => quorums.all(),
            Self::RevokedKey(quorum) => vec![(**quorum).clone()],
            Self::Untrusted(untrusted) => untrusted.quorum.iter().cloned().collect(),
            Self::LineageBroken(fault) => match &fault.problem {
                LineageProblem::Quorum(quorums) => quorums.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The document at fault, if it is not the one that was to be verified.
    #[must_use]
    pub fn source(&self) -> Option<&Path> {
        match self {
            Self::LineageBroken(fault) => fault.source.as_deref(),
            _ => None,
        }
    }

    /// The refusal of a document that too few of its own signers have signed.
    pub(crate) fn lacking(signatures: &[Signature], quorums: Quorums) -> Self {
        if quorums.own.is_met_but_for_revoked() {
            return Self::RevokedKey(Box::new(Quorum::own(quorums.own)));
        }
        let quorums = Box::new(quorums);
        if signatures.is_empty() { Self::Unsigned(quorums) } else { Self::InsufficientSignatures(quorums) }
    }

    /// The faults of the schema, where there are any.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Schema(faults) | Self::SecretExposed { faults, .. } => Some(faults),
            _ => None,
        }
    }
}

impl std::error::Error for Refusal {}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}
