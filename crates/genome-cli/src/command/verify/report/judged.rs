//! The fields that every verdict has in JSON.

use crate::{Exit, Finding, FindingShape, RefusalShape, Source, file};
use serde::Serialize;

/// The fields that every verdict has.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub(super) struct JudgedShape {
    /// The file or the directory, or `standard input`.
    path: String,
    #[cfg_attr(feature = "schemars", schemars(extend("enum" = ["accepted", "refused", "undecided"])))]
    verdict: &'static str,
    /// What decides; `null` where it is accepted.
    refusal: Option<RefusalShape>,
    /// What else does not hold.
    further_refusals: Vec<RefusalShape>,
    /// What does not refuse it.
    warnings: Vec<FindingShape>,
}

impl JudgedShape {
    pub(super) fn new(source: &Source, exit: Exit, errors: &[Finding], warnings: &[Finding]) -> Self {
        Self {
            path: file(source),
            verdict: exit.verdict(),
            refusal: errors.first().map(RefusalShape::from),
            further_refusals: errors.iter().skip(1).map(RefusalShape::from).collect(),
            warnings: warnings.iter().map(FindingShape::from).collect(),
        }
    }
}
