//! Which genome of the work tree belongs to which of the commit.

use super::held::Held;
use super::sides::Sides;
use super::{Part, Since, What};
use crate::command::diff::compare::OPTION;
use crate::input::Input;
use crate::parents::{ParentSearch, Rank, from_here};
use crate::{Failure, Finding, Source};
use genome::GenomeId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A genome at a path, on one of the sides.
#[derive(Debug, Clone)]
struct At {
    path: PathBuf,
    id: GenomeId,
    rank: Rank,
    input: Input,
}

impl At {
    fn of(path: &Path, held: &Held) -> Option<Self> {
        let (id, input) = held.genome()?;
        Some(Self { path: path.to_owned(), id, rank: Rank::of_input(input), input: input.clone() })
    }
}

/// The genomes that are not reported yet, and those with which they are paired.
pub(crate) struct Pairing<'s> {
    since: &'s Since,
    parts: Vec<Part>,
    trouble: Vec<Failure>,
    added: Vec<At>,
    gone: Vec<At>,
    /// Those of the commit that are not at their paths any more, and those that took their places.
    replaced: Vec<At>,
    replacing: Vec<At>,
    /// Those that are the same on both sides.
    same: Vec<At>,
}

impl<'s> Pairing<'s> {
    pub(crate) fn of(since: &'s Since, sides: &Sides) -> Self {
        let mut pairing = Self {
            since,
            parts: Vec::new(),
            trouble: sides.trouble.clone(),
            added: Vec::new(),
            gone: Vec::new(),
            replaced: Vec::new(),
            replacing: Vec::new(),
            same: Vec::new(),
        };
        for (path, [before, now]) in &sides.differing {
            pairing.sort(path, before, now);
        }
        if !pairing.added.is_empty() || !pairing.gone.is_empty() {
            pairing.same = sides.same.iter().filter_map(|path| unchanged(since, path)).collect();
        }
        pairing
    }

    /// Puts a path where it belongs.
    fn sort(&mut self, path: &Path, before: &Held, now: &Held) {
        if let (Held::Link(_), _) | (_, Held::Link(_)) = (before, now) {
            let target = |held: &Held| if let Held::Link(target) = held { Some(target.clone()) } else { None };
            self.keep(path, What::Link { from: target(before), to: target(now) });
        }
        match (At::of(path, before), At::of(path, now)) {
            (Some(old), Some(new)) => {
                if old.id != new.id || !has_same_signatures(&old, &new) {
                    self.keep(path, What::Changed { old: old.input.clone(), new: new.input.clone() });
                }
                self.replaced.push(old);
                self.replacing.push(new);
            }
            (None, Some(new)) => self.added.push(new),
            (old, None) => match now {
                Held::Broken(failure) => self.trouble.push(failure.clone()),
                Held::Other if old.is_some() => {
                    let message = format!("a genome was here at {}, and this is none", self.since.short());
                    let finding = Finding::error(message, "name it otherwise, or see what happened to the genome");
                    self.trouble.push(Failure::undecided(finding.at(&self.shown(path))));
                }
                _ => {
                    // Also where it is said of one, others may descend from it.
                    self.replaced.extend(old.clone());
                    self.gone.extend(old);
                }
            },
        }
    }

    /// All that is to be said, and what could not be decided.
    pub(crate) fn parts(mut self) -> (Vec<Part>, Vec<Failure>) {
        let mut by_id: BTreeMap<String, Vec<At>> = BTreeMap::new();
        for new in self.added.clone() {
            by_id.entry(new.id.to_string()).or_default().push(new);
        }
        for mut copies in by_id.into_values() {
            // A draft beside what was signed is said once.
            copies.sort_by_key(|copy| std::cmp::Reverse(copy.rank));
            let mut copies = copies.into_iter();
            let Some(new) = copies.next() else { continue };
            if let Err(failure) = self.add(&new, copies.map(|copy| self.shown(&copy.path)).collect()) {
                self.trouble.push(failure);
            }
        }
        for old in std::mem::take(&mut self.gone) {
            let copies = self.replacing.iter().chain(&self.same).chain(&self.added).filter(|copy| copy.id == old.id);
            // The one that is signed best. A draft that stays is not what was approved.
            let best = copies.min_by_key(|copy| std::cmp::Reverse(copy.rank));
            let copy = best.map(|copy| (self.shown(&copy.path), copy.rank >= old.rank));
            self.keep(&old.path, What::Deleted { old: old.input, copy });
        }
        (self.parts, self.trouble)
    }

    /// Says where a genome is from that is at a path where none was.
    fn add(&mut self, new: &At, copies: Vec<PathBuf>) -> Result<(), Failure> {
        // What was signed by more is not moved: it is gone, and this is not what was approved.
        if let Some(index) = self.gone.iter().position(|gone| gone.id == new.id && gone.rank == new.rank) {
            let old = self.gone.remove(index);
            self.keep(&new.path, What::Same { old: old.input, new: new.input.clone(), is_gone: true });
            return Ok(());
        }
        // That a draft was there does not mean that anybody has seen what was signed.
        let is_known = |old: &&At| old.id == new.id && old.rank >= new.rank;
        if let Some(old) = self.replaced.iter().chain(&self.same).find(is_known).cloned() {
            self.keep(&new.path, What::Same { old: old.input, new: new.input.clone(), is_gone: false });
            return Ok(());
        }
        let document = new.input.document()?;
        let source = &new.input.source;
        let (mut olds, mut from) = (Vec::new(), Vec::new());
        let mut elsewhere = ParentSearch::of(source, OPTION);
        for &id in &document.unverified().parents {
            let known = self.gone.iter().chain(&self.replaced).chain(&self.same).chain(&self.added).filter(|at| at.id == id);
            // The first of those that are signed best.
            let best = known.min_by_key(|at| std::cmp::Reverse(at.rank)).map(|at| at.input.clone());
            // A child that too few have signed does not stand for a parent that somebody signed.
            let is_explained = |gone: &At| gone.id == id && (new.rank.is_signed || gone.rank.by == 0);
            from.extend(self.gone.iter().filter(|gone| is_explained(gone)).map(|gone| gone.path.clone()));
            self.gone.retain(|gone| !is_explained(gone));
            olds.push(best.map_or_else(|| elsewhere.required(id), Ok)?);
        }
        self.keep(&new.path, What::Added { olds, new: new.input.clone(), copies, gone: from });
        Ok(())
    }

    fn keep(&mut self, path: &Path, what: What) {
        self.parts.push(Part { source: Source::File(self.shown(path)), what });
    }

    fn shown(&self, path: &Path) -> PathBuf {
        from_here(&self.since.top.join(path))
    }
}

fn has_same_signatures(one: &At, other: &At) -> bool {
    match (one.input.document(), other.input.document()) {
        (Ok(one), Ok(other)) => one.has_signatures_of(&other),
        _ => false,
    }
}

/// A genome that both sides have.
fn unchanged(since: &Since, path: &Path) -> Option<At> {
    let source = Source::File(from_here(&since.top.join(path)));
    let bytes = source.read_regular().ok()?;
    At::of(path, &Held::of(path, Input { source, bytes }, false))
}
