//! Joins the copies that the command line names, and writes the result.

use super::joined::{Joined, read};
use crate::hints::REPLACE_THIS;
use crate::{Exit, Failure, SignedOutput, Source, drop_bad_signatures, say, standing, tell};
use std::path::{Path, PathBuf};

/// Joins the copies and writes the result, unless the output holds it already.
pub(crate) fn merge(first: &Path, others: &[PathBuf], output: &Path, force: bool) -> Result<Exit, Failure> {
    let first = Source::from(first);
    let bytes = first.read()?;
    let mut joined = Joined::first(&first, &bytes)?;
    for other in others {
        let source = Source::from(other.as_path());
        let bytes = source.read()?;
        joined.join(&source, &read(&source, &bytes)?, None)?;
    }
    // After what may come slowly (a pipe) is here.
    let output = SignedOutput::take(output, "merge", force)?;
    let changed = join_existing(&mut joined, &output, force)?;
    let tally = joined.tally()?;
    let written_to = output.prove(&joined.document, &first, changed)?.write()?;
    let done = if changed { "joined" } else { "nothing to do, joined before:" };
    tell(&format!("{done} {}\n{}", joined.sources(), standing(&joined.document, &tally, &[], written_to)));
    Ok(Exit::Done)
}

/// Joins the signatures of the output. Returns whether the output has to change.
fn join_existing(joined: &mut Joined<'_>, output: &SignedOutput<'_>, force: bool) -> Result<bool, Failure> {
    let Some((source, bytes)) = output.existing()? else { return Ok(true) };
    let or_elsewhere = |failure: Failure| failure.with_hint(|hint| format!("{hint}; or {REPLACE_THIS}"));
    let mut join = || -> Result<bool, Failure> {
        let mut existing = read(&source, &bytes).map_err(or_elsewhere)?;
        let dropped = drop_bad_signatures(&mut existing, &[], &source, |_| force, say)?;
        joined.join(&source, &existing, None).map_err(or_elsewhere)?;
        Ok(dropped || !existing.has_signatures_of(&joined.document))
    };
    match join() {
        Err(_) if force => Ok(true),
        changed => changed,
    }
}
