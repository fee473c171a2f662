use crate::{Conditions, Exit, Failure, Finding, Judgement, Source};
use genome::{Check, Checklist, Code, Genome, State, Verified};
use std::path::PathBuf;

/// What became of one genome.
pub(crate) struct Outcome {
    /// The file, or standard input.
    pub(crate) source: Source,
    judgement: Judgement,
}

/// A line of the checklist.
pub(crate) struct Line {
    pub(crate) check: &'static str,
    pub(crate) state: State,
    /// Why it does not hold.
    pub(crate) code: Option<Code>,
}

impl Outcome {
    /// Reads and verifies a genome. Where the conditions themselves cannot be had, no genome meets them.
    pub(crate) fn of(source: Result<Source, Finding>, conditions: &Result<Conditions, Failure>) -> Self {
        match (source, conditions) {
            (Ok(source), Ok(conditions)) => {
                let judgement = conditions.judge(&source);
                Self { source, judgement }
            }
            (Ok(source), Err(failure)) => Self { source, judgement: Judgement::of(failure, None) },
            (Err(finding), _) => {
                let source = finding.file.clone().unwrap_or_else(|| Source::File(PathBuf::new()));
                Self { source, judgement: Judgement::of(&Failure::undecided(finding), None) }
            }
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.judgement.exit
    }

    /// The genome, if it is accepted.
    pub(crate) fn genome(&self) -> Option<&Verified<Genome>> {
        self.judgement.verdict.as_ref().ok()
    }

    /// Why it is not accepted; the first decides.
    pub(crate) fn errors(&self) -> &[Finding] {
        self.judgement.verdict.as_ref().err().map_or(&[], Vec::as_slice)
    }

    /// What the genome's user should know.
    pub(crate) fn warnings(&self) -> &[Finding] {
        &self.judgement.warnings
    }

    /// Every check, and how it went.
    pub(crate) fn checklist(&self) -> Vec<Line> {
        let first = self.errors().first();
        let unread = [Code::Missing, Code::Unreadable].into_iter().find(|&code| {
            // Of the genome itself, not of what it was to be held against.
            first.is_some_and(|finding| finding.code == Some(code) && finding.file.as_ref() == Some(&self.source))
        });
        let readable = Line {
            check: "the file can be read",
            state: match (&self.judgement.checklist, unread) {
                (Some(_), _) => State::Held,
                (None, Some(_)) => State::Failed,
                (None, None) => State::NotEvaluated,
            },
            code: unread,
        };
        let checks = self.judgement.checklist.iter().flat_map(Checklist::iter);
        let line = |(check, state): (Check, State)| {
            let failed = |finding: &&Finding| state == State::Failed && finding.check == Some(check);
            Line { check: check.as_str(), state, code: self.errors().iter().find(failed).and_then(|finding| finding.code) }
        };
        std::iter::once(readable).chain(checks.map(line)).collect()
    }
}
