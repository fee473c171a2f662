//! What packages install beside the programs: completions for shells, and pages for man(1). Both follow from the options.

use super::{FrontArguments, Program, ROWS};
use crate::unwritten::Unwritten;
use crate::{Exit, Failure, StandardStreams, Stream, Use, command_line, print, tell_waiting};
use clap::builder::PossibleValuesParser;
use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;
use genome_files::Destination;
use std::fs::create_dir_all;
use std::path::{Path, PathBuf};

/// Prints the completions for a shell
#[derive(Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    shell: CompletedShell,
    /// The program to complete
    #[arg(default_value = "genome", value_parser = PossibleValuesParser::new(programs().map(|program| program.name)))]
    program: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompletedShell {
    /// For /usr/share/bash-completion/completions/genome
    Bash,
    /// For a directory of fpath, as the file _genome
    Zsh,
    /// For ~/.config/fish/completions/genome.fish
    Fish,
}

/// Writes the pages for man(1) into a directory
#[derive(Args)]
pub(crate) struct ManArguments {
    /// The directory, such as /usr/local/share/man/man1. It is made if it is not there
    directory: PathBuf,
}

/// The programs: `genome`, and the commands that are programs of their own.
fn programs() -> impl Iterator<Item = Program> {
    let front = Program { name: "genome", command: command_line::<FrontArguments> };
    [front].into_iter().chain(ROWS.iter().filter_map(|row| row.program))
}

impl StandardStreams for CompletionsArguments {
    fn uses(&self) -> Vec<Use> {
        vec![Use::of(Stream::Output, "the completions")]
    }
}

impl StandardStreams for ManArguments {
    fn uses(&self) -> Vec<Use> {
        Vec::new()
    }
}

pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let shell = match arguments.shell {
        CompletedShell::Bash => Shell::Bash,
        CompletedShell::Zsh => Shell::Zsh,
        CompletedShell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    // The parser takes no other name.
    for Program { name, command } in programs().filter(|program| program.name == arguments.program) {
        clap_complete::generate(shell, &mut command(), name, &mut script);
    }
    print(&script).map(|()| Exit::Done)
}

pub(crate) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    let directory = &arguments.directory;
    create_dir_all(directory).map_err(|error| PAGE.at(directory, &error))?;
    for (name, command) in programs().map(|program| (program.name.to_owned(), (program.command)())).chain(commands_alone()) {
        let mut page = Vec::new();
        let manual = clap_mangen::Man::new(command.disable_help_subcommand(true));
        let path = directory.join(format!("{name}.1"));
        manual.render(&mut page).map_err(|error| PAGE.at(&path, &error))?;
        replace(&path, &page)?;
    }
    Ok(Exit::Done)
}

/// The commands that are no programs of their own, and their own commands: they have pages as those of git do, such as `genome-trust-new`.
fn commands_alone() -> Vec<(String, Command)> {
    // Nobody looks for a page of `help`.
    let mut front = command_line::<FrontArguments>().mut_subcommands(|command| command.disable_help_subcommand(true));
    front.build();
    let is_program = |name: &str| ROWS.iter().any(|row| row.name == name && row.program.is_some());
    let is_alone = |command: &&Command| command.get_name() != "help" && !is_program(command.get_name());
    let mut pages = Vec::new();
    for command in front.get_subcommands().filter(is_alone) {
        let name = format!("genome-{}", command.get_name());
        let own = command.get_subcommands().filter(|command| command.get_name() != "help");
        pages.extend(own.map(|own| (format!("{name}-{}", own.get_name()), own.clone())));
        pages.push((name, command.clone()));
    }
    pages
}

fn replace(path: &Path, page: &[u8]) -> Result<(), Failure> {
    let destination = Destination::take(path, || tell_waiting("writes there")).map_err(|error| PAGE.at(path, &error))?;
    destination.replace(page).map_err(|error| PAGE.replacing(path, &error, "write the pages again"))
}

const PAGE: Unwritten =
    Unwritten { what: "the page", outcome: None, verb: "write the pages", otherwise: "name a directory for the pages" };
