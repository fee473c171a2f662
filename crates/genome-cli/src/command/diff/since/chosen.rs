//! The links that choose a genome: those that lead to one, or to a directory above one.

use super::held::Held;
use super::links::{Links, Untold};
use super::sides::{HINT, here};
use super::{Since, trouble};
use crate::git::{Entry, Objects};
use crate::input::Input;
use crate::parents::from_here;
use crate::{Failure, Finding, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// All that the two sides hold, whatever paths are looked at.
pub(super) struct Chosen<'a> {
    pub(super) since: &'a Since,
    pub(super) before: &'a BTreeMap<PathBuf, Entry>,
    pub(super) all: &'a BTreeSet<&'a PathBuf>,
    links: [Links; 2],
}

impl<'a> Chosen<'a> {
    /// Reads the links of both sides.
    pub(super) fn of(
        since: &'a Since,
        before: &'a BTreeMap<PathBuf, Entry>,
        all: &'a BTreeSet<&'a PathBuf>,
        objects: &mut Objects,
    ) -> Result<Self, Failure> {
        let mut links = [Links::default(), Links::default()];
        let [old, new] = &mut links;
        for (path, entry) in before.iter().filter(|(_, entry)| entry.is_link) {
            let target = objects.read(&entry.blob).map_err(|error| trouble(&error, HINT))?;
            old.0.insert(path.clone(), PathBuf::from(OsStr::from_bytes(&target)));
        }
        for path in all {
            if let Ok(target) = std::fs::read_link(since.top.join(path)) {
                new.0.insert((*path).clone(), target);
            }
        }
        Ok(Self { since, before, all, links })
    }

    /// Whether a link that differs leads to a genome on one of the sides.
    ///
    /// # Errors
    /// Where it leads cannot be told.
    pub(super) fn leads_to_genome(&self, path: &Path, held: &[Held; 2], objects: &mut Objects) -> Result<bool, Failure> {
        let mut leads = false;
        for (links, _) in self.links.iter().zip(held).filter(|(_, held)| matches!(held, Held::Link(_))) {
            let to = links.resolve(path).map_err(|why| self.untold(path, why))?;
            let below: Vec<&PathBuf> = self.all.iter().copied().filter(|one| one.starts_with(&to)).collect();
            // What git does not track or ignores may be a genome too.
            if below.is_empty() && std::fs::symlink_metadata(self.since.top.join(&to)).is_ok() {
                return Err(self.untold(path, Untold::Untracked));
            }
            leads |= below.into_iter().any(|path| self.is_genome(path, objects));
        }
        Ok(leads)
    }

    fn untold(&self, path: &Path, why: Untold) -> Failure {
        let message = format!("which genome this link leads to cannot be told, as {why}");
        let hint = "see yourself what it leads to, or let it lead to what the repository holds, by a relative path";
        Failure::undecided(Finding::error(message, hint).at(&from_here(&self.since.top.join(path))))
    }

    /// Whether one of the sides has a genome here, or what should be one, or what cannot be read.
    fn is_genome(&self, path: &Path, objects: &mut Objects) -> bool {
        let source = || Source::File(from_here(&self.since.top.join(path)));
        let is =
            |bytes: Vec<u8>| matches!(Held::of(path, Input { source: source(), bytes }, false), Held::Genome(..) | Held::Broken(_));
        let entry = self.before.get(path).filter(|entry| !entry.is_link);
        if entry.is_some_and(|entry| objects.read(&entry.blob).map_or(true, is)) {
            return true;
        }
        match here(&self.since.top.join(path)) {
            Ok(Some((false, bytes))) => is(bytes),
            Ok(_) => false,
            Err(_) => true,
        }
    }
}
