//! Reads the command line, and repeats nothing harmful of it.

use crate::report::settle_for;
use crate::{DisplayArguments, Exit, Failure, Finding, Paint, print, tell};
use clap::builder::Resettable;
use clap::{Args as _, Command, FromArgMatches as _, Parser};
use genome_json::text::{Printable, Quoted};
use std::ffi::OsString;
use std::io;

/// Reads the command line. Prints help, version and errors.
pub(crate) fn parse<T: Parser>() -> Result<T, Failure> {
    parse_from(&std::env::args_os().collect::<Vec<_>>())
}

/// Reads these words as a command line.
pub(crate) fn parse_from<T: Parser>(arguments: &[OsString]) -> Result<T, Failure> {
    // Before anything is printed, as an error of the command line is.
    settle_for(arguments);
    // The parser's errors repeat what they refuse, and logs keep them.
    if arguments.iter().any(|argument| genome_json::bytes_hold_private_key(argument.as_encoded_bytes())) {
        let hint = "the key is compromised, as other users and the shell's history have seen it: make a new one with genome-keygen, and give it in GENOME_SIGNING_PRIVATE_KEY";
        return Err(Failure::undecided(Finding::error("a private key stands on the command line", hint)));
    }
    try_parse::<T>(arguments).map_err(|error| {
        if error.exit_code() != 0 {
            tell(&as_typed::<T>(refused(&error, arguments) + &missing_dashes(&T::command(), arguments), arguments));
            return Failure::silent(Exit::Undecided);
        }
        let help = error.render();
        let help = if Paint::on(&io::stdout()).is_coloured() { help.ansi().to_string() } else { help.to_string() };
        // Help that cannot be printed is not a success.
        print(as_typed::<T>(help, arguments).as_bytes()).err().unwrap_or(Failure::silent(Exit::Done))
    })
}

/// The command line of a program, with the options that all of them have.
#[must_use]
pub fn command_line<T: Parser>() -> Command {
    let command = T::command();
    // Otherwise the help would begin with what these options are for.
    let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
    DisplayArguments::augment_args(command).about(Resettable::from(about)).long_about(Resettable::from(long_about))
}

fn try_parse<T: Parser>(arguments: &[OsString]) -> Result<T, clap::Error> {
    let mut command = command_line::<T>();
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    let parsed = DisplayArguments::from_arg_matches_mut(&mut matches).map(DisplayArguments::settle);
    parsed.and_then(|()| T::from_arg_matches_mut(&mut matches)).map_err(|error| error.format(&mut command))
}

/// A tip where another program's command line has no `--` before it: the parser's own is about a single word of it.
fn missing_dashes(command: &Command, arguments: &[OsString]) -> String {
    let named = |name: &str| arguments.iter().skip(1).any(|argument| argument == name);
    let command = command.get_subcommands().find(|inner| named(inner.get_name())).unwrap_or(command);
    match command.get_positionals().find(|positional| positional.is_last_set()).and_then(|last| last.get_value_names()) {
        Some([name, ..]) if !named("--") => format!("  tip: all of {name} follows `--`, as in `-- {name}`\n"),
        _ => String::new(),
    }
}

/// What the parser says of one command of `genome`, with its name as it was typed there: `genome sign`, and not `genome-sign`.
fn as_typed<T: Parser>(text: String, arguments: &[OsString]) -> String {
    let command = T::command();
    // Options can stand before it.
    let named = |argument: &OsString| command.get_subcommands().map(Command::get_name).find(|name| argument == name);
    let Some(name) = arguments.iter().skip(1).find_map(named) else { return text };
    let (program, typed) = (format!("genome-{name}"), format!("genome {name}"));
    // A format, such as genome-diff.v0.1, keeps its name.
    text.replace(&program, &typed).replace(&format!("{typed}.v"), &format!("{program}.v"))
}

/// The error about the command line. It repeats arguments, which may come from a stranger, as the names of files do: an argument is quoted
/// where not all of it shows or it has white space, which could set it like a report, or a CI system could take it for a command.
fn refused(error: &clap::Error, arguments: &[OsString]) -> String {
    let rendered = error.render();
    let mut text = rendered.to_string();
    let mut is_plain = true;
    for argument in arguments {
        let argument = argument.to_string_lossy();
        // An option and its value are repeated apart.
        let value = argument.split_once('=').map(|(_, value)| value);
        for given in [Some(&*argument), value].into_iter().flatten() {
            let is_command = given.starts_with("::") || given.contains("##");
            let is_hidden = is_command || given.chars().any(Printable::escapes);
            // As the parser quotes it.
            let marked = format!("'{given}'");
            let shown = if text.contains(&marked) && (is_hidden || given.contains(char::is_whitespace)) {
                marked.as_str()
            } else if is_hidden && text.contains(given) {
                given
            } else {
                continue;
            };
            is_plain = false;
            text = text.replace(shown, &Quoted(given).to_string());
        }
    }
    if is_plain && Paint::on(&io::stderr()).is_coloured() { rendered.ansi().to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Arguments {
        #[arg(long)]
        number: Option<u8>,
    }

    #[test]
    fn what_is_refused_begins_no_line_and_is_no_command() {
        for (argument, shown) in [
            ("--x\n::error::hi", "`--x\\u{a}::error::hi`"),
            ("--number=##vso[task.complete]", "`#\\u{23}vso[task.complete]`"),
            ("--number=\u{202e}1", "`\\u{202e}1`"),
            ("--number=1  trust", "invalid value `1  trust` for"),
            ("--number= ", "invalid value ` ` for"),
        ] {
            let arguments = ["program".into(), OsString::from(argument)];
            let text = refused(&Arguments::try_parse_from(&arguments).unwrap_err(), &arguments);
            assert!(text.contains(shown), "{argument:?}: {text}");
            assert!(!text.contains("##") && !text.contains('\u{202e}') && !text.contains("\n::"), "{argument:?}: {text}");
        }
    }
}
