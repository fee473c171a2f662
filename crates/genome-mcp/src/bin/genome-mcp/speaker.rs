//! Writing messages, one line at a time.

use std::io::{self, IoSlice, Write};
use std::sync::{Mutex, PoisonError, TryLockError};

/// A stream to which messages are written by more than one thread; `None` once it is closed.
#[derive(Debug)]
pub(crate) struct Speaker<W>(Mutex<Option<W>>);

impl<W: Write> Speaker<W> {
    pub(crate) fn new(output: W) -> Self {
        Self(Mutex::new(Some(output)))
    }

    /// Writes a message and a line feed, as one write where the system takes it at once.
    ///
    /// # Errors
    /// Nobody reads it any more, or the stream is closed.
    pub(crate) fn say(&self, message: &str) -> io::Result<()> {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let output = output.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut slices = [IoSlice::new(message.as_bytes()), IoSlice::new(b"\n")];
        let mut rest = &mut slices[..];
        while !rest.is_empty() {
            match output.write_vectored(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut rest, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        output.flush()
    }

    /// Closes the stream, unless somebody is writing there: who does not read does not see the end either.
    pub(crate) fn close(&self) {
        match self.0.try_lock() {
            Ok(mut output) => drop(output.take()),
            Err(TryLockError::Poisoned(poisoned)) => drop(poisoned.into_inner().take()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}
