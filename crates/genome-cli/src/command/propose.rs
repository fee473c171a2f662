//! `genome propose`: proposes a change of a genome.

mod directory;
mod fault;
mod making;
mod next;
#[cfg(feature = "front")]
mod refresh;
mod report;
#[cfg(feature = "front")]
mod title;
#[cfg(feature = "front")]
mod titled;

pub(crate) use making::into_directory;

#[cfg(feature = "front")]
pub(crate) use front::{ProposeArguments, execute};

/// The command `genome propose`; `genome-diff --propose` takes what it makes, and not its options.
#[cfg(feature = "front")]
mod front {
    use super::{refresh, titled};
    use crate::{Exit, Failure, Finding, StandardStreams, Stream, Use};
    use clap::Args;
    use std::ffi::OsString;
    use std::path::PathBuf;

    /// Proposes a change of a genome
    ///
    /// Makes a directory for the proposal, below `proposals`, with the next free number and the words of the title: `proposal.json` says everything
    /// that changes, `rationale.md` is to be filled in. It says with which command `genome verify --proposal` checks it. Standard output gets the directory, for
    /// scripts, where it is not a terminal.
    ///
    /// The genome before is the parent that NEW names, which is found by its genome id: in the directory above that of NEW and those right in it,
    /// in `genomes` beside the proposals, or in git, among the versions of NEW and of the files near it.
    ///
    /// With --refresh, a proposal takes a draft that has changed: what it declares is written anew, and its number, title and status stay, as do the
    /// rationale and the probes. One that was decided keeps what was decided about, and a genome of another name is not taken.
    #[derive(Args)]
    #[command(override_usage = USAGE, after_long_help = EXAMPLE)]
    pub(crate) struct ProposeArguments {
        /// What the change does, in one line. With --refresh it is left out, and NEW comes first
        title: OsString,
        /// The genome after the change. A directory means the `genome.json` in it, or `genome-unsigned.json` where only that is there
        new: Option<PathBuf>,
        /// The genome before, instead of the parent that is found
        #[arg(long, value_name = "OLD")]
        from: Option<PathBuf>,
        /// The directory of the proposals. It is made if it is not there
        #[arg(long, value_name = "DIR", default_value = "proposals")]
        directory: PathBuf,
        /// Let this proposal, named by its number (`42` or `0042`) or its directory, take NEW
        #[arg(long, value_name = "PROPOSAL")]
        refresh: Option<PathBuf>,
    }

    const USAGE: &str = "\
genome propose [OPTIONS] <TITLE> <NEW>
       genome propose [OPTIONS] --refresh <PROPOSAL> <NEW>";

    const EXAMPLE: &str = "\
Example:
  genome propose 'Let jobs be cancelled' genomes/TOTK_PROD_v1.1.0
  genome propose --refresh 0042 genomes/TOTK_PROD_v1.1.0

Exit status:
  0 proposed; 1 refused; 2 not possible (no such file, not writable, wrong usage)";

    impl StandardStreams for ProposeArguments {
        fn uses(&self) -> Vec<Use> {
            vec![Use::of(Stream::Output, "the directory of the proposal")]
        }
    }

    pub(crate) fn execute(arguments: &ProposeArguments) -> Result<Exit, Failure> {
        let ProposeArguments { title, new, from, directory, refresh } = arguments;
        match (refresh, new) {
            (Some(proposal), None) => refresh::refresh(proposal, directory, from.as_deref(), title.as_ref()),
            (None, Some(new)) => titled::propose(title, directory, from.as_deref(), new),
            (Some(_), _) => {
                let hint = "change `title` in proposal.json where it is another";
                Err(Failure::undecided(Finding::error("with --refresh the title stays, so only NEW is given", hint)))
            }
            (None, _) => {
                let hint = "give both: genome propose 'Let jobs be cancelled' genomes/TOTK_PROD_v1.1.0";
                Err(Failure::undecided(Finding::error("a title and the genome after the change are needed", hint)))
            }
        }
    }
}
