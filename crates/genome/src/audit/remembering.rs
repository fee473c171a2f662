//! What is kept of a log that may be larger than memory.

use super::log::{AuditLog, Made};
use super::record::AuditRecord;
use crate::digest::Digest;
use crate::document::Document;
use crate::key::{Fingerprint, KeyId};
use crate::signature::Signature;
use std::collections::HashMap;

/// What is remembered of a log that may be larger than memory.
#[derive(Debug, Clone, Copy)]
pub enum Remembering<'r> {
    /// Every signature of a log that records no more than this many; none of a larger one.
    UpTo(usize),
    /// The signatures that this document carries.
    SignaturesOn(&'r Document<'r>),
    /// The signature of this record.
    Signature(&'r AuditRecord),
}

/// What is remembered of the lines of a log.
pub(super) struct Remembered<'r> {
    remembering: &'r Remembering<'r>,
    /// Who is said to have made each signature.
    recorded: HashMap<Made, Vec<(KeyId, Fingerprint)>>,
    is_complete: bool,
    count: usize,
}

impl<'r> Remembered<'r> {
    pub(super) fn of(remembering: &'r Remembering<'r>) -> Self {
        Self { remembering, recorded: HashMap::new(), is_complete: true, count: 0 }
    }

    pub(super) fn add(&mut self, record: AuditRecord) {
        let most = match self.remembering {
            Remembering::UpTo(most) => *most,
            Remembering::Signature(wanted) if !record.is_of(wanted) => return,
            Remembering::SignaturesOn(document) if !carries(document, &record) => return,
            Remembering::Signature(_) | Remembering::SignaturesOn(_) => usize::MAX,
        };
        let AuditRecord { genome_id, signature, key_id, fingerprint, .. } = record;
        let names = self.recorded.entry((genome_id, signature)).or_default();
        if names.contains(&(key_id.clone(), fingerprint)) {
            return;
        }
        names.push((key_id, fingerprint));
        self.count += 1;
        if self.count > most {
            // A part would be taken for the whole.
            self.recorded = HashMap::new();
            self.is_complete = false;
            self.count = 0;
        }
    }

    pub(super) fn into_log(self, lines: usize, head: Digest, sha256: Digest, torn: Vec<usize>) -> AuditLog {
        let recorded = if self.is_complete { self.recorded } else { HashMap::new() };
        AuditLog { lines, head, sha256, torn, recorded, is_complete: self.is_complete }
    }
}

/// Whether a document carries the signature that is recorded, under that key id.
fn carries(document: &Document<'_>, record: &AuditRecord) -> bool {
    let is_that = |signature: &Signature| signature.bytes == record.signature && signature.key_id == record.key_id;
    document.id == record.genome_id && document.signatures.iter().any(is_that)
}
