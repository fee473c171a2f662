//! Passphrases: from the terminal, a file or an open descriptor. Never from an argument or a variable, which others can read.

mod descriptor;
mod terminal;

use crate::secret_file::open_secret;
use crate::{Failure, Finding, Source, Stream, Use};
use clap::Args;
use descriptor::Descriptor;
use genome_files::{SecretLineError, read_secret_line};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use terminal::{Ahead, Terminal};
use zeroize::Zeroizing;

/// How often a new passphrase is asked for.
const MOST_TRIES: usize = 3;

/// The options that say where a passphrase comes from. Without them it is asked for on the terminal.
#[derive(Debug, Args)]
pub struct PassphraseArguments {
    /// Take the passphrase from the one line of FILE, which nobody but its owner may read, instead of asking for it
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take the passphrase from the first line of the open file descriptor N, where 0 is standard input
    #[arg(long, value_name = "N", conflicts_with = "passphrase_file")]
    passphrase_fd: Option<Descriptor>,
}

impl PassphraseArguments {
    /// Whether the command line says where the passphrase comes from.
    #[must_use]
    pub fn are_given(&self) -> bool {
        self.passphrase_file.is_some() || self.passphrase_fd.is_some()
    }

    /// What standard input is for, if the passphrase comes from it.
    #[must_use]
    pub fn uses_stdin(&self) -> Option<Use> {
        self.passphrase_fd.as_ref().is_some_and(Descriptor::is_stdin).then(|| Use::of(Stream::Input, "the passphrase"))
    }

    /// Refuses a document on standard input where the passphrase comes from there.
    ///
    /// # Errors
    /// Both are to come from standard input.
    pub fn leave_stdin_to(&self, document: &Source) -> Result<(), Failure> {
        if *document == Source::Stdin && self.passphrase_fd.as_ref().is_some_and(Descriptor::is_stdin) {
            let message = "standard input cannot give both the passphrase and the document";
            return Err(Failure::undecided(Finding::error(
                message,
                "give the passphrase on another descriptor: --passphrase-fd 3 3< FILE",
            )));
        }
        Ok(())
    }

    /// Asks for the passphrase or PIN of something that exists. `what`, such as "the passphrase of `key.pem`", is also the prompt.
    ///
    /// # Errors
    /// There is no terminal to ask on, or the input is not a passphrase.
    pub fn ask(&self, what: &str) -> Result<Zeroizing<String>, Failure> {
        self.given(what).unwrap_or_else(|| terminal(what, Ahead::Shown, |terminal| terminal.ask(what)))
    }

    /// Asks once more, as what was given before is wrong. What was typed meanwhile is not shown: it may be the passphrase.
    ///
    /// # Errors
    /// As for [`ask`](Self::ask).
    pub fn ask_again(&self, what: &str) -> Result<Zeroizing<String>, Failure> {
        self.given(what).unwrap_or_else(|| terminal(what, Ahead::Counted, |terminal| terminal.ask(what)))
    }

    /// Asks for a new passphrase, twice on a terminal.
    ///
    /// # Errors
    /// There is no terminal to ask on, the two differ each time, or the input is not a passphrase that other programs can take.
    pub fn ask_new(&self, what: &str) -> Result<Zeroizing<String>, Failure> {
        let none = || unusable(format!("{what} cannot be used: it is empty"), SecretLineError::Empty.hint());
        let ask = |terminal: &mut Terminal| twice(terminal, what).map(|typed| typed.and_then(|typed| typed.ok_or_else(none)));
        let asked = || terminal(what, Ahead::Shown, ask)?;
        without_controls(self.given(what).unwrap_or_else(asked)?)
    }

    /// Asks for a new passphrase too, but of a person who may want none, which is an empty line and `None`. What was typed meanwhile is not shown: other
    /// questions came before this one.
    ///
    /// # Errors
    /// As for [`ask_new`](Self::ask_new).
    #[cfg(feature = "init")]
    pub(crate) fn ask_new_or_none(&self, what: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let asked = || terminal(what, Ahead::Counted, |terminal| twice(terminal, &format!("{what} (Enter for none)")))?;
        let given = self.given(what).map(|given| given.map(Some));
        given.unwrap_or_else(asked)?.map(without_controls).transpose()
    }

    /// The passphrase from the source that the command line names, if it names one.
    fn given(&self, what: &str) -> Option<Result<Zeroizing<String>, Failure>> {
        let file = match (&self.passphrase_fd, &self.passphrase_file) {
            (Some(descriptor), _) => Ok(descriptor.file()),
            (None, Some(path)) => open_secret(path, what).map(Into::into),
            (None, None) => return None,
        };
        Some(file.and_then(|file| {
            read_secret_line(&file).map_err(|error| {
                let message = format!("{what} cannot be used: it {error}");
                let finding = Finding::error(message, error.hint());
                Failure::undecided(match &self.passphrase_file {
                    Some(path) => finding.at(path),
                    None => finding,
                })
            })
        }))
    }
}

/// Asks for a new passphrase until it is typed twice alike; an empty line is none.
fn twice(terminal: &mut Terminal, what: &str) -> io::Result<Result<Option<Zeroizing<String>>, Failure>> {
    let mut prompt = what.to_owned();
    for next in 2..=MOST_TRIES + 1 {
        let first = terminal.ask_or_none(&prompt)?;
        if first.is_none() || first == terminal.ask_or_none("Repeat passphrase")? {
            return Ok(Ok(first));
        }
        prompt = format!("{what} (the two differ; try {next} of {MOST_TRIES})");
    }
    Ok(Err(unusable("the two passphrases differ", "start again; nothing was made")))
}

fn without_controls(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if passphrase.chars().any(char::is_control) {
        let hint = "leave it out: no terminal takes it, and other programs may not";
        return Err(unusable("the passphrase holds a control character", hint));
    }
    Ok(passphrase)
}

/// Reads what a person types, with the echo off.
fn terminal<T>(what: &str, ahead: Ahead, ask: impl FnOnce(&mut Terminal) -> io::Result<T>) -> Result<T, Failure> {
    let mut terminal = Terminal::open(ahead).map_err(|error| {
        let message = format!("there is no terminal on which to ask for {what}: {error}");
        Failure::undecided(Finding::error(message, "give it with --passphrase-file FILE or --passphrase-fd N"))
    })?;
    let asked = ask(&mut terminal);
    // Where the terminal has gone, nobody is there to read it.
    let _ = terminal.withhold_rest();
    // Whatever comes next, the echo is on again.
    drop(terminal);
    asked.map_err(|error| {
        if error.kind() == ErrorKind::Interrupted {
            terminal::interrupt();
        }
        if error.kind() == ErrorKind::UnexpectedEof {
            return unusable(
                format!("{what} was not given: {error}"),
                "type it and press Enter; in scripts, --passphrase-file FILE gives it",
            );
        }
        unusable(format!("{what} cannot be used: {error}"), "it is one line of text that is not empty")
    })
}

fn unusable(message: impl Into<String>, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, hint))
}
