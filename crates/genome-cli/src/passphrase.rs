use crate::{Failure, Finding};
use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Longer than anybody types.
const MOST_BYTES: usize = 4096;

/// Where a passphrase comes from that is not asked for on the terminal.
#[derive(Debug, Args)]
pub struct PassphraseArguments {
    /// Read the passphrase or the PIN from the first line of this file, instead of the terminal
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_fd")]
    passphrase_file: Option<PathBuf>,
    /// Read it from this file descriptor
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u16>,
}

impl PassphraseArguments {
    /// The passphrase: from where the command line says, or else from the terminal, without echo.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn ask(&self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        let (read, place) = match (&self.passphrase_file, self.passphrase_fd) {
            (Some(path), _) => (File::open(path).and_then(first_line), path.display().to_string()),
            (None, Some(number)) => (File::open(format!("/dev/fd/{number}")).and_then(first_line), format!("descriptor {number}")),
            (None, None) => (from_terminal(prompt), "the terminal".to_owned()),
        };
        read.map_err(|error| {
            let message = format!("{prompt} cannot be read from {place}: {error}");
            Failure::undecided(Finding::error(message, "run it in a terminal, or give --passphrase-file FILE or --passphrase-fd N"))
        })
    }
}

fn first_line(file: File) -> io::Result<Zeroizing<String>> {
    // With room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * MOST_BYTES));
    file.take(MOST_BYTES as u64).read_to_string(&mut text)?;
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    Ok(Zeroizing::new(text.get(..end).unwrap_or_default().to_owned()))
}

fn from_terminal(prompt: &str) -> io::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let before: Termios = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    write!(terminal, "{prompt}: ")?;
    let mut line = Zeroizing::new(vec![0; MOST_BYTES]);
    let read = terminal.read(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    writeln!(terminal)?;
    let line = line.get(..read?).unwrap_or_default();
    let text = std::str::from_utf8(line).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
