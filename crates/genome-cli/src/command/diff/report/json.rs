//! A comparison as one JSON object, which the book describes: a type for each part, of which its JSON Schema is made.

use crate::command::diff::comparison::{Comparison, Side};
use crate::command::diff::texts::DefinitionChange;
use crate::hints::with_options;
use crate::{count_classes, file, json_text};
use genome::change::{Change, Class};
use genome::definition::Difference;
use genome::lineage::{Succession, SuccessionCheck, SuccessionCheckKind};
use genome::refusal::Quorum;
use genome::{Digest, GenomeId};
use serde::{Serialize, Serializer};

/// The version of the object that the book describes.
const VERSION: &str = "genome-diff.v0.1";

/// What `genome-diff --format json` prints.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(title = "genome-diff.v0.1", deny_unknown_fields))]
pub(crate) struct DiffShape<'c> {
    #[cfg_attr(feature = "schemars", schemars(extend("const" = VERSION)))]
    schema_version: &'static str,
    #[cfg_attr(feature = "schemars", schemars(extend("enum" = ["same", "differs"])))]
    verdict: &'static str,
    /// Whether there is a change of a class that makes it fail.
    fails: bool,
    /// The genome before; `null` where the new one names no parent: then all of it is new.
    old: Option<SideShape<'c>>,
    /// The genome after.
    new: SideShape<'c>,
    /// How many changes of each class there are.
    counts: Counts,
    /// The gravest first.
    changes: &'c [Change],
    /// What differs in the definitions that changes of pins are about.
    definitions: Vec<DefinitionShape<'c>>,
    /// Whether the new genome is a valid successor of the old one; `null` where both are the same, or there is no old one.
    rightful: Option<bool>,
    /// What is asked of the step from the one to the other.
    demands: Vec<DemandShape<'c>>,
}

/// A genome that is compared.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Side", deny_unknown_fields))]
struct SideShape<'c> {
    /// The file, or `standard input`.
    path: String,
    id: GenomeId,
    name: &'c str,
    /// Semantic Versioning 2.0.0.
    version: String,
}

/// A definition of a tool, or the instructions of a server, in whose place another is good now; or one that comes or goes.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Definition", deny_unknown_fields))]
struct DefinitionShape<'c> {
    /// The action of the tool, or `NAME:instructions`.
    action: &'c str,
    /// The digest of the one that was good; `null` where there was none.
    was: Option<Digest>,
    /// The digest of the one that is good now; `null` where there is none.
    is: Option<Digest>,
    /// Those of both whose texts are in no file of definitions at hand.
    missing: &'c [Digest],
    /// Where they differ; as a whole where only one text is at hand or only one is good, `null` where no text is at hand.
    differences: Option<&'c [Difference]>,
}

/// Each class, in its order, and how many changes are of it.
struct Counts(Vec<(Class, usize)>);

/// Something that is asked of a step.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Demand", deny_unknown_fields))]
struct DemandShape<'c> {
    /// What is asked: that the new genome names its parent, its date, its version, and whose signatures there are.
    demand: SuccessionCheckKind,
    /// Whether it is so.
    met: bool,
    /// What is so or not, in words.
    message: &'c str,
    /// The next thing to do, where it is not met.
    hint: Option<String>,
    /// Whose signatures it is about, if it is about signatures that verify.
    quorum: Option<&'c Quorum>,
}

/// One JSON object.
pub(crate) fn json(comparison: &Comparison<'_>) -> String {
    json_text(&DiffShape::from(comparison))
}

impl<'c> From<&'c Comparison<'_>> for DiffShape<'c> {
    fn from(comparison: &'c Comparison<'_>) -> Self {
        let Comparison { old, new, changes, definitions, succession, .. } = comparison;
        Self {
            schema_version: VERSION,
            verdict: if changes.is_empty() { "same" } else { "differs" },
            fails: comparison.fails(),
            old: old.as_ref().map(SideShape::from),
            new: new.into(),
            counts: Counts(count_classes(changes.iter().map(Change::class)).collect()),
            changes,
            definitions: definitions.iter().map(DefinitionShape::from).collect(),
            rightful: succession.as_ref().map(Succession::is_valid),
            demands: succession.iter().flat_map(Succession::checks).map(DemandShape::from).collect(),
        }
    }
}

impl<'c> From<&'c Side<'_>> for SideShape<'c> {
    fn from(side: &'c Side<'_>) -> Self {
        let genome = side.document.unverified();
        Self { path: file(side.source), id: side.document.id(), name: &genome.name, version: genome.version.to_string() }
    }
}

impl<'c> From<&'c DefinitionChange> for DefinitionShape<'c> {
    fn from(DefinitionChange { action, was, is, missing, differences }: &'c DefinitionChange) -> Self {
        Self { action, was: *was, is: *is, missing, differences: differences.as_deref() }
    }
}

impl<'c> From<&'c SuccessionCheck> for DemandShape<'c> {
    fn from(SuccessionCheck { kind, is_met, message, hint, quorum, .. }: &'c SuccessionCheck) -> Self {
        Self { demand: *kind, met: *is_met, message, hint: hint.clone().map(with_options), quorum: quorum.as_ref() }
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(class, count)| (class, count)))
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Counts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Counts".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let count = generator.subschema_for::<usize>();
        let properties: serde_json::Map<_, _> =
            Class::ALL.iter().map(|class| (class.as_str().to_owned(), count.clone().to_value())).collect();
        schemars::json_schema!({
            "type": "object", "properties": properties, "required": Class::ALL, "additionalProperties": false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DiffShape;
    use genome_test_support::printed;

    #[test]
    fn the_schema_that_is_committed_is_that_of_the_types() {
        printed::assert_committed::<DiffShape<'_>>("diff-report");
    }
}
