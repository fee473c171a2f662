use super::{MOST, passphrase, too_long};
use genome::Printable;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use zeroize::{Zeroize as _, Zeroizing};

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const CTRL_W: u8 = 0x17;
const DELETE: u8 = 0x7f;

/// The controlling terminal, with its echo off until this is dropped.
///
/// Its keys make no signals meanwhile, so that none of them ends the program before the echo is on again.
pub(super) struct Terminal {
    file: File,
    before: Termios,
}

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        // Each character as it comes (termios(3), noncanonical mode).
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        // From here on it is put back, also where it could be set in part.
        let terminal = Self { file, before };
        tcsetattr(&terminal.file, OptionalActions::Flush, &quiet)?;
        Ok(terminal)
    }

    /// Asks for a passphrase, which is not shown.
    pub(super) fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        self.file.write_all(format!("{}: ", Printable(prompt)).as_bytes())?;
        let line = self.line();
        self.file.write_all(b"\n")?;
        passphrase(line?)
    }

    /// A line as it is typed. Its memory does not grow.
    fn line(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(Vec::with_capacity(MOST));
        let mut byte = Zeroizing::new([0]);
        loop {
            self.file.read_exact(&mut *byte)?;
            let [key] = *byte;
            match key {
                b'\n' | b'\r' | CTRL_D => return Ok(line),
                CTRL_C => return Err(io::Error::new(ErrorKind::Interrupted, "it was not given")),
                CTRL_U | CTRL_W => line.zeroize(),
                BACKSPACE | DELETE => remove_character(&mut line),
                control if control.is_ascii_control() => {
                    return Err(io::Error::new(ErrorKind::InvalidData, "a key was pressed that gives no character"));
                }
                _ if line.len() == MOST => return Err(too_long()),
                other => line.push(other),
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What was typed and not read must not come to the shell. There is nothing to be done where it fails.
        let _ = tcsetattr(&self.file, OptionalActions::Flush, &self.before);
    }
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
