//! `genome-mcp check`: compares what a server says of its tools now with what a genome pins.

mod comparison;
mod report;

use crate::NAMED_OTHERWISE;
use crate::asking::AskedServer;
use crate::definitions_file;
use clap::{Args, ValueEnum};
use comparison::Comparison;
use genome::Refusal;
use genome::definition::Definitions;
use genome_cli::{
    Boot, Exit, Failure, Finding, RequirementArguments, StandardStreams, Stream, Use, annotations, genome_option, json_text, note,
    print, say, show,
};
use report::CheckShape;
use std::path::{Path, PathBuf};

/// Compare what a server lists with what a genome pins
///
/// The genome is verified as genome-mcp does before it starts a server: against a trust policy, without which nothing is started. Then the server is
/// started, asked for all its tools as a client does, and ended. No tool is called. Whatever the gate would take from the agent is a drift: a tool
/// that the genome allows and whose definition has changed, or that it pins and the server does not list any more.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    server: AskedServer,
    /// The genome. Without it, MATHISON_GENOME_PATH
    #[arg(long, value_name = "FILE")]
    genome: Option<PathBuf>,
    /// The file of definitions that shows what has changed in each of them, member by member. A text counts only if the genome pins it. Without it,
    /// `tools/NAME.json` beside the genome, if that is there
    #[arg(long, value_name = "FILE")]
    definitions: Option<PathBuf>,
    /// How the result is shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    requirements: RequirementArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each tool that the genome allows, and a summary
    Human,
    /// One JSON object, which the book describes
    Json,
    /// Annotations of GitHub Actions
    Github,
}

impl StandardStreams for CheckArguments {
    fn uses(&self) -> Vec<Use> {
        vec![Use::of(Stream::Output, "the result")]
    }
}

const EXAMPLE: &str = "\
Example:
  genome-mcp check --server files --genome genome.json --trust trust.json -- npx -y @modelcontextprotocol/server-filesystem /data

Exit status:
  0 no drift; 1 a drift, or the genome is refused; 2 it could not be decided (no
  such file, the server cannot be started or does not list its tools, wrong usage)";

pub(crate) fn execute(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let CheckArguments { server, definitions, format, requirements, .. } = arguments;
    let path = genome_option(arguments.genome.as_ref())?;
    let boot = match boot(&path, requirements) {
        Ok(boot) => boot,
        Err(refused) => {
            refused.findings.iter().for_each(say);
            return Ok(refused.exit);
        }
    };
    boot.warnings.iter().for_each(say);
    // Nothing of it would be compared, and that would look as if all were well.
    if let Some(nothing) = boot.genome.nothing_allowed_of(&server.name).filter(|nothing| !nothing.is_named()) {
        return Err(Failure::undecided(Finding::error(nothing.to_string(), NAMED_OTHERWISE).at(&path)));
    }
    let texts = texts(definitions.as_deref(), &path, server)?;
    // The gate does not start without pins there.
    let requires_pins = requirements.is_production()?;
    let mut compared = server.list_in_each_era()?.into_iter().map(|listed| {
        let comparison = Comparison::of(&boot.genome, &server.name, &listed, texts.as_ref());
        (listed, Comparison { requires_pins, ..comparison })
    });
    let Some(first) = compared.next() else { return Err(Failure::silent(Exit::Undecided)) };
    // What drifts in one era is shown, also where nothing does in the other.
    let (listed, comparison) = if first.1.drifts() { first } else { compared.find(|(_, other)| other.drifts()).unwrap_or(first) };
    match format {
        Format::Human => show(&report::human(&boot.genome, &server.name, &listed, &comparison))?,
        Format::Json => print(json_text(&CheckShape::new(&boot.genome, &server.name, &listed, &comparison)).as_bytes())?,
        Format::Github => {
            let findings = report::findings(&server.name, &comparison);
            print(annotations(&findings.into_iter().map(|finding| finding.at(&path)).collect::<Vec<_>>()).as_bytes())?;
        }
    }
    Ok(if comparison.drifts() { Exit::Refused } else { Exit::Done })
}

/// The genome, as the gate takes it.
fn boot(path: &Path, requirements: &RequirementArguments) -> Result<Boot, genome_cli::RefusedBoot> {
    // Anybody can make a genome that vouches for itself, and pins what he likes.
    if !requirements.names_policy()? {
        return Err(Failure::refused(Finding::from(&Refusal::NoPolicy).at(path)).into());
    }
    Boot::load(path.to_owned(), requirements, |what| note(&format!("{what}\n")))
}

/// The texts of what is pinned, which decide nothing.
fn texts(named: Option<&Path>, genome: &Path, server: &AskedServer) -> Result<Option<Definitions>, Failure> {
    if let Some(named) = named {
        return definitions_file::read(named).map(Some);
    }
    let beside = genome.parent().unwrap_or(Path::new("")).join(definitions_file::usual(&server.name));
    Ok(definitions_file::read_if_there(&beside).unwrap_or_else(|failure| {
        let warning = failure.finding().map(|finding| Finding::warning(finding.message.clone(), finding.hint.clone()).at(&beside));
        warning.iter().for_each(say);
        None
    }))
}
