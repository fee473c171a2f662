//! The merge driver of git, as gitattributes(5) describes it: it gets the common ancestor's version of a file, ours and theirs, leaves
//! the result in the place of ours, and exits with 0, or with another status where there is a conflict.

use super::joined::{Joined, read};
use crate::source::MergeSide;
use crate::{Exit, Failure, SignedOutput, Source, standing, tell};
use genome::Document;
use std::fmt::Write as _;
use std::path::Path;

/// Joins the two sides of a merge.
pub(crate) fn drive(ancestor: &Path, ours: &Path, theirs: &Path, path: &Path) -> Result<Exit, Failure> {
    // The files have names that say nothing.
    let side = |side| Source::Side(path.to_owned(), side);
    let output = SignedOutput::take(ours, "merge", false)?;
    // Always paths: git passes files, also where one is named `-`.
    let source = Source::File(ours.to_owned());
    let bytes = source.read()?;
    let mut joined = Joined::first(&side(MergeSide::Ours), &bytes)?;
    let before = joined.document.clone();
    let bytes = Source::File(theirs.to_owned()).read()?;
    let theirs = read(&side(MergeSide::Theirs), &bytes)?;
    // It is empty where both sides have added the file, and does not count where it is another genome.
    let bytes = Source::File(ancestor.to_owned()).read()?;
    let ancestor = Document::read(&bytes).ok();
    joined.join(&side(MergeSide::Theirs), &theirs, ancestor.as_ref()).map_err(|failure| {
        failure.with_hint(|hint| format!("{hint}; `git checkout --ours` and `git checkout --theirs` take one side"))
    })?;
    let tally = joined.tally()?;
    let changed = !joined.document.has_signatures_of(&before);
    output.prove(&joined.document, &source, changed)?.write()?;
    let mut text = format!("joined {}\n{}", joined.sources(), standing(&joined.document, &tally, &[], None));
    let withdrawn: Vec<String> = joined.withdrawn().into_iter().map(|key_id| format!("`{key_id}`")).collect();
    if !withdrawn.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  taken away  {}", withdrawn.join(", "));
    }
    tell(&text);
    Ok(Exit::Done)
}
