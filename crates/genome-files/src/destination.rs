//! A file that is replaced as a whole, in a directory that is held meanwhile.

use crate::directory::{check_writable, directory_of, open_directory_of};
use crate::open::require_regular;
use crate::{OpenError, OpenFile, has_no_locks, replacement, take_lock};
use genome::manifest::FileKind;
use genome_json::text::QuotedPath;
use rustix::fs::{AtFlags, RenameFlags, Stat, stat, statat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

pub use replacement::ReplaceError;

/// A file that is to be replaced as a whole. While it is locked, no other program of this project replaces a file in its directory.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    name: OsString,
    /// Open; and locked, unless it is only [found](FoundDestination).
    directory: File,
}

/// A file that is to be replaced, and is not locked yet: others may replace it at any time.
#[derive(Debug)]
pub struct FoundDestination(Destination);

impl FoundDestination {
    /// Finds the file at this path, which need not exist; a symbolic link stands for what it points to. Its directory is open from now on, and
    /// stays the same wherever it is moved.
    ///
    /// # Errors
    /// Its directory does not exist, or something else than a file stands there.
    pub fn find(path: &Path) -> io::Result<Self> {
        // The standard library would drop these endings from the name.
        if [&b"/"[..], b"/."].iter().any(|end| path.as_os_str().as_bytes().ends_with(end)) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "that is the path of a directory, not of a file"));
        }
        let path = if path.is_symlink() { resolve(path)? } else { path.to_owned() };
        let directory = open_directory_of(&path)?;
        let name = path.file_name().ok_or(OpenError::NotAFile(FileKind::Directory))?.to_owned();
        look(&directory, &name)?;
        Ok(Self(Destination { path, name, directory }))
    }

    /// Holds the file. Waits for other programs of ours that hold a file in the directory, after calling `wait`, but not for ever.
    ///
    /// # Errors
    /// The directory cannot be locked, something else than a file stands there by now, or another program holds it
    /// ([`ErrorKind::TimedOut`]).
    pub fn hold(self, wait: impl FnOnce()) -> io::Result<Destination> {
        let Self(destination) = self;
        lock(&destination.directory, directory_of(&destination.path), wait)?;
        look(&destination.directory, &destination.name)?;
        Ok(destination)
    }
}

impl AsRef<Destination> for FoundDestination {
    fn as_ref(&self) -> &Destination {
        &self.0
    }
}

impl AsRef<Self> for Destination {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Destination {
    /// [Finds](FoundDestination::find) the file at this path and [holds](FoundDestination::hold) it.
    ///
    /// # Errors
    /// As for these two.
    pub fn take(path: &Path, wait: impl FnOnce()) -> io::Result<Self> {
        FoundDestination::find(path)?.hold(wait)
    }

    /// The path, with a symbolic link resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory, open and locked.
    #[must_use]
    pub fn directory(&self) -> &File {
        &self.directory
    }

    /// Opens the file in the directory that is held; nothing where there is none.
    ///
    /// # Errors
    /// It cannot be opened, or something else than a file stands there by now.
    pub fn existing(&self) -> Result<Option<OpenFile>, OpenError> {
        match OpenFile::open_in(&self.directory, &self.name, &self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            file => file.map(Some),
        }
    }

    /// Whether the file is there now.
    ///
    /// # Errors
    /// Its directory cannot be searched, or something else than a file stands there by now.
    pub fn exists(&self) -> io::Result<bool> {
        Ok(look(&self.directory, &self.name)?.is_some())
    }

    /// Whether the file exists now, and is read-only for its owner.
    ///
    /// # Errors
    /// As [`exists`](Self::exists).
    pub fn is_read_only(&self) -> io::Result<bool> {
        Ok(look(&self.directory, &self.name)?.is_some_and(|seen| seen.st_mode & 0o200 == 0))
    }

    /// Asks the system whether this user may make files in the directory, without making one.
    ///
    /// # Errors
    /// No permission, or the file system is mounted for reading only.
    pub fn check_writable(&self) -> io::Result<()> {
        check_writable(&self.directory).map_err(|error| self.in_directory(error))
    }

    /// Replaces the file, which keeps its mode and owner, or makes it. Whatever happens, the file is the old one or the new one as
    /// a whole, and the new one is on the disk before it takes the old one's name.
    ///
    /// # Errors
    /// The new file cannot be written, and the old one is unchanged; or it is uncertain whether the new one survives a power cut.
    pub fn replace(self, contents: &[u8]) -> Result<(), ReplaceError> {
        self.put(contents, RenameFlags::empty())
    }

    /// Makes the file in the same way, if nothing has its name; also what another program puts there meanwhile is left alone, where the
    /// file system can do that.
    ///
    /// # Errors
    /// As above, with [`ErrorKind::AlreadyExists`] where something has its name.
    pub fn create(self, contents: &[u8]) -> Result<(), ReplaceError> {
        self.put(contents, RenameFlags::NOREPLACE)
    }

    fn put(&self, contents: &[u8], flags: RenameFlags) -> Result<(), ReplaceError> {
        replacement::replace(&self.directory, &self.name, contents, flags).map_err(|error| match error {
            ReplaceError::Unchanged(error) => ReplaceError::Unchanged(self.in_directory(error)),
            ReplaceError::Unsettled(error) => ReplaceError::Unsettled(error),
        })
    }

    /// Names the directory, where the error is about that: it is not in the path where a link leads to the file.
    fn in_directory(&self, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                let directory = QuotedPath(directory_of(&self.path));
                io::Error::new(error.kind(), format!("{error}, in the directory {directory}"))
            }
            _ => error,
        }
    }
}

/// Examines the file of this name in the directory, whatever its path leads to by now; nothing where there is none.
fn look(directory: &File, name: &OsStr) -> io::Result<Option<Stat>> {
    let seen = match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(None),
        seen => seen?,
    };
    require_regular(&seen)?;
    Ok(Some(seen))
}

fn resolve(link: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(link).map_err(|error| {
        // A link of /proc leads to an open pipe, or to a socket, which has no path.
        if let Some(Err(other)) = stat(link).ok().map(|open| require_regular(&open)) {
            return other.into();
        }
        let target = fs::read_link(link).unwrap_or_default();
        io::Error::new(error.kind(), format!("it is a link to {}, which cannot be followed: {error}", QuotedPath(&target)))
    })
}

/// Locks the directory that is open; `path` is its name in messages.
pub(crate) fn lock(directory: &File, path: &Path, wait: impl FnOnce()) -> io::Result<()> {
    let name = format!("the directory {}", QuotedPath(path));
    match take_lock(|| directory.try_lock(), &name, wait) {
        // Without locks, users must take turns themselves, as with any other tool.
        Err(error) if has_no_locks(&error) => Ok(()),
        Err(error) if error.kind() != ErrorKind::TimedOut => {
            Err(io::Error::new(error.kind(), format!("{name} cannot be locked: {error}")))
        }
        taken => taken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

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
    fn what_is_only_made_replaces_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        let destination = Destination::take(&path, || {}).unwrap();
        fs::write(&path, "of somebody else").unwrap();
        let refused = destination.create(b"new");
        assert!(matches!(refused, Err(ReplaceError::Unchanged(error)) if error.kind() == ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).unwrap(), b"of somebody else");
        fs::remove_file(&path).unwrap();
        Destination::take(&path, || {}).unwrap().create(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(directory.path()), ["genome.json"]);
    }

    #[test]
    fn read_only_is_what_its_owner_may_not_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        let destination = Destination::take(&path, || {}).unwrap();
        assert!(!destination.exists().unwrap() && !destination.is_read_only().unwrap());
        fs::write(&path, "old").unwrap();
        assert!(destination.exists().unwrap() && !destination.is_read_only().unwrap());
        // It may become that at any time.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(destination.is_read_only().unwrap());
        fs::remove_file(&path).unwrap();
        symlink("other", &path).unwrap();
        assert_eq!(destination.is_read_only().unwrap_err().to_string(), "it is a symbolic link");
    }

    #[test]
    fn what_is_no_file_any_more_once_it_is_locked_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.json");
        let first = Destination::take(&path, || {}).unwrap();
        let taken = Destination::take(&path, || {
            fs::create_dir(&path).unwrap();
            drop(first);
        });
        assert_eq!(taken.unwrap_err().to_string(), "it is a directory, not a regular file");
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
        let error = Destination::take(&directory.path().join("dangling"), || {}).unwrap_err().to_string();
        assert!(error.contains("a link to `nowhere`"), "{error}");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let missing = ["missing/genome.json", "new.json/", "new.json/."].map(|path| directory.path().join(path));
        for path in missing.iter().map(PathBuf::as_path).chain([directory.path(), Path::new("/dev/null")]) {
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
