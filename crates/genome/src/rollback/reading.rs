//! The schema `state.v0.1`: what has been accepted before.

use crate::digest::Digest;
use crate::refusal::Accepted;
use crate::schema::{Faults, Place, Problem, Reading};
use genome_json::Value;
use genome_json::canonical;
use std::collections::BTreeMap;

pub(crate) const VERSION: &str = "state.v0.1";

/// The digest of the canonical form of what was accepted. It finds damage, not forgery: whoever can write the state can write this.
pub(crate) fn checksum(accepted: &Value<'_>) -> Digest {
    let mut canonical = String::new();
    canonical::write(&mut canonical, accepted);
    Digest::of(canonical.as_bytes())
}

/// Reads a state.
pub(crate) fn read(document: &Value<'_>) -> Result<BTreeMap<String, Accepted>, Faults> {
    let mut reading = Reading::default();
    let state = state(&mut reading, document);
    reading.finish(state)
}

fn state(reading: &mut Reading, document: &Value<'_>) -> Option<BTreeMap<String, Accepted>> {
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &["schema_version", "accepted", "sha256"], &[])?;
    let schema_version = reading.schema_version(&fields, &[VERSION]);
    let mut computed = None;
    let accepted = reading.field(&fields, "accepted", |reading, place, value| {
        computed = Some(checksum(value));
        reading.members(place, value, |reading, place, value| {
            let fields = reading.object(place, value, &["version", "genome_id"], &[])?;
            let version = reading.field(&fields, "version", Reading::parsed);
            let genome_id = reading.field(&fields, "genome_id", Reading::parsed);
            Some(Accepted { version: version?, genome_id: genome_id? })
        })
    });
    let sha256 = reading.field(&fields, "sha256", |reading, place, value| {
        let written: Digest = reading.parsed(place, value)?;
        if computed.is_none_or(|computed| computed == written) { Some(()) } else { reading.refuse(place, Problem::Checksum) }
    });
    schema_version.and(sha256)?;
    Some(accepted?.into_iter().collect())
}
