//! A comparison as one JSON object, which README.md describes.

use crate::command::diff::comparison::{Comparison, Side};
use crate::contents::{list, quorum, text};
use crate::{count_classes, file, json_text};
use genome::json::Value;
use genome::{Change, Demand, Succession};

/// The version of the object that README.md describes.
const VERSION: &str = "genome-diff.v0.1";

/// One JSON object.
pub(crate) fn json(comparison: &Comparison<'_>) -> String {
    let counts = count_classes(comparison.changes.iter().map(Change::class));
    let counts = counts.map(|(class, count)| (class.as_str(), count.into()));
    json_text(&Value::object([
        ("schema_version", text(VERSION)),
        ("verdict", text(if comparison.changes.is_empty() { "same" } else { "differs" })),
        ("fails", Value::Bool(comparison.fails())),
        ("old", side(&comparison.old)),
        ("new", side(&comparison.new)),
        ("counts", Value::object(counts)),
        ("changes", list(&comparison.changes, Change::to_value)),
        ("rightful", comparison.succession.as_ref().map_or(Value::Null, |succession| Value::Bool(succession.is_rightful()))),
        ("demands", list(comparison.succession.as_ref().map_or(&[], Succession::demands), demand)),
    ]))
}

fn side(side: &Side<'_>) -> Value<'static> {
    let genome = side.document.unverified();
    Value::object([
        ("path", file(side.source)),
        ("id", text(&side.document.id())),
        ("name", text(&genome.name)),
        ("version", text(&genome.version)),
    ])
}

fn demand(demand: &Demand) -> Value<'static> {
    Value::object([
        ("demand", text(demand.kind)),
        ("met", Value::Bool(demand.is_met)),
        ("message", text(&demand.message)),
        ("hint", demand.hint.as_ref().map_or(Value::Null, text)),
        ("quorum", demand.quorum.as_ref().map_or(Value::Null, quorum)),
    ])
}
