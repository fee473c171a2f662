use atomic_write_file::AtomicWriteFile;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that is to be replaced as a whole. While it is held, no other program of ours replaces a file in its directory.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    /// The directory, open and locked.
    _lock: File,
}

impl Destination {
    /// Takes the file at this path, which need not exist; a symbolic link stands for what it points to. Waits for other programs
    /// of ours that hold a file in the directory, after calling `wait`.
    ///
    /// # Errors
    /// Its directory does not exist or cannot be locked, or something else than a file stands there.
    pub fn take(path: &Path, wait: impl FnOnce()) -> io::Result<Self> {
        let path = if path.is_symlink() { fs::canonicalize(path)? } else { path.to_owned() };
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file (`-` is standard output)"));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lock = File::open(directory)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                wait();
                lock.lock()?;
            }
            // Some file systems have no locks; then people must take turns themselves, as with any other tool there.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            other => other?,
        }
        Ok(Self { path, _lock: lock })
    }

    /// The path, with a symbolic link resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file, which keeps its mode and owner, or makes it. Whatever happens, the file is the old one or the new one as
    /// a whole, and the new one is on the disk before it takes the old one's name.
    ///
    /// # Errors
    /// The new file cannot be written; the old one is as it was.
    pub fn replace(self, contents: &[u8]) -> io::Result<()> {
        // On Linux the new file has no name until it is complete.
        let mut file = AtomicWriteFile::open(&self.path)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_keeps_its_mode_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        Destination::take(&path, || {}).unwrap().replace(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(names(directory.path()), ["genome.json"]);
    }

    #[test]
    fn a_link_stands_for_its_target() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("genome.json"), directory.path().join("current"));
        fs::write(&path, "old").unwrap();
        symlink("genome.json", &link).unwrap();
        Destination::take(&link, || {}).unwrap().replace(b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        symlink("nowhere", directory.path().join("dangling")).unwrap();
        assert!(Destination::take(&directory.path().join("dangling"), || {}).is_err());
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path(), Path::new("/dev/null"), &directory.path().join("missing/genome.json")] {
            assert!(Destination::take(path, || {}).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_second_one_waits() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        let first = Destination::take(&path, || {}).unwrap();
        let (waiting, waited) = std::sync::mpsc::channel();
        let second = std::thread::spawn({
            let path = path.clone();
            move || Destination::take(&path, || waiting.send(()).unwrap()).unwrap().replace(b"second")
        });
        waited.recv().unwrap();
        first.replace(b"first").unwrap();
        second.join().unwrap().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
    }
}
