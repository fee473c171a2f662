//! What became of one genome.

use crate::command::diff::comparison::{Comparison, Terms};
use crate::command::diff::report::Shown;
use crate::input::Input;
use crate::parents::Rank;
use crate::{Failure, Source};
use genome::change::Class;
use genome_json::text::{BarePath, Quoted};
use std::path::PathBuf;

/// What became of one genome, or of a link.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) source: Source,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// Another genome is at its path.
    Changed { old: Input, new: Input },
    /// It is at a path where none was. It is compared with each parent, of which none may be there; a parent may be gone from a path.
    Added { olds: Vec<Input>, new: Input, copies: Vec<PathBuf>, gone: Vec<PathBuf> },
    /// The genome that was at another path, or is at one still: only signatures may differ.
    Same { old: Input, new: Input, is_gone: bool },
    /// It is gone; the same genome may be at another path, and signed by as many or not.
    Deleted { old: Input, copy: Option<(PathBuf, bool)> },
    /// A link is another, or new, or gone.
    Link { from: Option<PathBuf>, to: Option<PathBuf> },
}

impl Part {
    /// The part as reports show it.
    pub(crate) fn compared<'p>(&'p self, terms: &Terms<'p>) -> Result<Shown<'p>, Failure> {
        let compare = |old: &'p Input, new: &'p Input| Comparison::of(Some(old), new, terms).map(|comparison| vec![comparison]);
        let (words, comparisons) = match &self.what {
            What::Changed { old, new } => ("is changed".to_owned(), compare(old, new)?),
            What::Added { olds, new, copies, gone } => (added(copies, gone), Comparison::with_each(olds, new, terms)?),
            What::Same { old, new, is_gone } => {
                let verb = if *is_gone { "is moved from" } else { "is added, as a copy of" };
                (format!("{verb} {}", BarePath(path(old))), compare(old, new)?)
            }
            What::Deleted { .. } | What::Link { .. } => (String::new(), Vec::new()),
        };
        let note = self.note()?;
        Ok(Shown { source: &self.source, words, note, comparisons })
    }

    /// What is said besides what is compared.
    fn note(&self) -> Result<Option<(Class, String)>, Failure> {
        let shown = |path: &Option<PathBuf>| path.as_deref().map_or("nothing".to_owned(), |path| BarePath(path).to_string());
        Ok(Some(match &self.what {
            What::Deleted { old, copy } => {
                let document = old.document()?;
                let name = format!("{} {} ({})", Quoted(&document.unverified().name), document.unverified().version, document.id());
                match copy {
                    Some((copy, true)) => {
                        (Class::Neutral, format!("the genome {name} is deleted here, and is still in {}", BarePath(copy)))
                    }
                    Some((copy, false)) => (
                        Class::Weakening,
                        format!(
                            "the genome {name} is deleted here, and {} is the same genome, but signed by fewer",
                            BarePath(copy)
                        ),
                    ),
                    // What loads it has no ceiling then, and a lineage has a gap.
                    None => (
                        Class::Weakening,
                        format!("the genome {name} is deleted: what descends from it may need it to be verified"),
                    ),
                }
            }
            What::Link { from, to } => {
                (Class::Weakening, format!("a link, which is not followed, leads to {} now, and led to {}", shown(to), shown(from)))
            }
            // What it changes since the last genome that was approved is not shown.
            What::Added { olds, .. } if olds.iter().any(|old| !Rank::of_input(old).is_signed) => {
                (Class::Weakening, UNSIGNED.to_owned())
            }
            What::Changed { old, new } if old.document()?.id() == new.document()?.id() => {
                let [before, now] = [old, new].map(|input| Rank::of_input(input).by);
                let class = if now < before { Class::Weakening } else { Class::Neutral };
                (class, format!("only its signatures are others, of which {now} by its signers verify, and {before} did before"))
            }
            What::Changed { old, new } if Rank::of_input(new).is_signed && !Rank::of_input(old).is_signed => {
                (Class::Weakening, UNSIGNED.to_owned())
            }
            _ => return Ok(None),
        }))
    }
}

const UNSIGNED: &str = "the genome before is signed by too few, so nothing says that it was approved";

fn added(copies: &[PathBuf], gone: &[PathBuf]) -> String {
    let list = |paths: &[PathBuf]| paths.iter().map(|path| BarePath(path).to_string()).collect::<Vec<_>>().join(", ");
    let also = if copies.is_empty() { String::new() } else { format!(", and the same genome as {}", list(copies)) };
    if gone.is_empty() { format!("is added{also}") } else { format!("is added{also}; its parent is gone from {}", list(gone)) }
}

fn path(input: &Input) -> &std::path::Path {
    match &input.source {
        Source::File(path) | Source::Side(path, _) | Source::Version(path, _) => path,
        Source::Stdin => std::path::Path::new("-"),
    }
}
