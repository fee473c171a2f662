//! Asking for a passphrase on the terminal, without echo.

use crate::terminal::listed;
use crate::terminal::{ControllingTerminal, HeldSignals, input_ended};
use genome_files::{LONGEST_SECRET_LINE, SecretLineError, secret_line};
use genome_json::text::Printable;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{self, ErrorKind, Read as _};
use zeroize::{Zeroize as _, Zeroizing};

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const CTRL_W: u8 = 0x17;
const DELETE: u8 = 0x7f;

/// The controlling terminal, with its echo off until this is dropped.
///
/// Its keys make no signals meanwhile, and those that others send wait, so that none ends the program before the echo is on again.
///
/// By hand, as `rpassword` 7.5.4 was tried: it takes what was typed before it asked for the passphrase, leaves to the shell what is typed
/// after it, and drops control characters without a word, so that the passphrase is another than what was pasted.
pub(super) struct Terminal {
    tty: ControllingTerminal,
    before: Termios,
    quiet: Termios,
    /// Dropped after the echo is on again. `None` only for a moment.
    held: Option<HeldSignals>,
    /// Whether what comes next belongs to the line that is asked for.
    is_within_line: bool,
}

/// What becomes of that which was typed before a passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// It was meant for the shell, and is shown.
    Shown,
    /// It may be a passphrase, and is only counted.
    Counted,
}

impl Terminal {
    /// Opens it, and takes what was typed ahead, which is not the passphrase that is asked for.
    pub(super) fn open(ahead: Ahead) -> io::Result<Self> {
        let tty = ControllingTerminal::open()?;
        let before = tcgetattr(tty.file())?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        // Each character as it comes (termios(3), noncanonical mode).
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        // What came before the echo is off was meant for the shell. What comes after may be a passphrase already: it is only counted.
        let shown = if ahead == Ahead::Shown { tty.take_waiting()? } else { Vec::new() };
        let held = Some(HeldSignals::hold()?);
        // From here on it is put back, also where it could be set in part.
        let terminal = Self { tty, before, quiet, held, is_within_line: false };
        tcsetattr(terminal.tty.file(), OptionalActions::Now, &terminal.quiet)?;
        let late = terminal.count_typed_ahead()?;
        if let Some(listed) = listed(&shown) {
            terminal.show(&format!("typed or pasted before this was asked for, so it was not run:\n{listed}"))?;
        }
        terminal.report_unshown(late, "before this was asked for")?;
        Ok(terminal)
    }

    /// Asks for a passphrase, which is not shown.
    pub(super) fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        self.ask_or_none(prompt)?.ok_or_else(|| unfit(&SecretLineError::Empty))
    }

    /// Asks for a passphrase, which is not shown; an empty line is `None`.
    pub(super) fn ask_or_none(&mut self, prompt: &str) -> io::Result<Option<Zeroizing<String>>> {
        self.show(&format!("{}: ", Printable(prompt)))?;
        let line = self.line();
        self.show("\n")?;
        match secret_line(&line?) {
            Err(SecretLineError::Empty) => Ok(None),
            line => line.map(Some).map_err(|error| unfit(&error)),
        }
    }

    /// Keeps from the shell what was typed or pasted after the passphrase, and reports only how much that was: it may be part of a
    /// passphrase.
    pub(super) fn withhold_rest(&self) -> io::Result<()> {
        let rest = self.count_typed_ahead()?;
        self.report_unshown(rest, "after it")
    }

    fn show(&self, text: &str) -> io::Result<()> {
        self.tty.show(text)
    }

    /// Takes what was typed ahead. Returns how many lines there were that are not empty, without the rest of one that was asked for.
    fn count_typed_ahead(&self) -> io::Result<usize> {
        let mut is_within_asked = self.is_within_line;
        let mut is_within_line = false;
        let mut lines = 0;
        self.tty.each_typed_ahead(|piece| {
            for &byte in piece {
                let is_end = matches!(byte, b'\n' | b'\r');
                if !is_end && !is_within_asked && !is_within_line {
                    lines += 1;
                }
                is_within_line = !is_end;
                is_within_asked &= !is_end;
            }
        })?;
        Ok(lines)
    }

    fn report_unshown(&self, lines: usize, when: &str) -> io::Result<()> {
        let (lines, verb) = match lines {
            0 => return Ok(()),
            1 => ("1 line".to_owned(), "was"),
            many => (format!("{many} lines"), "were"),
        };
        self.show(&format!("{lines} {verb} typed or pasted {when}, and {verb} not run; not shown, as a passphrase may be in it\n"))
    }

    /// Waits for a key. A signal that comes first does what it does with the echo on: it ends the program, or stops it until it goes on.
    fn wait(&mut self) -> io::Result<()> {
        while let Some(held) = &self.held
            && !held.wait_for(self.tty.file())?
        {
            tcsetattr(self.tty.file(), OptionalActions::Now, &self.before)?;
            // It ends here, unless the signal is ignored.
            self.held = None;
            self.held = Some(HeldSignals::hold()?);
            tcsetattr(self.tty.file(), OptionalActions::Now, &self.quiet)?;
        }
        Ok(())
    }

    /// A line as it is typed. Its memory does not grow.
    fn line(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_SECRET_LINE));
        let mut byte = Zeroizing::new([0]);
        self.is_within_line = true;
        loop {
            self.wait()?;
            self.tty.file().read_exact(&mut *byte).map_err(|error| {
                // Nobody presses a key any more.
                if error.kind() == ErrorKind::UnexpectedEof { input_ended() } else { error }
            })?;
            let [key] = *byte;
            match key {
                // As on a line with the echo on: what was typed before it is a line.
                CTRL_D if line.is_empty() => {
                    self.is_within_line = false;
                    return Err(input_ended());
                }
                b'\n' | b'\r' | CTRL_D => {
                    self.is_within_line = false;
                    return Ok(line);
                }
                CTRL_C => return Err(io::Error::new(ErrorKind::Interrupted, "it was not given")),
                CTRL_U | CTRL_W => line.zeroize(),
                BACKSPACE | DELETE => remove_character(&mut line),
                control if control.is_ascii_control() => {
                    return Err(io::Error::new(ErrorKind::InvalidData, "a key was pressed that gives no character"));
                }
                _ if line.len() == LONGEST_SECRET_LINE => return Err(unfit(&SecretLineError::TooLong)),
                other => line.push(other),
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A key that is pressed at this very moment must not come to the shell. There is nothing to be done where it fails.
        let _ = tcsetattr(self.tty.file(), OptionalActions::Flush, &self.before);
    }
}

fn unfit(error: &SecretLineError) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("it {error}"))
}

/// Takes away the last character, of one to four bytes of UTF-8.
fn remove_character(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

/// Does what the terminal would have done when Ctrl-C was typed: all programs of the job are interrupted, among them this one.
pub(super) fn interrupt() {
    // Where it fails, or the signal is ignored, the program ends with an error.
    let _ = kill_current_process_group(Signal::INT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_taken_away_whole() {
        let mut line = "aé😀".as_bytes().to_vec();
        for rest in ["aé", "a", "", ""] {
            remove_character(&mut line);
            assert_eq!(line, rest.as_bytes());
        }
    }
}
