//! `genome-merge`: joins the signatures of copies of one genome.

mod driver;
mod joined;
mod merging;

use crate::{Exit, Failure, StandardStreams, Stream, Use, genome_file, run, stdin_once};
use clap::Parser;
use std::path::PathBuf;

/// Joins copies of one genome that different people signed apart
///
/// Every signature by a signer whom the genome names must verify. Those by other keys are kept, as they may be the parents' signers;
/// where two copies disagree about one of them, nothing is written. Copies of different genomes are refused, with the fields in which
/// they differ.
///
/// Where OUTPUT exists, it is one more copy. It is written atomically: whatever happens, OUTPUT is the old file or the new one. Members
/// have the order of the first copy.
///
/// With --driver it is a merge driver of git (gitattributes(5)), so that people who sign on branches do not meet a conflict. What git
/// calls ours (%A) is where the result goes. A signature that the common ancestor (%O) holds and one of the branches does not was taken
/// away on purpose, and stays away. Where the branches hold different genomes, the path stays in conflict, with our side as it was.
#[derive(Parser)]
#[command(name = "genome-merge", version, after_long_help = EXAMPLE, override_usage = USAGE)]
pub(crate) struct MergeArguments {
    /// Copies of the genome, at least two; `-` is standard input. A directory means the `genome.json` in it, or `genome-unsigned.json` where only
    /// that is there
    #[arg(value_name = "COPY", num_args = 2.., required_unless_present = "driver")]
    copies: Vec<PathBuf>,
    /// Where the genome with all signatures goes, which may be one of the copies; `-` is standard output
    #[arg(long, required_unless_present = "driver")]
    output: Option<PathBuf>,
    /// Replace OUTPUT even if it holds another genome, or signatures that do not verify, or is read-only
    #[arg(long)]
    force: bool,
    /// Be a merge driver of git, with the paths that git passes for %O, %A, %B and, if messages are to name the file, %P
    #[arg(long, value_name = "PATH", num_args = 3..=4, allow_hyphen_values = true, conflicts_with_all = ["copies", "output", "force"])]
    driver: Option<Vec<PathBuf>>,
}

impl StandardStreams for MergeArguments {
    fn uses(&self) -> Vec<Use> {
        let is_stdout = self.output.as_ref().is_some_and(|output| output.as_os_str() == "-");
        let output = is_stdout.then(|| Use::of(Stream::Output, "the joined genome"));
        output.into_iter().collect()
    }
}

const USAGE: &str = "\
genome-merge [OPTIONS] --output <OUTPUT> <COPY> <COPY>...
       genome-merge --driver <%O> <%A> <%B> [%P]";

const EXAMPLE: &str = "\
Example:
  genome-merge alice.json bob.json --output genome.json

  echo 'genome.json merge=genome' >> .gitattributes
  git config merge.genome.driver 'genome-merge --driver %O %A %B %P'

Exit status:
  0 joined, or joined before; 1 refused, for git a conflict;
  2 not possible (no such file, not writable, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    run(execute)
}

/// Joins the copies.
pub(crate) fn execute(arguments: &MergeArguments) -> Result<Exit, Failure> {
    match (arguments.driver.as_deref(), arguments.copies.as_slice(), &arguments.output) {
        (Some([ancestor, ours, theirs, path @ ..]), ..) => driver::drive(ancestor, ours, theirs, path.first().unwrap_or(ours)),
        (None, copies @ [first, others @ ..], Some(output)) => {
            stdin_once(copies)?;
            let others: Vec<_> = others.iter().map(|copy| genome_file(copy)).collect();
            merging::merge(&genome_file(first), &others, output, arguments.force)
        }
        // The parser has made sure of the required arguments.
        _ => Err(Failure::silent(Exit::Undecided)),
    }
}
