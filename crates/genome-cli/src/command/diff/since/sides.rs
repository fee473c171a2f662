//! Both sides: the commit, and the work tree.

use super::chosen::Chosen;
use super::held::Held;
use super::{Since, is_json, trouble};
use crate::git::{Entry, GitError, Listed, Objects};
use crate::input::Input;
use crate::parents::from_here;
use crate::{Failure, Finding, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The paths that hold something else on the two sides, and those that hold the same.
pub(crate) struct Sides {
    /// What a path holds in the commit, and in the work tree.
    pub(crate) differing: BTreeMap<PathBuf, [Held; 2]>,
    pub(crate) same: Vec<PathBuf>,
    pub(crate) trouble: Vec<Failure>,
}

pub(super) const HINT: &str = "see what `git status` says";

impl Sides {
    /// Reads what may be a genome below these paths: JSON, and whatever is named itself.
    pub(crate) fn read(since: &Since, paths: &[PathBuf]) -> Result<Self, Failure> {
        // All of them, as a link may lead to what the paths leave out.
        let whole = since.git.files_of(&since.commit, &[]).map_err(|error| trouble(&error, HINT))?;
        let whole: BTreeMap<PathBuf, Entry> = whole.into_iter().collect();
        let is_asked = |path: &Path| paths.is_empty() || paths.iter().any(|one| path.starts_with(one));
        let before: BTreeMap<PathBuf, Entry> =
            whole.iter().filter(|(path, _)| is_asked(path)).map(|(path, entry)| (path.clone(), entry.clone())).collect();
        let listed = since.git.files_here(&[]).map_err(|error| trouble(&error, HINT))?;
        let here: Vec<_> = listed.iter().filter(|file| is_asked(&file.path)).collect();
        // What is there is looked at, whatever the index says of it.
        let is_left_out = |file: &&Listed| file.is_left_out && fs::symlink_metadata(since.top.join(&file.path)).is_err();
        let left_out: BTreeSet<&PathBuf> = here.iter().copied().filter(is_left_out).map(|file| &file.path).collect();
        let all: BTreeSet<&PathBuf> = before.keys().chain(here.iter().map(|file| &file.path)).collect();
        if let Some(path) = paths.iter().find(|path| !all.iter().any(|one| one.starts_with(path))) {
            let message = format!("nothing is there, neither at {} nor in the work tree", since.short());
            let finding = Finding::error(message, "check the path; what git ignores is not looked at");
            return Err(Failure::undecided(finding.at(&from_here(&since.top.join(path)))));
        }
        let mut objects = Objects::of(&since.git).map_err(|error| trouble(&error, HINT))?;
        let mut sides = Self { differing: BTreeMap::new(), same: Vec::new(), trouble: Vec::new() };
        sides.trouble.extend(super::submodules::differing(since, paths)?);
        sides.trouble.extend(super::submodules::untracked(since, &listed, paths));
        let named: BTreeSet<&PathBuf> = paths.iter().collect();
        sides.refuse_left_out(since, &before, left_out.iter().copied().filter(|path| is_json(path)))?;
        for path in all.into_iter().filter(|path| !left_out.contains(path)) {
            let is_named = named.contains(path);
            let is_wanted = is_json(path) || is_named || is_link(since, before.get(path), path);
            if is_wanted && let Err(failure) = sides.look(since, &mut objects, path, before.get(path), is_named) {
                sides.trouble.push(failure);
            }
        }
        let everywhere: BTreeSet<&PathBuf> = whole.keys().chain(listed.iter().map(|file| &file.path)).collect();
        sides.leave_out_other_links(since, &whole, &everywhere, &named, &mut objects)?;
        Ok(sides)
    }

    /// Of the links that differ, keeps those that choose a genome, or may, and what was looked at for its name.
    fn leave_out_other_links(
        &mut self,
        since: &Since,
        before: &BTreeMap<PathBuf, Entry>,
        everywhere: &BTreeSet<&PathBuf>,
        named: &BTreeSet<&PathBuf>,
        objects: &mut Objects,
    ) -> Result<(), Failure> {
        let is_link = |held: &[Held; 2]| held.iter().any(|held| matches!(held, Held::Link(_)));
        if !self.differing.values().any(is_link) {
            return Ok(());
        }
        let chosen = Chosen::of(since, before, everywhere, objects)?;
        let trouble = &mut self.trouble;
        self.differing.retain(|path, held| {
            let leads = is_link(held)
                && chosen.leads_to_genome(path, held, objects).unwrap_or_else(|failure| {
                    trouble.push(failure);
                    true
                });
            leads || is_json(path) || named.contains(path)
        });
        Ok(())
    }

    /// Refuses what a sparse checkout leaves out, where the commit that is checked out has it otherwise.
    fn refuse_left_out<'p>(
        &mut self,
        since: &Since,
        before: &BTreeMap<PathBuf, Entry>,
        left_out: impl Iterator<Item = &'p PathBuf>,
    ) -> Result<(), Failure> {
        let left_out: Vec<PathBuf> = left_out.cloned().collect();
        if left_out.is_empty() {
            return Ok(());
        }
        let now = since.git.files_of("HEAD", &[]).map_err(|error| trouble(&error, HINT))?;
        let now: BTreeMap<PathBuf, Entry> = now.into_iter().collect();
        for path in left_out.iter().filter(|path| before.get(*path) != now.get(*path)) {
            let finding =
                Finding::error("it is another, and a sparse checkout leaves it out", "check it out too: git sparse-checkout add");
            self.trouble.push(Failure::undecided(finding.at(&from_here(&since.top.join(path)))));
        }
        Ok(())
    }

    fn look(
        &mut self,
        since: &Since,
        objects: &mut Objects,
        path: &Path,
        before: Option<&Entry>,
        is_named: bool,
    ) -> Result<(), Failure> {
        let blob = before.map(|entry| objects.read(&entry.blob).map(|bytes| (entry.is_link, bytes))).transpose();
        let source = Source::Version(path.to_owned(), since.short().to_owned());
        let blob = blob.map_err(|error| {
            let hint = match error {
                GitError::NotHere(_) => "fetch it: in a partial clone, git fetches nothing here",
                _ => HINT,
            };
            Failure::undecided(Finding::error(format!("it cannot be read: {error}"), hint).at(&source))
        })?;
        let here = here(&since.top.join(path))?;
        if blob == here {
            self.same.push(path.to_owned());
            return Ok(());
        }
        let place = Source::File(from_here(&since.top.join(path)));
        let held = |side: Option<(bool, Vec<u8>)>, source: Source| match side {
            None => Held::Nothing,
            Some((true, target)) => Held::Link(PathBuf::from(OsStr::from_bytes(&target))),
            Some((false, bytes)) => Held::of(path, Input { source, bytes }, is_named),
        };
        self.differing.insert(path.to_owned(), [held(blob, source), held(here, place)]);
        Ok(())
    }
}

/// Whether a path is a link, on one of the two sides.
fn is_link(since: &Since, before: Option<&Entry>, path: &Path) -> bool {
    before.is_some_and(|entry| entry.is_link) || since.top.join(path).is_symlink()
}

/// What is at a path of the work tree, and whether it is a link; nothing where git would have no file.
pub(super) fn here(path: &Path) -> Result<Option<(bool, Vec<u8>)>, Failure> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        metadata => metadata,
    };
    let unread = |error: io::Error| crate::ReadError::new(Source::File(from_here(path)), error);
    let metadata = metadata.map_err(unread)?;
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(unread)?;
        return Ok(Some((true, target.as_os_str().as_bytes().to_vec())));
    }
    if metadata.is_dir() {
        return Ok(None);
    }
    Ok(Some((false, Source::File(from_here(path)).read_regular()?)))
}
