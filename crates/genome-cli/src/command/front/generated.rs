//! What packages install beside the programs: completions for shells, and pages for man(1). Both follow from the options.

use super::FrontArguments;
use crate::command::{diff, draft, keygen, merge, sign, verify};
use crate::{Exit, Failure, Finding, command_line, print, tell_waiting};
use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;
use genome_files::{Destination, ReplaceError};
use std::fs::create_dir_all;
use std::io;
use std::path::{Path, PathBuf};

/// Prints the completions for a shell
#[derive(Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    shell: CompletedShell,
    /// The program to complete
    #[arg(default_value = "genome", value_parser = PROGRAMS)]
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

const PROGRAMS: [&str; 7] =
    ["genome", "genome-diff", "genome-draft", "genome-keygen", "genome-merge", "genome-sign", "genome-verify"];

/// The command of a program, as its own name has it.
fn command(program: &str) -> Command {
    match program {
        "genome-diff" => command_line::<diff::DiffArguments>(),
        "genome-draft" => command_line::<draft::DraftArguments>(),
        "genome-keygen" => command_line::<keygen::KeygenArguments>(),
        "genome-merge" => command_line::<merge::MergeArguments>(),
        "genome-sign" => command_line::<sign::SignArguments>(),
        "genome-verify" => command_line::<verify::VerifyArguments>(),
        _ => command_line::<FrontArguments>(),
    }
}

pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let shell = match arguments.shell {
        CompletedShell::Bash => Shell::Bash,
        CompletedShell::Zsh => Shell::Zsh,
        CompletedShell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(&arguments.program), &arguments.program, &mut script);
    print(&script).map(|()| Exit::Done)
}

pub(crate) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    let directory = &arguments.directory;
    create_dir_all(directory).map_err(|error| unwritten(directory, &error))?;
    let programs = PROGRAMS.map(|program| (program.to_owned(), command(program)));
    for (name, command) in programs.into_iter().chain(commands_alone()) {
        let mut page = Vec::new();
        let manual = clap_mangen::Man::new(command.disable_help_subcommand(true));
        let path = directory.join(format!("{name}.1"));
        let written = manual.render(&mut page).and_then(|()| replace(&path, &page));
        written.map_err(|error| unwritten(&path, &error))?;
    }
    Ok(Exit::Done)
}

/// The commands that are no programs of their own, and their own commands: they have pages as those of git do, such as `genome-trust-new`.
fn commands_alone() -> Vec<(String, Command)> {
    // Nobody looks for a page of `help`.
    let mut front = command_line::<FrontArguments>().mut_subcommands(|command| command.disable_help_subcommand(true));
    front.build();
    let is_alone =
        |command: &&Command| command.get_name() != "help" && !PROGRAMS.contains(&format!("genome-{}", command.get_name()).as_str());
    let mut pages = Vec::new();
    for command in front.get_subcommands().filter(is_alone) {
        let name = format!("genome-{}", command.get_name());
        let own = command.get_subcommands().filter(|command| command.get_name() != "help");
        pages.extend(own.map(|own| (format!("{name}-{}", own.get_name()), own.clone())));
        pages.push((name, command.clone()));
    }
    pages
}

fn replace(path: &Path, page: &[u8]) -> io::Result<()> {
    let destination = Destination::take(path, || tell_waiting("writes there"))?;
    destination.replace(page).map_err(|error| match error {
        ReplaceError::Unchanged(error) | ReplaceError::Unsettled(error) => error,
    })
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let finding = Finding::error(format!("cannot write it: {error}"), "name a directory that this user may write to");
    Failure::undecided(finding.at(path))
}
