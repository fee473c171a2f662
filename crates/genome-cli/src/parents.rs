//! The parents of a genome that no option names: found by their genome ids, near the genome or in the history of git.

mod history;

use crate::input::Input;
use crate::{Failure, Finding, Source, lineage_near};
use genome::lineage::Ancestor;
use genome::{Ancestors as _, Document, GenomeId};
use genome_files::LineageDirectory;
use genome_json::text::{BarePath, Printable};
use history::History;
use std::cmp::Reverse;
use std::env;
use std::path::{Path, PathBuf};

/// A genome is compared with no more parents than this.
const MOST: usize = 16;

/// Of more copies than these that cannot be read, only their number is shown.
const MOST_UNREAD: usize = 3;

/// A search for the parents of one genome.
pub(crate) struct ParentSearch<'s> {
    /// The genome itself.
    source: &'s Source,
    near: Vec<LineageDirectory>,
    history: History,
    /// How the command is told where a parent is.
    option: &'static str,
}

impl<'s> ParentSearch<'s> {
    /// Near the genome that came from here, and in its history. The option is how a person names the parent instead.
    pub(crate) fn of(source: &'s Source, option: &'static str) -> Self {
        let history = History::of(source);
        Self { source, near: lineage_near(source).into_iter().collect(), history, option }
    }

    /// And in this directory, if there is one, and those right in it.
    pub(crate) fn or_in(mut self, directory: PathBuf) -> Self {
        if directory.is_dir() {
            self.near.push(LineageDirectory::nearby(vec![directory]));
        }
        self
    }

    /// Each parent that the genome names, in its order; none for a root.
    ///
    /// # Errors
    /// One is not found, or there are very many.
    pub(crate) fn all(&mut self, genome: &Document<'_>) -> Result<Vec<Input>, Failure> {
        let ids = &genome.unverified().parents;
        if ids.len() > MOST {
            let message = format!("it names {} parents", ids.len());
            let hint = format!("say with which one it is compared: {}", self.option);
            return Err(Failure::undecided(Finding::error(message, hint).at(self.source)));
        }
        ids.iter().map(|&id| self.required(id)).collect()
    }

    /// The copy of this genome that counts.
    ///
    /// # Errors
    /// It is not found.
    pub(crate) fn required(&mut self, id: GenomeId) -> Result<Input, Failure> {
        let mut unread = Vec::new();
        self.find(id, &mut unread).ok_or_else(|| self.missing(id, unread))
    }

    /// The copy of this genome that most have signed, near it before one in git, if there is any; and what could not be read, in words.
    fn find(&mut self, id: GenomeId, unread: &mut Vec<String>) -> Option<Input> {
        let mut copies = Vec::new();
        for directory in &self.near {
            match directory.find(id) {
                Ok(found) => copies.extend(found.into_iter().filter_map(|ancestor| read(ancestor, id, unread))),
                Err(error) => {
                    let places: Vec<String> = directory.paths().map(|path| BarePath(&from_here(path)).to_string()).collect();
                    unread.push(format!("{} cannot be searched ({error})", places.join(", ")));
                }
            }
        }
        if !copies.iter().any(|(rank, _)| rank.is_signed) {
            copies.extend(self.history.find(id));
        }
        copies.into_iter().min_by_key(|(rank, _)| Reverse(*rank)).map(|(_, input)| input)
    }

    /// Where it is not, what could not be asked, and what could not be read: each of them may be where it is.
    fn missing(&self, id: GenomeId, mut unread: Vec<String>) -> Failure {
        let mut looked: Vec<String> = self.near.iter().flat_map(LineageDirectory::paths).map(near).collect();
        looked.extend(self.history.looked());
        let looked = match looked.as_slice() {
            [] if matches!(self.source, Source::Stdin) => "standard input has no place near which it could be".to_owned(),
            [] => "no directory is above its own".to_owned(),
            places => format!("it is not {}", places.join(", and not ")),
        };
        let more = unread.len().saturating_sub(MOST_UNREAD);
        unread.truncate(MOST_UNREAD);
        if more > 0 {
            unread.push(format!("nor can {more} more"));
        }
        let unsearched = self.near.iter().filter_map(genome::Ancestors::unsearched).map(|unsearched| unsearched.to_string());
        let found = format!("its parent {id} was not found: {looked}");
        let message: Vec<String> = [found].into_iter().chain(self.history.unasked()).chain(unread).chain(unsearched).collect();
        let more = self.history.help().map(|help| format!("{help}; or ")).unwrap_or_default();
        let hint = format!("{more}name it: {}", self.option);
        Failure::undecided(Finding::error(Printable(&message.join("; ")).to_string(), hint).at(self.source))
    }
}

/// How well a copy of a genome is signed; the copy with the greatest rank counts. A copy with a signature that does not verify counts as unsigned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// By as many of its own authority as that asks for.
    pub(crate) is_signed: bool,
    /// How many of its own authority have signed it.
    pub(crate) by: usize,
}

impl Rank {
    pub(crate) fn of(document: &Document<'_>) -> Self {
        document.tally().map_or_else(|_| Self::default(), |tally| Self { is_signed: tally.is_met(), by: tally.signed.len() })
    }

    /// That of what may be no genome, which nobody has signed then.
    pub(crate) fn of_input(input: &Input) -> Self {
        Document::read(&input.bytes).map_or_else(|_| Self::default(), |document| Self::of(&document))
    }
}

fn read(ancestor: Ancestor, id: GenomeId, unread: &mut Vec<String>) -> Option<(Rank, Input)> {
    let why = |error| unread.push(format!("a copy cannot be read ({}: {error})", BarePath(&from_here(&ancestor.source))));
    let bytes = ancestor.bytes.map_err(why).ok()?;
    let rank = Document::read(&bytes).ok().filter(|document| document.id() == id).map(|document| Rank::of(&document))?;
    Some((rank, Input { source: Source::File(from_here(&ancestor.source)), bytes }))
}

fn near(directory: &Path) -> String {
    format!("in {} or right in one of its directories", BarePath(&from_here(directory)))
}

/// A path from the working directory, where it leads below that.
pub(crate) fn from_here(path: &Path) -> PathBuf {
    let here = env::current_dir().and_then(|here| here.canonicalize()).ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    below.map_or_else(|| path.to_owned(), |below| if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GENOME: &[u8] = include_bytes!("../../../genomes/TOTK_ROOT_v1.0.0/genome.json");

    #[test]
    fn each_copy_that_cannot_be_read_is_named() {
        let top = tempfile::tempdir().unwrap();
        let copies = ["a.json", "b.json", "c.json", "d.json", "e.json"].map(|name| top.path().join(name));
        for copy in &copies {
            fs::write(copy, GENOME).unwrap();
        }
        let id = Document::read(GENOME).unwrap().id();
        let source = Source::File(top.path().join("new/genome.json"));
        let mut search = ParentSearch { source: &source, near: Vec::new(), history: History::of(&source), option: "--parent" };
        search = search.or_in(top.path().to_owned());
        assert_eq!(search.required(id).unwrap().bytes, GENOME);
        // As a disk that fails, they cannot be read any more once they were found.
        for copy in &copies {
            fs::remove_file(copy).unwrap();
        }
        let message = search.required(id).unwrap_err().finding().unwrap().message.clone();
        for name in ["a.json: ", "b.json: ", "c.json: "] {
            assert!(message.contains(name), "{message}");
        }
        assert!(message.ends_with("; nor can 2 more") && !message.contains("d.json"), "{message}");
        // What is said of one parent is not said of the next.
        let other = "0".repeat(64).parse().unwrap();
        assert!(!search.required(other).unwrap_err().finding().unwrap().message.contains("cannot be read"));
    }
}
