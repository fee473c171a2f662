//! `genome`: every program under one name.

mod external;
mod generated;

use super::{diff, draft, keygen, merge, sign, verify};
use crate::{Exit, Failure, StandardStreams, Stream, Use, run, withhold_typed_ahead};
use clap::{Parser, Subcommand};
use generated::{CompletionsArguments, ManArguments};
use std::ffi::OsString;

/// Makes, signs and verifies genomes: documents that say what an AI system may do
///
/// Each command but the last two is a program of its own too: `genome sign` is `genome-sign`. A command X that is not listed runs the program
/// genome-X, which is looked for beside this one and then in PATH: `genome server` is `genome-server`.
#[derive(Parser)]
#[command(name = "genome", version, max_term_width = 100, after_help = EXAMPLE)]
pub(crate) struct FrontArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Keygen(keygen::KeygenArguments),
    Draft(draft::DraftArguments),
    Diff(diff::DiffArguments),
    Sign(sign::SignArguments),
    Merge(merge::MergeArguments),
    Verify(verify::VerifyArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
    #[command(external_subcommand)]
    External(Vec<OsString>),
}

impl StandardStreams for FrontArguments {
    fn uses(&self) -> Vec<Use> {
        match &self.command {
            Command::Keygen(arguments) => arguments.uses(),
            Command::Draft(arguments) => arguments.uses(),
            Command::Diff(arguments) => arguments.uses(),
            Command::Sign(arguments) => arguments.uses(),
            Command::Merge(arguments) => arguments.uses(),
            Command::Verify(arguments) => arguments.uses(),
            Command::Completions(_) => vec![Use::of(Stream::Output, "the completions")],
            Command::Man(_) | Command::External(_) => Vec::new(),
        }
    }
}

const EXAMPLE: &str = "\
  genome server     Answers what a genome allows: the program genome-server

`genome help COMMAND` and `genome COMMAND --help` say more.
Exit status: 0 accepted or done; 1 refused; 2 could not be decided";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    let exit = run(execute);
    // As genome-sign does, also where its command line was wrong.
    if exit != Exit::Done && command_word(std::env::args_os().skip(1)).is_some_and(|command| command == "sign") {
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
        Command::Keygen(arguments) => keygen::execute(arguments),
        Command::Draft(arguments) => draft::execute(arguments),
        Command::Diff(arguments) => diff::execute(arguments),
        Command::Sign(arguments) => sign::execute(arguments),
        Command::Merge(arguments) => merge::execute(arguments),
        Command::Verify(arguments) => verify::execute(arguments),
        Command::Completions(arguments) => generated::completions(arguments),
        Command::Man(arguments) => generated::man(arguments),
        Command::External(words) => Err(external::run(words)),
    }
}
