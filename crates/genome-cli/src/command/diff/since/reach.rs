//! What paths lead to: each link on the way to them and below them is followed, on both sides.

use super::Asked;
use super::chosen::Chosen;
use super::links::Untold;
use crate::source::{DRAFT, GENOME};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where there is something to look at.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Each link that is followed, and what it leads to. What is below them belongs to them.
    pub(super) places: BTreeSet<PathBuf>,
    /// Those of them at which somebody expects a genome.
    named: BTreeSet<PathBuf>,
    /// What leads to where git does not see, and why.
    pub(super) untold: BTreeMap<PathBuf, Untold>,
}

impl Reach {
    /// What the asked paths lead to on either side.
    pub(super) fn of(chosen: &Chosen<'_>, asked: &Asked) -> Self {
        let mut reach = Self::default();
        reach.named.extend(asked.paths.iter().cloned());
        let top = [PathBuf::new()];
        let starts = if asked.paths.is_empty() { &top } else { asked.paths.as_slice() };
        for side in 0..chosen.links.len() {
            reach.follow(chosen, side, starts.iter().chain(&asked.typed).cloned().collect());
            let is_meant = |path: &&PathBuf| path.file_name().is_some_and(|name| name == GENOME || name == DRAFT);
            let meant: Vec<PathBuf> = reach.places.iter().filter(is_meant).cloned().collect();
            let ends = meant.iter().chain(&asked.typed).filter_map(|path| chosen.end(side, path)).collect::<Vec<_>>();
            reach.named.extend(ends);
        }
        reach
    }

    /// What one path leads to on one of the sides.
    pub(super) fn from(chosen: &Chosen<'_>, side: usize, path: &Path) -> Self {
        let mut reach = Self::default();
        reach.follow(chosen, side, vec![path.to_owned()]);
        reach
    }

    fn follow(&mut self, chosen: &Chosen<'_>, side: usize, mut left: Vec<PathBuf>) {
        let Some(links) = chosen.links.get(side) else { return };
        let mut seen = BTreeSet::new();
        while let Some(path) = left.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let mut followed = Vec::new();
            match links.resolve(&path, &mut followed) {
                Ok(to) => {
                    if let Some(why) = chosen.unseen(&to) {
                        self.untold.insert(path, why);
                    }
                    left.extend(links.below(&to).cloned());
                    self.places.insert(to);
                }
                Err(why) => {
                    self.untold.insert(path, why);
                }
            }
            self.places.extend(followed);
        }
    }

    /// Whether this is one of the places, or below one.
    pub(super) fn holds(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.places.contains(above))
    }

    /// Whether this is above one of the places.
    pub(super) fn is_above(&self, path: &Path) -> bool {
        self.places.iter().any(|place| place.starts_with(path))
    }

    /// Whether this is one of the places itself.
    pub(super) fn is_place(&self, path: &Path) -> bool {
        self.places.contains(path)
    }

    /// Whether somebody expects a genome here: who asks, or a link that is called as a genome is.
    pub(super) fn is_named(&self, path: &Path) -> bool {
        self.named.contains(path)
    }
}
