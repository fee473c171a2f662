//! Submodules: what they hold is not compared, so that another commit of one is said.

use super::sides::HINT;
use super::{Since, trouble};
use crate::parents::from_here;
use crate::{Failure, Finding};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The submodules below these paths that are at another commit, or new, or gone.
pub(super) fn differing(since: &Since, paths: &[PathBuf]) -> Result<Vec<Failure>, Failure> {
    let before = since.git.submodules_of(&since.commit).map_err(|error| trouble(&error, HINT))?;
    let now = since.git.submodules_here(&since.top).map_err(|error| trouble(&error, HINT))?;
    let all: BTreeSet<&PathBuf> = before.keys().chain(now.keys()).collect();
    let is_asked = |path: &PathBuf| paths.is_empty() || paths.iter().any(|one| path.starts_with(one) || one.starts_with(path));
    let differing = all.into_iter().filter(|path| is_asked(path) && before.get(*path) != now.get(*path));
    let failure = |path: &PathBuf| {
        let hint = "compare what it holds too: start genome-diff --since in it, with the commit that it was at";
        let finding = Finding::error("a submodule is at another commit, and what it holds is not compared", hint);
        Failure::undecided(finding.at(&from_here(&since.top.join(path))))
    };
    Ok(differing.map(failure).collect())
}
