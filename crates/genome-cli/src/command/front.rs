//! `genome`: every program under one name.

mod external;
mod generated;
mod help;

use super::{diff, draft, init, keygen, merge, propose, sign, trust, verify};
use crate::{Exit, Failure, StandardStreams, Stream, Use, run, withhold_typed_ahead};
use clap::{Parser, Subcommand};
use generated::{CompletionsArguments, ManArguments};
use help::HelpArguments;
use std::ffi::OsString;

/// Makes, signs and verifies genomes: signed documents that say what an AI may do
#[derive(Parser)]
#[command(name = "genome", version, help_template = TEMPLATE, disable_help_subcommand = true)]
pub(crate) struct FrontArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::InitArguments),
    Keygen(keygen::KeygenArguments),
    Draft(Box<draft::DraftArguments>),
    Diff(diff::DiffArguments),
    Sign(sign::SignArguments),
    Merge(merge::MergeArguments),
    Verify(verify::VerifyArguments),
    Trust(trust::TrustCommandArguments),
    Propose(propose::ProposeArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
    Help(HelpArguments),
    #[command(external_subcommand)]
    External(Vec<OsString>),
}

impl StandardStreams for FrontArguments {
    fn uses(&self) -> Vec<Use> {
        match &self.command {
            Command::Init(arguments) => arguments.uses(),
            Command::Keygen(arguments) => arguments.uses(),
            Command::Draft(arguments) => arguments.uses(),
            Command::Diff(arguments) => arguments.uses(),
            Command::Sign(arguments) => arguments.uses(),
            Command::Merge(arguments) => arguments.uses(),
            Command::Verify(arguments) => arguments.uses(),
            Command::Trust(arguments) => arguments.uses(),
            Command::Propose(arguments) => arguments.uses(),
            Command::Completions(_) => vec![Use::of(Stream::Output, "the completions")],
            Command::Help(_) => vec![Use::of(Stream::Output, "the help")],
            Command::Man(_) | Command::External(_) => Vec::new(),
        }
    }
}

/// One line for each command: what `{subcommands}` would print of each is too long for a screen.
const TEMPLATE: &str = "\
{about}

{usage-heading} {usage}

  init      Make a first genome, signed, with what a server needs to start on it
  keygen    Make a key pair
  draft     Draft the next version of a genome
  diff      Say what a genome changes
  sign      Sign a genome
  merge     Join the signatures of copies of one genome
  verify    Verify genomes, and whether they are trusted
  propose   Propose a change of a genome
  trust     Make, show and change a trust policy: who is trusted to sign
  server    Answer what a genome allows (the program genome-server)

  completions   Print the completions for a shell
  man           Write the pages for man(1)
  help          Say more of a command or a code: genome help GENOME_UNTRUSTED

Every command takes --color <WHEN> and --verbose (-v).
keygen to verify are programs of their own too, such as genome-sign. Another
command X runs the program genome-X, which is beside this one or in PATH.
Exit status: 0 accepted or done; 1 refused; 2 could not be decided
";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    let exit = run(execute);
    // As genome-sign does, also where its command line was wrong.
    let asks = |command: OsString| ["sign", "init", "trust"].iter().any(|asking| command == *asking);
    if exit != Exit::Done && command_word(std::env::args_os().skip(1)).is_some_and(asks) {
        withhold_typed_ahead();
    }
    exit
}

/// The command, which stands behind the options that every program has.
fn command_word(mut words: impl Iterator<Item = OsString>) -> Option<OsString> {
    loop {
        let word = words.next()?;
        if word == "--color" {
            words.next()?;
        } else if !word.as_encoded_bytes().starts_with(b"-") {
            return Some(word);
        }
    }
}

fn execute(arguments: &FrontArguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Init(arguments) => init::execute(arguments),
        Command::Keygen(arguments) => keygen::execute(arguments),
        Command::Draft(arguments) => draft::execute(arguments),
        Command::Diff(arguments) => diff::execute(arguments),
        Command::Sign(arguments) => sign::execute(arguments),
        Command::Merge(arguments) => merge::execute(arguments),
        Command::Verify(arguments) => verify::execute(arguments),
        Command::Trust(arguments) => trust::execute(arguments),
        Command::Propose(arguments) => propose::execute(arguments),
        Command::Completions(arguments) => generated::completions(arguments),
        Command::Man(arguments) => generated::man(arguments),
        Command::Help(arguments) => help::execute(arguments),
        Command::External(words) => Err(external::run(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn each_command_has_its_line() {
        let command = FrontArguments::command();
        command.clone().debug_assert();
        for name in command.get_subcommands().map(clap::Command::get_name) {
            assert!(TEMPLATE.contains(&format!("\n  {name} ")), "{name}");
        }
    }
}
