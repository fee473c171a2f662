//! The report of a proposal.

use super::human::{BAD, GOOD};
use super::json::judged;
use crate::command::verify::proposal::ProposalVerdict;
use crate::contents::text;
use crate::{Paint, Source, counted_classes};
use genome::json::Value;
use genome::proposal::Proposal;
use genome_json::text::{BarePath, Quoted};
use std::fmt::Write as _;

/// The report of one proposal, for a person.
pub(super) fn human(verdict: &ProposalVerdict, paint: Paint) -> String {
    let style = paint.style(if verdict.accepted().is_some() { GOOD } else { BAD });
    let mut out = format!("{style}{}{style:#}  {}\n", verdict.exit.verdict(), BarePath(&verdict.directory));
    if let Some(proposal) = verdict.accepted() {
        let Proposal { number, title, status, from_genome_id, to_genome_id, breaking, .. } = proposal;
        let title = Quoted(title);
        let breaking = if *breaking { "yes" } else { "no" };
        // Writing to a string does not fail.
        let _ = writeln!(out, "  proposal    {number}: {title}\n  status      {status}\n  from        {from_genome_id}");
        let _ = writeln!(out, "  to          {to_genome_id}\n  changes     {}\n  breaking    {breaking}", counted(proposal));
        let _ = writeln!(out, "  probes      {} hold", verdict.probes);
    }
    out
}

/// The report in one line.
pub(super) fn line(proposal: &Proposal) -> String {
    format!("proposal {}, {}: {}", proposal.number, proposal.status, counted(proposal))
}

/// How many changes of each class it declares.
fn counted(proposal: &Proposal) -> String {
    counted_classes(proposal.changes.iter().map(|change| change.class))
}

/// The object for one proposal.
pub(super) fn json(verdict: &ProposalVerdict) -> Value<'static> {
    let path = Source::File(verdict.directory.clone());
    let members = [("probes", verdict.probes.into()), ("proposal", verdict.accepted().map_or(Value::Null, contents))];
    Value::object(judged(&path, verdict.exit, &verdict.errors, &verdict.warnings).into_iter().chain(members))
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
