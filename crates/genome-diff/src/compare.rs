use crate::{DiffArguments, Format, report};
use genome::{Change, Class, Document, Succession};
use genome_cli::{Exit, Failure, Finding, Paint, Source, print, stdin_once, trust_policy};
use std::io;
use std::path::{Path, PathBuf};

/// Two genomes, and what lies between them.
pub(crate) struct Comparison<'c> {
    pub(crate) old: Side<'c>,
    pub(crate) new: Side<'c>,
    /// Those that mean anything.
    pub(crate) changes: Vec<Change>,
    /// Whether the one follows from the other; `None` where both are the same genome.
    pub(crate) succession: Option<Succession>,
    /// The classes that make it fail, as somebody named them; if nobody did, each does.
    pub(crate) failing: &'c [Class],
}

/// A genome, and what its file is called.
pub(crate) struct Side<'c> {
    pub(crate) name: String,
    pub(crate) document: &'c Document<'c>,
}

impl Comparison<'_> {
    /// How many changes of a class there are.
    pub(crate) fn count(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class() == class).count()
    }

    /// Whether there is a change of a class that makes it fail.
    pub(crate) fn fails(&self) -> bool {
        self.changes.iter().any(|change| self.failing.is_empty() || self.failing.contains(&change.class()))
    }
}

/// Compares two genomes, and says what there is to say.
pub(crate) fn compare(arguments: &DiffArguments, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let (old, new) = (PathBuf::from(old), PathBuf::from(new));
    stdin_once(&[old.clone(), new.clone()])?;
    let policy = trust_policy(arguments.trust.as_ref()).map_err(|failure| undecided(&failure))?;
    let [old, new] = [old, new].map(|path| Source::from(path.as_path()));
    let (old_bytes, new_bytes) = (old.read()?, new.read()?);
    let (from, to) = (read(&old, &old_bytes)?, read(&new, &new_bytes)?);
    let changes = from.unverified().changes_in_meaning_to(to.unverified());
    let succession = (from.id() != to.id()).then(|| Succession::of(&from, &to, &changes, policy.as_ref()));
    let comparison = Comparison {
        old: Side { name: old.to_string(), document: &from },
        new: Side { name: new.to_string(), document: &to },
        changes,
        succession,
        failing: &arguments.fail_on,
    };
    let text = match arguments.format {
        Format::Human => report::human(&comparison, Paint::on(&io::stdout())),
        Format::Json => report::json(&comparison),
        Format::Markdown => report::markdown(&comparison),
        Format::Github => report::github(&comparison),
    };
    print(text.as_bytes())?;
    Ok(if comparison.fails() { Exit::Refused } else { Exit::Done })
}

/// Reads a genome, which need not be signed.
pub(crate) fn read<'b>(source: &Source, bytes: &'b [u8]) -> Result<Document<'b>, Failure> {
    Document::read(bytes).map_err(|refusal| Failure::undecided(Finding::from(&refusal).at(source)))
}

/// As with `diff`, 1 says that there are differences, and all trouble is 2.
fn undecided(failure: &Failure) -> Failure {
    failure.finding().cloned().map_or_else(|| Failure::silent(Exit::Undecided), Failure::undecided)
}
