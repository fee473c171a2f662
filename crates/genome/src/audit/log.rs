//! An audit log that holds, and what it says of signatures.

use super::record::AuditRecord;
use crate::digest::{Digest, GenomeId};
use crate::document::Document;
use crate::key::{Fingerprint, KeyId};
use crate::signature::Signature;
use std::collections::HashMap;

/// An audit log whose chain holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLog {
    pub(super) lines: usize,
    pub(super) head: Digest,
    /// The digest of all its bytes.
    pub(super) sha256: Digest,
    pub(super) torn: Vec<usize>,
    /// Who is said to have made each signature, of those that are remembered.
    pub(super) recorded: HashMap<Made, Vec<(KeyId, Fingerprint)>>,
    pub(super) is_complete: bool,
}

/// Which signature: over which genome, and its bytes.
pub(super) type Made = (GenomeId, [u8; 64]);

impl AuditLog {
    /// How long a line may be, in bytes, without its line feed.
    pub const MOST_LINE_BYTES: usize = super::line::MOST_BYTES;

    /// Whether all requested signatures are remembered: not for a log that records more than
    /// [`Remembering::UpTo`](super::Remembering::UpTo) says.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The digest of the last line that records a signing, with its line feed; 64 zeros where there is none. Nothing in the log shows that
    /// lines were cut off at its end: whoever has noted this digest can see it.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.head
    }

    /// The digest of all its bytes.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The numbers of lines that were cut off in the middle, by a crash, and record nothing.
    #[must_use]
    pub fn torn(&self) -> &[usize] {
        &self.torn
    }

    /// Whether a signing is recorded.
    #[must_use]
    pub fn has(&self, record: &AuditRecord) -> bool {
        let AuditRecord { genome_id, key_id, fingerprint, signature, .. } = record;
        self.names(*genome_id, signature).any(|(name, print)| name == key_id && print == fingerprint)
    }

    fn names(&self, genome_id: GenomeId, signature: &[u8; 64]) -> impl Iterator<Item = &(KeyId, Fingerprint)> {
        self.recorded.get(&(genome_id, *signature)).into_iter().flatten()
    }
}

/// The signatures on a document that none of these logs records, by any key.
pub(crate) fn unrecorded(document: &Document<'_>, logs: &[AuditLog]) -> Vec<Signature> {
    let is_recorded = |signature: &Signature| {
        let own = document.genome.authority.signers.iter().find(|signer| signer.key_id == signature.key_id);
        // A parent's key may have signed under a key id of the authority; whose key that is cannot be known here.
        let own = own.filter(|own| own.public_key.verify(document.canonical.as_bytes(), &signature.bytes).is_ok());
        let fingerprint = own.map(|own| own.public_key.fingerprint());
        let names = logs.iter().flat_map(|log| log.names(document.id, &signature.bytes));
        names.into_iter().any(|(name, print)| *name == signature.key_id && fingerprint.is_none_or(|own| own == *print))
    };
    document.signatures.iter().filter(|signature| !is_recorded(signature)).cloned().collect()
}
