//! What a path holds, on one of the two sides.

use crate::input::Input;
use crate::source::{DRAFT, GENOME};
use crate::{Failure, Finding};
use genome::{Document, GenomeId};
use genome_json::Value;
use std::path::{Path, PathBuf};

/// What a path holds, on one of the two sides.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Nothing,
    /// A link, which is not followed.
    Link(PathBuf),
    Genome(GenomeId, Input),
    /// A text that is no genome, but should be, and why it is none.
    Broken(Failure),
    /// Anything else.
    Other,
}

impl Held {
    /// What these bytes hold. `is_named` says that somebody expects a genome.
    pub(crate) fn of(path: &Path, input: Input, is_named: bool) -> Self {
        match Document::read(&input.bytes).map(|document| document.id()) {
            Ok(id) => Self::Genome(id, input),
            Err(refusal) if is_named || is_meant(path, &input.bytes) => {
                Self::Broken(Failure::undecided(Finding::from(&refusal).at(&input.source)))
            }
            Err(_) => Self::Other,
        }
    }

    /// The genome, if it is one.
    pub(crate) fn genome(&self) -> Option<(GenomeId, &Input)> {
        if let Self::Genome(id, input) = self { Some((*id, input)) } else { None }
    }
}

/// Whether a text that is no genome should be one, by the name of its file or by what it says of itself.
fn is_meant(path: &Path, bytes: &[u8]) -> bool {
    let is_version = |value: &Value<'_>| matches!(value, Value::String(text) if matches!(&**text, "genome.v0.1" | "genome.v0.2"));
    path.file_name().is_some_and(|name| name == GENOME || name == DRAFT)
        || matches!(genome_json::parse(bytes), Ok(Value::Object(members))
            if members.iter().any(|member| &*member.name == "schema_version" && is_version(&member.value)))
}
