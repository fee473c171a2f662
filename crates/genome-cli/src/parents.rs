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

/// Compared with more parents than this a genome is not.
const MOST: usize = 16;

/// A search for the parents of one genome.
pub(crate) struct ParentSearch<'s> {
    /// The genome itself.
    source: &'s Source,
    near: Vec<LineageDirectory>,
    history: History,
    /// A copy that was found and cannot be read, and why.
    unread: Option<String>,
    /// How the command is told where a parent is.
    option: &'static str,
}

impl<'s> ParentSearch<'s> {
    /// Near the genome that came from here, and in its history. The option is how a person names the parent instead.
    pub(crate) fn of(source: &'s Source, option: &'static str) -> Self {
        let history = History::of(source);
        Self { source, near: lineage_near(source).into_iter().collect(), history, unread: None, option }
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
        self.find(id).ok_or_else(|| self.missing(id))
    }

    /// The copy of this genome that most have signed, near it before one in git, if there is any.
    fn find(&mut self, id: GenomeId) -> Option<Input> {
        let mut copies = Vec::new();
        for directory in &self.near {
            match directory.find(id) {
                Ok(found) => copies.extend(found.into_iter().filter_map(|ancestor| read(ancestor, id, &mut self.unread))),
                Err(error) => self.unread = Some(error.to_string()),
            }
        }
        if !copies.iter().any(|(rank, _)| rank.is_signed) {
            copies.extend(self.history.find(id));
        }
        copies.into_iter().min_by_key(|(rank, _)| Reverse(*rank)).map(|(_, input)| input)
    }

    fn missing(&self, id: GenomeId) -> Failure {
        let mut looked: Vec<String> = self.near.iter().flat_map(LineageDirectory::paths).map(near).collect();
        looked.extend(self.history.looked());
        let looked = match looked.as_slice() {
            [] => "standard input has no place near which it could be".to_owned(),
            places => format!("it is not {}", places.join(", and not ")),
        };
        let unsearched = self.near.iter().find_map(genome::Ancestors::unsearched);
        let unsearched = unsearched.map(|unsearched| format!("; {unsearched}")).unwrap_or_default();
        let unread = self.unread.as_ref().map(|why| format!("; a copy cannot be read ({why})")).unwrap_or_default();
        let more = self.history.help().map(|help| format!("{help}; or ")).unwrap_or_default();
        let message = format!("its parent {id} was not found: {looked}{unread}{unsearched}");
        let hint = format!("{more}name it: {}", self.option);
        Failure::undecided(Finding::error(Printable(&message).to_string(), hint).at(self.source))
    }
}

/// How well a copy of a genome is signed; the greatest counts. Nobody has signed one on which a signature does not verify.
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

fn read(ancestor: Ancestor, id: GenomeId, unread: &mut Option<String>) -> Option<(Rank, Input)> {
    let why = |error| *unread = Some(format!("{}: {error}", BarePath(&from_here(&ancestor.source))));
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
