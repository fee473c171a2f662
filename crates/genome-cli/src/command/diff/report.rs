//! The four forms of a comparison.

mod human;
mod json;
mod markdown;

use super::comparison::Comparison;
use crate::hints::with_options;
use crate::{Finding, Level, annotations, counted_changes};
use genome::change::Class;
use genome::lineage::Succession;
pub(crate) use human::human;
pub(crate) use json::json;
pub(crate) use markdown::markdown;

/// What there is to say of the step from the one to the other.
fn verdict(succession: &Succession) -> &'static str {
    if succession.is_valid() { "a valid successor" } else { "not a valid successor (yet)" }
}

/// Annotations of GitHub Actions at the genome after: errors where it fails because somebody asked for that.
pub(crate) fn github(comparison: &Comparison<'_>) -> String {
    let file = comparison.new.source;
    // The gravest come first.
    let mut findings = Vec::new();
    for change in &comparison.changes {
        let class = change.class();
        let level = match class {
            _ if comparison.failing.contains(&class) => Level::Error,
            Class::Widening | Class::Weakening => Level::Warning,
            _ => Level::Notice,
        };
        let hint = if level == Level::Notice { "compared with the genome before" } else { "review it before anybody signs" };
        findings.push(Finding { level, ..Finding::error(format!("{class}: {change}"), hint) }.at(file));
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
    // Before the other notices, as it counts all of them.
    findings.insert(0, Finding::notice(message, "compared with the genome before").at(file));
    annotations(&findings)
}
