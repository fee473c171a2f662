//! Why a trust policy is not made or changed.

use super::PolicyChange;
use crate::approvals::ApprovalReason;
use crate::hint::Hint;
use crate::key::{Fingerprint, KeyId};
use crate::refusal::{Refusal, names};
use genome_json::text::Quoted;
use thiserror::Error;

/// Why a trust policy is not made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It would name neither signers nor genome ids.
    #[error("the policy would trust no genome: it would name neither signers nor genome ids")]
    NoSigners,
    /// Too few of its signers are left.
    #[error("the policy could not be met: {required} must sign{}, and {able} could", because.map(|reason| format!(" {reason}")).unwrap_or_default())]
    Unmet {
        /// How many would have to sign.
        required: usize,
        /// Why they are more than the threshold.
        because: Option<ApprovalReason>,
        /// How many could: the signers whose keys are not revoked.
        able: usize,
    },
    /// The key id stands for another key.
    #[error("there is a signer `{key_id}` already, who has another key ({known})")]
    Taken {
        /// The key id.
        key_id: KeyId,
        /// The key that is there.
        known: Fingerprint,
    },
    /// The key is there already, under another key id.
    #[error("the key of `{key_id}` ({fingerprint}) is there already, as `{known_as}`")]
    KeyTaken {
        /// Its new key id.
        key_id: KeyId,
        /// The key.
        fingerprint: Fingerprint,
        /// The key id that it has.
        known_as: KeyId,
    },
    /// The key is revoked there.
    #[error("the policy revokes the key of `{key_id}` ({fingerprint})")]
    Revoked {
        /// Its key id.
        key_id: KeyId,
        /// The key.
        fingerprint: Fingerprint,
    },
    /// There is no such signer.
    #[error("the policy names no signer {}", Quoted(name))]
    Unknown {
        /// The key id or fingerprint.
        name: String,
        /// The key ids that there are.
        known: Vec<KeyId>,
    },
    /// There are no signers who could have a threshold.
    #[error("the policy names no signers, so it has no threshold")]
    NoThreshold,
    /// The policy would ask for less than before, and that was not said.
    #[error("this would lower what the policy asks for: {0}")]
    Lowers(Box<PolicyChange>),
    /// A document is refused: the policy as it would be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The text would be read as another policy than the one that was meant.
    #[error("the policy as it would be written does not say what it should")]
    Contradiction,
}

impl PolicyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::NoSigners => "add another signer first".into(),
            Self::Unmet { because: Some(_), .. } => "add another signer first, or ask for less by `quorum`".into(),
            Self::Unmet { .. } => "add another signer first, or lower the threshold".into(),
            Self::Taken { .. } => {
                "give the new key another key id, such as one with the year in it, or remove the signer who is there".into()
            }
            Self::KeyTaken { known_as, .. } => format!("one key counts once: leave it out, or remove `{known_as}` first").into(),
            Self::Revoked { .. } => "a revoked key never counts: make another key".into(),
            Self::Unknown { known, .. } if known.is_empty() => "it names no signers".into(),
            Self::Unknown { known, .. } => format!("it names {}", names(known.iter().take(16), "and")).into(),
            Self::NoThreshold => "add a signer first".into(),
            Self::Lowers(_) => "raise it, or say that you mean to lower it".into(),
            Self::Refused(refusal) => refusal.hint(),
            Self::Contradiction => "do not trust this machine, and report this as a fault of this program".into(),
        }
    }
}
