//! The reader of a line, `audit.v0.1`.

use super::fault::AuditProblem;
use super::line::{CHECKSUM, Line, MOST_BYTES, Torn, VERSION, checksum};
use super::record::AuditRecord;
use crate::digest::Digest;
use crate::kind::DocumentKind;
use crate::refusal::Refusal;
use crate::schema::{Faults, Place, Problem, Reading};
use crate::signature::reading::signature_bytes;
use genome_json::{self as json, Value};

/// Reads a line, with its line feed or without.
pub(super) fn read(line: &[u8]) -> Result<Line, AuditProblem> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if line.len() > MOST_BYTES {
        return Err(AuditProblem::TooLong);
    }
    let changed = |refusal| AuditProblem::Changed(Box::new(refusal));
    let value = json::parse(line).map_err(|error| changed(error.into()))?;
    let read = read_document(&value).map_err(|faults| changed(Refusal::of_faults(DocumentKind::AuditLog, &value, faults)))?;
    if read.to_json().as_bytes() == line { Ok(read) } else { Err(AuditProblem::NotCanonical) }
}

fn read_document(document: &Value<'_>) -> Result<Line, Faults> {
    let mut reading = Reading::default();
    let line = line(&mut reading, document);
    reading.finish(line)
}

fn line(reading: &mut Reading, document: &Value<'_>) -> Option<Line> {
    const FIELDS: [&str; 18] = [
        "schema_version",
        "line",
        "previous",
        "time",
        "key_id",
        "fingerprint",
        "custody",
        "genome_id",
        "name",
        "version",
        "already",
        "sig_base64",
        "output",
        "uid",
        "user",
        "host",
        "program",
        CHECKSUM,
    ];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &FIELDS, &["torn"])?;
    let schema_version = reading.schema_version(&fields, &[VERSION]);
    let number = reading.field(&fields, "line", Reading::integer);
    let previous = reading.field(&fields, "previous", Reading::parsed);
    let time = reading.field(&fields, "time", Reading::parsed);
    let key_id = reading.field(&fields, "key_id", Reading::parsed);
    let fingerprint = reading.field(&fields, "fingerprint", Reading::parsed);
    let custody = reading.field(&fields, "custody", Reading::text);
    let genome_id = reading.field(&fields, "genome_id", Reading::parsed);
    let name = reading.field(&fields, "name", Reading::label);
    let version = reading.field(&fields, "version", Reading::parsed);
    let already = reading.field(&fields, "already", Reading::boolean);
    let signature = reading.field(&fields, "sig_base64", signature_bytes);
    let output = reading.field(&fields, "output", Reading::text);
    let uid = reading.field(&fields, "uid", Reading::integer);
    let user = reading.field(&fields, "user", Reading::text);
    let host = reading.field(&fields, "host", Reading::text);
    let program = reading.field(&fields, "program", Reading::text);
    let torn = reading.optional(&fields, "torn", |reading, place, value| {
        let fields = reading.object(place, value, &["bytes", "sha256"], &[])?;
        let bytes = reading.field(&fields, "bytes", Reading::integer);
        let sha256 = reading.field(&fields, "sha256", Reading::parsed);
        Some(Some(Torn { bytes: bytes?, sha256: sha256? }))
    });
    let is_whole = reading.field(&fields, CHECKSUM, |reading, place, value| {
        let written: Digest = reading.parsed(place, value)?;
        let Value::Object(members) = document else { return None };
        let others: Vec<_> = members.iter().filter(|member| &*member.name != CHECKSUM).cloned().collect();
        if checksum(&others) == written { Some(()) } else { reading.refuse(place, Problem::Checksum) }
    });
    schema_version.and(is_whole)?;
    let record = AuditRecord {
        time: time?,
        custody: custody?,
        output: output?,
        uid: uid?,
        user: user?,
        host: host?,
        program: program?,
        key_id: key_id?,
        fingerprint: fingerprint?,
        genome_id: genome_id?,
        name: name?,
        version: version?,
        already: already?,
        signature: signature?,
    };
    Some(Line { number: number?, previous: previous?, torn: torn?, record })
}
