//! Hashing files on all cores, a piece of each in memory at a time.
//!
//! Each core takes the next files that nobody has taken. Where there are more cores than files left, one that would be idle reads a
//! large file ahead of the one that hashes it: there is no other way to share it, as SHA-256 goes from the first byte to the last.

use super::beneath::Beneath;
use super::line_ends::LineEnds;
use super::opening::{split, unreadable};
use super::progress::{Progress, Step};
use super::reading::{Buffer, Bytes};
use genome::Digest;
use genome::manifest::{FileProblem, OtherLineEnds};
use rustix::fs::{Stat, fstat};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// How many files a core takes at once.
const SHARE: usize = 128;
/// How much of a file must be left to be read ahead: what it takes to start a thread is little beside it.
const LARGE: u64 = 2 * 1024 * 1024;

/// The cores, and what they share.
#[derive(Debug)]
pub(super) struct Hashing<'h> {
    root: &'h OwnedFd,
    progress: &'h Progress,
    cores: usize,
    /// How many cores are idle.
    idle: AtomicUsize,
}

/// One core with its buffers.
pub(super) struct Worker<'h> {
    hashing: &'h Hashing<'h>,
    beneath: Beneath<'h>,
    buffer: Box<Buffer>,
    step: Step,
}

impl<'h> Hashing<'h> {
    pub(super) fn new(root: &'h OwnedFd, progress: &'h Progress) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self { root, progress, cores, idle: AtomicUsize::new(0) }
    }

    /// Does a piece of work for each of these, and returns the results in order. `path` names the file that a piece needs.
    pub(super) fn each<P: Sync, T: Send>(
        &self,
        pieces: &[P],
        path: impl Fn(&P) -> &Path + Sync,
        work: impl Fn(&mut Worker<'_>, usize, &P) -> Option<T> + Sync,
    ) -> Vec<T> {
        let count = pieces.len();
        self.progress.begin(count);
        let workers = self.cores.min(count).max(1);
        self.idle.store(self.cores - workers, Ordering::Relaxed);
        let next = AtomicUsize::new(0);
        // The fewer are left, the fewer are taken at once, so that all cores are busy to the end. Where many are left, a directory is left
        // to one core, as each has to list it.
        let end = |start: usize| {
            let share = (count.saturating_sub(start) / (4 * workers)).clamp(1, SHARE);
            let rest = pieces.get(start + share - 1..).unwrap_or_default();
            let in_one_directory =
                |pair: &&[P]| matches!(pair, [a, b] if split(path(a)).0.as_os_str() == split(path(b)).0.as_os_str());
            start + share + if share == SHARE { rest.windows(2).take(SHARE).take_while(in_one_directory).count() } else { 0 }
        };
        let run = || {
            let mut worker = self.worker();
            let mut results = Vec::new();
            loop {
                let taken = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |start| (start < count).then(|| end(start)));
                let Ok(start) = taken else { break };
                for (number, piece) in pieces.iter().enumerate().take(end(start)).skip(start) {
                    results.extend(work(&mut worker, number, piece).map(|result| (number, result)));
                    worker.step.done(self.progress);
                }
                worker.step.say(self.progress);
            }
            self.idle.fetch_add(1, Ordering::Relaxed);
            results
        };
        let mut results = thread::scope(|scope| {
            // Where the system has no more threads, the existing ones do it all.
            let others: Vec<_> = (1..workers).map_while(|_| Builder::new().spawn_scoped(scope, run).ok()).collect();
            let mut results = run();
            for other in others {
                results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            results
        });
        results.sort_unstable_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }

    fn worker(&self) -> Worker<'_> {
        Worker { hashing: self, beneath: Beneath::new(self.root), buffer: Buffer::new(), step: Step::default() }
    }

    /// Takes an idle core. Returns whether there was one.
    fn take_core(&self) -> bool {
        self.idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |idle| idle.checked_sub(1)).is_ok()
    }
}

impl Worker<'_> {
    /// The digest of the file's bytes as they are now.
    pub(super) fn digest(&mut self, path: &Path) -> Result<Digest, FileProblem> {
        let opened = self.beneath.file(path);
        let size = opened.as_ref().map_or(0, |(_, stat)| size(stat));
        self.step.opened(size, self.hashing.progress);
        let (file, stat) = opened?;
        self.digest_open(&file, &stat)
    }

    /// The digests that the file would have with other line ends.
    pub(super) fn with_other_line_ends(&mut self, path: &Path) -> Result<OtherLineEnds, FileProblem> {
        let (file, stat) = self.beneath.file(path)?;
        let mut hasher = LineEnds::default();
        self.read_open(&file, &stat, |piece| hasher.update(piece))?;
        Ok(hasher.finish())
    }

    /// The digest of an open file; `before` is what it was when it was opened.
    fn digest_open(&mut self, file: &File, before: &Stat) -> Result<Digest, FileProblem> {
        let mut hasher = Sha256::new();
        self.read_open(file, before, |piece| hasher.update(piece))?;
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }

    /// Uses each piece of an open file, which must not change meanwhile.
    fn read_open(&mut self, file: &File, before: &Stat, mut update: impl FnMut(&[u8])) -> Result<(), FileProblem> {
        let Self { hashing, buffer, step, .. } = self;
        let mut hash = |piece: &[u8]| {
            update(piece);
            step.hashed(piece.len(), hashing.progress);
        };
        let mut bytes = Bytes::new(file, size(before));
        while !bytes.ended() {
            if bytes.left() > LARGE && hashing.take_core() {
                let read = bytes.read_ahead(&mut hash);
                hashing.idle.fetch_add(1, Ordering::Relaxed);
                read.map_err(unreadable)?;
                if bytes.ended() {
                    break;
                }
            }
            hash(bytes.next(buffer).map_err(unreadable)?);
        }
        let after = fstat(file).map_err(unreadable)?;
        let state = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        if bytes.whole() && state(&after) == state(before) { Ok(()) } else { Err(FileProblem::Changed) }
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::opening::root;
    use crate::manifest::reading::PIECE;
    use std::fs;
    use std::io::{Seek as _, Write as _};
    use std::sync::atomic::AtomicBool;
    use std::time::{Duration, SystemTime};

    /// What is said of a file's digest by one core alone, and by one with another that reads ahead.
    fn digests(file: &File, before: &Stat) -> [Result<Digest, FileProblem>; 2] {
        let (root, progress) = (root(Path::new("/")).unwrap(), Progress::default());
        [0, 1].map(|idle| {
            (&*file).rewind().unwrap();
            let hashing = Hashing { idle: AtomicUsize::new(idle), ..Hashing::new(&root, &progress) };
            let digest = hashing.worker().digest_open(file, before);
            assert_eq!(hashing.idle.into_inner(), idle);
            digest
        })
    }

    const SIZES: [usize; 8] = [0, 1, 6, PIECE - 1, PIECE, PIECE + 1, 3 * 1024 * 1024, 3 * 1024 * 1024 + 77];

    #[test]
    fn a_file_of_any_size_has_its_digest() {
        let directory = tempfile::tempdir().unwrap();
        for size in SIZES {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let path = directory.path().join("file");
            fs::write(&path, &bytes).unwrap();
            let file = File::open(path).unwrap();
            let digest = Ok(Digest::of(&bytes));
            assert_eq!(digests(&file, &fstat(&file).unwrap()), [digest.clone(), digest], "{size}");
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let changes: [fn(&mut File, u64); 5] = [
            |file, size| file.set_len(size + 1).unwrap(),
            |file, size| file.set_len(size * 3 + 1).unwrap(),
            |file, size| file.set_len(size / 2).unwrap(),
            |file, _| file.set_len(0).unwrap(),
            |file, _| file.set_modified(SystemTime::now() + Duration::from_secs(1)).unwrap(),
        ];
        for (index, change) in changes.iter().enumerate() {
            for size in SIZES.into_iter().skip(1) {
                fs::write(&path, vec![b'a'; size]).unwrap();
                let file = File::open(&path).unwrap();
                let before = fstat(&file).unwrap();
                change(&mut File::options().write(true).open(&path).unwrap(), size as u64);
                let refused = Err(FileProblem::Changed);
                assert_eq!(digests(&file, &before), [refused.clone(), refused], "change {index} of {size} bytes");
            }
        }
    }

    /// Somebody writes to it all the time.
    #[test]
    fn a_file_that_never_rests_has_no_wrong_digest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let whole = vec![b'a'; 3 * 1024 * 1024];
        fs::write(&path, &whole).unwrap();
        let done = AtomicBool::new(false);
        let wrong = thread::scope(|scope| {
            scope.spawn(|| {
                let mut file = File::options().write(true).open(&path).unwrap();
                while !done.load(Ordering::Relaxed) {
                    file.set_len(1024 * 1024).unwrap();
                    file.rewind().unwrap();
                    file.write_all(&whole).unwrap();
                    file.write_all(b"a").unwrap();
                }
            });
            let file = File::open(&path).unwrap();
            let wrong = (0..50).find_map(|_| {
                let before = fstat(&file).unwrap();
                let length = usize::try_from(before.st_size).unwrap();
                // It never holds anything but this letter.
                let right = Ok(Digest::of(&vec![b'a'; length]));
                digests(&file, &before).into_iter().find(|digest| *digest != right && *digest != Err(FileProblem::Changed))
            });
            done.store(true, Ordering::Relaxed);
            wrong
        });
        assert_eq!(wrong, None);
    }

    #[test]
    fn a_file_without_end_is_left() {
        let endless = File::open("/dev/zero").unwrap();
        let stat = fstat(&endless).unwrap();
        let (root, progress) = (root(Path::new("/")).unwrap(), Progress::default());
        let hashing = Hashing::new(&root, &progress);
        assert_eq!(hashing.worker().digest_open(&endless, &stat), Err(FileProblem::Changed));
    }

    #[test]
    fn each_piece_of_work_is_done_once_whatever_the_cores() {
        let (root, progress) = (root(Path::new("/")).unwrap(), Progress::default());
        for (cores, count) in [(1, 0), (8, 0), (1, 1000), (3, 2), (64, 1000), (2, 5001)] {
            let hashing = Hashing { cores, ..Hashing::new(&root, &progress) };
            let calls = AtomicUsize::new(0);
            // Small directories, then a large one.
            let paths: Vec<String> = (0..count).map(|number| format!("{}/{number}", (number / 10).min(40))).collect();
            let results = hashing.each(&paths, Path::new, |_, number, path| {
                calls.fetch_add(1, Ordering::Relaxed);
                assert_eq!(path, &paths[number]);
                (number % 3 != 0).then_some(number)
            });
            assert_eq!(results, (0..count).filter(|number| number % 3 != 0).collect::<Vec<_>>());
            assert_eq!((calls.into_inner(), hashing.idle.into_inner()), (count, cores));
        }
    }

    #[test]
    fn a_directory_is_left_to_one_core_while_many_files_are_left() {
        let (root, progress) = (root(Path::new("/")).unwrap(), Progress::default());
        let hashing = Hashing { cores: 2, ..Hashing::new(&root, &progress) };
        let paths: Vec<String> = (0..3000).map(|number| format!("{}/{number}", number / 10)).collect();
        let cores = hashing.each(&paths, Path::new, |_, number, _| {
            // So that the other core takes the next share.
            thread::sleep(Duration::from_micros(10));
            Some((number / 10, thread::current().id()))
        });
        let alone = cores.chunks(10).take_while(|cores| cores.iter().all(|core| *core == cores[0])).count();
        // From here on a share is smaller.
        assert!(alone >= (3000 - 8 * SHARE) / 10, "{alone}");
    }
}
