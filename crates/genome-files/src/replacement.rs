//! Replacing a file as a whole.
//!
//! The new file is written and on the disk before it has a name. It gets one only to take the old one's place, because no system call
//! puts a file without a name there: so that a power cut or a signal leaves a stray file only between two system calls, and never a
//! partial one.
//!
//! By hand, as two libraries were looked at: `atomic-write-file` 0.3.1 opens the directory by its path, where ours is held and locked;
//! after an error it does not say whether the old file or the new one is there, and where the rename fails it leaves its stray file.
//! `cap-tempfile` 4.0.3 takes an open directory, but syncs nothing and keeps neither owner nor mode. Neither makes a file only where there
//! is none (`RENAME_NOREPLACE`).

use crate::directory::sync_directory;
use crate::has_no_locks;
use crate::identity::Identity;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, Stat};
use rustix::fs::{fchmod, linkat, openat, renameat_with, statat, unlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use thiserror::Error;

/// Why a file was not replaced, or possibly not.
#[derive(Debug, Error)]
pub enum ReplaceError {
    /// The old file is as it was.
    #[error("it was not replaced: {0}")]
    Unchanged(#[source] io::Error),
    /// The new file is in place, and may be gone after a power cut.
    #[error("it was replaced, and may be gone after a power cut: {0}")]
    Unsettled(#[source] io::Error),
}

/// The hint for a file that could not be made, replaced or appended to, where what the system says explains it.
#[must_use]
pub fn place_hint(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::NotADirectory => Some("name a file in a directory"),
        io::ErrorKind::PermissionDenied => Some("let this user write in its directory, or name a file elsewhere"),
        io::ErrorKind::ResourceBusy => Some("mount the directory that holds it, and not the file alone"),
        io::ErrorKind::ReadOnlyFilesystem => Some("mount its directory so that it can be written, or name a file elsewhere"),
        io::ErrorKind::StorageFull => {
            Some("make room where its directory is: `df` shows the space that is left there, `df -i` how many files")
        }
        io::ErrorKind::QuotaExceeded => Some("make room in the quota of this user or of its directory, or have it raised"),
        io::ErrorKind::FileTooLarge => Some("raise the limit on the size of a file (`ulimit -f`)"),
        _ if has_no_locks(error) => {
            Some("mount it with locks (NFS: with its lock service), or name a file on a disk of this machine")
        }
        _ => None,
    }
}

/// Replaces the file of this name in this directory, or makes it; with [`RenameFlags::NOREPLACE`], only makes it.
pub(crate) fn replace(directory: &File, name: &OsStr, contents: &[u8], flags: RenameFlags) -> Result<(), ReplaceError> {
    put(directory, name, contents, flags).map_err(ReplaceError::Unchanged)?;
    settle(directory)
}

/// The same without syncing the names in the directory. Returns which file is there now.
pub(crate) fn put(directory: &File, name: &OsStr, contents: &[u8], flags: RenameFlags) -> io::Result<Identity> {
    let (new, identity) = complete(directory, name, contents, flags)?;
    new.take_place_of(name, flags).map(|()| identity)
}

/// Syncs the names in the directory to the disk.
pub(crate) fn settle(directory: &File) -> Result<(), ReplaceError> {
    sync_directory(directory).map_err(ReplaceError::Unsettled)
}

/// The new file, complete and on the disk, under a name of its own.
fn complete<'d>(directory: &'d File, name: &OsStr, contents: &[u8], flags: RenameFlags) -> io::Result<(Named<'d>, Identity)> {
    let old = match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        // Where nothing may be replaced, no old file decides the owner.
        _ if flags.contains(RenameFlags::NOREPLACE) => None,
        Ok(old) => Some(old),
        Err(Errno::NOENT) => None,
        Err(error) => return Err(error.into()),
    };
    // One that replaces another gets the other's mode when it is complete. What decides is written by its owner alone, whatever the umask.
    let mode = if old.is_some() { Mode::RUSR | Mode::WUSR } else { Mode::from_raw_mode(0o644) };
    if let Some(file) = unnamed(directory, mode) {
        fill(&file, contents, old.as_ref())?;
        if let Some(new) = Named::link(&file, directory, name)? {
            return Ok((new, Identity::of(&file)?));
        }
    }
    let (new, file) = Named::create(directory, name, mode)?;
    fill(&file, contents, old.as_ref())?;
    Ok((new, Identity::of(&file)?))
}

/// A new file without a name, where the file system can do that (open(2), `O_TMPFILE`).
#[cfg(target_os = "linux")]
pub(crate) fn unnamed(directory: &File, mode: Mode) -> Option<File> {
    // After any error a file with a name is tried next, which then reports the error.
    openat(directory, ".", OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, mode).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn unnamed(_: &File, _: Mode) -> Option<File> {
    None
}

/// Writes the contents, with owner and mode of the old file, to the disk.
fn fill(mut file: &File, contents: &[u8], old: Option<&Stat>) -> io::Result<()> {
    file.write_all(contents)?;
    if let Some(old) = old {
        // Only root may give a file away, and others only to a group of theirs; then it is the file of whoever signed.
        let owner = std::os::unix::fs::fchown(file, Some(old.st_uid), Some(old.st_gid))
            .or_else(|_| std::os::unix::fs::fchown(file, None, Some(old.st_gid)));
        match owner {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
        // After the owner, as a change of owner may take bits off.
        fchmod(file, Mode::from_raw_mode(old.st_mode))?;
    }
    file.sync_all()
}

/// A file that is unlinked unless it takes its place.
struct Named<'d> {
    directory: &'d File,
    name: Option<OsString>,
}

impl<'d> Named<'d> {
    /// A new, empty file.
    fn create(directory: &'d File, beside: &OsStr, mode: Mode) -> io::Result<(Self, File)> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let (name, file) = with_free_name(beside, |name| openat(directory, name, flags, mode))?;
        Ok((Self { directory, name: Some(name) }, File::from(file)))
    }

    /// A name for a file that has none; `None` where that cannot be done, as without /proc.
    fn link(file: &File, directory: &'d File, beside: &OsStr) -> io::Result<Option<Self>> {
        // open(2), `O_TMPFILE`: linkat(2) with /proc needs no capability, unlike `AT_EMPTY_PATH`.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        match with_free_name(beside, |name| linkat(CWD, &path, directory, name, AtFlags::SYMLINK_FOLLOW)) {
            Ok((name, ())) => Ok(Some(Self { directory, name: Some(name) })),
            Err(error @ (Errno::NOSPC | Errno::DQUOT)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    fn take_place_of(mut self, name: &OsStr, flags: RenameFlags) -> io::Result<()> {
        if let Some(own) = &self.name {
            without_flags_too(flags, |flags| renameat_with(self.directory, own, self.directory, name, flags)).map_err(|error| {
                match error {
                    // rename(2): something is mounted there, and that no new file can replace.
                    Errno::BUSY => {
                        io::Error::new(io::ErrorKind::ResourceBusy, "the file is a mount of its own, and cannot be replaced")
                    }
                    error => error.into(),
                }
            })?;
        }
        self.name = None;
        Ok(())
    }
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // There is nothing more to be done about it.
            let _ = unlinkat(self.directory, name, AtFlags::empty());
        }
    }
}

/// Renames with flags, or without them where the file system has none (renameat2(2)): then the caller must have checked before.
pub(crate) fn without_flags_too(flags: RenameFlags, rename: impl Fn(RenameFlags) -> Result<(), Errno>) -> Result<(), Errno> {
    match rename(flags) {
        Err(Errno::INVAL | Errno::NOSYS) if !flags.is_empty() => rename(RenameFlags::empty()),
        renamed => renamed,
    }
}

/// Does something with hidden names like `.genome.json.1f0a93`, until one is free.
pub(crate) fn with_free_name<T>(beside: &OsStr, mut make: impl FnMut(&OsStr) -> Result<T, Errno>) -> Result<(OsString, T), Errno> {
    let mut attempts = 0;
    loop {
        let mut name = OsString::from(".");
        // A name has 255 bytes at most.
        let start = beside.as_bytes().get(..200).unwrap_or(beside.as_bytes());
        name.push(OsStr::from_bytes(start));
        name.push(format!(".{:06x}", RandomState::new().hash_one(attempts) & 0xff_ffff));
        match make(&name) {
            Err(Errno::EXIST) if attempts < 100 => attempts += 1,
            result => return result.map(|done| (name, done)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What happens where the system has no files without a name.
    #[test]
    fn a_file_with_a_name_does_as_well() {
        let directory = tempfile::tempdir().unwrap();
        let open = File::open(directory.path()).unwrap();
        let (new, file) = Named::create(&open, OsStr::new("genome.json"), Mode::from_raw_mode(0o666)).unwrap();
        fill(&file, b"new", None).unwrap();
        new.take_place_of(OsStr::new("genome.json"), RenameFlags::empty()).unwrap();
        let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["genome.json"]);
        drop(Named::create(&open, OsStr::new("other.json"), Mode::from_raw_mode(0o666)).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_rename_that_fails_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("genome.json")).unwrap();
        let open = File::open(directory.path()).unwrap();
        assert!(matches!(replace(&open, OsStr::new("genome.json"), b"new", RenameFlags::empty()), Err(ReplaceError::Unchanged(_))));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_long_name_leaves_room() {
        let directory = tempfile::tempdir().unwrap();
        let name = "n".repeat(255);
        replace(&File::open(directory.path()).unwrap(), OsStr::new(&name), b"new", RenameFlags::empty()).unwrap();
        assert_eq!(fs::read(directory.path().join(name)).unwrap(), b"new");
    }
}
