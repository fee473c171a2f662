//! `genome-diff`: says what a genome changes.

mod compare;
mod comparison;
mod facts;
mod git;
mod report;
mod since;
mod texts;

use super::propose;
use crate::{Exit, Failure, StandardStreams, Stream, Use, print, run, show};
use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};
use genome::change::Class;
use std::ffi::OsString;
use std::path::PathBuf;

/// Compares what two genomes mean
///
/// Compares their meaning, not their texts: what the ceiling allows, what must hold, who may sign, which files belong to them. The order
/// in which a genome lists things makes no difference. Each difference is a widening (the ceiling allows more), a weakening (what
/// guards the system or the genome is less than it was, or may be), a narrowing, a strengthening, or neutral.
///
/// It also says whether NEW is a valid successor of OLD: whether it names OLD as its parent, is not older, has a version that fits the
/// change, and is signed by its own authority and that of OLD, or who has yet to sign. Neither needs to be signed to be compared, and
/// genome-verify says whether they are trusted.
///
/// Without OLD, NEW is compared with each parent that it names. A parent is found by its genome id: in the directory above that of NEW and
/// those right in it, or else in git, among the versions of NEW and of the files near it. Of a genome that names no parent all is new.
///
/// With --since, each genome in the work tree of git that is not as it was at a revision is compared: one that is added with its parents, one
/// that is changed with what it was. One that is moved or deleted is said to be; a deletion is a weakening. Genomes are looked for in files
/// whose names end in `.json`, and in those that are named; what a `.gitignore` leaves out and git does not track is not looked at. Of a submodule,
/// and of another repository in the work tree, it says only that something in it is another: it exits with 2 then, as where it cannot look.
/// `--format json` is about two genomes, so that --since has it not.
#[derive(Parser)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(name = "genome-diff", version, after_long_help = EXAMPLE, override_usage = USAGE)]
pub(crate) struct DiffArguments {
    /// The genome after, or the one before and the one after; `-` is standard input. A directory means the `genome.json` in it, or
    /// `genome-unsigned.json` where only that is there. With --since: where to look, instead of the whole work tree
    #[arg(value_name = "GENOME", required_unless_present_any = ["since", "driver", "textconv"])]
    genomes: Vec<PathBuf>,
    /// Compare each genome that differs between this revision of git and the work tree
    #[arg(long, value_name = "REV", value_parser = revision(), conflicts_with = "propose")]
    since: Option<OsString>,
    /// How the differences are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Exit with 1 only where there is a difference of one of these classes
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = classes())]
    fail_on: Vec<Class>,
    /// A trust policy: its `quorum` says how many approvals a change requires, and `revoked` which keys do not count. Without it,
    /// MATHISON_GENOME_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// A file of definitions, as `genome-mcp pin` writes it: where the definition of a pinned tool is another, each member that differs is shown. Without
    /// it, `tools/NAME.json` beside each genome is looked at, and with --since also as it was. Can be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "propose")]
    definitions: Vec<PathBuf>,
    /// Make this directory, called NNNN-a-few-words with the next free number, and put a proposal of the change there: what it changes, and a
    /// rationale to fill in. `genome propose` finds the number by itself. genome-verify --proposal checks it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["format", "fail_on", "trust"])]
    propose: Option<PathBuf>,
    /// Be an external diff of git, with the arguments that git passes
    #[arg(long, num_args = 1..=9, value_name = "ARGUMENT", allow_hyphen_values = true, conflicts_with_all = ["genomes", "since", "format", "fail_on", "trust", "definitions", "propose", "textconv"])]
    driver: Option<Vec<PathBuf>>,
    /// Print this genome as lines that git can compare: one for each statement, in an order that does not depend on its own
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, conflicts_with_all = ["genomes", "since", "format", "fail_on", "trust", "definitions", "propose"])]
    textconv: Option<PathBuf>,
}

impl StandardStreams for DiffArguments {
    fn uses(&self) -> Vec<Use> {
        let output = self.propose.is_none().then(|| Use::of(Stream::Output, "the differences"));
        output.into_iter().collect()
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each difference
    Human,
    /// One JSON object, which the book describes
    Json,
    /// Markdown, for a pull request
    Markdown,
    /// Annotations of GitHub Actions
    Github,
}

/// A revision, which git would not take for an option.
fn revision() -> impl TypedValueParser<Value = OsString> {
    OsStringValueParser::new().try_map(|revision| {
        let is_good = !revision.is_empty() && !revision.as_encoded_bytes().starts_with(b"-");
        if is_good { Ok(revision) } else { Err("a revision of git belongs here, such as HEAD^ or origin/main") }
    })
}

impl Format {
    /// Prints a report in this form. What a person reads is wrapped on a terminal.
    pub(crate) fn put(self, report: &str) -> Result<(), Failure> {
        if let Self::Human = self { show(report) } else { print(report.as_bytes()) }
    }
}

fn classes() -> impl TypedValueParser<Value = Class> {
    PossibleValuesParser::new(Class::ALL.iter().map(|class| class.as_str()))
        .map(|name| Class::ALL.iter().copied().find(|class| class.as_str() == name).unwrap_or(Class::Neutral))
}

const USAGE: &str = "\
genome-diff [OPTIONS] [OLD] <NEW>
       genome-diff [OPTIONS] --since <REV> [PATH]...
       genome-diff --propose <DIR> [OLD] <NEW>
       genome-diff --textconv <FILE>
       genome-diff --driver <ARGUMENT>...";

const EXAMPLE: &str = "\
Example:
  genome-diff genomes/TOTK_PROD_v1.1.0
  genome-diff genomes/TOTK_PROD_v1.0.0 genomes/TOTK_PROD_v1.1.0
  genome-diff --since HEAD^ --format markdown --fail-on widening,weakening

  echo 'genome*.json diff=genome' >> .gitattributes
  git config diff.genome.command 'genome-diff --driver'

Exit status:
  0 the same, or nothing that --fail-on names; 1 they differ;
  2 trouble (no such file, no genome, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    run(execute)
}

/// Compares two genomes, for people, for git, or for a proposal.
pub(crate) fn execute(arguments: &DiffArguments) -> Result<Exit, Failure> {
    match arguments {
        DiffArguments { driver: Some(given), .. } => git::drive(given),
        DiffArguments { textconv: Some(path), .. } => git::textconv(path),
        DiffArguments { propose: Some(directory), genomes, .. } => propose::into_directory(directory, genomes),
        _ => compare::compare(arguments),
    }
}
