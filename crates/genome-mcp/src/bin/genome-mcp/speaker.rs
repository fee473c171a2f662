//! Writing messages, one line at a time.

use crate::input::Steps;
use crate::until::{Until, Waiting};
use rustix::event::PollFlags;
use std::io::{self, IoSlice, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is written at once, in bytes: so much finds room in a pipe that has any (`PIPE_BUF` of Linux), so that no write waits.
const AT_ONCE: usize = 4096;

/// A stream to which messages are written by more than one thread.
#[derive(Debug)]
pub(crate) struct Speaker<W> {
    /// `None` once it is closed.
    output: Mutex<Option<W>>,
    until: Until,
    waiting: Mutex<Option<Waiting>>,
    steps: Steps,
    is_writing: AtomicBool,
}

impl<W: Write + AsFd> Speaker<W> {
    /// A stream whose reader is waited for as long.
    pub(crate) fn new(output: W, until: Until, steps: &Steps) -> Self {
        let waiting = Mutex::default();
        Self { output: Mutex::new(Some(output)), until, waiting, steps: Arc::clone(steps), is_writing: AtomicBool::new(false) }
    }

    /// A stream whose reader is waited for until it is closed.
    ///
    /// # Errors
    /// The process has too many files open.
    pub(crate) fn closable(output: W, steps: &Steps) -> io::Result<Self> {
        let (waiting, until) = Until::dropped()?;
        Ok(Self { waiting: Mutex::new(Some(waiting)), ..Self::new(output, until, steps) })
    }

    /// Writes a message and a line feed.
    ///
    /// # Errors
    /// Nobody reads it any more, or the stream is closed.
    pub(crate) fn say(&self, message: &str) -> io::Result<()> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let output = output.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        self.is_writing.store(true, Ordering::Relaxed);
        let said = self.write(output, message.as_bytes());
        self.is_writing.store(false, Ordering::Relaxed);
        said
    }

    fn write(&self, output: &mut W, mut message: &[u8]) -> io::Result<()> {
        let mut line_feed: &[u8] = b"\n";
        while !line_feed.is_empty() {
            let waited = self.until.wait(output, PollFlags::OUT)?;
            if waited.is_over || !waited.is_ready {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let (part, rest) = message.split_at_checked(AT_ONCE - 1).unwrap_or((message, &[]));
            let end = if rest.is_empty() { line_feed } else { &[] };
            match output.write_vectored(&[IoSlice::new(part), IoSlice::new(end)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.steps.fetch_add(1, Ordering::Relaxed);
                    line_feed = if written > part.len() { &[] } else { line_feed };
                    message = message.get(written.min(part.len())..).unwrap_or_default();
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
        output.flush()
    }

    /// Whether a message is being written, and its reader may be slow.
    pub(crate) fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }

    /// Closes the stream. A message that is being written is cut off.
    pub(crate) fn close(&self) {
        drop(self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take());
        drop(self.output.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, pipe};
    use std::thread;

    #[test]
    fn messages_are_whole_and_closing_waits_for_no_reader() {
        let (mut reader, writer) = pipe().unwrap();
        let speaker = Arc::new(Speaker::closable(writer, &Steps::default()).unwrap());
        let messages: Vec<String> =
            [0, 1, AT_ONCE - 2, AT_ONCE - 1, AT_ONCE, 3 * AT_ONCE].iter().map(|length| "x".repeat(*length)).collect();
        for message in &messages {
            speaker.say(message).unwrap();
        }
        // More than the pipe holds.
        let writing = Arc::clone(&speaker);
        let writing = thread::spawn(move || writing.say(&"y".repeat(1_000_000)).unwrap_err().kind());
        let mut text = vec![0; messages.concat().len() + messages.len()];
        reader.read_exact(&mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), messages.join("\n") + "\n");
        while !speaker.is_writing() {
            thread::yield_now();
        }
        speaker.close();
        assert_eq!(writing.join().unwrap(), io::ErrorKind::BrokenPipe);
        assert_eq!(speaker.say("z").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert!(rest.len() < 1_000_000 && rest.trim_matches('y').is_empty());
    }
}
