use super::input::Input;
use super::{DiffArguments, Format, report};
use crate::{Exit, Failure, Paint, Source, print, trust_policy};
use genome::{Change, Class, Document, Succession};
use std::io;
use std::path::Path;

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
    pub(crate) source: &'c Source,
    pub(crate) document: &'c Document<'c>,
}

impl Comparison<'_> {
    /// Whether there is a change of a class that makes it fail.
    pub(crate) fn fails(&self) -> bool {
        self.changes.iter().any(|change| self.failing.is_empty() || self.failing.contains(&change.class()))
    }
}

/// Compares two genomes, and says what there is to say.
pub(crate) fn compare(arguments: &DiffArguments, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let policy = trust_policy(arguments.trust.as_ref()).map_err(|failure| undecided(&failure))?;
    let [old, new] = Input::both(old, new)?;
    let (from, to) = (old.document()?, new.document()?);
    let changes = from.unverified().changes_in_meaning_to(to.unverified());
    let succession = (from.id() != to.id()).then(|| Succession::of(&from, &to, &changes, policy.as_ref()));
    let comparison = Comparison {
        old: Side { source: &old.source, document: &from },
        new: Side { source: &new.source, document: &to },
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

/// As with `diff`, 1 says that there are differences, and all trouble is 2.
fn undecided(failure: &Failure) -> Failure {
    failure.finding().cloned().map_or_else(|| Failure::silent(Exit::Undecided), Failure::undecided)
}
