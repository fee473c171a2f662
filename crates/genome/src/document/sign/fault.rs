//! Why a genome is not signed.

use crate::concept::{KEY_GENERATOR, REPLACE};
use crate::digest::GenomeId;
use crate::hint::Hint;
use crate::key::{Fingerprint, KeyId};
use crate::listing::{joined, listed};
use crate::model::{GenomeName, Signer};
use crate::refusal::{Refusal, names};
use genome_json::text::Bare;
use thiserror::Error;

/// Why a genome is not signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The digests at these JSON Pointers are placeholders.
    #[error("the manifest holds placeholders instead of digests at {}", joined(.0.iter().map(|pointer| Bare(pointer)), ", "))]
    Placeholders(Vec<String>),
    /// Several may sign, and none is named.
    #[error("{} signers may sign, so the one who signs must be named", .0.len())]
    WhichSigner(Vec<KeyId>),
    /// The private key belongs to nobody who may sign.
    #[error("the key given, {found}, is not one of those that may sign")]
    NotASigner {
        /// The fingerprint of the private key given.
        found: Fingerprint,
        /// Who may.
        may_sign: Vec<Signer>,
    },
    /// The authority does not name this signer.
    #[error("`authority.signers` names no `{key_id}`")]
    UnknownSigner {
        /// Who was to sign.
        key_id: KeyId,
        /// Who may.
        known: Vec<KeyId>,
    },
    /// The private key is another's.
    #[error("the private key does not belong to `{key_id}`: its fingerprint is {found}, the genome says {expected}")]
    WrongKey {
        /// Who was to sign.
        key_id: KeyId,
        /// That signer's fingerprint.
        expected: Fingerprint,
        /// The fingerprint of the private key given.
        found: Fingerprint,
        /// The signer to whom it belongs, if the authority names one.
        owner: Option<KeyId>,
    },
    /// A genome that is given as a parent and is not one.
    #[error("{parent} is not a parent of the genome: `parents` does not hold its id")]
    NotAParent {
        /// The genome that was given.
        parent: GenomeName,
    },
    /// The genome and a parent name different keys alike, and the private key is the parent's.
    #[error(
        "`{key_id}` is the key {found} in the parent {parent} and another ({expected}) in {}, and a genome carries one signature for each key id",
        .other.as_ref().map_or_else(|| "the genome".to_owned(), |other| format!("the parent {other}"))
    )]
    SharedKeyId {
        /// The key id.
        key_id: KeyId,
        /// The parent that names the key of the private half under it.
        parent: Box<GenomeName>,
        /// The fingerprint of the private key.
        found: Fingerprint,
        /// The parent that names another key under it; `None` for the genome itself.
        other: Option<Box<GenomeName>>,
        /// The other fingerprint.
        expected: Fingerprint,
    },
    /// The signatures of another genome cannot be taken over.
    #[error("it holds another genome: {theirs}, not {ours}")]
    AnotherGenome {
        /// The genome to sign.
        ours: GenomeId,
        /// The other.
        theirs: GenomeId,
    },
    /// The signature just made does not verify: the machine computes wrongly.
    #[error("the signature that was just made does not verify")]
    FaultyComputation,
    /// The signature that was made elsewhere is not by the key of this signer over this genome.
    #[error("the signature that was made is not one over this genome by the key of `{key_id}`")]
    WrongSignature {
        /// Who was to sign.
        key_id: KeyId,
    },
    /// The genome, or a signature on it, is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl SigningError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::Placeholders(_) => "write the SHA-256 digest of each file (`sha256sum FILE` prints it)".into(),
            Self::WhichSigner(known) => format!("add {} at the end of the command, as KEY_ID", names(known, "or")).into(),
            Self::NotASigner { may_sign, .. } => {
                let keys = may_sign.iter().map(|signer| format!("`{}` ({})", signer.key_id, signer.public_key.fingerprint()));
                format!("give the private key of {}", listed(keys, "or")).into()
            }
            Self::UnknownSigner { known, .. } => {
                Hint::from(format!("sign as {}, or add the signer object that ", names(known, "or")))
                    + KEY_GENERATOR
                    + " printed to the genome"
            }
            Self::WrongKey { owner: Some(owner), .. } => {
                format!("the key given is that of `{owner}`: sign as `{owner}`, or use the other key").into()
            }
            Self::WrongKey { owner: None, .. } => {
                "use the private key that was made with the public key in the genome, or put the public key of this one there"
                    .into()
            }
            Self::NotAParent { .. } => "give the genomes whose ids stand in `parents`".into(),
            Self::SharedKeyId { other: None, .. } => {
                "give the new key a key id of its own in the draft, such as one with the year in it".into()
            }
            Self::SharedKeyId { other: Some(_), .. } => {
                "name this key in the draft's own authority too, under a key id of its own, and sign as that".into()
            }
            Self::AnotherGenome { .. } => {
                "write to another file, " + REPLACE + "; a draft that was changed after it was signed wants a new version"
            }
            Self::FaultyComputation => "do not trust this machine: sign on another, and have this one's memory checked".into(),
            Self::WrongSignature { .. } => {
                "nothing was written; see which key signs, and that it signs the canonical bytes with plain Ed25519".into()
            }
            Self::Refused(refusal) => refusal.hint(),
        }
    }
}
