//! A command that is a program of its own, as with git: `genome server` runs `genome-server`.

use super::{ELSEWHERE, FrontArguments};
use crate::{Exit, Failure, Finding, tell};
use anstream::ColorChoice;
use clap::{CommandFactory as _, error::ErrorKind};
use genome_json::text::{BarePath, Quoted};
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Becomes the program `genome-X`, which is beside this one or in `PATH`. Returns only where that fails.
pub(crate) fn run(words: &[OsString]) -> Failure {
    let Some((name, arguments)) = words.split_first() else { return Failure::silent(Exit::Undecided) };
    let Some(program) = found(name) else { return unknown(name) };
    let mut command = Command::new(&program);
    // What the options in front of the command say of colour, as a program that is not ours understands it.
    let said = match ColorChoice::global() {
        ColorChoice::Auto => None,
        ColorChoice::Never => Some(("NO_COLOR", "FORCE_COLOR")),
        ColorChoice::Always | ColorChoice::AlwaysAnsi => Some(("FORCE_COLOR", "NO_COLOR")),
    };
    if let Some((set, unset)) = said {
        command.env(set, "1").env_remove(unset);
    }
    let error = command.args(arguments).exec();
    let message = format!("cannot run {}: {error}", BarePath(&program));
    Failure::undecided(Finding::error(message, "see whether it can be run, and for this machine"))
}

/// The program of this command. A name with a slash would leave these directories.
fn found(name: &OsStr) -> Option<PathBuf> {
    if name.is_empty() || Path::new(name).file_name() != Some(name) {
        return None;
    }
    let mut file = OsString::from("genome-");
    file.push(name);
    let beside = env::current_exe().ok().and_then(|path| path.parent().map(Path::to_owned));
    let path = env::var_os("PATH").unwrap_or_default();
    // An empty entry of PATH is the working directory, where a stranger may have put a program.
    let directories = beside.into_iter().chain(env::split_paths(&path).filter(|directory| directory.is_absolute()));
    directories.map(|directory| directory.join(&file)).find(|candidate| candidate.is_file())
}

/// The parser's own words where no such program is found: it knows which command may be meant.
fn unknown(name: &OsStr) -> Failure {
    // Without the rule that any word is a command.
    let commands = FrontArguments::command().get_subcommands().cloned().collect::<Vec<_>>();
    let parser = clap::Command::new("genome").subcommand_required(true).disable_help_subcommand(true).subcommands(commands);
    // They may be meant, too, wherever their programs are.
    let parser = parser.subcommands(ELSEWHERE.map(|(name, _)| clap::Command::new(name)));
    let shown = Quoted(&name.to_string_lossy()).to_string();
    let is_plain = shown == format!("`{}`", name.to_string_lossy());
    match parser.try_get_matches_from([OsStr::new("genome"), name]).err() {
        Some(error) if is_plain && error.kind() == ErrorKind::InvalidSubcommand => {
            tell(&error.render().to_string());
            Failure::silent(Exit::Undecided)
        }
        None if ELSEWHERE.iter().any(|(elsewhere, _)| name == *elsewhere) => {
            let message = format!("the program genome-{} is neither beside this one nor in PATH", name.display());
            Failure::undecided(Finding::error(message, "install it, or name its directory in PATH"))
        }
        _ => {
            let message = format!("there is no command {shown}");
            Failure::undecided(Finding::error(message, "`genome help` lists the commands"))
        }
    }
}
