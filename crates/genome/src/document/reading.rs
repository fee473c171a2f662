//! The reader of a whole document, `genome.v0.1` or `genome.v0.2`: from any JSON value to a [`Genome`] and its signatures, or to every fault at once.

use crate::ceiling::{Ceiling, Reason};
use crate::model::pin::{WITH_PINS, WITHOUT_PINS, is_instructions, is_method};
use crate::model::reading::{TOOLS, authority, capability, invariant, manifest, name, tools};
use crate::model::{Capability, Genome, ToolPin};
use crate::schema::{Distinct, Faults, Fields, Place, Problem, Reading};
use crate::signature::Signature;
use crate::signature::reading::{SIGNATURE_FIELDS, signatures};
use genome_json::Value;

/// The versions of the schema that we read and write.
const VERSIONS: [&str; 2] = [WITHOUT_PINS, WITH_PINS];

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
    const OPTIONAL: [&str; 3] = [TOOLS, SIGNATURE_FIELDS[0], SIGNATURE_FIELDS[1]];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &FIELDS, &OPTIONAL)?;
    let schema_version = reading.schema_version(&fields, &VERSIONS);
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
    let tools = pins(reading, &root, &fields, schema_version, capabilities.as_deref());
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
        tools: tools?,
        files: files?,
    };
    Some(Contents { genome, signatures: signatures? })
}

/// The pins. There is one way to write a genome: one that pins nothing is of the version without pins.
fn pins(
    reading: &mut Reading,
    root: &Place<'_>,
    fields: &Fields<'_, '_>,
    version: Option<&str>,
    capabilities: Option<&[Capability]>,
) -> Option<Vec<ToolPin>> {
    match (version, fields.has(TOOLS)) {
        (Some(WITHOUT_PINS), true) => reading.refuse(&root.name(TOOLS), Problem::PinsBeforeTheirVersion),
        (Some(WITH_PINS), false) => reading.refuse(&root.name("schema_version"), Problem::NoPins),
        (_, false) => Some(Vec::new()),
        (_, true) => {
            // What capabilities that are refused would allow nobody knows.
            let ceiling: Option<Ceiling<&str>> = capabilities.map(Ceiling::of_capabilities);
            let is_pinnable = |action: &str| match ceiling.as_ref().map(|ceiling| ceiling.decide(action).reason()) {
                // Nobody asks for instructions, so nobody has to allow them.
                Some(Reason::NotAllowed) => is_instructions(action),
                Some(Reason::Denied) => false,
                Some(Reason::Allowed) | None => !is_method(action),
            };
            reading.field(fields, TOOLS, |reading, place, value| tools(reading, place, value, is_pinnable))
        }
    }
}
