//! The invariants, on the page.

use super::html::{badge, cell, each, foreign, grouped, name_cell, table};
use genome::Genome;
use genome::model::{Invariant, Severity};
use std::fmt::{self, Display, Formatter};

/// How many are shown; `GET /genome` has all of them.
const MOST_SHOWN: usize = 1000;

/// What must hold, the gravest first.
pub(super) fn invariants(genome: &Genome) -> impl Display {
    let mut sorted: Vec<&Invariant> = genome.invariants.iter().collect();
    sorted.sort_by_key(|invariant| invariant.severity);
    fmt::from_fn(move |out| {
        if sorted.is_empty() {
            return out.write_str("<p>The genome names none.</p>");
        }
        let shown = sorted.get(..MOST_SHOWN).unwrap_or(&sorted);
        let caption = fmt::from_fn(|out| by_severity(&sorted, out));
        table(
            caption,
            &["Severity", "Invariant", "What must hold", "Enforced by"],
            each(shown, |invariant, out| row(invariant, out)),
        )
        .fmt(out)?;
        if shown.len() < sorted.len() {
            let more = grouped(sorted.len() - shown.len());
            write!(out, "<p>{more} more are in <a href=\"genome\">the genome as JSON</a>.</p>")?;
        }
        Ok(())
    })
}

fn row(invariant: &Invariant, out: &mut Formatter<'_>) -> fmt::Result {
    let Invariant { id, severity, testable_claim, enforcement_hook, .. } = invariant;
    writeln!(
        out,
        "<tr role=\"row\">{}{}{}{}</tr>",
        cell("Severity", badge(class(*severity), severity)),
        name_cell("Invariant", foreign(id)),
        cell("What must hold", foreign(testable_claim)),
        cell("Enforced by", format_args!("<code>{}</code>", foreign(enforcement_hook))),
    )
}

/// How many there are of each severity.
fn by_severity(invariants: &[&Invariant], out: &mut Formatter<'_>) -> fmt::Result {
    let counts = Severity::ALL.iter().map(|severity| {
        let number = invariants.iter().filter(|invariant| invariant.severity == *severity).count();
        (number, severity.as_str().to_lowercase())
    });
    let counts: Vec<String> = counts.filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    out.write_str(&counts.join(", "))
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "danger",
        Severity::High => "caution",
        Severity::Medium => "plain",
    }
}
