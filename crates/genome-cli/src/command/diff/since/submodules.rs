//! Repositories within this one: what they hold is not compared, so that whatever is another there is said.

use super::held::Held;
use super::sides::{HINT, here};
use super::{Since, is_json, trouble};
use crate::git::{Entry, Git, GitError, Listed, Objects, Submodule};
use crate::input::Input;
use crate::parents::from_here;
use crate::{Failure, Finding, Source};
use genome_json::text::BarePath;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The submodules below these paths that are at another commit, or new, or gone, or hold what is not committed there.
pub(super) fn differing(since: &Since, paths: &[PathBuf]) -> Result<Vec<Failure>, Failure> {
    let before = since.git.submodules_of(&since.commit).map_err(|error| trouble(&error, HINT))?;
    let now = since.git.submodules_here(&since.top).map_err(|error| trouble(&error, HINT))?;
    let all: BTreeSet<&PathBuf> = before.keys().chain(now.keys()).collect();
    let is_asked = |path: &PathBuf| paths.is_empty() || paths.iter().any(|one| path.starts_with(one) || one.starts_with(path));
    let hint = "compare what it holds too: start genome-diff --since in it, with the commit that it was at";
    let mut failures = Vec::new();
    for path in all.into_iter().filter(|path| is_asked(path)) {
        let place = since.top.join(path);
        if let Some(message) = message(before.get(path), now.get(path), &place).map_err(|error| trouble(&error, HINT))? {
            failures.push(Failure::undecided(Finding::error(message, hint).at(&from_here(&place))));
        }
    }
    Ok(failures)
}

/// What is to be said of a submodule with this top.
fn message(before: Option<&String>, now: Option<&Submodule>, top: &Path) -> Result<Option<String>, GitError> {
    if before != now.map(|now| &now.commit) {
        return Ok(Some("a submodule is at another commit, and what it holds is not compared".to_owned()));
    }
    let git = now.and_then(|now| now.git.as_ref());
    let changed = git.map(|git| changed(git, top)).transpose()?.flatten();
    Ok(changed.map(|path| format!("a submodule holds what is not committed there, {}, and that is not compared", BarePath(&path))))
}

/// The first file of a repository that may hold a genome and is not as its commit has it.
fn changed(git: &Git, top: &Path) -> Result<Option<PathBuf>, GitError> {
    let before: BTreeMap<PathBuf, Entry> = git.files_of("HEAD", &[])?.into_iter().collect();
    let listed = git.files_here(&[])?;
    let is_left_out = |file: &&Listed| file.is_left_out && top.join(&file.path).symlink_metadata().is_err();
    let left_out: BTreeSet<&PathBuf> = listed.iter().filter(is_left_out).map(|file| &file.path).collect();
    let all: BTreeSet<&PathBuf> = before.keys().chain(listed.iter().map(|file| &file.path)).collect();
    let mut objects = Objects::of(git)?;
    for path in all.into_iter().filter(|path| is_json(path) && !left_out.contains(path)) {
        let blob = before.get(path).map(|entry| objects.read(&entry.blob).map(|bytes| (entry.is_link, bytes))).transpose()?;
        // What cannot be read may be another.
        if here(&top.join(path)).ok() != Some(blob) {
            return Ok(Some(path.clone()));
        }
    }
    let before = git.submodules_of("HEAD")?;
    for (path, Submodule { commit, git }) in git.submodules_here(top)? {
        if before.get(&path) != Some(&commit) {
            return Ok(Some(path));
        }
        if let Some(inner) = git.map(|git| changed(&git, &top.join(&path))).transpose()?.flatten() {
            return Ok(Some(path.join(inner)));
        }
    }
    Ok(None)
}

/// The repositories that are no submodules, and into which git does not look, as far as a genome is in them.
pub(super) fn untracked(since: &Since, listed: &[Listed], paths: &[PathBuf]) -> Vec<Failure> {
    let is_asked = |path: &Path| paths.is_empty() || paths.iter().any(|one| path.starts_with(one) || one.starts_with(path));
    let repositories = listed.iter().filter(|file| file.is_repository && is_asked(&file.path));
    repositories.filter_map(|file| untold(since, &file.path)).collect()
}

fn untold(since: &Since, repository: &Path) -> Option<Failure> {
    let walk = WalkDir::new(since.top.join(repository)).sort_by_file_name();
    let files = walk.into_iter().filter_entry(|entry| entry.file_name() != ".git");
    let genome = files.flatten().filter(|entry| entry.file_type().is_file() && is_json(entry.path())).find(|entry| {
        let source = Source::File(entry.path().to_owned());
        // What cannot be read may be one.
        let Ok(bytes) = source.read_regular() else { return true };
        matches!(Held::of(entry.path(), Input { source, bytes }, false), Held::Genome(..) | Held::Broken(_))
    })?;
    let message = format!(
        "another repository is here, into which git does not look, and {} in it is not compared",
        BarePath(&from_here(genome.path()))
    );
    let hint = "start genome-diff --since in it too, or name the paths to look at";
    Some(Failure::undecided(Finding::error(message, hint).at(&from_here(&since.top.join(repository)))))
}
