//! The reader of a whole document, `genome.v0.1`: from any JSON value to a [`Genome`] and its signatures, or to every fault at once.

use crate::model::Genome;
use crate::model::reading::{authority, capability, invariant, manifest, name};
use crate::schema::{Distinct, Faults, Place, Reading};
use crate::signature::Signature;
use crate::signature::reading::{SIGNATURE_FIELDS, signatures};
use genome_json::Value;

/// The one version of the schema that we read and write.
const VERSION: &str = "genome.v0.1";

/// What a document that follows the schema holds.
pub(crate) struct Contents {
    pub(crate) genome: Genome,
    /// Each with its JSON Pointer; empty in a draft.
    pub(crate) signatures: Vec<Signature>,
}

/// Reads a whole document.
pub(crate) fn read(document: &Value<'_>) -> Result<Contents, Faults> {
    let mut reading = Reading::default();
    let contents = contents(&mut reading, document);
    reading.finish(contents)
}

fn contents(reading: &mut Reading, document: &Value<'_>) -> Option<Contents> {
    const FIELDS: [&str; 9] =
        ["schema_version", "name", "version", "parents", "created_at", "authority", "invariants", "capabilities", "build_manifest"];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &FIELDS, &SIGNATURE_FIELDS)?;
    let schema_version = reading.schema_version(&fields, VERSION);
    let name = reading.field(&fields, "name", name);
    let version = reading.field(&fields, "version", Reading::parsed);
    let parents = reading.field(&fields, "parents", |reading, place, value| {
        let mut seen = Distinct::new("parent");
        reading.list(place, value, |reading, place, value| {
            let parent = reading.parsed(place, value)?;
            seen.insert(reading, place, parent).then_some(parent)
        })
    });
    let created_at = reading.field(&fields, "created_at", Reading::parsed);
    let authority = reading.field(&fields, "authority", authority);
    let invariants = reading.field(&fields, "invariants", |reading, place, value| {
        let mut ids = Distinct::new("id");
        reading.list(place, value, |reading, place, value| invariant(reading, place, value, &mut ids))
    });
    let capabilities = reading.field(&fields, "capabilities", |reading, place, value| {
        let mut ids = Distinct::new("cap_id");
        reading.list(place, value, |reading, place, value| capability(reading, place, value, &mut ids))
    });
    let signatures = signatures(reading, &fields);
    let draft = signatures.as_ref().is_some_and(Vec::is_empty);
    let files = reading.field(&fields, "build_manifest", |reading, place, value| manifest(reading, place, value, draft));
    schema_version?;
    let genome = Genome {
        name: name?,
        version: version?,
        parents: parents?,
        created_at: created_at?,
        authority: authority?,
        invariants: invariants?,
        capabilities: capabilities?,
        files: files?,
    };
    Some(Contents { genome, signatures: signatures? })
}
