//! `genome`: every program under one name.

mod external;
mod generated;
mod help;
mod schema;

use super::{diff, draft, init, keygen, merge, propose, sign, trust, verify};
use crate::{Exit, Failure, StandardStreams, Use, command_line, run, withhold_typed_ahead};
use clap::{Parser, Subcommand};
use generated::{CompletionsArguments, ManArguments};
use help::HelpArguments;
use schema::SchemaArguments;
use std::ffi::OsString;
use std::fmt::Write as _;

/// Makes, signs and verifies genomes: signed documents that say what an AI may do
#[derive(Parser)]
#[command(name = "genome", version, help_template = template(), disable_help_subcommand = true)]
pub(crate) struct FrontArguments {
    #[command(subcommand)]
    command: Command,
}

/// A command, in words. Its arguments and what it does stand in the same row of the table.
struct Row {
    name: &'static str,
    /// What `genome help` says of it: what `{subcommands}` would print of each is too long for a screen.
    line: &'static str,
    /// Whether it asks a person, who may have typed ahead.
    asks: bool,
    /// Whether it is about the commands themselves, and stands at the end of the list.
    is_apart: bool,
    /// The program of its own, such as genome-sign, where there is one.
    program: Option<Program>,
}

/// A program: its name, and what makes its command line.
#[derive(Clone, Copy)]
struct Program {
    name: &'static str,
    command: fn() -> clap::Command,
}

/// The one table of the commands: the variant, its arguments and what it does; its name; whether it asks a person; whether it is about the commands
/// themselves; the arguments again where a program has them, too; and its line in the help.
macro_rules! commands {
    ($($variant:ident($arguments:ty) does $execute:path, $name:literal $(asks $asks:literal)? $(apart $apart:literal)? $(program $program:ty)?, $line:literal;)+) => {
        #[derive(Subcommand)]
        enum Command {
            $(#[command(name = $name)] $variant(Box<$arguments>),)+
            #[command(external_subcommand)]
            External(Vec<OsString>),
        }

        const ROWS: &[Row] = &[$(Row {
            name: $name,
            line: $line,
            asks: false $(|| $asks)?,
            is_apart: false $(|| $apart)?,
            program: first([$(Some(Program { name: concat!("genome-", $name), command: command_line::<$program> }),)? None]),
        }),+];

        impl StandardStreams for FrontArguments {
            fn uses(&self) -> Vec<Use> {
                match &self.command {
                    $(Command::$variant(arguments) => arguments.uses(),)+
                    Command::External(_) => Vec::new(),
                }
            }
        }

        fn execute(arguments: &FrontArguments) -> Result<Exit, Failure> {
            match &arguments.command {
                $(Command::$variant(arguments) => $execute(arguments),)+
                Command::External(words) => Err(external::run(words)),
            }
        }
    };
}

commands! {
    Init(init::InitArguments) does init::execute, "init" asks true,
        "Make a first genome, signed, with what a server needs to start on it";
    Keygen(keygen::KeygenArguments) does keygen::execute, "keygen" program keygen::KeygenArguments, "Make a key pair";
    Draft(draft::DraftArguments) does draft::execute, "draft" program draft::DraftArguments,
        "Draft the next version of a genome";
    Diff(diff::DiffArguments) does diff::execute, "diff" program diff::DiffArguments, "Say what a genome changes";
    Sign(sign::SignArguments) does sign::execute, "sign" asks true program sign::SignArguments, "Sign a genome";
    Merge(merge::MergeArguments) does merge::execute, "merge" program merge::MergeArguments,
        "Join the signatures of copies of one genome";
    Verify(verify::VerifyArguments) does verify::execute, "verify" program verify::VerifyArguments,
        "Verify genomes, and whether they are trusted";
    Propose(propose::ProposeArguments) does propose::execute, "propose", "Propose a change of a genome";
    Trust(trust::TrustCommandArguments) does trust::execute, "trust" asks true,
        "Make, show and change a trust policy: who is trusted to sign";
    Schema(SchemaArguments) does schema::schema, "schema" apart true, "Print a format as JSON Schema: genome schema genome";
    Completions(CompletionsArguments) does generated::completions, "completions" apart true, "Print the completions for a shell";
    Man(ManArguments) does generated::man, "man" apart true, "Write the pages for man(1)";
    Help(HelpArguments) does help::execute, "help" apart true, "Explain a command or a code: genome help GENOME_UNTRUSTED";
}

/// The first of one or two.
const fn first<const N: usize>(programs: [Option<Program>; N]) -> Option<Program> {
    let [first, ..] = programs.as_slice() else { return None };
    *first
}

/// The commands that are programs of other packages, and so in no row, each with its line in the help.
const ELSEWHERE: [(&str, &str); 2] = [("server", "Answer what a genome allows"), ("mcp", "Stand in front of an MCP server")];

/// The help, with a line for each command.
fn template() -> String {
    let mut text = "{about}\n\n{usage-heading} {usage}\n\n".to_owned();
    let (apart, commands): (Vec<&Row>, Vec<&Row>) = ROWS.iter().partition(|row| row.is_apart);
    // Writing to a string does not fail.
    for Row { name, line, .. } in commands {
        let _ = writeln!(text, "  {name:<9} {line}");
    }
    for (name, line) in ELSEWHERE {
        let _ = writeln!(text, "  {name:<9} {line} (the program genome-{name})");
    }
    text.push('\n');
    for Row { name, line, .. } in apart {
        let _ = writeln!(text, "  {name:<13} {line}");
    }
    let mut programs = programs();
    let (first, last) = (programs.next().unwrap_or_default(), programs.next_back().unwrap_or_default());
    let _ = write!(
        text,
        "
Every command takes --color <WHEN> and --verbose (-v). {first} to {last} are
programs too, such as genome-sign. Another X runs genome-X, from here or PATH.
Exit status: 0 accepted or done; 1 refused; 2 could not be decided
"
    );
    text
}

/// The commands that are programs of their own.
fn programs() -> impl DoubleEndedIterator<Item = &'static str> {
    ROWS.iter().filter(|row| row.program.is_some()).map(|row| row.name)
}

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    let exit = run(execute);
    // As genome-sign does, also where its command line was wrong.
    let asks = |command: OsString| ROWS.iter().any(|row| row.asks && command == row.name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_table_is_the_one_of_the_parser() {
        let command = FrontArguments::command();
        command.clone().debug_assert();
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, ROWS.iter().map(|row| row.name).collect::<Vec<_>>());
        for Row { name, program, .. } in ROWS {
            assert!(program.is_none_or(|program| (program.command)().get_name() == program.name), "{name}");
        }
    }

    #[test]
    fn what_else_names_the_commands_names_all_of_them() {
        let mut names: Vec<&str> = ROWS.iter().map(|row| row.name).chain(ELSEWHERE.map(|(name, _)| name)).collect();
        names.sort_unstable();
        assert_eq!(names, crate::report::COMMANDS);
        // The help names the first and the last of the programs alone.
        let from_the_first = ROWS.iter().skip_while(|row| row.program.is_none());
        let in_a_row: Vec<&str> = from_the_first.take_while(|row| row.program.is_some()).map(|row| row.name).collect();
        assert_eq!(in_a_row, programs().collect::<Vec<_>>());
    }
}
