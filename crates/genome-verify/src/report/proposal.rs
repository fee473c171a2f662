use super::human::{BAD, GOOD};
use crate::proposal::Verdict;
use genome::json::Value;
use genome::{Class, Printable, Proposal};
use genome_cli::contents::{list, text};
use genome_cli::{Finding, Paint};
use std::fmt::Write as _;

/// The report of one proposal, for a person.
pub(super) fn human(verdict: &Verdict, paint: Paint) -> String {
    let style = paint.style(if verdict.accepted().is_some() { GOOD } else { BAD });
    let mut out = format!("{style}{}{style:#}  {}\n", verdict.exit.verdict(), Printable(&verdict.directory.to_string_lossy()));
    if let Some(proposal) = verdict.accepted() {
        let Proposal { number, title, status, from_genome_id, to_genome_id, breaking, .. } = proposal;
        let title = Printable(title);
        let breaking = if *breaking { "yes" } else { "no" };
        // Writing to a string does not fail.
        let _ = writeln!(out, "  proposal    {number}: {title}\n  status      {status}\n  from        {from_genome_id}");
        let _ = writeln!(out, "  to          {to_genome_id}\n  changes     {}\n  breaking    {breaking}", counted(proposal));
        let _ = writeln!(out, "  probes      {} hold", verdict.probes);
    }
    out
}

/// What there is to say of it in one line.
pub(super) fn line(proposal: &Proposal) -> String {
    format!("proposal {}, {}: {}", proposal.number, proposal.status, counted(proposal))
}

/// How many changes of each class it declares.
fn counted(proposal: &Proposal) -> String {
    let count = |class: &Class| proposal.changes.iter().filter(|change| change.class == class.as_str()).count();
    let counts = Class::ALL.iter().map(|class| (class, count(class))).filter(|(_, count)| *count > 0);
    counts.map(|(class, count)| format!("{count} {class}")).collect::<Vec<_>>().join(", ")
}

/// The object for one proposal.
pub(super) fn json(verdict: &Verdict) -> Value<'static> {
    Value::object([
        ("path", text(&Printable(&verdict.directory.to_string_lossy()))),
        ("verdict", text(verdict.exit.verdict())),
        ("refusal", verdict.errors.first().map_or(Value::Null, Finding::to_value)),
        ("further_refusals", list(verdict.errors.get(1..).unwrap_or_default(), Finding::to_value)),
        ("warnings", list(&verdict.warnings, Finding::to_value)),
        ("probes", verdict.probes.into()),
        ("proposal", verdict.accepted().map_or(Value::Null, contents)),
    ])
}

fn contents(proposal: &Proposal) -> Value<'static> {
    Value::object([
        ("number", text(&proposal.number)),
        ("title", text(&proposal.title)),
        ("status", text(proposal.status.as_str())),
        ("from_genome_id", text(&proposal.from_genome_id)),
        ("to_genome_id", text(&proposal.to_genome_id)),
        ("breaking", Value::Bool(proposal.breaking)),
    ])
}
