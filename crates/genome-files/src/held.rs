//! A directory in which several files are made one after the other, and taken back where one of them fails.
//!
//! It is held by its descriptor: who can write above it can give its name to another directory at any time. That one is left alone.

use crate::destination::{ReplaceError, lock};
use crate::identity::Identity;
use crate::open::FLAGS;
use crate::{NewSecretFile, OpenError, open_directory, open_directory_of, replacement};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, mkdirat, openat, stat, statat, unlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A directory for new files, which may be missing. From now on it, or the directory above, stays the same wherever it is moved.
#[derive(Debug)]
pub struct FoundFolder {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    There(File),
    Missing { above: File, name: OsString },
}

impl FoundFolder {
    /// Finds the directory at this path. A link stands for what it points to.
    ///
    /// # Errors
    /// Something else is there ([`OpenError::NotADirectory`]), or the directory above is missing; or the system's error.
    pub fn find(path: &Path) -> Result<Self, OpenError> {
        let place = match open_directory(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let name = path.file_name().ok_or(Errno::NOENT)?.to_owned();
                Place::Missing { above: open_directory_of(path)?, name }
            }
            directory => Place::There(directory?),
        };
        Ok(Self { path: path.to_owned(), place })
    }

    /// Whether something has this name in it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match &self.place {
            Place::There(directory) => statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok(),
            Place::Missing { .. } => false,
        }
    }

    /// Makes the directory, if it is missing. Nobody but its owner may write to it, whatever the umask.
    ///
    /// # Errors
    /// It cannot be made, or something has its name by now.
    pub fn hold(self) -> io::Result<HeldFolder> {
        let Self { path, place } = self;
        let (directory, made_in) = match place {
            Place::There(directory) => (directory, None),
            Place::Missing { above, name } => {
                mkdirat(&above, &name, Mode::from_raw_mode(0o755))?;
                let opened = openat(&above, &name, FLAGS | OFlags::DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
                let directory = opened.inspect_err(|_| {
                    // There is nothing more to be done about it.
                    let _ = unlinkat(&above, &name, AtFlags::REMOVEDIR);
                })?;
                (File::from(directory), Some((above, name)))
            }
        };
        Ok(HeldFolder { path, directory, made_in, made: Vec::new() })
    }
}

/// A directory for new files, open. It replaces nothing.
#[derive(Debug)]
pub struct HeldFolder {
    path: PathBuf,
    directory: File,
    /// The directory above, and the name there, where it was missing.
    made_in: Option<(File, OsString)>,
    made: Vec<(String, Identity)>,
}

/// What became of the files that were made, once they were taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever shows it must show all of it")]
pub struct Undone {
    /// The names of those that could not be removed.
    pub left: Vec<String>,
    /// The names of those that others have moved, or removed.
    pub lost: Vec<String>,
    /// Whether the directory was made and could not be removed: it is not empty, or may not be.
    pub is_directory_left: bool,
    /// Whether the path leads elsewhere by now: the names are those in the directory that was there.
    pub is_elsewhere: bool,
}

impl HeldFolder {
    /// The directory itself, wherever it is by now.
    #[must_use]
    pub fn directory(&self) -> &File {
        &self.directory
    }

    /// Whether something has this name in it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Makes a file that holds a secret, as [`NewSecretFile`] does.
    ///
    /// # Errors
    /// As there.
    pub fn create_secret(&mut self, name: &str, secret: &[u8]) -> io::Result<()> {
        let file = NewSecretFile::within(self.directory.try_clone()?, name.into())?;
        self.made.push((name.to_owned(), file.create(secret)?));
        Ok(())
    }

    /// Makes a file, as [`Destination::create`](crate::Destination::create) does. Waits for other programs of ours that hold the directory, after
    /// calling `wait`, but not for ever.
    ///
    /// # Errors
    /// As there.
    pub fn create(&mut self, name: &str, contents: &[u8], wait: impl FnOnce()) -> Result<(), ReplaceError> {
        let made = self.put(OsStr::new(name), contents, wait).map_err(ReplaceError::Unchanged)?;
        self.made.push((name.to_owned(), made));
        replacement::settle(&self.directory)
    }

    fn put(&self, name: &OsStr, contents: &[u8], wait: impl FnOnce()) -> io::Result<Identity> {
        // A lock is one of an open descriptor, and ends with it.
        let locked = File::from(openat(&self.directory, ".", FLAGS | OFlags::DIRECTORY, Mode::empty())?);
        lock(&locked, &self.path, wait)?;
        // Where the file system cannot make only what is not there.
        match statat(&locked, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => replacement::put(&locked, name, contents, RenameFlags::NOREPLACE),
            seen => Err(seen.err().unwrap_or(Errno::EXIST).into()),
        }
    }

    /// Removes the files that were made, and the directory, if it was made and is empty. What others have put in the place of one of them stays.
    pub fn undo(&mut self) -> Undone {
        let here = Identity::of(&self.directory).ok();
        let mut undone = Undone {
            is_elsewhere: here.is_none() || stat(&self.path).ok().map(|seen| Identity::from(&seen)) != here,
            ..Undone::default()
        };
        for (name, made) in self.made.drain(..) {
            match made.remove(&self.directory, OsStr::new(&name)) {
                Ok(true) => {}
                Ok(false) => undone.lost.push(name),
                Err(_) => undone.left.push(name),
            }
        }
        if let (Some((above, name)), Some(here)) = (self.made_in.take(), here) {
            // Where another program has written there, it stays.
            let is_removed = here.remove_directory(&above, &name).is_ok_and(|is_removed| is_removed);
            undone.is_directory_left = !is_removed && !undone.is_elsewhere;
        }
        undone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A directory of somebody's production, and a folder beside it in which a key and a policy were made.
    fn made(agent_is_there: bool) -> (tempfile::TempDir, HeldFolder) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("prod")).unwrap();
        for name in ["key", "policy"] {
            fs::write(directory.path().join("prod").join(name), "of production").unwrap();
        }
        let agent = directory.path().join("agent");
        if agent_is_there {
            fs::create_dir(&agent).unwrap();
        }
        let mut folder = FoundFolder::find(&agent).unwrap().hold().unwrap();
        folder.create_secret("key", b"secret").unwrap();
        folder.create("policy", b"{}", || {}).unwrap();
        assert_eq!(names(&agent), ["key", "policy"]);
        (directory, folder)
    }

    #[test]
    fn what_was_made_is_taken_back() {
        let (directory, mut folder) = made(false);
        assert_eq!(folder.undo(), Undone::default());
        assert_eq!(names(directory.path()), ["prod"]);
        let (directory, mut folder) = made(true);
        fs::write(directory.path().join("agent/other"), "").unwrap();
        assert_eq!(folder.undo(), Undone::default());
        assert_eq!(names(&directory.path().join("agent")), ["other"], "only what was made");
    }

    #[test]
    fn a_directory_that_takes_its_name_is_left_alone() {
        for agent_is_there in [false, true] {
            let (directory, mut folder) = made(agent_is_there);
            let at = |name: &str| directory.path().join(name);
            fs::rename(at("agent"), at("gone")).unwrap();
            symlink("prod", at("agent")).unwrap();
            // What comes next goes to the directory that was taken.
            folder.create("genome", b"{}", || {}).unwrap();
            assert_eq!(names(&at("gone")), ["genome", "key", "policy"]);
            assert_eq!(folder.undo(), Undone { is_elsewhere: true, ..Undone::default() });
            assert_eq!((names(&at("prod")), names(&at("gone"))), (vec!["key".to_owned(), "policy".to_owned()], Vec::new()));
            assert_eq!(fs::read_to_string(at("prod/key")).unwrap(), "of production");
            assert!(at("agent").is_symlink());
        }
        // A directory, and not a link, which is empty.
        let (directory, mut folder) = made(false);
        let at = |name: &str| directory.path().join(name);
        fs::rename(at("agent"), at("gone")).unwrap();
        fs::create_dir(at("agent")).unwrap();
        assert!(folder.undo().is_elsewhere);
        assert_eq!(names(directory.path()), ["agent", "gone", "prod"]);
    }

    #[test]
    fn a_file_that_takes_the_name_of_one_is_left_alone() {
        let (directory, mut folder) = made(true);
        let at = |name: &str| directory.path().join(name);
        fs::rename(at("prod/key"), at("agent/key")).unwrap();
        fs::rename(at("agent/policy"), at("elsewhere")).unwrap();
        let lost = ["key", "policy"].map(ToOwned::to_owned).to_vec();
        assert_eq!(folder.undo(), Undone { lost, ..Undone::default() });
        assert_eq!(fs::read_to_string(at("agent/key")).unwrap(), "of production");
    }

    #[test]
    fn a_link_that_takes_the_place_of_a_missing_directory_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let found = FoundFolder::find(&at("agent")).unwrap();
        fs::create_dir(at("prod")).unwrap();
        symlink("prod", at("agent")).unwrap();
        assert_eq!(found.hold().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(names(&at("prod")), [""; 0]);
    }

    #[test]
    fn nothing_is_replaced() {
        let (directory, mut folder) = made(false);
        assert_eq!(folder.create_secret("policy", b"").unwrap_err().kind(), ErrorKind::AlreadyExists);
        let refused = folder.create("key", b"", || {});
        assert!(matches!(refused, Err(ReplaceError::Unchanged(error)) if error.kind() == ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(directory.path().join("agent/key")).unwrap(), "secret");
        assert!(FoundFolder::find(&directory.path().join("agent")).unwrap().has("key"));
        assert!(matches!(FoundFolder::find(&directory.path().join("agent/key")), Err(OpenError::NotADirectory(None))));
    }
}
