//! `genome help`: what a command does, or what a code means.

use super::{Command, FrontArguments, external};
use crate::explanation::page;
use crate::run::parse_from;
use crate::{Exit, Failure, Finding, StandardStreams, Stream, Use, print};
use clap::Args;
use genome::Code;
use genome_json::text::Quoted;
use std::ffi::OsString;

/// Explains a command, or what a code means
#[derive(Args)]
pub(crate) struct HelpArguments {
    /// The command or the code. Without one, the commands are listed
    topic: Vec<OsString>,
}

impl StandardStreams for HelpArguments {
    fn uses(&self) -> Vec<Use> {
        vec![Use::of(Stream::Output, "the help")]
    }
}

pub(crate) fn execute(arguments: &HelpArguments) -> Result<Exit, Failure> {
    if let [topic] = arguments.topic.as_slice()
        && let Some(topic) = topic.to_str()
    {
        if let Some(code) = Code::named(topic) {
            return print(page(code).as_bytes()).map(|()| Exit::Done);
        }
        if let Some(meant) = Code::resembling(topic) {
            let finding = Finding::error(format!("there is no code {}", Quoted(topic)), format!("did you mean {meant}?"));
            return Err(Failure::undecided(finding));
        }
    }
    // As `genome COMMAND --help` does; the list of the commands is short, so that it fits a screen.
    let asked = if arguments.topic.is_empty() { "-h" } else { "--help" };
    let words = [OsString::from("genome")].into_iter().chain(arguments.topic.iter().cloned()).chain([OsString::from(asked)]);
    match parse_from::<FrontArguments>(&words.collect::<Vec<_>>())?.command {
        Command::External(words) => Err(external::run(&words)),
        // The parser prints help, and returns no arguments.
        _ => Err(Failure::silent(Exit::Undecided)),
    }
}
