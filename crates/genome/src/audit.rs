//! The audit log, `audit.v0.1`: a line for each signing, and each names the digest of the one before.

mod chain;
mod fault;
mod line;
mod lines;
mod order;
mod tail;

use crate::digest::{Digest, GenomeId};
use crate::document::Document;
use crate::document::sign::Signing;
use crate::key::{Fingerprint, KeyId};
use crate::signature::Signature;
use crate::timestamp::Timestamp;
pub use fault::{AuditFault, AuditProblem};
use genome_json::text::{EscapedPath, Printable};
pub(crate) use line::{Line, Torn};
use semver::Version;
use std::collections::HashMap;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;
pub use tail::{AuditTail, AuditTailError};
use thiserror::Error;

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

/// What a signing cannot know by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// When.
    pub time: Timestamp,
    /// The kind of place where the private key is: `env`, `file`, `ssh-agent`, `pkcs11`, `exec`.
    pub custody: String,
    /// Where the signed genome goes, as [`Circumstances::shown`] returns it; `-` is standard output.
    pub output: String,
    /// The number of the user as whom the program ran.
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
    fn is_of(&self, other: &Self) -> bool {
        let named = |record: &Self| (record.genome_id, record.key_id.clone(), record.fingerprint, record.signature);
        self.signature == other.signature && named(self) == named(other)
    }

    /// Of a signature that a document carries now; `None` where it carries none by that signer.
    #[must_use]
    pub fn of(document: &Document<'_>, signing: &Signing, circumstances: Circumstances) -> Option<Self> {
        let signer = &signing.signer;
        let is_theirs = |signature: &&Signature| signer.public_key.verify(document.canonical.as_bytes(), &signature.bytes).is_ok();
        let named = |signature: &&Signature| signature.key_id == signer.key_id;
        let mut signatures = document.signatures.iter();
        // Another copy may carry it under the name that a parent gives the same key.
        let signature = signatures.clone().filter(named).find(is_theirs).or_else(|| signatures.find(is_theirs))?;
        let genome = &document.genome;
        // Whatever it is, it can be parsed back; the path has been escaped already.
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

/// An audit log whose chain holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLog {
    lines: usize,
    head: Digest,
    /// Of all its bytes.
    sha256: Digest,
    torn: Vec<usize>,
    /// Who is said to have made each signature, of those that are remembered.
    recorded: HashMap<Made, Vec<(KeyId, Fingerprint)>>,
    is_complete: bool,
}

/// What is remembered of a log that may be larger than memory.
#[derive(Debug, Clone, Copy)]
pub enum Remembering<'r> {
    /// Every signature, of a log that records no more than so many; of a larger one, none.
    UpTo(usize),
    /// Those that this document carries.
    SignaturesOn(&'r Document<'r>),
    /// That of this record.
    Signature(&'r AuditRecord),
}

/// Why a log is not read.
#[derive(Debug, Error)]
pub enum AuditReadError {
    /// The system does not let it be read.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Lines are missing, or are not what they should be; at least one.
    #[error("the audit log is broken: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Broken(Vec<AuditFault>),
}

/// Which signature: over which genome, and its bytes.
type Made = (GenomeId, [u8; 64]);

impl AuditLog {
    /// Reads a log, and checks that every line is as it was written and follows the one before.
    ///
    /// # Errors
    /// Every line that is missing, or is not what it should be.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<AuditFault>> {
        Self::read_stream(&mut Cursor::new(bytes), &Remembering::UpTo(usize::MAX)).map_err(|error| match error {
            AuditReadError::Broken(faults) => faults,
            // Bytes that are in memory can be read.
            AuditReadError::System(_) => Vec::new(),
        })
    }

    /// The same of a log that need not be in memory, from its start. A log that holds is read line by line, and only what is to be
    /// remembered is kept. It ends at the first line that is longer than 64 KiB.
    ///
    /// # Errors
    /// [`AuditReadError::Broken`], with every line that is missing or is not what it should be, up to some thousand of them; or it cannot
    /// be read.
    pub fn read_stream(log: &mut (impl Read + Seek), remembering: &Remembering<'_>) -> Result<Self, AuditReadError> {
        chain::read(log, remembering)
    }

    /// Whether every signature is remembered that was to be: not of a log that records more than [`Remembering::UpTo`] says.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The digest of the last line that records a signing, with its line feed; 64 zeros where there is none. Nothing in the log shows
    /// that lines after some line were taken away: whoever has noted this can see it.
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

impl Document<'_> {
    /// Whether it carries the signature that is recorded, under that key id.
    fn carries(&self, record: &AuditRecord) -> bool {
        let is_that = |signature: &Signature| signature.bytes == record.signature && signature.key_id == record.key_id;
        self.id == record.genome_id && self.signatures.iter().any(is_that)
    }

    /// The signatures that none of these logs records, whosever they are.
    pub(crate) fn unrecorded(&self, logs: &[AuditLog]) -> Vec<Signature> {
        let is_recorded = |signature: &Signature| {
            let own = self.genome.authority.signers.iter().find(|signer| signer.key_id == signature.key_id);
            // Under a key id of the authority a parent's key may have signed; who that is, is not known here.
            let own = own.filter(|own| own.public_key.verify(self.canonical.as_bytes(), &signature.bytes).is_ok());
            let fingerprint = own.map(|own| own.public_key.fingerprint());
            let names = logs.iter().flat_map(|log| log.names(self.id, &signature.bytes));
            names.into_iter().any(|(name, print)| *name == signature.key_id && fingerprint.is_none_or(|own| own == *print))
        };
        self.signatures.iter().filter(|signature| !is_recorded(signature)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    const DRAFT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

    fn record(text: &str) -> AuditRecord {
        let key = PrivateKey::from_seed(&[1; 32]);
        let root = Document::read(DRAFT.as_bytes()).unwrap();
        let draft = DRAFT.replace(&root.genome.authority.signers[0].public_key.to_string(), &key.public_key().to_string());
        let mut document = Document::read(draft.as_bytes()).unwrap();
        let signing = document.sign(None, &key, &[]).unwrap();
        let text = || text.to_owned();
        let circumstances = Circumstances {
            time: "2026-01-31T00:00:00Z".parse().unwrap(),
            custody: text(),
            output: text(),
            uid: u32::MAX,
            user: text(),
            host: text(),
            program: text(),
        };
        AuditRecord::of(&document, &signing, circumstances).unwrap()
    }

    #[test]
    fn what_is_recorded_is_read_back_whatever_it_is() {
        let mut log = String::new();
        let texts = ["", " ", "\n\0\u{7f}", "\u{202e}\u{fffe}\u{1f600}", "\"\\", "##[", "-----BEGIN PRIVATE KEY-----"];
        for (number, text) in (1..).zip(texts) {
            let tail = AuditTail::read(log.as_bytes(), true).unwrap();
            assert_eq!((tail.next(), tail.is_torn()), (number, false));
            log += &tail.following(record(text)).unwrap();
            let read = AuditLog::read(log.as_bytes()).unwrap();
            assert!(
                read.has(&record(text))
                    && read.head() == Digest::of(log.lines().last().map(|line| format!("{line}\n")).unwrap().as_bytes())
            );
        }
        assert!(log.lines().count() == texts.len() && !genome_json::holds_private_key(&log));
        let endless = record(&"x".repeat(64 * 1024));
        assert_eq!(AuditTail::read(b"", true).unwrap().following(endless), Err(AuditTailError::TooLong));
    }

    #[test]
    fn the_end_of_a_log_is_enough_to_go_on() {
        let mut log = String::new();
        for _ in 0..3 {
            log += &AuditTail::read(log.as_bytes(), true).unwrap().following(record("x")).unwrap();
        }
        let whole = AuditTail::read(log.as_bytes(), true).unwrap();
        let last = log.trim_end().rfind('\n').unwrap();
        for start in [1, last / 2, last] {
            assert_eq!(AuditTail::read(&log.as_bytes()[start..], false), Ok(whole.clone()));
        }
        for start in [last + 1, log.len() - 1, log.len()] {
            assert_eq!(AuditTail::read(&log.as_bytes()[start..], false), Err(AuditTailError::NoLine), "{start}");
        }
    }

    /// Wherever a crash cuts off what is appended, also after another one, the log is whole but for that, and goes on. Two cases look like a whole
    /// line of which a byte was changed, and are refused: zeros in place of its line feed, and an end right after the line feed that was to
    /// end an earlier torn line.
    #[test]
    fn a_log_that_was_cut_off_anywhere_goes_on() {
        let record = record("a\\\"\u{e9}");
        let append = |log: &[u8]| AuditTail::read(log, true).unwrap().following(record.clone()).unwrap().into_bytes();
        let first = append(b"");
        let torn = [&first[..], &append(&first)[..40]].concat();
        for log in [Vec::new(), first.clone(), first[..first.len() - 1].to_vec(), torn] {
            let line = append(&log);
            for end in 0..=line.len() {
                let cut = [&log, &line[..end]].concat();
                let zeros = [&cut[..], &vec![0; line.len() - end]].concat();
                for cut in [cut, zeros] {
                    let is_ended_torn = end == 1 && cut.ends_with(b"\n") && log.starts_with(&first);
                    let is_whole = end + 1 == line.len() || (end == 0 && log.ends_with(b"}"));
                    let is_whole_but_its_end = is_whole && cut.ends_with(b"\0");
                    if is_ended_torn || is_whole_but_its_end {
                        assert!(AuditLog::read(&cut).is_err() && AuditTail::read(&cut, true).is_err());
                        continue;
                    }
                    AuditLog::read(&cut).unwrap_or_else(|faults| panic!("{faults:?}: {}", cut.escape_ascii()));
                    let whole = [&cut[..], &append(&cut)].concat();
                    assert!(AuditLog::read(&whole).unwrap().has(&record));
                }
            }
        }
    }
}
