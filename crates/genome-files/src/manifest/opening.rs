//! Opening one step beneath an open directory, and nothing outside of it: no link is followed, not even one that leads to a place
//! beneath it.

use genome::manifest::{FileKind, FileProblem};
use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::{Errno, retry_on_intr};
use std::borrow::Borrow;
use std::ffi::OsStr;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What a directory is opened for: to look up what is in it. That takes no permission to list it.
#[cfg(target_os = "linux")]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: OFlags = OFlags::RDONLY;

/// What is said of a file that the system does not let be opened or read.
pub(super) fn unreadable(error: impl Into<io::Error>) -> FileProblem {
    let error = error.into();
    match error.kind() {
        io::ErrorKind::NotFound => FileProblem::Missing,
        kind => FileProblem::Unreadable { kind, reason: error.to_string() },
    }
}

/// Opens the directory that the rest is beneath. Links may lead to it.
pub(super) fn root(path: &Path) -> io::Result<OwnedFd> {
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))?)
}

/// Opens a directory that is open already once more, to read what is in it.
pub(super) fn listing(directory: &OwnedFd) -> Result<Entries, FileProblem> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = retry_on_intr(|| openat(directory, ".", flags, Mode::empty()));
    opened.and_then(Dir::new).map(Entries).map_err(unreadable)
}

/// What is before the last step, and the last step.
pub(super) fn split(path: &Path) -> (&Path, &OsStr) {
    let bytes = path.as_os_str().as_bytes();
    let slash = bytes.iter().rposition(|byte| *byte == b'/');
    let (parent, name) = slash.and_then(|slash| bytes.split_at_checked(slash)).unwrap_or((&[], bytes));
    let name = name.strip_prefix(b"/").unwrap_or(name);
    (Path::new(OsStr::from_bytes(parent)), OsStr::from_bytes(name))
}

/// Opens the directory that the last step leads to; `parent` is where the steps before it lead.
pub(super) fn directory_in(parent: &OwnedFd, at: &Path) -> Result<OwnedFd, FileProblem> {
    let name = last_step(at)?;
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| openat(parent, name, flags, Mode::empty())).map_err(|error| match (error, kind(parent, name)) {
        // Systems differ in the error for a link, so the entry is examined again, for the message only.
        (_, Ok(FileType::Symlink)) => FileProblem::Symlink { at: at.to_owned() },
        (Errno::NOTDIR | Errno::LOOP, _) => FileProblem::NotADirectory { at: at.to_owned() },
        (error, _) => unreadable(error),
    })
}

/// Opens what was a regular file when it was asked for. Something else may have taken the name since: a link is not followed, a FIFO not
/// waited for.
pub(super) fn open_regular(parent: &OwnedFd, name: &OsStr, at: &Path) -> Result<(File, Stat), FileProblem> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = retry_on_intr(|| openat(parent, name, flags, Mode::empty())).map_err(|error| match error {
        Errno::LOOP => FileProblem::Symlink { at: at.to_owned() },
        error => unreadable(error),
    })?;
    let stat = fstat(&file).map_err(unreadable)?;
    regular(FileType::from_raw_mode(stat.st_mode), at)?;
    Ok((File::from(file), stat))
}

/// The name to look up. No [`ManifestPath`](genome::ManifestPath) has a step that leads elsewhere; here, nothing has such a name.
pub(super) fn last_step(at: &Path) -> Result<&OsStr, FileProblem> {
    let (_, name) = split(at);
    if at.is_absolute() || matches!(name.as_bytes(), b"" | b"." | b"..") { Err(FileProblem::Missing) } else { Ok(name) }
}

pub(super) fn kind(parent: &OwnedFd, name: &OsStr) -> Result<FileType, Errno> {
    statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| FileType::from_raw_mode(stat.st_mode))
}

pub(super) fn regular(kind: FileType, at: &Path) -> Result<(), FileProblem> {
    Err(FileProblem::NotRegular(match kind {
        FileType::RegularFile => return Ok(()),
        FileType::Symlink => return Err(FileProblem::Symlink { at: at.to_owned() }),
        FileType::Directory => FileKind::Directory,
        FileType::Fifo => FileKind::Fifo,
        FileType::Socket => FileKind::Socket,
        FileType::CharacterDevice => FileKind::CharacterDevice,
        FileType::BlockDevice => FileKind::BlockDevice,
        FileType::Unknown => FileKind::Unknown,
    }))
}

/// A name in a directory, and what has it as far as the file system says it there. It is looked up by the name.
pub(super) struct Entry(DirEntry);

impl Entry {
    pub(super) fn name(&self) -> &OsStr {
        OsStr::from_bytes(self.0.file_name().to_bytes())
    }

    pub(super) fn kind(&self) -> FileType {
        self.0.file_type()
    }
}

impl Borrow<OsStr> for Entry {
    fn borrow(&self) -> &OsStr {
        self.name()
    }
}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Entry {}

/// What is in a directory.
pub(super) struct Entries(Dir);

impl Iterator for Entries {
    type Item = Result<Entry, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.0.next()? {
                Ok(entry) => Entry(entry),
                Err(error) => return Some(Err(unreadable(error))),
            };
            if entry.name() != "." && entry.name() != ".." {
                return Some(Ok(entry));
            }
        }
    }
}
