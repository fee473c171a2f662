//! Compares two genomes, and reports it.

use super::comparison::{Comparison, Side};
use super::input::Input;
use super::{DiffArguments, Format, report};
use crate::{Exit, Failure, Paint, print, show, trust_policy};
use genome::change::Change;
use genome::lineage::Succession;
use std::io;
use std::path::Path;

/// Compares two genomes and reports the result.
pub(crate) fn compare(arguments: &DiffArguments, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let policy = trust_policy(arguments.trust.as_ref()).map_err(|failure| undecided(&failure))?;
    let [old, new] = Input::both(old, new)?;
    let (from, to) = (old.document()?, new.document()?);
    let changes = Change::in_meaning_between(from.unverified(), to.unverified());
    let succession = (from.id() != to.id()).then(|| Succession::of(&from, &to, &changes, policy.as_ref()));
    let comparison = Comparison {
        old: Side { source: &old.source, document: &from },
        new: Side { source: &new.source, document: &to },
        changes,
        succession,
        failing: &arguments.fail_on,
    };
    match arguments.format {
        Format::Human => show(&report::human(&comparison, Paint::on(&io::stdout()))),
        Format::Json => print(report::json(&comparison).as_bytes()),
        Format::Markdown => print(report::markdown(&comparison).as_bytes()),
        Format::Github => print(report::github(&comparison).as_bytes()),
    }?;
    Ok(if comparison.fails() { Exit::Refused } else { Exit::Done })
}

/// The exit status as with `diff`: 1 where there are differences, 2 for all trouble.
fn undecided(failure: &Failure) -> Failure {
    failure.finding().cloned().map_or_else(|| Failure::silent(Exit::Undecided), Failure::undecided)
}
