//! What the audit log says of a signing.

use super::custody::Custody;
use crate::digest::GenomeId;
use crate::document::Document;
use crate::document::Signing;
use crate::key::{Fingerprint, KeyId};
use crate::signature::Signature;
use crate::timestamp::Timestamp;
use genome_json::text::EscapedPath;
use semver::Version;
use std::fmt;
use std::path::PathBuf;

/// What the audit log says of a signing, as its line says it: every text is escaped already, so that it shows and can be parsed back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// When.
    pub time: Timestamp,
    /// The kind of place where the private key is: the name of a [`Custody`], or what a later program wrote there.
    pub custody: String,
    /// Where the signed genome goes; `-` is standard output.
    pub output: String,
    /// The number (uid) of the user that ran the program.
    pub uid: u32,
    /// That user's name; empty where there is none.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// The program and its version.
    pub program: String,
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

/// What a signing cannot know by itself, as it is: [`AuditRecord::of`] escapes all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// When.
    pub time: Timestamp,
    /// The kind of place where the private key is.
    pub custody: Custody,
    /// Where the signed genome goes.
    pub output: Output,
    /// The number (uid) of the user that ran the program.
    pub uid: u32,
    /// That user's name; empty where there is none.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// The program and its version.
    pub program: String,
}

/// Where a signed genome goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

/// As a line says it: `-` is standard output.
impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => formatter.write_str("-"),
            Self::File(path) => EscapedPath(path).fmt(formatter),
        }
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
        // Whatever it is, it can be parsed back.
        let show = |text: String| EscapedPath(text.as_ref()).to_string();
        let Circumstances { time, custody, output, uid, user, host, program } = circumstances;
        Some(Self {
            time,
            custody: custody.as_str().to_owned(),
            output: output.to_string(),
            uid,
            user: show(user),
            host: show(host),
            program: show(program),
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
