//! The state on disk of the file that was loaded.

use axum::body::Bytes;
use genome_files::OpenFile;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;
use tracing::debug;

/// How long a disk may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long ago a file must have been changed for its times to tell the next change from this one.
const SETTLED: Duration = Duration::from_secs(2);

/// Compares the file on the disk with what was loaded from it. Nothing is ever loaded again.
#[derive(Debug)]
pub(crate) struct Disk {
    path: Arc<Path>,
    loaded: Bytes,
    /// The last look, locked by the thread that looks.
    last: Arc<Mutex<Option<(Stamp, DiskStatus)>>>,
}

/// How the file on the disk compares with what was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskStatus {
    /// It has the same bytes.
    Same,
    /// It has other bytes.
    Differs,
    /// It is missing.
    Missing,
    /// It is not a regular file, this user may not read it, the disk does not answer, or there is no thread to look at it.
    Unreadable,
}

impl DiskStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The attributes that change when a file is replaced or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Nothing for a file that was changed just now: it could be changed again, and have the same times.
    fn of(metadata: &Metadata) -> Option<Self> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let changed = Duration::from_secs(metadata.ctime().try_into().ok()?);
        (changed + SETTLED < now).then(|| Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

impl Disk {
    pub(crate) fn new(path: PathBuf, loaded: Bytes) -> Self {
        Self { path: path.into(), loaded, last: Arc::default() }
    }

    /// Examines the file, one thread at a time. It is read only if it has changed since the last look.
    pub(crate) async fn status(&self) -> DiskStatus {
        let look = async {
            let mut last = Arc::clone(&self.last).lock_owned().await;
            let (path, loaded) = (Arc::clone(&self.path), self.loaded.clone());
            let (answer, answered) = oneshot::channel();
            // The lock goes along: a disk that does not answer keeps one thread, not more with each request. It is a thread of its own, as
            // where there is none to be had, `spawn_blocking` of Tokio waits for one of the workers, which never end, or panics.
            let looking = Builder::new().spawn(move || {
                // Whoever asked may have given up.
                let _ = answer.send(look(&path, &loaded, &mut last));
            });
            if let Err(error) = looking {
                debug!(message = "the file on the disk cannot be looked at: there is no thread", %error);
            }
            answered.await.unwrap_or(DiskStatus::Unreadable)
        };
        timeout(PATIENCE, look).await.unwrap_or(DiskStatus::Unreadable)
    }
}

fn look(path: &Path, loaded: &[u8], last: &mut Option<(Stamp, DiskStatus)>) -> DiskStatus {
    let file = match OpenFile::open_regular(path) {
        Ok(file) => file.into_file(),
        Err(error) if error.kind() == ErrorKind::NotFound => return DiskStatus::Missing,
        Err(_) => return DiskStatus::Unreadable,
    };
    let Ok(metadata) = file.metadata() else { return DiskStatus::Unreadable };
    let stamp = Stamp::of(&metadata);
    match (*last, stamp) {
        (Some((seen, status)), Some(stamp)) if seen == stamp => status,
        _ => {
            let status = compare(file, &metadata, loaded);
            *last = stamp.map(|stamp| (stamp, status));
            status
        }
    }
}

fn compare(file: File, metadata: &Metadata, loaded: &[u8]) -> DiskStatus {
    if metadata.len() != loaded.len() as u64 {
        return DiskStatus::Differs;
    }
    let mut bytes = Vec::with_capacity(loaded.len() + 1);
    match file.take(loaded.len() as u64 + 1).read_to_end(&mut bytes) {
        Err(_) => DiskStatus::Unreadable,
        Ok(_) if bytes == loaded => DiskStatus::Same,
        Ok(_) => DiskStatus::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs;

    #[test]
    fn each_status_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        let mut last = None;
        let mut look = |path: &Path| look(path, b"loaded", &mut last);
        assert_eq!(look(&path), DiskStatus::Missing);
        fs::write(&path, "loaded").unwrap();
        assert_eq!(look(&path), DiskStatus::Same);
        // The same size, within one tick of the clock.
        fs::write(&path, "lOaded").unwrap();
        assert_eq!(look(&path), DiskStatus::Differs);
        fs::write(&path, "loaded and more").unwrap();
        assert_eq!(look(&path), DiskStatus::Differs);
        assert_eq!(look(directory.path()), DiskStatus::Unreadable);
        let pipe = directory.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(look(&pipe), DiskStatus::Unreadable);
        assert_eq!(look(Path::new("/dev/zero")), DiskStatus::Unreadable);
    }

    #[test]
    fn a_file_that_has_not_changed_is_not_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        fs::write(&path, "loaded").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(Stamp::of(&metadata), None, "it was changed just now");
        std::thread::sleep(SETTLED + Duration::from_millis(1100));
        let stamp = Stamp::of(&metadata).unwrap();
        // The earlier result is used: reading the file would give another.
        assert_eq!(look(&path, b"loaded", &mut Some((stamp, DiskStatus::Differs))), DiskStatus::Differs);
        fs::write(&path, "loaded").unwrap();
        assert_eq!(look(&path, b"loaded", &mut Some((stamp, DiskStatus::Differs))), DiskStatus::Same);
    }
}
