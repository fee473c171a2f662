//! A line of the log: a type for each kind, of which its JSON Schema is made.

use genome_cli::{Detail, Exit, FaultShape, Finding, FindingShape};
use serde::{Serialize, Serializer};
use std::ffi::OsString;

/// How many faults a line shows: a line must fit into what collects it.
const MOST_FAULTS: usize = 10;

/// What each line has, and what it says.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct Line<S> {
    /// In UTC, with milliseconds.
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(super) timestamp: String,
    #[cfg_attr(test, schemars(extend("enum" = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"])))]
    pub(super) level: &'static str,
    #[serde(flatten)]
    pub(super) said: S,
}

/// A boot that did not come about. It is the last line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct RefusedShape {
    #[serde(flatten)]
    first: RefusalShape,
    /// What else does not hold.
    further_refusals: Vec<RefusalShape>,
    #[cfg_attr(test, schemars(extend("enum" = ["refused", "undecided"])))]
    verdict: &'static str,
    /// The exit status.
    #[cfg_attr(test, schemars(range(min = 1, max = 2)))]
    exit: u8,
}

/// What the book says of findings, but for what has no end: the hint says who must sign.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Refusal", deny_unknown_fields))]
struct RefusalShape {
    #[serde(flatten)]
    finding: FindingShape,
    /// The first ten, and a last one that counts the others.
    faults: Vec<FaultShape>,
}

/// What happened: the message, and what else is known of it, in this order.
pub(super) struct Event(pub(super) Vec<(&'static str, Scalar)>);

/// A value of an event.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Text(String),
    Bool(bool),
    Number(u64),
}

impl RefusedShape {
    /// `None` where there is nothing to say.
    pub(super) fn new(findings: &[Finding], exit: Exit) -> Option<Self> {
        let (first, others) = findings.split_first()?;
        Some(Self {
            first: first.into(),
            further_refusals: others.iter().map(RefusalShape::from).collect(),
            verdict: exit.verdict(),
            exit: exit.status(),
        })
    }
}

impl From<&Finding> for RefusalShape {
    fn from(finding: &Finding) -> Self {
        let mut faults: Vec<FaultShape> = finding.details.iter().take(MOST_FAULTS).map(FaultShape::from).collect();
        let more = finding.details.len() - faults.len();
        if more > 0 {
            let (message, hint) = (format!("{more} more are not shown"), "genome-verify shows all of them".to_owned());
            faults.push(FaultShape::from(&Detail { pointer: OsString::new(), message, hint }));
        }
        Self { finding: finding.into(), faults }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Line, RefusedShape};
    use genome_test_support::printed;
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use std::borrow::Cow;

    impl JsonSchema for Event {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            "Event".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "object",
                "properties": { "message": { "type": "string" } },
                "required": ["message"],
                "additionalProperties": { "type": ["string", "boolean", "integer"] },
            })
        }
    }

    /// A line of the log of `genome-server`.
    #[derive(JsonSchema)]
    #[schemars(title = "Log", untagged)]
    #[expect(dead_code, reason = "it is there for its schema")]
    enum AnyLine {
        /// Why a server did not start.
        #[schemars(extend("additionalProperties" = false))]
        Refused(Line<RefusedShape>),
        /// Anything else that happened.
        Event(Line<Event>),
    }

    #[test]
    fn the_schema_that_is_committed_is_that_of_the_types() {
        printed::assert_committed::<AnyLine>("server-log");
    }
}
