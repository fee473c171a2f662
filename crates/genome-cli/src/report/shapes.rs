//! Findings as JSON, as the book describes them: a type for each, of which its JSON Schema is made.

use super::place::{self, file};
use super::{Detail, Finding};
use genome::Code;
use genome::refusal::Quorum;
use genome_json::text::{Printable, verbatim};
use serde::Serialize;

/// What every finding has, and a warning no more than that.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Finding", deny_unknown_fields))]
pub struct FindingShape {
    /// The stable code; `null` for what has none.
    code: Option<Code>,
    /// What it is.
    message: String,
    /// The file that it is about; `null` where it is about none.
    file: Option<String>,
    /// Where in the file's document, as a JSON Pointer (RFC 6901); empty for the whole document.
    pointer: String,
    /// Where in the file's text, from 1, if it is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "usize", range(min = 1)))]
    line: Option<usize>,
    /// Where in that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "usize", range(min = 1)))]
    column: Option<usize>,
    /// The next thing to do.
    hint: String,
}

/// A finding for which something is refused or left undecided.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Refusal", deny_unknown_fields))]
pub struct RefusalShape {
    #[serde(flatten)]
    finding: FindingShape,
    /// The single faults, if there are several.
    faults: Vec<FaultShape>,
    /// Whose signatures are there and whose are missing, if it is about that.
    quorums: Vec<Quorum>,
}

/// One of several faults.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Fault", deny_unknown_fields))]
pub struct FaultShape {
    /// Where, as a JSON Pointer (RFC 6901); the path of a file where there is no document yet.
    pointer: String,
    /// What it is.
    message: String,
    /// What to do about it.
    hint: String,
}

impl From<&Finding> for FindingShape {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code,
            message: Printable(&finding.message).to_string(),
            file: finding.file.as_ref().map(file),
            pointer: verbatim(&finding.pointer).into_owned(),
            line: finding.position.map(|(line, _)| line),
            column: finding.position.map(|(_, column)| column),
            hint: Printable(&finding.hint).to_string(),
        }
    }
}

impl From<&Finding> for RefusalShape {
    fn from(finding: &Finding) -> Self {
        Self {
            finding: finding.into(),
            faults: finding.details.iter().map(FaultShape::from).collect(),
            quorums: finding.quorums.clone(),
        }
    }
}

impl From<&Detail> for FaultShape {
    fn from(Detail { pointer, message, hint }: &Detail) -> Self {
        Self { pointer: place::pointer(pointer), message: Printable(message).to_string(), hint: Printable(hint).to_string() }
    }
}
