//! A log of lines: what another program has renamed is made anew, and what has grown large can be renamed.

use crate::identity::Identity;
use crate::{OpenError, open_appending};
use rustix::fs::lstat;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// A log of lines at a path, which is opened again when another program has renamed or removed it.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    /// How each of its lines begins.
    start: &'static [u8],
    /// `None` before it is opened again.
    file: Option<File>,
}

impl LogFile {
    /// Opens a log whose lines begin so, or makes it, as [`open_appending`] does.
    ///
    /// # Errors
    /// As for [`open_appending`]; or the file is no such log, and is left as it is.
    pub fn open(path: &Path, start: &'static [u8]) -> Result<Self, OpenError> {
        Ok(Self { file: Some(opened(path, start)?), path: path.to_owned(), start })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends whole lines to the file that is at the path by now.
    ///
    /// # Errors
    /// It cannot be opened again, or written. After an error some of the lines may be there, and the last one torn; what comes next stands on a
    /// line of its own.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), OpenError> {
        let file = self.file.take().filter(|file| is_at(file, &self.path));
        let mut file = file.map_or_else(|| opened(&self.path, self.start), Ok)?;
        file.write_all(lines)?;
        self.file = Some(file);
        Ok(())
    }

    /// Renames the file to `PATH.1`, in the place of an older one, if it has reached this size. The next lines go to a new one.
    ///
    /// # Errors
    /// It cannot be renamed. The next lines go to the same file.
    pub fn rotate_at(&mut self, bytes: u64) -> io::Result<()> {
        let Some(file) = self.file.as_ref().filter(|file| is_at(file, &self.path)) else { return Ok(()) };
        if file.metadata()?.len() < bytes {
            return Ok(());
        }
        let mut older = self.path.clone().into_os_string();
        older.push(".1");
        fs::rename(&self.path, older)?;
        self.file = None;
        Ok(())
    }
}

/// Whether the file at the path is still the one that is open.
fn is_at(file: &File, path: &Path) -> bool {
    let there = lstat(path).ok().map(|seen| Identity::from(&seen));
    there.is_some() && there == Identity::of(file).ok()
}

/// Opens the file so that the next line stands alone: the last one may have been torn. A file that is something else, such as a genome whose path was
/// given by mistake, takes no line.
fn opened(path: &Path, start: &[u8]) -> Result<File, OpenError> {
    let mut file = open_appending(path)?;
    let length = file.metadata()?.len();
    let mut first = vec![0; start.len().min(length.try_into().unwrap_or(usize::MAX))];
    file.read_exact_at(&mut first, 0)?;
    if !start.starts_with(&first) {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is not such a log, and was left as it is").into());
    }
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(directory: &Path, name: &str) -> String {
        fs::read_to_string(directory.join(name)).unwrap_or_default()
    }

    #[test]
    fn it_is_made_anew_when_it_was_renamed_or_removed() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let path = directory.join("log");
        fs::write(&path, "-tor").unwrap();
        let mut log = LogFile::open(&path, b"-").unwrap();
        log.append(b"-a\n").unwrap();
        fs::rename(&path, directory.join("old")).unwrap();
        log.append(b"-b\n").unwrap();
        fs::remove_file(&path).unwrap();
        log.append(b"-c\n").unwrap();
        // Another log in its place.
        fs::write(directory.join("other"), "-d").unwrap();
        fs::rename(directory.join("other"), &path).unwrap();
        log.append(b"-e\n").unwrap();
        assert_eq!((read(directory, "old").as_str(), read(directory, "log").as_str()), ("-tor\n-a\n", "-d\n-e\n"));
        // What is no log takes no line.
        fs::write(directory.join("other"), "{}").unwrap();
        fs::rename(directory.join("other"), &path).unwrap();
        log.append(b"-x\n").unwrap_err();
        LogFile::open(&path, b"-").unwrap_err();
        assert_eq!(read(directory, "log"), "{}");
        // What cannot be opened takes no line, and is tried again.
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        log.append(b"f\n").unwrap_err();
        fs::remove_dir(&path).unwrap();
        log.append(b"g\n").unwrap();
        assert_eq!(read(directory, "log"), "g\n");
    }

    #[test]
    fn it_is_renamed_when_it_has_reached_a_size() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let path = directory.join("log");
        let mut log = LogFile::open(&path, b"").unwrap();
        for line in ["1\n", "2\n", "3\n", "4\n", "5\n"] {
            log.rotate_at(4).unwrap();
            log.append(line.as_bytes()).unwrap();
        }
        assert_eq!((read(directory, "log.1").as_str(), read(directory, "log").as_str()), ("3\n4\n", "5\n"));
        // A file that another program has put there is not renamed for the size of the one before.
        log.append(b"6\n").unwrap();
        fs::rename(&path, directory.join("old")).unwrap();
        fs::write(&path, "").unwrap();
        log.rotate_at(4).unwrap();
        log.append(b"7\n").unwrap();
        assert_eq!((read(directory, "log.1").as_str(), read(directory, "log").as_str()), ("3\n4\n", "7\n"));
        // Where it cannot be renamed, it goes on in the same file.
        fs::remove_file(directory.join("log.1")).unwrap();
        fs::create_dir(directory.join("log.1")).unwrap();
        log.append(b"8\n").unwrap();
        log.rotate_at(4).unwrap_err();
        log.append(b"9\n").unwrap();
        assert_eq!(read(directory, "log"), "7\n8\n9\n");
    }
}
