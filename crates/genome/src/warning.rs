//! Warnings about an accepted genome.

use crate::code::Code;
use crate::concept::KEY_GENERATOR;
use crate::hint::Hint;
use crate::model::{GenomeName, Signer};
use crate::refusal::{BadCopy, KeySwap, Refusal, TestKey, UnreadableCopy};
use crate::signature::Signature;
use genome_json::text::BarePath;
use std::fmt;

/// Something that the user of an accepted genome should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A signer's private key is published.
    TestKey(TestKey),
    /// A signature by an unknown key.
    UnknownSigner(Signature),
    /// The authority still names a key that the trust policy revokes.
    RevokedSigner {
        /// Where the signer stands, as a JSON Pointer.
        pointer: String,
        /// The signer.
        signer: Signer,
    },
    /// The genome and the trust policy name a key differently.
    KeySwap(KeySwap),
    /// A key that one generation dropped and a later one took back.
    ReturnedKey(ReturnedKey),
    /// A copy of an ancestor that is refused, beside one that is good.
    BadCopy(BadCopy),
    /// A copy of an ancestor that cannot be read, beside one that is good.
    UnreadableCopy(UnreadableCopy),
    /// The genome is dated in the future; outside production, where it would be refused with this.
    NotYetValid(Refusal),
}

/// A key that one generation dropped and a later one took back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReturnedKey {
    /// The key, as the later one names it.
    pub signer: Signer,
    /// Who took it back.
    pub by: GenomeName,
}

impl Warning {
    /// The code, for a warning that is a refusal under stricter rules.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::TestKey { .. } => Some(Code::TestKey),
            Self::RevokedSigner { .. } => Some(Code::RevokedKey),
            Self::NotYetValid(refusal) => Some(refusal.code()),
            Self::BadCopy(copy) => Some(copy.refusal.code()),
            Self::UnreadableCopy(_) => Some(Code::Unreadable),
            Self::UnknownSigner(_) | Self::KeySwap(_) | Self::ReturnedKey(_) => None,
        }
    }

    /// Where it is, as a JSON Pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::TestKey(key) => key.pointer(),
            Self::UnknownSigner(signature) => signature.pointer(),
            Self::RevokedSigner { pointer, .. } => pointer,
            Self::KeySwap(swap) => &swap.pointer,
            Self::ReturnedKey(_) | Self::BadCopy(_) | Self::UnreadableCopy(_) => "/parents",
            Self::NotYetValid(refusal) => refusal.pointer(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::TestKey(_) => "never use this genome in production: make a key with " + KEY_GENERATOR + ", as DEPLOYMENT.md says",
            Self::UnknownSigner(_) => {
                "it does not count for this genome. After a rotation it counts for the parent: leave it there".into()
            }
            Self::RevokedSigner { .. } => "its signature counts nowhere; draft a version that does not name it".into(),
            Self::KeySwap(_) => "ask the key's owner by another way which is right, before you rely on either".into(),
            Self::ReturnedKey(_) => "ask why it was dropped; if it may have been exposed, revoke it in the trust policy".into(),
            Self::BadCopy(_) => {
                "it counts for nothing, as a good copy is there too; find out who put it there, and take it away".into()
            }
            Self::UnreadableCopy(_) => {
                "it counts for nothing, as a good copy is there too; check that this user may read it, and the disk".into()
            }
            Self::NotYetValid(_) => {
                "check this machine's clock, and the one on which the genome was drafted; production refuses it".into()
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TestKey(key) => key.fmt(formatter),
            Self::UnknownSigner(signature) => {
                write!(formatter, "a signature by `{}`, whom the authority does not name", signature.key_id)
            }
            Self::RevokedSigner { signer, .. } => {
                let Signer { key_id, public_key } = signer;
                write!(formatter, "the authority names `{key_id}` ({}), whose key is revoked", public_key.fingerprint())
            }
            Self::KeySwap(swap) => swap.fmt(formatter),
            Self::ReturnedKey(ReturnedKey { signer: Signer { key_id, public_key }, by }) => {
                let fingerprint = public_key.fingerprint();
                write!(formatter, "the key `{key_id}` ({fingerprint}) was dropped by one generation and taken back by {by}")
            }
            Self::BadCopy(BadCopy { id, source, refusal }) => {
                write!(formatter, "a copy of the ancestor {id} is refused and was passed over ({}): {refusal}", BarePath(source))
            }
            Self::UnreadableCopy(UnreadableCopy { id, source, error }) => {
                write!(formatter, "a copy of the ancestor {id} cannot be read and was passed over ({}): {error}", BarePath(source))
            }
            Self::NotYetValid(refusal) => refusal.fmt(formatter),
        }
    }
}
