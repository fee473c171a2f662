//! `genome-verify`: verifies genomes.

mod proposal;
mod report;
mod search;

use crate::explanation::{ExplainedCode, page};
use crate::{
    Exit, Failure, Finding, RequirementArguments, Requirements, Source, StandardStreams, Stream, Use, Verdict, print, run, say,
    stdin_once,
};
use clap::{Parser, ValueEnum};
use report::Report;
use std::path::PathBuf;

/// Verifies genomes: strict JSON, the schema, the signatures, the threshold, and whether the signers are trusted
///
/// With a trust policy, a genome is accepted if the policy's own keys signed it (`pinned`), or if each step from an ancestor that they
/// signed was signed by those whom the step before names (`lineage`). Without one, a genome that is accepted is as its own signers
/// left it, and nothing says who they are: `self-declared`.
///
/// The result goes to standard output, what is wrong to standard error too; in a format for programs, all of it goes to
/// standard output.
#[derive(Parser)]
#[command(name = "genome-verify", version, after_long_help = EXAMPLE)]
pub(crate) struct VerifyArguments {
    /// Genomes, and directories to search for files named genome.json; `-` is standard input. Without any, the genome at
    /// MATHISON_GENOME_PATH, or else the root genome at `genomes/TOTK_ROOT_v1.0.0/genome.json`
    paths: Vec<PathBuf>,
    /// How the result is shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Say nothing of genomes that are accepted, except for warnings
    #[arg(long, short)]
    quiet: bool,
    /// Print this of each genome that is accepted, and nothing else
    #[arg(long, value_enum, conflicts_with_all = ["format", "quiet"])]
    print: Option<Print>,
    /// Compare a proposal, which is a directory as `genome propose` makes it, with the genomes that it is about. These are found by
    /// their ids in the directory `genomes` beside that of the proposals, or else where --lineage says, and in the proposal's own
    /// directory. A genome that is deployed must be accepted too, as --trust says; what else it has to meet, and the variables that say so,
    /// make no difference here. Can be repeated
    #[arg(long, value_name = "DIR", conflicts_with_all = [["paths", "print"].as_slice(), &RequirementArguments::BESIDE_TRUST].concat())]
    proposal: Vec<PathBuf>,
    /// Print what a code means, and what to do about it
    #[arg(long, value_name = "CODE", exclusive = true, ignore_case = true, hide_possible_values = true)]
    explain: Option<ExplainedCode>,
    #[command(flatten)]
    requirements: RequirementArguments,
}

impl StandardStreams for VerifyArguments {
    fn uses(&self) -> Vec<Use> {
        // The exit status is the whole result then.
        let is_silent = self.quiet && self.format == Format::Human;
        let hint = "open it, as with `> FILE`, or ask for the exit status alone: --quiet, without --format and --print";
        let output = (!is_silent).then(|| Use::of(Stream::Output, "the verdict").with_hint(hint));
        output.into_iter().collect()
    }
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// A checklist and a summary
    Human,
    /// One JSON object for the whole run, which the book describes
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// What is wrong, for code scanning: SARIF 2.1.0
    Sarif,
    /// A test for each genome: JUnit XML
    Junit,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Print {
    /// The genome id: the SHA-256 digest of the canonical form
    Id,
    /// The canonical form (RFC 8785), over which the signatures are made
    Canonical,
}

const EXAMPLE: &str = "\
Example:
  genome-verify genomes/TOTK_PROD_v1.0.0/genome.json
  genome-verify --format github genomes
  genome-verify --production --trust trust.json --state state.json genome.json
  genome-verify --proposal proposals/0001-example
  genome-verify --explain GENOME_UNTRUSTED

Exit status:
  0 all are accepted; 1 one is refused; 2 none is refused, but one could
  not be decided (no such file, unreadable, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    run(execute)
}

/// Verifies genomes, or proposals.
pub(crate) fn execute(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    if let Some(ExplainedCode(code)) = arguments.explain {
        return print(page(code).as_bytes()).map(|()| Exit::Done);
    }
    if !arguments.proposal.is_empty() {
        return verify_proposals(arguments);
    }
    stdin_once(&arguments.paths)?;
    let found = search::genomes(&arguments.paths);
    let mut report = Report::new(arguments);
    if arguments.print == Some(Print::Canonical) && found.len() != 1 {
        let message = format!("--print canonical takes one genome, and there are {}", found.len());
        return Err(Failure::undecided(Finding::error(message, "name one file")));
    }
    let requirements = Requirements::of(&arguments.requirements);
    let requirements = if arguments.quiet { requirements } else { requirements.map(Requirements::showing_progress) };
    if requirements.as_ref().is_ok_and(Requirements::takes_one) && found.len() != 1 {
        let message = format!("a state remembers one genome at a time, and there are {}", found.len());
        return Err(Failure::undecided(Finding::error(message, "name one file, or verify without a state")));
    }
    let mut exit = Exit::Done;
    for source in found {
        let verdict = decide(source, &requirements);
        exit = exit.max(verdict.exit);
        match (arguments.print, verdict.genome()) {
            (None, _) => report.add(&verdict)?,
            (Some(Print::Id), Some(genome)) => print(format!("{}\n", genome.id()).as_bytes())?,
            (Some(Print::Canonical), Some(genome)) => print(genome.canonical_form())?,
            (Some(_), None) => verdict.errors().iter().for_each(say),
        }
    }
    report.finish(exit, requirements.as_ref().ok())?;
    Ok(exit)
}

/// Reads and verifies a genome. Where the requirements themselves cannot be read, no genome meets them.
fn decide(source: Result<Source, Finding>, requirements: &Result<Requirements, Failure>) -> Verdict {
    match (source, requirements) {
        (Ok(source), Ok(requirements)) => requirements.verify(&source),
        (Ok(source), Err(failure)) => Verdict::failed(source, failure, None),
        (Err(finding), _) => {
            let source = finding.file.clone().unwrap_or_else(|| Source::File(PathBuf::new()));
            Verdict::failed(source, &Failure::undecided(finding), None)
        }
    }
}

fn verify_proposals(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let requirements = Requirements::of_trust(arguments.requirements.trust())?;
    let mut report = Report::new(arguments);
    let mut exit = Exit::Done;
    for directory in &arguments.proposal {
        let verdict = proposal::verify(directory, &requirements);
        exit = exit.max(verdict.exit);
        report.add_proposal(&verdict)?;
    }
    report.finish(exit, None)?;
    Ok(exit)
}
