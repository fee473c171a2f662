//! The report of a proposal.

use super::human::{BAD, GOOD};
use super::judged::JudgedShape;
use crate::command::verify::proposal::ProposalVerdict;
use crate::{Paint, ShownIds, Source, counted_classes};
use genome::GenomeId;
use genome::proposal::{Proposal, ProposalNumber, ProposalStatus};
use genome_json::text::{BarePath, Quoted};
use serde::Serialize;
use std::fmt::Write as _;

/// The report of one proposal, for a person.
pub(super) fn human(verdict: &ProposalVerdict, paint: Paint, ids: &mut ShownIds) -> [String; 2] {
    let style = paint.style(if verdict.accepted().is_some() { GOOD } else { BAD });
    let head = format!("{style}{}{style:#}  {}\n", verdict.exit.verdict(), BarePath(&verdict.directory));
    let mut out = String::new();
    if let Some(proposal) = verdict.accepted() {
        let Proposal { number, title, status, from_genome_id, to_genome_id, breaking, .. } = proposal;
        ids.add([*from_genome_id, *to_genome_id]);
        let (title, from, to) = (Quoted(title), ids.show(*from_genome_id), ids.show(*to_genome_id));
        let breaking = if *breaking { "yes" } else { "no" };
        // Writing to a string does not fail.
        let _ = writeln!(out, "  proposal    {number}: {title}\n  status      {status}\n  from        {from}");
        let _ = writeln!(out, "  to          {to}\n  changes     {}\n  breaking    {breaking}", counted(proposal));
        let _ = writeln!(out, "  probes      {} hold", verdict.probes);
    }
    [head, out]
}

/// The report in one line.
pub(super) fn line(proposal: &Proposal) -> String {
    format!("proposal {}, {}: {}", proposal.number, proposal.status, counted(proposal))
}

/// How many changes of each class it declares.
fn counted(proposal: &Proposal) -> String {
    counted_classes(proposal.changes.iter().map(|change| change.class))
}

/// One proposal.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "JudgedProposal", deny_unknown_fields))]
pub(super) struct ProposalShape {
    #[serde(flatten)]
    judged: JudgedShape,
    /// How many actions were probed.
    probes: usize,
    /// What it says; `null` where it is not accepted.
    proposal: Option<ContentsShape>,
}

/// What a proposal that is accepted says.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Proposal", deny_unknown_fields))]
struct ContentsShape {
    number: ProposalNumber,
    title: String,
    status: ProposalStatus,
    from_genome_id: GenomeId,
    to_genome_id: GenomeId,
    /// Whether what worked before may not work any more.
    breaking: bool,
}

impl From<&ProposalVerdict> for ProposalShape {
    fn from(verdict: &ProposalVerdict) -> Self {
        let path = Source::File(verdict.directory.clone());
        Self {
            judged: JudgedShape::new(&path, verdict.exit, &verdict.errors, &verdict.warnings),
            probes: verdict.probes,
            proposal: verdict.accepted().map(ContentsShape::from),
        }
    }
}

impl From<&Proposal> for ContentsShape {
    fn from(proposal: &Proposal) -> Self {
        let Proposal { number, title, status, from_genome_id, to_genome_id, breaking, .. } = proposal;
        Self {
            number: *number,
            title: title.clone(),
            status: *status,
            from_genome_id: *from_genome_id,
            to_genome_id: *to_genome_id,
            breaking: *breaking,
        }
    }
}
