//! A comparison as one JSON object, which README.md describes.

use crate::command::diff::comparison::{Comparison, Side};
use crate::contents::{list, quorum, text};
use crate::hints::with_options;
use crate::{count_classes, file, json_text};
use genome::change::Change;
use genome::json::Value;
use genome::lineage::{Succession, SuccessionCheck};

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
        ("rightful", comparison.succession.as_ref().map_or(Value::Null, |succession| Value::Bool(succession.is_valid()))),
        ("demands", list(comparison.succession.as_ref().map_or(&[], Succession::checks), check)),
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

fn check(check: &SuccessionCheck) -> Value<'static> {
    Value::object([
        ("demand", text(check.kind.as_str())),
        ("met", Value::Bool(check.is_met)),
        ("message", text(&check.message)),
        ("hint", check.hint.clone().map_or(Value::Null, |hint| text(&with_options(hint)))),
        ("quorum", check.quorum.as_ref().map_or(Value::Null, quorum)),
    ])
}
