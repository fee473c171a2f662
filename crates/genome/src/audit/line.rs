//! The form of a line, `audit.v0.1`, and how it is written.

use super::record::AuditRecord;
use crate::digest::Digest;
use base64ct::{Base64, Encoding as _};
use genome_json::canonical;
use genome_json::{self as json, JsonFault, Member, Value};

/// How long a line may be, in bytes: room for the longest path, with every byte escaped.
pub(super) const MOST_BYTES: usize = 64 * 1024;

/// The digest that stands in the first line for that of the line before.
pub(super) const NOTHING: [u8; 32] = [0; 32];

pub(super) const VERSION: &str = "audit.v0.1";

/// The field that holds the digest of the others.
pub(super) const CHECKSUM: &str = "sha256";

/// The digest of the canonical form of these members. It finds damage, not forgery: whoever can write the log can write this.
pub(super) fn checksum(members: &[Member<'_>]) -> Digest {
    let mut canonical = String::new();
    canonical::write_object(&mut canonical, members.iter());
    Digest::of(canonical.as_bytes())
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Which line it is, counted from 1.
    pub(super) number: u32,
    /// The digest of the line before that records a signing, with its line feed.
    pub(super) previous: Digest,
    /// What lies between that line and this one.
    pub(super) torn: Option<Torn>,
    pub(super) record: AuditRecord,
}

/// Bytes that a crash has left, with the line feed that ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Torn {
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
}

impl Torn {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: Digest::of(bytes) }
    }
}

impl Line {
    /// The line in canonical form (RFC 8785), without a line feed.
    pub(super) fn to_json(&self) -> String {
        let Self { number, previous, torn, record } = self;
        let AuditRecord { time, custody, output, uid, user, host, program, .. } = record;
        let AuditRecord { key_id, fingerprint, genome_id, name, version, already, signature, .. } = record;
        let text = |text: &dyn ToString| Value::string(text.to_string());
        let mut members = vec![
            ("schema_version", Value::string(VERSION)),
            ("line", u64::from(*number).into()),
            ("previous", text(previous)),
            ("time", text(time)),
            ("key_id", text(key_id)),
            ("fingerprint", text(fingerprint)),
            ("custody", text(custody)),
            ("genome_id", text(genome_id)),
            ("name", text(name)),
            ("version", text(version)),
            ("already", Value::Bool(*already)),
            ("sig_base64", Value::string(Base64::encode_string(signature))),
            ("output", text(output)),
            ("uid", u64::from(*uid).into()),
            ("user", text(user)),
            ("host", text(host)),
            ("program", text(program)),
        ];
        if let Some(Torn { bytes, sha256 }) = torn {
            members.push(("torn", Value::object([("bytes", (*bytes).into()), ("sha256", text(sha256))])));
        }
        let mut members: Vec<Member<'_>> = members.into_iter().map(|(name, value)| Member { name: name.into(), value }).collect();
        let checksum = checksum(&members);
        members.push(Member { name: CHECKSUM.into(), value: Value::string(checksum.to_string()) });
        let mut line = String::new();
        canonical::write_object(&mut line, members.iter());
        line
    }
}

/// Whether this may be the beginning of a line of ours that was cut off. After a power cut there may be zeros in place of the rest.
pub(super) fn is_beginning(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let is_empty = line.is_empty();
    let end = line.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let line = line.get(..end).unwrap_or_default();
    // It may end within a character.
    let text = line.utf8_chunks().next().map_or(&b""[..], |chunk| match chunk.invalid() {
        rest if chunk.valid().len() + rest.len() == line.len() => chunk.valid().as_bytes(),
        _ => line,
    });
    // It may end within `true` or `false`.
    let value = text.iter().rposition(|byte| !byte.is_ascii_lowercase()).map_or(0, |last| last + 1);
    let text = text.get(..value).filter(|before| before.ends_with(b":")).unwrap_or(text);
    let start = b"{\"already\":";
    let is_ours = text.starts_with(start) || (start.starts_with(text) && !is_empty);
    is_ours && json::parse(text).is_err_and(|error| matches!(error.fault, JsonFault::Truncated { .. }))
}
