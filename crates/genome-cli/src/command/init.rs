//! `genome init`: makes a first genome, signed, with all that a server needs to start on it.

use crate::{Exit, Failure, FirstGenomeArguments, GivenAction, NewGenome, Next, StandardStreams, Use, make_first};
use clap::Args;
use std::path::PathBuf;

/// Makes a first genome, signed, with its trust policy and what a server needs to start on it
///
/// It needs no other genome. What is not given as an option is asked for on the terminal. The genome denies every action that is not named with
/// --allow.
///
/// In DIR, which is made if it is not there, it writes `signing-key.pem` (a new private key, unless --key names one) with a `.gitignore` that keeps it
/// out of git, `genome-unsigned.json`, `genome.json`, `trust.json` and `genome.env`, and it replaces nothing that is there. The server needs the last
/// three.
#[derive(Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct InitArguments {
    /// The directory for the files
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Allow an action. Its risk class, from A (harmless) to D (cannot be undone), stands before it, as in `B=memory_search`; without one it is D.
    /// Can be repeated, or given as a list with commas
    #[arg(long, value_name = "[CLASS=]ACTION", value_delimiter = ',')]
    allow: Option<Vec<GivenAction>>,
    #[command(flatten)]
    first: FirstGenomeArguments,
}

impl StandardStreams for InitArguments {
    fn uses(&self) -> Vec<Use> {
        self.first.uses()
    }
}

const EXAMPLE: &str = "\
Example:
  genome init my-agent
  genome init my-agent --name MY_AGENT --allow B=memory_search,A=health_check \\
    --key ssh-agent: --key-id alice --yes

Exit status:
  0 made and signed; 1 refused, and nothing was made;
  2 not possible (no terminal to ask on, not writable, wrong usage)";

/// Makes everything, or nothing.
pub(crate) fn execute(arguments: &InitArguments) -> Result<Exit, Failure> {
    let next = Next::StartServer;
    let InitArguments { directory, allow, first } = arguments;
    make_first(&NewGenome { directory, arguments: first, allow: allow.as_deref(), pins: &[], program: "genome-init", next })?;
    Ok(Exit::Done)
}
