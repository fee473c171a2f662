//! The terminal from which a program was started, on which a person is asked and answers.
//!
//! Its modes are set with `rustix`. What was typed ahead is taken by hand: `console` 0.16.6 and `rpassword` 7.5.4 read it as the answer.

use crate::Paint;
use nix::sys::signal::{SigSet, Signal};
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::thread::sleep;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the input must pause before typed or pasted text counts as complete. Nobody answers faster.
const SETTLED: Duration = Duration::from_millis(120);

/// More than anybody pastes.
const MOST: usize = 4 * 1024 * 1024;

/// The longest line of an answer. The kernel's own limit is 4096 bytes.
const MOST_OF_LINE: u64 = 8 * 1024;

/// What no more input is, as at Ctrl-D on an empty line.
pub(crate) fn input_ended() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the input ended (Ctrl-D)")
}

/// The terminal that controls this process.
pub(crate) struct ControllingTerminal(File);

impl ControllingTerminal {
    /// Opens it, whatever the standard streams are.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn open() -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open("/dev/tty").map(Self)
    }

    /// Shows a text, wrapped to the width of the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(crate) fn show(&self, text: &str) -> io::Result<()> {
        (&self.0).write_all(Paint::on(&self.0).wrap(text).as_bytes())
    }

    /// Returns the next line that is typed and edited on the terminal.
    ///
    /// # Errors
    /// The input has ended ([`ErrorKind::UnexpectedEof`]), or the terminal is gone.
    pub(crate) fn line(&self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let read = BufReader::new((&self.0).take(MOST_OF_LINE)).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            // What is said of it stands on a line of its own.
            let _ = self.show("\n");
        }
        if read? == 0 { Err(input_ended()) } else { Ok(line) }
    }

    /// The terminal itself.
    pub(crate) fn file(&self) -> &File {
        &self.0
    }

    /// Takes all that was typed before now, once nothing more comes.
    ///
    /// # Errors
    /// The terminal is gone, or its input does not end.
    pub(crate) fn take_typed_ahead(&self) -> io::Result<Vec<u8>> {
        let mut taken = Vec::new();
        self.each_typed_ahead(|piece| taken.extend_from_slice(piece))?;
        Ok(taken)
    }

    /// Takes it a piece at a time, and keeps none of it.
    pub(crate) fn each_typed_ahead(&self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut taken = self.each_waiting(&mut take)?;
        loop {
            sleep(SETTLED);
            let more = self.each_waiting(&mut take)?;
            if more == 0 {
                return Ok(());
            }
            taken += more;
            if taken > MOST {
                return Err(io::Error::new(ErrorKind::InvalidData, "what is typed there does not end"));
            }
        }
    }

    /// Takes what can be read now, and waits for nothing. Where another program has the terminal, that is nothing.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(crate) fn take_waiting(&self) -> io::Result<Vec<u8>> {
        let mut taken = Vec::new();
        self.each_waiting(&mut |piece| taken.extend_from_slice(piece))?;
        Ok(taken)
    }

    /// Takes it a piece at a time. Returns how many bytes there were.
    fn each_waiting(&self, take: &mut impl FnMut(&[u8])) -> io::Result<usize> {
        if !self.is_in_foreground() {
            return Ok(0);
        }
        let before = tcgetattr(&self.0)?;
        let mut raw = before.clone();
        // Otherwise a line whose end has not come could not be read, nor one that a shell's editor let end with a carriage return.
        raw.local_modes.remove(LocalModes::ICANON);
        // Without waiting (termios(3), noncanonical mode).
        raw.special_codes[SpecialCodeIndex::VMIN] = 0;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        // No signal ends or stops the program before the terminal is as it was.
        let signals: SigSet = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGTSTP, Signal::SIGTTOU]
            .into_iter()
            .collect();
        let masked = SigSet::thread_get_mask()?;
        signals.thread_block()?;
        let read = tcsetattr(&self.0, OptionalActions::Now, &raw).map_err(io::Error::from).and_then(|()| self.read_waiting(take));
        let restored = tcsetattr(&self.0, OptionalActions::Now, &before);
        masked.thread_set_mask()?;
        restored?;
        read
    }

    fn read_waiting(&self, take: &mut impl FnMut(&[u8])) -> io::Result<usize> {
        let mut taken = 0;
        // It may be a part of a passphrase.
        let mut piece = Zeroizing::new([0; 4096]);
        while taken <= MOST {
            match (&self.0).read(&mut *piece) {
                Ok(0) => break,
                Ok(read) => {
                    take(piece.get(..read).unwrap_or_default());
                    taken += read;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    /// Whether this process may read there: what it types is for whoever is in the foreground.
    fn is_in_foreground(&self) -> bool {
        tcgetpgrp(&self.0).is_ok_and(|group| group == getpgrp())
    }
}
