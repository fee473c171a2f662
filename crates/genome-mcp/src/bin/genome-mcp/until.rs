//! Waiting for a stream, but not for ever.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::time::Instant;

/// Until when a stream is waited for.
#[derive(Debug)]
pub(crate) enum Until {
    /// Until this handle is dropped.
    Dropped(PipeReader),
    /// Until then.
    Time(Instant),
    /// As long as it takes.
    End,
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waited {
    /// Whether the stream can be used: something can be read or written at once, or it has ended.
    pub(crate) is_ready: bool,
    /// Whether it should not be waited for any more.
    pub(crate) is_over: bool,
}

/// Ends the waiting when it is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(#[expect(dead_code, reason = "its end of the pipe is open as long as it lives")] PipeWriter);

impl Until {
    /// Until the handle is dropped.
    ///
    /// # Errors
    /// The process has too many files open.
    pub(crate) fn dropped() -> io::Result<(Waiting, Self)> {
        let (reader, writer) = pipe()?;
        Ok((Waiting(writer), Self::Dropped(reader)))
    }

    /// Waits until a stream can be read or written, as the flag says.
    ///
    /// # Errors
    /// The system denies it.
    pub(crate) fn wait(&self, stream: &impl AsFd, flag: PollFlags) -> io::Result<Waited> {
        let stream = PollFd::from_borrowed_fd(stream.as_fd(), flag);
        match self {
            Self::Dropped(handle) => {
                let mut both = [stream, PollFd::new(handle, PollFlags::IN)];
                retry_on_intr(|| poll(&mut both, None))?;
                let [is_ready, is_over] = both.map(|polled| !polled.revents().is_empty());
                Ok(Waited { is_ready, is_over })
            }
            Self::Time(end) => {
                let mut one = [stream];
                // What is left is counted anew after each signal.
                let ready = retry_on_intr(|| {
                    let left = end.saturating_duration_since(Instant::now());
                    poll(&mut one, Timespec::try_from(left).ok().as_ref())
                })?;
                let is_over = Instant::now() >= *end;
                Ok(Waited { is_ready: ready > 0 && !is_over, is_over })
            }
            Self::End => {
                retry_on_intr(|| poll(&mut [stream.clone()], None))?;
                Ok(Waited { is_ready: true, is_over: false })
            }
        }
    }
}

/// Waits until nobody writes to a stream any more, whether or not all of it was read; or until nobody wants to know. Returns which it was.
///
/// # Errors
/// The system denies it.
pub(crate) fn wait_for_hangup(stream: &impl AsFd, until: &Until) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    let flags = PollFlags::RDHUP;
    #[cfg(not(target_os = "linux"))]
    let flags = PollFlags::empty();
    Ok(!until.wait(stream, flags)?.is_over)
}

/// Whether a stream can be read at once, or has ended.
///
/// # Errors
/// The system denies it.
pub(crate) fn is_ready(stream: &impl AsFd) -> io::Result<bool> {
    let mut one = [PollFd::new(stream, PollFlags::IN)];
    Ok(retry_on_intr(|| poll(&mut one, Some(&Timespec::default())))? > 0)
}
