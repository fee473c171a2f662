//! `genome schema`: the formats as JSON Schema, for editors and other validators.

use crate::{Exit, Failure, Finding, StandardStreams, Stream, Use, print, show};
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::Value;
use std::fmt::Write as _;

/// Prints the JSON Schema of a format; without a name, the names of all
#[derive(Args)]
pub(crate) struct SchemaArguments {
    /// The format, such as genome or verify-report
    #[arg(hide_possible_values = true, value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|(name, _)| *name)))]
    name: Option<String>,
}

/// The schemas in `schemas/`, by name, which is also that of the file.
macro_rules! schemas {
    ($($name:literal)+) => {
        const SCHEMAS: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/", $name, ".schema.json")),
        )),+];
    };
}

// Those of what people write come first.
schemas! {
    "genome"
    "trust.v0.1"
    "proposal.v0.1"
    "probes"
    "definitions.v0.1"
    "state.v0.1"
    "audit.v0.1"
    "verify-report"
    "diff-report"
    "trust-report"
    "mcp-check-report"
    "server-log"
    "server-decision-log"
    "server-genome"
    "server-decision"
    "server-evaluation"
    "server-evaluations"
    "server-action-search"
    "server-authzen-configuration"
    "server-health"
    "server-ready"
    "server-problem"
}

impl StandardStreams for SchemaArguments {
    fn uses(&self) -> Vec<Use> {
        vec![Use::of(Stream::Output, "the schema")]
    }
}

/// Prints one, or what there is.
pub(crate) fn schema(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else { return show(&list()).map(|()| Exit::Done) };
    let found = SCHEMAS.iter().find(|(known, _)| known == name);
    let (_, text) =
        found.ok_or_else(|| Failure::undecided(Finding::error("there is no such schema", "`genome schema` lists them")))?;
    print(text.as_bytes()).map(|()| Exit::Done)
}

/// The names, each with the first sentence of its description.
fn list() -> String {
    let width = SCHEMAS.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut out = String::new();
    for (name, text) in SCHEMAS {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let description = document.get("description").and_then(Value::as_str).unwrap_or_default();
        let first = description.split_once(". ").map_or(description, |(first, _)| first).trim_end_matches('.');
        // Writing to a string does not fail.
        let _ = writeln!(out, "{name:<width$}  {first}");
    }
    out
}
