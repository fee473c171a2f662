//! Passphrases: from the terminal, a file or an open descriptor. Never from an argument or a variable, which others can read.

mod descriptor;
mod terminal;

use crate::secret_file::open_secret;
use crate::{Failure, Finding, Source, Stream, Use};
use clap::Args;
use descriptor::Descriptor;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::PathBuf;
use terminal::Terminal;
use zeroize::Zeroizing;

/// The longest passphrase, in bytes.
const MOST: usize = 1024;

/// The options that say where a passphrase comes from. Without them it is asked for on the terminal.
#[derive(Debug, Args)]
pub struct PassphraseArguments {
    /// Take the passphrase from the first line of FILE, which nobody but its owner may read, instead of asking for it
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
        self.given(what).unwrap_or_else(|| terminal(what, |terminal| terminal.ask(what)))
    }

    /// Asks for a new passphrase, twice on a terminal.
    ///
    /// # Errors
    /// There is no terminal to ask on, the two differ, or the input is not a passphrase that other programs can take.
    pub fn ask_new(&self, what: &str) -> Result<Zeroizing<String>, Failure> {
        let twice = |terminal: &mut Terminal| Ok((terminal.ask(what)?, terminal.ask("Repeat passphrase")?));
        let asked = || {
            let (first, second) = terminal(what, twice)?;
            if first == second { Ok(first) } else { Err(unusable("the two passphrases differ", "start again; nothing was made")) }
        };
        let passphrase = self.given(what).unwrap_or_else(asked)?;
        if passphrase.chars().any(char::is_control) {
            let hint = "leave it out: no terminal takes it, and other programs may not. A file with Windows line ends has one in each line";
            return Err(unusable("the passphrase holds a control character", hint));
        }
        Ok(passphrase)
    }

    /// The passphrase from the source that the command line names, if it names one.
    fn given(&self, what: &str) -> Option<Result<Zeroizing<String>, Failure>> {
        let file = match (&self.passphrase_fd, &self.passphrase_file) {
            (Some(descriptor), _) => Ok(descriptor.file()),
            (None, Some(path)) => open_secret(path, what).map(Into::into),
            (None, None) => return None,
        };
        Some(file.and_then(|file| first_line(&file).map_err(|error| refused(what, &error))))
    }
}

/// Reads what a person types, with the echo off.
fn terminal<T>(what: &str, ask: impl FnOnce(&mut Terminal) -> io::Result<T>) -> Result<T, Failure> {
    let mut terminal = Terminal::open().map_err(|error| {
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
        refused(what, &error)
    })
}

/// Reads the first line, into memory that does not grow and is wiped.
fn first_line(mut file: &File) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(vec![0; MOST + 1]);
    let mut length = 0;
    let end = loop {
        let Some(room @ [_, ..]) = line.get_mut(length..) else { return Err(too_long()) };
        match file.read(room) {
            Ok(0) => break length,
            Ok(read) => {
                let new = room.get(..read).unwrap_or_default();
                if let Some(end) = new.iter().position(|byte| *byte == b'\n') {
                    break length + end;
                }
                length += read;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    line.truncate(end);
    passphrase(line)
}

/// Converts the bytes to a passphrase, in place.
fn passphrase(mut bytes: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<String>> {
    if bytes.is_empty() {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is empty"));
    }
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text")
    })
}

fn too_long() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("it is longer than {MOST} bytes"))
}

fn refused(what: &str, error: &io::Error) -> Failure {
    unusable(format!("{what} cannot be used: {error}"), "it is one line of text that is not empty")
}

fn unusable(message: impl Into<String>, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek as _, Write as _};

    fn read(contents: &[u8]) -> Result<String, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(contents).unwrap();
        file.rewind().unwrap();
        first_line(&file).map(|line| line.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_line_is_the_passphrase() {
        for text in ["correct horse\n", "correct horse", "correct horse\nbattery\n"] {
            assert_eq!(read(text.as_bytes()).as_deref(), Ok("correct horse"));
        }
        assert_eq!(read(" é \r\n".as_bytes()).as_deref(), Ok(" é \r"), "as OpenSSL reads it");
    }

    #[test]
    fn what_is_no_passphrase_is_refused() {
        for empty in [&b""[..], b"\n", b"\nsecond\n"] {
            assert_eq!(read(empty), Err("it is empty".to_owned()));
        }
        assert_eq!(read(b"\xff\n"), Err("it is not UTF-8 text".to_owned()));
        assert_eq!(read(&[b'x'; MOST]).map(|line| line.len()), Ok(MOST));
        assert_eq!(read(&[&[b'x'; MOST][..], b"\n"].concat()).map(|line| line.len()), Ok(MOST));
        assert_eq!(read(&[b'x'; MOST + 1]), Err("it is longer than 1024 bytes".to_owned()));
    }

    #[test]
    fn a_line_that_comes_in_pieces_is_whole() {
        let (reader, mut writer) = io::pipe().unwrap();
        let writing = std::thread::spawn(move || {
            for piece in ["cor", "rect", " horse\nand more"] {
                writer.write_all(piece.as_bytes()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        });
        let file = File::from(std::os::fd::OwnedFd::from(reader));
        assert_eq!(first_line(&file).unwrap().as_str(), "correct horse");
        writing.join().unwrap();
    }
}
