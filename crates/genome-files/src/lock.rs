//! Locks, and waiting for them for a limited time.
//!
//! The lock is the standard library's. Waiting for it is ours: neither that nor `fd-lock` 4.0.4 waits for a limited time.

use rustix::io::Errno;
use std::fs::TryLockError;
use std::io::{self, ErrorKind};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another program may hold a lock. A signing takes less than a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a lock cannot be taken because the file system has none: some have no locks at all, NFS none where its lock service does not
/// run, and none of a directory, which is open for reading.
#[must_use]
pub fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Unsupported
        || matches!(Errno::from_io_error(error), Some(Errno::BADF | Errno::NOLCK | Errno::NOSYS | Errno::OPNOTSUPP))
}

/// Takes a lock. Waits for other programs of this project that hold it, after calling `wait`, but not for ever.
///
/// # Errors
/// It cannot be taken, or another program holds it ([`ErrorKind::TimedOut`]).
pub fn take_lock(try_lock: impl Fn() -> Result<(), TryLockError>, what: &str, wait: impl FnOnce()) -> io::Result<()> {
    let start = Instant::now();
    let mut wait = Some(wait);
    loop {
        match try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                let message = format!("another program has held {what} for {} seconds", PATIENCE.as_secs());
                return Err(io::Error::new(ErrorKind::TimedOut, message));
            }
            Err(TryLockError::WouldBlock) => {
                wait.take().into_iter().for_each(|wait| wait());
                sleep(Duration::from_millis(20));
            }
        }
    }
}
