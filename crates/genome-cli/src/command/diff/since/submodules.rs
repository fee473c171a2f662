//! Repositories within this one: what they hold is not compared, so that whatever is another there is said.

use super::elsewhere::genome_below;
use super::reach::Reach;
use super::sides::{HINT, here, is_there};
use super::{Since, is_json, trouble};
use crate::git::{Entry, Git, GitError, Listed, Objects, Submodule};
use crate::parents::from_here;
use crate::{Failure, Finding};
use genome_json::text::BarePath;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The submodules of both sides.
pub(super) struct Submodules {
    before: BTreeMap<PathBuf, String>,
    now: BTreeMap<PathBuf, Submodule>,
}

impl Submodules {
    pub(super) fn of(since: &Since) -> Result<Self, Failure> {
        let before = since.git.submodules_of(&since.commit).map_err(|error| trouble(&error, HINT))?;
        let now = since.git.submodules_here(&since.top).map_err(|error| trouble(&error, HINT))?;
        Ok(Self { before, now })
    }

    pub(super) fn paths(&self) -> BTreeSet<PathBuf> {
        self.before.keys().chain(self.now.keys()).cloned().collect()
    }

    /// Those within reach that are at another commit, or new, or gone, or hold what is not committed there.
    pub(super) fn differing(&self, since: &Since, reach: &Reach) -> Result<Vec<Failure>, Failure> {
        let hint = "compare what it holds too: start genome-diff --since in it, with the commit that it was at";
        let mut failures = Vec::new();
        for path in self.paths().iter().filter(|path| reach.holds(path) || reach.is_above(path)) {
            let place = since.top.join(path);
            // A link leads to a genome whatever that is called.
            let has_any_name = reach.is_above(path) && !reach.is_place(path);
            let message = message(self.before.get(path), self.now.get(path), &place, has_any_name);
            if let Some(message) = message.map_err(|error| trouble(&error, HINT))? {
                failures.push(Failure::undecided(Finding::error(message, hint).at(&from_here(&place))));
            }
        }
        Ok(failures)
    }
}

/// What is to be said of a submodule with this top.
fn message(before: Option<&String>, now: Option<&Submodule>, top: &Path, has_any_name: bool) -> Result<Option<String>, GitError> {
    if before != now.map(|now| &now.commit) {
        return Ok(Some("a submodule is at another commit, and what it holds is not compared".to_owned()));
    }
    let Some(git) = now.and_then(|now| now.git.as_ref()) else {
        let genome = genome_below(top, false, has_any_name);
        return Ok(genome.map(|path| {
            let path = BarePath(path.strip_prefix(top).unwrap_or(&path)).to_string();
            format!("a submodule has no repository here, but {path}, and that is not compared")
        }));
    };
    let changed = changed(git, top, has_any_name)?;
    Ok(changed.map(|path| format!("a submodule holds what is not committed there, {}, and that is not compared", BarePath(&path))))
}

/// The first file of a repository that may hold a genome, or choose one, and is not as its commit has it.
fn changed(git: &Git, top: &Path, has_any_name: bool) -> Result<Option<PathBuf>, GitError> {
    let before: BTreeMap<PathBuf, Entry> = git.files_of("HEAD", &[])?.into_iter().collect();
    let listed = git.files_here(&[])?;
    let is_sparse = git.is_sparse();
    let is_left_out = |file: &&Listed| is_sparse && file.is_left_out && !is_there(&top.join(&file.path));
    let left_out: BTreeSet<&PathBuf> = listed.iter().filter(is_left_out).map(|file| &file.path).collect();
    let all: BTreeSet<&PathBuf> = before.keys().chain(listed.iter().map(|file| &file.path)).collect();
    let is_link = |path: &PathBuf| before.get(path).is_some_and(|entry| entry.is_link) || top.join(path).is_symlink();
    let is_wanted = |path: &PathBuf| has_any_name || is_json(path) || is_link(path);
    let mut objects = Objects::of(git)?;
    for path in all.into_iter().filter(|path| !left_out.contains(path) && is_wanted(path)) {
        let blob = before.get(path).map(|entry| objects.read(&entry.blob).map(|bytes| (entry.is_link, bytes))).transpose()?;
        // What cannot be read may be another.
        if here(&top.join(path)).ok() != Some(blob) {
            return Ok(Some(path.clone()));
        }
    }
    if let Some(genome) =
        listed.iter().filter(|file| file.is_repository).find_map(|file| genome_below(&top.join(&file.path), false, has_any_name))
    {
        return Ok(Some(genome.strip_prefix(top).unwrap_or(&genome).to_owned()));
    }
    let before = git.submodules_of("HEAD")?;
    for (path, Submodule { commit, git }) in git.submodules_here(top)? {
        if before.get(&path) != Some(&commit) {
            return Ok(Some(path));
        }
        let place = top.join(&path);
        let inner = match git {
            Some(git) => changed(&git, &place, has_any_name)?.map(|inner| path.join(inner)),
            None => genome_below(&place, false, has_any_name).map(|genome| genome.strip_prefix(top).unwrap_or(&genome).to_owned()),
        };
        if inner.is_some() {
            return Ok(inner);
        }
    }
    Ok(None)
}

/// The repositories that are no submodules, and into which git does not look, as far as a genome is in them.
pub(super) fn untracked(since: &Since, listed: &[Listed], reach: &Reach) -> Vec<Failure> {
    let is_asked = |file: &&Listed| file.is_repository && (reach.holds(&file.path) || reach.is_above(&file.path));
    listed.iter().filter(is_asked).filter_map(|file| untold(since, &file.path)).collect()
}

fn untold(since: &Since, repository: &Path) -> Option<Failure> {
    let genome = genome_below(&since.top.join(repository), false, false)?;
    let message = format!(
        "another repository is here, into which git does not look, and {} in it is not compared",
        BarePath(&from_here(&genome))
    );
    let hint = "start genome-diff --since in it too, or name the paths to look at";
    Some(Failure::undecided(Finding::error(message, hint).at(&from_here(&since.top.join(repository)))))
}
