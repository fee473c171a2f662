//! The links that choose a genome: those that lead to one, or to a directory above one.

use super::elsewhere::genome_below;
use super::held::Held;
use super::links::{Links, Untold};
use super::reach::Reach;
use super::sides::{here, unread};
use super::{Since, is_json};
use crate::git::{Entry, Objects};
use crate::input::Input;
use crate::parents::from_here;
use crate::{Failure, Finding, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const SEE: &str = "see yourself what it leads to, or let it lead to what the repository holds, by a relative path";

/// All that the two sides hold, whatever paths are looked at.
pub(super) struct Chosen<'a> {
    pub(super) since: &'a Since,
    pub(super) before: &'a BTreeMap<PathBuf, Entry>,
    pub(super) all: &'a BTreeSet<&'a PathBuf>,
    /// The submodules of both sides.
    submodules: BTreeSet<PathBuf>,
    pub(super) links: [Links; 2],
}

impl<'a> Chosen<'a> {
    /// Reads the links of both sides. What is left out of the work tree is taken to be as it was: where it is not, that is said of it.
    pub(super) fn of(
        since: &'a Since,
        before: &'a BTreeMap<PathBuf, Entry>,
        all: &'a BTreeSet<&'a PathBuf>,
        left_out: &BTreeSet<&PathBuf>,
        submodules: BTreeSet<PathBuf>,
        objects: &mut Objects,
    ) -> Result<Self, Failure> {
        let mut links = [Links::default(), Links::default()];
        let [old, new] = &mut links;
        for (path, entry) in before.iter().filter(|(_, entry)| entry.is_link) {
            let target = objects.read(&entry.blob).map_err(|error| unread(since, path, &error))?;
            old.0.insert(path.clone(), PathBuf::from(OsStr::from_bytes(&target)));
        }
        for path in all {
            let left_out = old.0.get(*path).filter(|_| left_out.contains(path)).cloned();
            if let Some(target) = std::fs::read_link(since.top.join(path)).ok().or(left_out) {
                new.0.insert((*path).clone(), target);
            }
        }
        Ok(Self { since, before, all, submodules, links })
    }

    /// Whether a path is a link on one of the sides.
    pub(super) fn is_link(&self, path: &Path) -> bool {
        self.links.iter().any(|links| links.0.contains_key(path))
    }

    /// Where a path leads on one of the sides.
    pub(super) fn end(&self, side: usize, path: &Path) -> Option<PathBuf> {
        self.links.get(side)?.resolve(path, &mut Vec::new()).ok()
    }

    /// Why what is at a path, to which no link leads on, is not seen.
    pub(super) fn unseen(&self, to: &PathBuf) -> Option<Untold> {
        if to.ancestors().any(|above| self.submodules.contains(above)) {
            return Some(Untold::Submodule);
        }
        // What git does not track or ignores may be a genome too.
        let is_seen = self.below(to).next().is_some() || std::fs::symlink_metadata(self.since.top.join(to)).is_err();
        (!is_seen).then_some(Untold::Untracked)
    }

    /// The files at a path and below it.
    fn below<'t>(&'t self, to: &'t PathBuf) -> impl Iterator<Item = &'t PathBuf> {
        self.all.range::<&PathBuf, _>(to..).copied().take_while(move |path| path.starts_with(to))
    }

    /// Whether a link that differs leads to a genome on one of the sides.
    ///
    /// # Errors
    /// Where it leads cannot be told.
    pub(super) fn leads_to_genome(&self, path: &Path, held: &[Held; 2], objects: &mut Objects) -> Result<bool, Failure> {
        let mut leads = false;
        for (side, _) in held.iter().enumerate().filter(|(_, held)| matches!(held, Held::Link(_))) {
            let reach = Reach::from(self, side, path);
            // From a link below what it leads to that goes in circles, nothing is loaded.
            if let Some(why) = reach.untold.iter().find(|(from, why)| *from == path || **why != Untold::Loop) {
                return Err(self.untold(path, "which genome this link leads to", *why.1));
            }
            leads |= reach.places.iter().flat_map(|place| self.below(place)).any(|path| self.is_genome(path, objects));
        }
        Ok(leads)
    }

    /// The failure of a question about what is at a path, such as `whether it is a genome`, which nobody can answer from the repository.
    fn untold(&self, path: &Path, question: &str, why: Untold) -> Failure {
        let message = format!("{question} cannot be told, as {why}");
        Failure::undecided(Finding::error(message, SEE).at(&from_here(&self.since.top.join(path))))
    }

    /// What leads to a genome where git does not see it, and may have led to another before.
    pub(super) fn unseen_genomes(&self, reach: &Reach, differing: &BTreeMap<PathBuf, [Held; 2]>) -> Vec<Failure> {
        // That of a submodule is asked itself, and a circle leads to nothing. A link that differs is not passed over.
        let is_told = |path: &Path, why: Untold| matches!(why, Untold::Submodule | Untold::Loop) || differing.contains_key(path);
        let untold = reach.untold.iter().filter(|(path, why)| !is_told(path, **why));
        let may_be = |path: &Path| {
            let (place, is_named) = (self.since.top.join(path), reach.is_named(path));
            match std::fs::metadata(&place) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => is_named || is_json(path),
                _ => genome_below(&place, is_named, false).is_some(),
            }
        };
        let untold = untold.filter(|(path, _)| may_be(path));
        untold.map(|(path, why)| self.untold(path, "whether this leads to another genome than before", *why)).collect()
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
