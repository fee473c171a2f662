//! The four forms of a comparison.

mod human;
mod json;
mod markdown;
mod members;
mod since;

use super::comparison::Comparison;
use crate::hints::with_options;
use crate::{Finding, Level, annotations, counted_changes};
use genome::change::Class;
use genome::lineage::Succession;
pub(crate) use human::{ROOT, human};
pub(crate) use json::json;
pub(crate) use markdown::markdown;
pub(crate) use since::{Shown, since};
use std::iter;

/// What there is to say of the step from the one to the other.
fn verdict(succession: &Succession) -> &'static str {
    if succession.is_valid() { "a valid successor" } else { "not a valid successor (yet)" }
}

/// What a genome was compared with, in words.
fn compared_with(comparison: &Comparison<'_>) -> &'static str {
    match &comparison.old {
        Some(_) => "compared with the genome before",
        None => "compared with nothing, as it names no parent",
    }
}

/// Annotations of GitHub Actions at the genomes after: errors where it fails because somebody asked for that.
pub(crate) fn github(comparisons: &[Comparison<'_>]) -> String {
    // Those that count come before the other notices.
    let (counts, findings): (Vec<_>, Vec<_>) = comparisons.iter().map(findings).unzip();
    annotations(counts.iter().chain(findings.iter().flatten()))
}

/// How bad a change of a class is: an error where somebody asked for that.
fn level(class: Class, failing: &[Class]) -> Level {
    match class {
        _ if failing.contains(&class) => Level::Error,
        Class::Widening | Class::Weakening => Level::Warning,
        _ => Level::Notice,
    }
}

/// How many lines about definitions an annotation has.
const MOST_NOTES: usize = 10;

/// What is counted, and what is found, of one comparison.
pub(crate) fn findings(comparison: &Comparison<'_>) -> (Finding, Vec<Finding>) {
    let file = comparison.new.source;
    let compared = compared_with(comparison);
    // The gravest come first.
    let mut findings = Vec::new();
    for change in &comparison.changes {
        let class = change.class();
        let level = level(class, comparison.failing);
        let hint = if level == Level::Notice { compared } else { "review it before anybody signs" };
        let notes = members::lines(comparison.definitions_of(change));
        let said: Vec<String> = iter::once(format!("{class}: {change}")).chain(notes.into_iter().take(MOST_NOTES)).collect();
        findings.push(Finding { level, ..Finding::error(said.join("; "), hint) }.at(file));
    }
    let checks = comparison.succession.iter().flat_map(Succession::checks);
    for check in checks.filter(|check| !check.is_met) {
        let finding = Finding::warning(check.message.clone(), with_options(check.hint.clone().unwrap_or_default()));
        findings.push(finding.at(file));
    }
    let mut message = counted_changes(&comparison.changes);
    if let Some(succession) = &comparison.succession {
        message = format!("{message}; {}", verdict(succession));
    }
    (Finding::notice(message, compared).at(file), findings)
}
