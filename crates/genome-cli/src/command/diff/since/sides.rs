//! Both sides: the commit, and the work tree.

use super::chosen::Chosen;
use super::held::Held;
use super::reach::Reach;
use super::submodules::Submodules;
use super::{Asked, Since, is_json, trouble};
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
    /// Reads what may be a genome below these paths, and where they lead: JSON, and whatever is named itself or a link leads to.
    pub(crate) fn read(since: &Since, asked: &Asked) -> Result<Self, Failure> {
        // All of them, as a link may lead to what the paths leave out.
        let whole = since.git.files_of(&since.commit, &[]).map_err(|error| trouble(&error, HINT))?;
        let whole: BTreeMap<PathBuf, Entry> = whole.into_iter().collect();
        let listed = since.git.files_here(&[]).map_err(|error| trouble(&error, HINT))?;
        // What is there is looked at, whatever the index says of it; and what is not there is gone, but for a sparse checkout.
        let is_sparse = since.git.is_sparse();
        let is_left_out = |file: &&Listed| is_sparse && file.is_left_out && !is_there(&since.top.join(&file.path));
        let left_out: BTreeSet<&PathBuf> = listed.iter().filter(is_left_out).map(|file| &file.path).collect();
        let all: BTreeSet<&PathBuf> = whole.keys().chain(listed.iter().map(|file| &file.path)).collect();
        if let Some(path) = asked.paths.iter().find(|path| !all.iter().any(|one| one.starts_with(path))) {
            let message = format!("nothing is there, neither at {} nor in the work tree", since.short());
            let finding = Finding::error(message, "check the path; what git ignores is not looked at");
            return Err(Failure::undecided(finding.at(&from_here(&since.top.join(path)))));
        }
        let mut objects = Objects::of(&since.git).map_err(|error| trouble(&error, HINT))?;
        let submodules = Submodules::of(since)?;
        let chosen = Chosen::of(since, &whole, &all, &left_out, submodules.paths(), &mut objects)?;
        let reach = Reach::of(&chosen, asked);
        let mut sides = Self { differing: BTreeMap::new(), same: Vec::new(), trouble: Vec::new() };
        sides.trouble.extend(submodules.differing(since, &reach)?);
        sides.trouble.extend(super::submodules::untracked(since, &listed, &reach));
        let is_wanted = |path: &Path| reach.holds(path) && (is_json(path) || reach.is_place(path) || chosen.is_link(path));
        sides.refuse_left_out(since, &whole, left_out.iter().copied().filter(|path| is_wanted(path)))?;
        for path in all.iter().copied().filter(|path| is_wanted(path) && !left_out.contains(path)) {
            if let Err(failure) = sides.look(since, &mut objects, path, whole.get(path), reach.is_named(path)) {
                sides.trouble.push(failure);
            }
        }
        sides.leave_out_other_links(&chosen, &reach, &mut objects);
        sides.trouble.extend(chosen.unseen_genomes(&reach, &sides.differing));
        Ok(sides)
    }

    /// Of the links that differ, keeps those that choose a genome, or may, and what was looked at for its name.
    fn leave_out_other_links(&mut self, chosen: &Chosen<'_>, reach: &Reach, objects: &mut Objects) {
        let is_link = |held: &[Held; 2]| held.iter().any(|held| matches!(held, Held::Link(_)));
        let trouble = &mut self.trouble;
        self.differing.retain(|path, held| {
            let leads = is_link(held)
                && chosen.leads_to_genome(path, held, objects).unwrap_or_else(|failure| {
                    trouble.push(failure);
                    true
                });
            leads || !is_link(held) || is_json(path) || reach.is_named(path)
        });
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
        let blob = blob.map_err(|error| unread(since, path, &error))?;
        let source = Source::Version(path.to_owned(), since.short().to_owned());
        let here = here(&since.top.join(path))?;
        if blob == here {
            // What a link leads to may be another.
            if here.is_some_and(|(is_link, _)| !is_link) {
                self.same.push(path.to_owned());
            }
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

/// Why a file of the commit cannot be compared.
pub(super) fn unread(since: &Since, path: &Path, error: &GitError) -> Failure {
    let hint = match error {
        GitError::NotHere(_) => "fetch it: in a partial clone, git fetches nothing here",
        _ => HINT,
    };
    let source = Source::Version(path.to_owned(), since.short().to_owned());
    Failure::undecided(Finding::error(format!("it cannot be read: {error}"), hint).at(&source))
}

/// Whether something is at a path of the work tree.
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
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
