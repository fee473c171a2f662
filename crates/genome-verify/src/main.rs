//! `genome-verify`: verifies genomes.

mod outcome;
mod report;
mod search;

use clap::{Parser, ValueEnum};
use genome_cli::{Exit, Failure, Finding, print, run, say};
use outcome::Outcome;
use report::Report;
use std::env;
use std::path::PathBuf;

/// Verifies genomes: strict JSON, the schema, the signatures, the threshold
///
/// A genome that is accepted is as its own signers left it. That is trust of the kind `self-declared`: nothing says who the signers
/// are, and whoever puts his own key into a genome can sign it.
///
/// The result goes to standard output, what is wrong to standard error too; as JSON or for GitHub, all of it goes to
/// standard output. Warnings about variables that ask for stricter rules (MATHISON_*) go to standard error in every format.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLE)]
struct VerifyArguments {
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
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A checklist and a summary
    Human,
    /// One JSON object for the whole run, which README.md describes
    Json,
    /// Annotations of GitHub Actions
    Github,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Print {
    /// The genome id: the SHA-256 digest of the canonical form
    Id,
    /// The canonical form (RFC 8785), which is what the signatures are over
    Canonical,
}

const EXAMPLE: &str = "\
Example:
  genome-verify genomes/TOTK_PROD_v1.0.0/genome.json
  genome-verify --format github genomes

Exit status:
  0 all are accepted; 1 one is refused; 2 none is refused, but one could
  not be decided (no such file, unreadable, wrong usage)";

fn main() -> Exit {
    run(verify)
}

fn verify(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    warn_of_stricter_rules();
    if arguments.paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        let hint = "name `-` once";
        return Err(Failure::undecided(Finding::error("standard input can be read only once", hint)));
    }
    let found = search::genomes(&arguments.paths);
    let mut report = Report::new(arguments);
    if arguments.print == Some(Print::Canonical) && found.len() != 1 {
        let message = format!("--print canonical takes one genome, and there are {}", found.len());
        return Err(Failure::undecided(Finding::error(message, "name one file")));
    }
    let mut exit = Exit::Done;
    for source in found {
        let outcome = Outcome::of(source);
        exit = exit.max(outcome.exit);
        match (arguments.print, &outcome.verdict) {
            (None, _) => report.add(&outcome)?,
            (Some(Print::Id), Ok(genome)) => print(format!("{}\n", genome.id()).as_bytes())?,
            (Some(Print::Canonical), Ok(genome)) => print(genome.canonical_form())?,
            (Some(_), Err(finding)) => say(finding),
        }
    }
    // With --print there is nothing but what is printed; the format is the human one, which has no end of its own.
    report.finish(exit)?;
    Ok(exit)
}

/// What an operator may expect to hold, and this version does not look at.
fn warn_of_stricter_rules() {
    let set_to = |variable: &str, value: &str| env::var_os(variable).is_some_and(|found| found == value);
    let expected = [
        ("MATHISON_ENV=production", set_to("MATHISON_ENV", "production")),
        ("MATHISON_GENOME_TRUST", env::var_os("MATHISON_GENOME_TRUST").is_some()),
        ("MATHISON_VERIFY_MANIFEST=true", set_to("MATHISON_VERIFY_MANIFEST", "true")),
    ];
    for (setting, _) in expected.iter().filter(|(_, set)| *set) {
        let message = format!("{setting} is set, and this version does not look at it");
        say(&Finding::warning(message, "what is accepted here is self-declared, and its manifest is not checked"));
    }
}
