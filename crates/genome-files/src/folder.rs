//! A directory that is made with all its files, or not at all.
//!
//! By hand, as `tempfile` 3.27.0 makes its directory by a path, and leaves the rename, `RENAME_NOREPLACE` and the syncs to its caller
//! (`TempDir::keep`).

use crate::destination::{ReplaceError, lock};
use crate::directory::directory_of;
use crate::open_directory_of;
use crate::replacement::{self, with_free_name};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, mkdirat, openat, renameat_with, unlinkat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A directory that is to be made with all its files, or not at all. While it is locked, no other program of this project makes or
/// replaces anything beside it.
#[derive(Debug)]
pub struct NewFolder {
    above: PathBuf,
    name: OsString,
    /// The directory above, open and locked.
    directory: File,
}

impl NewFolder {
    /// Takes the path, at which there should be nothing. Waits for other programs of ours that hold the directory above it, after
    /// calling `wait`, but not for ever.
    ///
    /// # Errors
    /// The directory above does not exist, or cannot be locked; the path has no last name.
    pub fn take(path: &Path, wait: impl FnOnce()) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let above = directory_of(path);
        let directory = open_directory_of(path)?;
        lock(&directory, above, wait)?;
        Ok(Self { above: above.to_owned(), name, directory })
    }

    /// The same under another name, which may depend on what is there, as nothing of ours is made there meanwhile.
    #[must_use]
    pub fn with_name(self, name: &OsStr) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// The directory above.
    #[must_use]
    pub fn above(&self) -> &Path {
        &self.above
    }

    /// Makes the directory with these files. Whatever happens, there is the whole directory under its name, or nothing; a kill between two
    /// system calls leaves one with a hidden name.
    ///
    /// # Errors
    /// It cannot be written, or something has its name ([`io::ErrorKind::AlreadyExists`]), and nothing was left behind; or nothing says that
    /// it will survive a power cut.
    pub fn create(self, files: &[(&str, &str)]) -> Result<(), ReplaceError> {
        let unfinished = Unfinished::beside(&self.directory, &self.name, files).map_err(ReplaceError::Unchanged)?;
        unfinished.rename(&self.name).map_err(ReplaceError::Unchanged)?;
        replacement::settle(&self.directory)
    }
}

/// A directory under a hidden name, which is removed unless it gets its own.
struct Unfinished<'a> {
    above: &'a File,
    name: OsString,
    directory: Option<File>,
    files: Vec<String>,
}

impl<'a> Unfinished<'a> {
    fn beside(above: &'a File, name: &OsStr, files: &[(&str, &str)]) -> io::Result<Self> {
        let (name, ()) = with_free_name(name, |name| mkdirat(above, name, Mode::from_raw_mode(0o777)))?;
        let mut unfinished = Self { above, name, directory: None, files: Vec::new() };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = File::from(openat(above, &unfinished.name, flags, Mode::empty())?);
        let directory = unfinished.directory.insert(directory);
        for (name, text) in files {
            unfinished.files.push((*name).to_owned());
            replacement::replace(directory, OsStr::new(name), text.as_bytes(), RenameFlags::NOREPLACE).map_err(
                |error| match error {
                    ReplaceError::Unchanged(error) | ReplaceError::Unsettled(error) => error,
                },
            )?;
        }
        Ok(unfinished)
    }

    fn rename(mut self, name: &OsStr) -> io::Result<()> {
        // Where a file system has no flags, what is renamed to an empty directory takes its place, and to any other fails.
        replacement::without_flags_too(RenameFlags::NOREPLACE, |flags| {
            renameat_with(self.above, &self.name, self.above, name, flags)
        })?;
        self.name = OsString::new();
        Ok(())
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.name.is_empty() {
            return;
        }
        // There is nothing more to be done about it.
        for file in &self.files {
            let _ = self.directory.as_ref().map(|directory| unlinkat(directory, file, AtFlags::empty()));
        }
        let _ = unlinkat(self.above, &self.name, AtFlags::REMOVEDIR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_has_the_name_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("0001-first");
        let folder = NewFolder::take(&path, || {}).unwrap();
        fs::create_dir(&path).unwrap();
        let refused = folder.create(&[("a", "1"), ("b", "2")]);
        assert!(matches!(refused, Err(ReplaceError::Unchanged(error)) if error.kind() == io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        fs::remove_dir(&path).unwrap();
        NewFolder::take(&path, || {}).unwrap().create(&[("a", "1"), ("b", "2")]).unwrap();
        assert_eq!(fs::read_to_string(path.join("b")).unwrap(), "2");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
