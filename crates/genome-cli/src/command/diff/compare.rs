//! Compares two genomes, or one with its parents, and reports it.

use super::comparison::{Comparison, Terms};
use super::texts::Texts;
use super::{DiffArguments, Format, report, since};
use crate::input::Input;
use crate::parents::ParentSearch;
use crate::{Exit, Failure, Finding, Paint, stdin_once, trust_policy};
use genome_json::text::BarePath;
use std::io;

/// How a person names the genome before.
pub(crate) const OPTION: &str = "`genome-diff OLD NEW`";

/// Compares what the command line names, and reports the result.
pub(crate) fn compare(arguments: &DiffArguments) -> Result<Exit, Failure> {
    let policy = trust_policy(arguments.trust.as_ref()).map_err(|failure| undecided(&failure))?;
    if let Some(revision) = &arguments.since {
        return since::compare(revision, arguments, policy.as_ref());
    }
    stdin_once(&[arguments.genomes.as_slice(), &arguments.definitions].concat())?;
    let texts = Texts::of(&arguments.definitions)?;
    let terms = Terms { policy: policy.as_ref(), failing: &arguments.fail_on, texts: &texts };
    let (olds, new) = match arguments.genomes.as_slice() {
        [new] => alone(new)?,
        [old, new] => {
            let [old, new] = Input::both(old, new)?;
            (vec![old], new)
        }
        [_, _, more, ..] => {
            let message = format!("two genomes are compared, and {} is one more", BarePath(more));
            return Err(Failure::undecided(Finding::error(message, "compare two at a time, or use --since REV PATH...")));
        }
        // The parser has made sure of one.
        [] => return Err(Failure::silent(Exit::Undecided)),
    };
    let comparisons = Comparison::with_each(&olds, &new, &terms)?;
    let text = match (arguments.format, comparisons.as_slice()) {
        (Format::Human, all) => joined(all.iter().map(|comparison| report::human(comparison, Paint::on(&io::stdout())))),
        (Format::Json, [comparison]) => report::json(comparison),
        (Format::Json, several) => {
            let places: Vec<String> = olds.iter().map(|old| old.source.to_string()).collect();
            let message = format!("it has {} parents, and a JSON report is about one: {}", several.len(), places.join(", "));
            return Err(Failure::undecided(Finding::error(message, format!("name one of them: {OPTION}")).at(&new.source)));
        }
        (Format::Markdown, all) => report::markdown(all),
        (Format::Github, all) => report::github(all),
    };
    arguments.format.put(&text)?;
    Ok(if comparisons.iter().any(Comparison::fails) { Exit::Refused } else { Exit::Done })
}

/// A genome and its parents.
fn alone(new: &std::path::Path) -> Result<(Vec<Input>, Input), Failure> {
    let new = Input::of(new)?;
    let olds = ParentSearch::of(&new.source, OPTION).all(&new.document()?)?;
    Ok((olds, new))
}

/// Texts, with an empty line between each two.
pub(crate) fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

/// The exit status as with `diff`: 1 where there are differences, 2 for all trouble.
fn undecided(failure: &Failure) -> Failure {
    failure.finding().cloned().map_or_else(|| Failure::silent(Exit::Undecided), Failure::undecided)
}
