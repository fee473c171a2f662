//! A stream that is read until it ends, or until nobody wants more of it.

use crate::until::{Until, Waited, is_ready};
use rustix::event::PollFlags;
use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much is read of what is there when the waiting ends, in bytes, before the writer is cut off once more: as much as a pipe holds.
const PART: usize = 64 * 1024;

/// How often the writer is cut off. Who goes on writing all the same is not read for ever.
const CUTS: usize = 32;

/// How often something was read or written.
pub(crate) type Steps = Arc<AtomicU64>;

/// How many bytes were read.
pub(crate) type Bytes = Arc<AtomicU64>;

/// A stream that can be cut off from those who write to it.
pub(crate) trait Cut: AsFd + Sized {
    /// Sees to it that what is written from now on fails, if that can be had. Returns whether anything is left that was written before.
    ///
    /// # Errors
    /// The system denies it.
    fn cut(&mut self) -> io::Result<bool> {
        is_ready(self)
    }
}

/// Nobody waits for an answer to what a server writes.
impl Cut for PipeReader {}

/// Who is told that there is no server is told so for a while.
impl Cut for File {}

/// A stream that is read until it ends, or is no longer waited for; then what is there is still read.
#[derive(Debug)]
pub(crate) struct Input<R> {
    stream: R,
    until: Until,
    steps: Steps,
    bytes: Bytes,
    /// How much is read before the next cut, once nobody waits any more.
    left: usize,
    cuts: usize,
}

impl<R: Read + Cut> Input<R> {
    pub(crate) fn new(stream: R, until: Until, steps: &Steps) -> Self {
        Self { stream, until, steps: Arc::clone(steps), bytes: Bytes::default(), left: 0, cuts: CUTS }
    }

    /// Counts here how many bytes are read.
    pub(crate) fn counted(self, bytes: Bytes) -> Self {
        Self { bytes, ..self }
    }

    /// Whether nothing is left of a stream that is no longer waited for. It is cut off at first, so that its writer stops, and again when it seems to be
    /// empty or goes on: something may have been written in between.
    fn is_done(&mut self, is_ready: bool) -> io::Result<bool> {
        if is_ready && self.left > 0 {
            return Ok(false);
        }
        let is_done = self.cuts == 0 || !self.stream.cut()?;
        (self.cuts, self.left) = if is_done { (0, 0) } else { (self.cuts - 1, PART) };
        Ok(is_done)
    }
}

impl<R: Read + Cut> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Waited { is_ready, is_over } = self.until.wait(&self.stream, PollFlags::IN)?;
            if is_over && self.is_done(is_ready)? {
                return Ok(0);
            }
            let room = if is_over { self.left } else { usize::MAX };
            let most = buffer.len().min(room);
            let buffer = buffer.get_mut(..most).unwrap_or_default();
            match self.stream.read(buffer) {
                // Whoever shares the stream may have it not wait, and may have been faster.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    self.steps.fetch_add(1, Ordering::Relaxed);
                    let count = *read.as_ref().unwrap_or(&0);
                    self.bytes.fetch_add(count.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
                    if is_over {
                        self.left -= count;
                    }
                    return read;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Write as _, pipe};
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_there_is_read_when_the_waiting_ends() {
        let (reader, mut writer) = pipe().unwrap();
        let (waiting, until) = Until::dropped().unwrap();
        let steps = Steps::default();
        let mut input = Input::new(reader, until, &steps);
        let mut buffer = [0; 4];
        writer.write_all(b"abcdef").unwrap();
        assert_eq!((input.read(&mut buffer).unwrap(), &buffer), (4, b"abcd"));
        drop(waiting);
        assert_eq!((input.read(&mut buffer).unwrap(), &buffer), (2, b"efcd"));
        // The writer is there still.
        assert_eq!(input.read(&mut buffer).unwrap(), 0);
        assert_eq!(steps.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn who_goes_on_writing_is_not_read_for_ever() {
        let zeros = File::open("/dev/zero").unwrap();
        let (waiting, until) = Until::dropped().unwrap();
        let mut input = Input::new(zeros, until, &Steps::default());
        drop(waiting);
        assert_eq!(io::copy(&mut input, &mut io::sink()).unwrap(), u64::try_from(CUTS * PART).unwrap());
        let (reader, _writer) = pipe().unwrap();
        let end = Instant::now() + Duration::from_millis(20);
        assert_eq!(Input::new(reader, Until::Time(end), &Steps::default()).read(&mut [0; 4]).unwrap(), 0);
        assert!(Instant::now() >= end);
    }
}
