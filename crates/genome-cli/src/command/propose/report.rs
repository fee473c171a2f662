//! What is said of a proposal that was made.

use crate::{Failure, Finding, Paint, ShownIds, tell};
use genome::Document;
use genome::proposal::Proposal;
use genome_json::text::{BarePath, Quoted};
use std::io;
use std::path::Path;

/// Says which proposal it is, and where it is. `done` and `place` are the words for that; the last line is the caller's.
pub(crate) fn report([done, place]: [&str; 2], directory: &Path, proposal: &Proposal, genomes: [&Document<'_>; 2], last: &str) {
    let ids = ShownIds::on(Paint::on(&io::stderr())).with(genomes.map(Document::id));
    let name = |document: &Document<'_>| {
        let genome = document.unverified();
        format!("{} {}  {}", Quoted(&genome.name), genome.version, ids.show(document.id()))
    };
    let [from, to] = genomes.map(name);
    tell(&format!(
        "{done} {}: {}\n  from        {from}\n  to          {to}\n  changes     {}\n  breaking    {}\n  {place:<10}  {}\n{last}",
        proposal.number,
        Quoted(&proposal.title),
        proposal.changes.len(),
        if proposal.breaking { "yes" } else { "no" },
        BarePath(&directory.join("proposal.json")),
    ));
}

/// The failure about a path.
pub(crate) fn trouble(place: &Path, message: &str, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, hint).at(place))
}
