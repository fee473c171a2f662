//! A change as a proposal declares it, as text.

use super::Class;
use genome_json::Value;

/// A change as a proposal declares it: the parts of a [`Change`](super::Change), as text in which every character shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "A change, as texts in which everything shows.", deny_unknown_fields)
)]
#[non_exhaustive]
pub struct DeclaredChange {
    /// What it means for what is allowed, or for what guards.
    pub class: Class,
    /// What kind of change it is.
    pub kind: String,
    /// What it is about, by its name in the genomes.
    pub subject: String,
    /// What the old genome says of it, in words; `null` where it says nothing.
    pub from: Option<String>,
    /// What the new genome says of it, likewise.
    pub to: Option<String>,
    /// All of it in a sentence.
    pub message: String,
}

impl DeclaredChange {
    pub(crate) fn into_value(self) -> Value<'static> {
        let side = |side: Option<String>| side.map_or(Value::Null, Value::string);
        Value::object([
            ("class", Value::string(self.class.as_str())),
            ("kind", Value::string(self.kind)),
            ("subject", Value::string(self.subject)),
            ("from", side(self.from)),
            ("to", side(self.to)),
            ("message", Value::string(self.message)),
        ])
    }
}
