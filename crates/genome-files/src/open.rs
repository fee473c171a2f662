//! The one place where named files are opened.

mod descriptor;
mod error;
mod kind;
mod seen;

use crate::Stream;
use descriptor::{held, readable};
pub use error::OpenError;
use genome::manifest::FileKind;
pub(crate) use kind::{kind, link, require_regular};
use rustix::fs::{CWD, Mode, OFlags, Stat, fcntl_getfl, fcntl_setfl, fstat, open};
use rustix::io::{Errno, retry_on_intr};
use seen::Seen;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// How an input is opened: without waiting, without getting a controlling terminal, and not for children.
pub(crate) const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Something that is open for reading. Its kind comes from the descriptor, not from the path, at which something else may be by now.
#[derive(Debug)]
pub struct OpenFile {
    path: PathBuf,
    file: File,
    kind: Option<FileKind>,
    size: u64,
    /// The metadata of the descriptor before anything was read.
    seen: Stat,
}

impl OpenFile {
    /// Opens what the user named. That is a regular file, or what the caller has open already (`/dev/stdin`, `/dev/fd/3`,
    /// `/proc/self/fd/3`, also behind a link): a pipe or a terminal is read as it comes then, as `<(command)` and `/dev/stdin` must be.
    /// It is examined before it is opened, as opening has effects on some devices and on a program that waits for a reader of a FIFO.
    ///
    /// # Errors
    /// [`OpenError::NotAFile`] for a directory, and for a FIFO, a socket or a device that the caller has not opened; none of them is
    /// waited for. [`OpenError::Stream`] for a standard stream with which the process was not started, or which is not open for reading,
    /// however the path leads there. Otherwise, the system's error.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        match Self::open_at(path) {
            Err(OpenError::NotAFile(kind)) if kind != FileKind::Directory => Self::open_again(path, kind),
            opened => opened,
        }
    }

    /// Opens a regular file, and nothing else: for a file that a search has found, and for one that must have an owner and a mode.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`OpenError::NotAFile`] also for what the caller has open.
    pub fn open_regular(path: &Path) -> Result<Self, OpenError> {
        match Self::open_at(path) {
            // A standard stream that is closed is not said to be a device that nobody named.
            Err(OpenError::NotAFile(kind)) if kind != FileKind::Directory => held(path).and(Err(OpenError::NotAFile(kind))),
            opened => opened,
        }
    }

    fn open_at(path: &Path) -> Result<Self, OpenError> {
        Self::open_seen(&Seen::at(CWD, path, OFlags::empty())?, CWD, path, path)
    }

    /// Opens a regular file of this name in a directory; a link is not followed. `path` is its name in messages.
    ///
    /// # Errors
    /// As [`open_regular`](Self::open_regular).
    pub(crate) fn open_in(directory: &File, name: &OsStr, path: &Path) -> Result<Self, OpenError> {
        let seen = Seen::at(directory, Path::new(name), OFlags::NOFOLLOW)?;
        require_regular(&seen.stat)?;
        Self::open_seen(&seen, directory, Path::new(name), path)
    }

    fn open_seen(seen: &Seen, directory: impl AsFd, name: &Path, path: &Path) -> Result<Self, OpenError> {
        let file = match kind(&seen.stat) {
            None => Self::of(path.to_owned(), seen.open(directory, name)?)?,
            Some(kind) => return Err(OpenError::NotAFile(kind)),
        };
        // Where the system has no /proc, another file may have taken the name.
        file.kind.map_or(Ok(file), |kind| Err(OpenError::NotAFile(kind)))
    }

    /// Opens standard input, whatever it is. Bytes that were read before are gone.
    ///
    /// # Errors
    /// The process was started without it, or it is not open for reading; or the process has too many files open.
    pub fn stdin() -> Result<Self, OpenError> {
        readable(Stream::Input)?;
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(Self::of(PathBuf::from("-"), file)?)
    }

    /// Opens what the caller has open once more, where it is not a regular file.
    fn open_again(path: &Path, kind: FileKind) -> Result<Self, OpenError> {
        let ours = held(path)?.ok_or(OpenError::NotAFile(kind))?;
        let file = match retry_on_intr(|| open(&ours, FLAGS, Mode::empty())) {
            // A socket cannot be opened a second time.
            Err(Errno::NXIO) => return Err(OpenError::NotAFile(kind)),
            file => File::from(file?),
        };
        // Reads wait for input. Nobody else has this file description.
        fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
        Ok(Self::of(path.to_owned(), file)?)
    }

    fn of(path: PathBuf, file: File) -> io::Result<Self> {
        let stat = fstat(&file)?;
        Ok(Self { path, kind: kind(&stat), size: u64::try_from(stat.st_size).unwrap_or_default(), file, seen: stat })
    }

    /// The path by which it was opened; `-` for standard input.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is; `None` for a regular file.
    #[must_use]
    pub fn kind(&self) -> Option<FileKind> {
        self.kind
    }

    /// How many bytes the file had when it was opened; `None` for anything but a regular file.
    #[must_use]
    pub fn size(&self) -> u64 {
        if self.kind.is_none() { self.size } else { 0 }
    }

    /// The metadata of the descriptor before anything was read.
    pub(crate) fn seen(&self) -> &Stat {
        &self.seen
    }

    /// The number of its file system, and its own there: two paths that lead to one file have the same.
    #[must_use]
    pub fn identity(&self) -> (u64, u64) {
        (self.seen.st_dev, self.seen.st_ino)
    }

    /// The open file itself.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The open file alone.
    #[must_use]
    pub fn into_file(self) -> File {
        self.file
    }

    /// Reads it to its end, but no more than this many bytes.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(self, most: u64) -> io::Result<ReadFile> {
        let mut bytes = Vec::new();
        // Room for one more byte, so that the end is seen at once.
        bytes.reserve_exact(usize::try_from(self.size().min(most)).unwrap_or_default() + 1);
        (&self.file).take(most).read_to_end(&mut bytes)?;
        Ok(ReadFile { file: self, bytes })
    }
}

/// The bytes of an open file, and the file, still open.
#[derive(Debug)]
pub struct ReadFile {
    file: OpenFile,
    bytes: Vec<u8>,
}

impl ReadFile {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes alone.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The file, still open, without the bytes.
    #[must_use]
    pub fn into_file(self) -> OpenFile {
        self.file
    }

    /// The file that they were read of.
    #[must_use]
    pub fn file(&self) -> &OpenFile {
        &self.file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_directory;
    use rustix::fs::{FileType, mknodat};
    use std::fs;
    use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    fn read(path: &Path) -> Vec<u8> {
        OpenFile::open(path).unwrap().read(1024).unwrap().into_bytes()
    }

    #[test]
    fn what_is_no_file_is_refused_with_its_kind() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _listener = UnixListener::bind(at("socket")).unwrap();
        symlink("fifo", at("to-fifo")).unwrap();
        for (path, kind) in [
            (at("fifo"), "a FIFO"),
            (at("to-fifo"), "a FIFO"),
            (at("socket"), "a socket"),
            (at("."), "a directory"),
            ("/dev/null".into(), "a character device"),
            ("/dev/zero".into(), "a character device"),
        ] {
            for opened in [OpenFile::open(&path), OpenFile::open_regular(&path)] {
                assert_eq!(opened.unwrap_err().to_string(), format!("it is {kind}, not a regular file"), "{}", path.display());
            }
            if kind != "a directory" {
                let error = open_directory(&path).unwrap_err();
                assert_eq!((error.to_string(), error.kind()), (format!("it is {kind}, not a directory"), ErrorKind::NotADirectory));
            }
        }
        fs::write(at("file"), "text").unwrap();
        assert_eq!(open_directory(&at("file")).unwrap_err().to_string(), "it is a file, not a directory");
        for path in ["file/x", "missing", "missing/x"] {
            let (file, directory) = (OpenFile::open(&at(path)).unwrap_err(), open_directory(&at(path)).unwrap_err());
            assert!(matches!(file, OpenError::System(_)) && matches!(directory, OpenError::System(_)), "{file} {directory}");
        }
        assert!(open_directory(directory.path()).is_ok());
        assert_eq!(read(&at("file")), b"text");
    }

    /// Whoever waits in open(2) for a reader would go on, and find nobody.
    #[test]
    fn who_waits_for_a_reader_of_a_fifo_waits_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(OpenFile::open(&path).is_err());
        let writer = open(&path, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty());
        assert_eq!(writer.unwrap_err(), Errno::NXIO, "nobody has it open for reading");
    }

    #[test]
    fn what_the_caller_has_open_is_read_as_it_comes() {
        let directory = tempfile::tempdir().unwrap();
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = OwnedFd::from(reader);
        let number = reader.as_raw_fd();
        symlink(format!("/dev/fd/{number}"), directory.path().join("link")).unwrap();
        symlink("link", directory.path().join("link-to-link")).unwrap();
        let paths = [
            PathBuf::from(format!("/dev/fd/{number}")),
            format!("/proc/self/fd/{number}").into(),
            format!("/proc/{}/fd/{number}", std::process::id()).into(),
            format!("/proc/thread-self/fd/{number}").into(),
            directory.path().join("link-to-link"),
        ];
        for path in &paths {
            assert!(matches!(OpenFile::open_regular(path), Err(OpenError::NotAFile(FileKind::Fifo))), "{}", path.display());
            let file = OpenFile::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!((file.kind(), file.size()), (Some(FileKind::Fifo), 0));
            assert!(!fcntl_getfl(file.file()).unwrap().contains(OFlags::NONBLOCK), "what comes later is waited for");
        }
        writer.write_all(b"some of it").unwrap();
        let reading = OpenFile::open(&paths[0]).unwrap();
        let read = std::thread::spawn(move || reading.read(1024).unwrap().into_bytes());
        writer.write_all(b", and more").unwrap();
        drop((writer, reader));
        assert_eq!(read.join().unwrap(), b"some of it, and more");
    }

    #[test]
    fn a_file_that_the_caller_has_open_is_read_from_its_start() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"old and new").unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        let path = PathBuf::from(format!("/dev/fd/{}", file.as_raw_fd()));
        assert_eq!(read(&path), b"old and new", "it has no name any more, and is opened anew");
        assert_eq!(OpenFile::open_regular(&path).unwrap().size(), 11);
    }

    #[test]
    fn no_more_is_read_than_was_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        for most in [0, 4, 10, 11] {
            let read = OpenFile::open(&path).unwrap().read(most).unwrap();
            assert_eq!(read.bytes().len() as u64, most.min(10));
        }
    }
}
