//! A stream that is read until it ends, or until nobody wants more of it.

use crate::until::{Until, Waited};
use rustix::event::PollFlags;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much is read of what is there when the waiting ends, in bytes: as much as the largest pipe holds. Who goes on writing is not read for ever.
const LAST: usize = 1024 * 1024;

/// How often something was read or written.
pub(crate) type Steps = Arc<AtomicU64>;

/// A stream that is read until it ends, or is no longer waited for; then what is there is still read.
#[derive(Debug)]
pub(crate) struct Input<R> {
    stream: R,
    until: Until,
    steps: Steps,
    left: usize,
}

impl<R: Read + AsFd> Input<R> {
    pub(crate) fn new(stream: R, until: Until, steps: &Steps) -> Self {
        Self { stream, until, steps: Arc::clone(steps), left: LAST }
    }
}

impl<R: Read + AsFd> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Waited { is_ready, is_over } = self.until.wait(&self.stream, PollFlags::IN)?;
            let room = if is_over { self.left } else { usize::MAX };
            if !is_ready || room == 0 {
                return Ok(0);
            }
            let most = buffer.len().min(room);
            let buffer = buffer.get_mut(..most).unwrap_or_default();
            match self.stream.read(buffer) {
                // Whoever shares the stream may have it not wait, and may have been faster.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    self.steps.fetch_add(1, Ordering::Relaxed);
                    if is_over {
                        self.left -= *read.as_ref().unwrap_or(&0);
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
        let zeros = std::fs::File::open("/dev/zero").unwrap();
        let (waiting, until) = Until::dropped().unwrap();
        let mut input = Input::new(zeros, until, &Steps::default());
        drop(waiting);
        assert_eq!(io::copy(&mut input, &mut io::sink()).unwrap(), u64::try_from(LAST).unwrap());
        let (reader, _writer) = pipe().unwrap();
        let end = Instant::now() + Duration::from_millis(20);
        assert_eq!(Input::new(reader, Until::Time(end), &Steps::default()).read(&mut [0; 4]).unwrap(), 0);
        assert!(Instant::now() >= end);
    }
}
