//! Signals that wait until the terminal is as it was: whoever sends one while a passphrase is asked for must not leave a terminal without echo.
//!
//! As OpenSSH and git do, with a handler each. Here the signals are blocked and waited for (signalfd(2)), as a handler would need `unsafe`.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
#[cfg(target_os = "linux")]
use nix::sys::signalfd::SignalFd;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;

/// Holds back the signals that would end or stop this process, until it is dropped. Then they do what they do.
pub(crate) struct HeldSignals {
    before: SigSet,
    #[cfg(target_os = "linux")]
    pending: SignalFd,
}

impl HeldSignals {
    /// Holds them from now on.
    pub(crate) fn hold() -> io::Result<Self> {
        let signals: SigSet =
            [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGTSTP].into_iter().collect();
        #[cfg(target_os = "linux")]
        let pending = SignalFd::new(&signals)?;
        // Where it cannot be seen that one has come, it must not be held.
        let before = if cfg!(target_os = "linux") {
            signals.thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)?
        } else {
            SigSet::thread_get_mask()?
        };
        Ok(Self {
            before,
            #[cfg(target_os = "linux")]
            pending,
        })
    }

    /// Waits until there is something to read, or one has come. Returns whether there is something to read.
    pub(crate) fn wait_for(&self, file: &File) -> io::Result<bool> {
        loop {
            let mut files = [
                PollFd::new(file.as_fd(), PollFlags::POLLIN),
                #[cfg(target_os = "linux")]
                PollFd::new(self.pending.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut files, PollTimeout::NONE) {
                Ok(_) => {
                    let [_, pending @ ..] = files;
                    return Ok(!pending.iter().any(|pending| pending.any().unwrap_or_default()));
                }
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        // It was the mask before, so that it can be set.
        let _ = self.before.thread_set_mask();
    }
}
