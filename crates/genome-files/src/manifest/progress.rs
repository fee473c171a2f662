//! The progress of the check of a manifest.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

/// The progress of the check of a manifest. Another thread may read it meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    files_opened: AtomicU64,
    files_done: AtomicU64,
    bytes_opened: AtomicU64,
    bytes_done: AtomicU64,
}

impl Progress {
    /// How many files there are in all; 0 before the check has begun.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// How many files are finished, whatever the result.
    #[must_use]
    pub fn files_done(&self) -> u64 {
        self.files_done.load(Ordering::Relaxed)
    }

    /// How many bytes have been hashed.
    #[must_use]
    pub fn bytes_done(&self) -> u64 {
        self.bytes_done.load(Ordering::Relaxed)
    }

    /// How many bytes there are in all; `None` before the first file that holds any. It is estimated: how large a file is shows when it is
    /// opened, and those to come are taken to be as large as those before them.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        let [files, opened, bytes_opened, bytes_done] = [&self.files, &self.files_opened, &self.bytes_opened, &self.bytes_done]
            .map(|counter| u128::from(counter.load(Ordering::Relaxed)));
        let bytes = (bytes_opened * files).checked_div(opened).filter(|&bytes| bytes > 0)?;
        // A file may have grown since it was opened.
        Some(u64::try_from(bytes.max(bytes_done)).unwrap_or(u64::MAX))
    }

    /// Adds this many files.
    pub(super) fn begin(&self, files: usize) {
        self.files.fetch_add(files as u64, Ordering::Relaxed);
    }

    fn add(&self, step: &Step) {
        for (counter, more) in [
            (&self.bytes_opened, step.bytes_opened),
            (&self.files_opened, step.files_opened),
            (&self.bytes_done, step.bytes_done),
            (&self.files_done, step.files_done),
        ] {
            counter.fetch_add(more, Ordering::Relaxed);
        }
    }
}

/// The unreported progress of one core: cores that report each trifle wait for each other.
#[derive(Debug, Default)]
pub(super) struct Step {
    files_opened: u64,
    files_done: u64,
    bytes_opened: u64,
    bytes_done: u64,
}

impl Step {
    const FILES: u64 = 16;
    const BYTES: u64 = 1024 * 1024;

    /// A file of this size is about to be hashed; of none, if it could not be opened.
    pub(super) fn opened(&mut self, bytes: u64, progress: &Progress) {
        self.files_opened += 1;
        self.bytes_opened = self.bytes_opened.saturating_add(bytes);
        if bytes > Self::BYTES {
            self.say(progress);
        }
    }

    /// Another piece of a file has been hashed.
    pub(super) fn hashed(&mut self, bytes: usize, progress: &Progress) {
        self.bytes_done += bytes as u64;
        if self.bytes_done >= Self::BYTES {
            self.say(progress);
        }
    }

    /// A file is finished.
    pub(super) fn done(&mut self, progress: &Progress) {
        self.files_done += 1;
        if self.files_done == Self::FILES {
            self.say(progress);
        }
    }

    /// Reports all of it.
    pub(super) fn say(&mut self, progress: &Progress) {
        progress.add(&mem::take(self));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_to_come_are_taken_to_be_as_those_before() {
        let progress = Progress::default();
        assert_eq!(progress.bytes(), None);
        progress.begin(4);
        progress.add(&Step { files_opened: 1, files_done: 1, ..Step::default() });
        assert_eq!(progress.bytes(), None, "a file that is not there");
        progress.add(&Step { files_opened: 1, bytes_opened: 100, bytes_done: 60, ..Step::default() });
        assert_eq!((progress.bytes(), progress.bytes_done()), (Some(200), 60));
        progress.add(&Step { bytes_done: 40, files_done: 1, ..Step::default() });
        assert_eq!((progress.bytes(), progress.bytes_done(), progress.files_done(), progress.files()), (Some(200), 100, 2, 4));
        progress.add(&Step { files_opened: 2, bytes_opened: 300, bytes_done: u64::MAX - 100, ..Step::default() });
        assert_eq!(progress.bytes(), Some(u64::MAX), "a file that grows");
        progress.begin(usize::MAX);
        progress.add(&Step { bytes_opened: u64::MAX - 400, ..Step::default() });
        assert_eq!(progress.bytes(), Some(u64::MAX), "more than a number holds");
    }

    #[test]
    fn what_takes_long_is_said_at_once() {
        let (progress, mut step) = (Progress::default(), Step::default());
        progress.begin(100);
        step.opened(Step::BYTES * 10, &progress);
        step.hashed(128 * 1024, &progress);
        assert_eq!((progress.bytes(), progress.bytes_done()), (Some(Step::BYTES * 1000), 0));
        (0..7).for_each(|_| step.hashed(128 * 1024, &progress));
        assert_eq!(progress.bytes_done(), Step::BYTES);
        (1..Step::FILES).for_each(|_| step.done(&progress));
        assert_eq!(progress.files_done(), 0);
        step.done(&progress);
        assert_eq!(progress.files_done(), Step::FILES);
        step.done(&progress);
        step.say(&progress);
        assert_eq!(progress.files_done(), Step::FILES + 1);
    }
}
