//! The schema `definitions.v0.1`.

use super::{DefinitionError, Definitions, ToolDefinition};
use crate::schema::{Distinct, Faults, Place, Problem, Reading};
use genome_json::Value;

pub(super) const VERSION: &str = "definitions.v0.1";

/// Reads a file of definitions.
pub(super) fn read(document: &Value<'_>) -> Result<Definitions, Faults> {
    let mut reading = Reading::default();
    let definitions = definitions(&mut reading, document);
    reading.finish(definitions)
}

fn definitions(reading: &mut Reading, document: &Value<'_>) -> Option<Definitions> {
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &["schema_version", "server", "tools"], &["instructions"])?;
    let schema_version = reading.schema_version(&fields, &[VERSION]);
    let server = reading.field(&fields, "server", Reading::parsed);
    let instructions = reading.optional(&fields, "instructions", |reading, place, value| {
        // The text of a stranger, of which all counts, what does not show too.
        reading.string(place, value).map(|text| Some(text.to_owned()))
    });
    let tools = reading.field(&fields, "tools", |reading, place, value| {
        let mut seen = Distinct::new("definition");
        reading.list(place, value, |reading, place, value| {
            let tool = tool(reading, place, value)?;
            seen.insert(reading, place, tool.digest()).then_some(tool)
        })
    });
    schema_version?;
    Some(Definitions::of_parts(server?, instructions?, tools?))
}

/// A definition, whose members are those of a stranger.
fn tool(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<ToolDefinition> {
    match ToolDefinition::of(value) {
        Ok(tool) => Some(tool),
        Err(DefinitionError::NoName) => match value.member("name") {
            Some(name) => reading.wrong_kind(&place.name("name"), "a string", name),
            None => reading.refuse(place, Problem::MissingField("name")),
        },
        Err(_) => reading.wrong_kind(place, "an object", value),
    }
}
