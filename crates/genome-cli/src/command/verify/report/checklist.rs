//! The checklist of a genome, as it is reported.

use crate::{Finding, Verdict};
use genome::refusal::{Check, CheckResult};
use genome::{Checklist, Code};
use serde::Serialize;

/// A line of the checklist.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "CheckLine", deny_unknown_fields))]
pub(super) struct Line {
    /// What holds where the check does, in words.
    pub(super) check: &'static str,
    /// `not evaluated` where a check failed on which this one rests.
    pub(super) state: CheckResult,
    /// Why it does not hold.
    pub(super) code: Option<Code>,
}

/// Every check and its result.
pub(super) fn lines(verdict: &Verdict) -> Vec<Line> {
    let errors = verdict.errors();
    let unread = [Code::Missing, Code::Unreadable].into_iter().find(|&code| {
        // Of the genome itself, not of what it was to be held against.
        errors.first().is_some_and(|finding| finding.code == Some(code) && finding.file.as_ref() == Some(&verdict.source))
    });
    let readable = Line {
        check: "the file can be read",
        state: match (&verdict.checklist, unread) {
            (Some(_), _) => CheckResult::Held,
            (None, Some(_)) => CheckResult::Failed,
            (None, None) => CheckResult::NotEvaluated,
        },
        code: unread,
    };
    let checks = verdict.checklist.iter().flat_map(Checklist::iter);
    let line = |(check, state): (Check, CheckResult)| {
        let failed = |finding: &&Finding| state == CheckResult::Failed && finding.check == Some(check);
        Line { check: check.as_str(), state, code: errors.iter().find(failed).and_then(|finding| finding.code) }
    };
    std::iter::once(readable).chain(checks.map(line)).collect()
}
