//! What the audit log says of a signing.

use crate::digest::GenomeId;
use crate::document::Document;
use crate::document::Signing;
use crate::key::{Fingerprint, KeyId};
use crate::signature::Signature;
use crate::timestamp::Timestamp;
use genome_json::text::{EscapedPath, Printable};
use semver::Version;
use std::path::Path;

/// What the audit log says of a signing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// Who signed, how and where.
    pub circumstances: Circumstances,
    /// The signer's name within the authority.
    pub key_id: KeyId,
    /// The signer's key.
    pub fingerprint: Fingerprint,
    /// The genome.
    pub genome_id: GenomeId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Whether the genome carried the signature before, so that it was only recorded now.
    pub already: bool,
    /// The signature.
    pub signature: [u8; 64],
}

/// The circumstances of a signing, which only the caller knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// When.
    pub time: Timestamp,
    /// The kind of place where the private key is: `env`, `file`, `ssh-agent`, `pkcs11`, `exec`.
    pub custody: String,
    /// Where the signed genome goes, as [`Circumstances::shown`] returns it; `-` is standard output.
    pub output: String,
    /// The number (uid) of the user that ran the program.
    pub uid: u32,
    /// That user's name; empty where there is none.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// The program and its version.
    pub program: String,
}

impl Circumstances {
    /// A path as the record holds it, so that it can be parsed back: as the inside of a [`QuotedPath`](genome_json::text::QuotedPath).
    #[must_use]
    pub fn shown(path: &Path) -> String {
        EscapedPath(path).to_string()
    }
}

impl AuditRecord {
    /// Whether another records the same signature by the same signer.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        let named = |record: &Self| (record.genome_id, record.key_id.clone(), record.fingerprint, record.signature);
        self.signature == other.signature && named(self) == named(other)
    }

    /// The record of a signature that a document carries now; `None` where it carries none by that signer.
    #[must_use]
    pub fn of(document: &Document<'_>, signing: &Signing, circumstances: Circumstances) -> Option<Self> {
        let signer = &signing.signer;
        let is_theirs = |signature: &&Signature| signer.public_key.verify(document.canonical.as_bytes(), &signature.bytes).is_ok();
        let named = |signature: &&Signature| signature.key_id == signer.key_id;
        let mut signatures = document.signatures.iter();
        // Another copy may carry it under the name that a parent gives the same key.
        let signature = signatures.clone().filter(named).find(is_theirs).or_else(|| signatures.find(is_theirs))?;
        let genome = &document.genome;
        // Each of them can be parsed back; the path has been escaped already.
        let show = |text: String| EscapedPath(text.as_ref()).to_string();
        let Circumstances { time, custody, output, uid, user, host, program } = circumstances;
        Some(Self {
            circumstances: Circumstances {
                time,
                custody: show(custody),
                output: Printable(&output).to_string(),
                uid,
                user: show(user),
                host: show(host),
                program: show(program),
            },
            key_id: signature.key_id.clone(),
            fingerprint: signer.public_key.fingerprint(),
            genome_id: document.id,
            name: genome.name.clone(),
            version: genome.version.clone(),
            already: signing.already,
            signature: signature.bytes,
        })
    }
}
