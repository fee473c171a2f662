//! Who else can change the files that decide: the evidence about a file that was read, and the way to it. The rule is in the core.
//!
//! By hand, as `fs-mistrust` 0.16.0 was tried: it judges what has the name now (`check`), also where that is not the file that was opened
//! and read before.

use crate::OpenFile;
use crate::open::kind;
use crate::walk::{Step, walk};
use genome::Digest;
use genome::exposure::{EntryKind, Evidence, ExposureError, Observed};
use genome::manifest::FileKind;
use rustix::fs::{FileType, Stat, fstat};
use rustix::process::geteuid;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why it is unknown who can change a file.
#[derive(Debug, Error)]
pub enum ExposureFault {
    /// Something on the way cannot be examined.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The evidence does not show it.
    #[error(transparent)]
    Unclear(#[from] ExposureError),
}

/// Examines an open file, and the way to it by this path, which must end at that very file. `sha256` is the digest of the bytes that
/// were read from it.
///
/// # Errors
/// It is not a regular file, or it changed since it was opened, or the path leads elsewhere by now; or something on the way cannot be
/// examined.
pub fn see_file(path: &Path, file: &OpenFile, sha256: Digest) -> Result<Evidence, ExposureFault> {
    let stat = fstat(file.file()).map_err(io::Error::from)?;
    let descriptor = observed(path.to_owned(), &stat);
    if let EntryKind::Other(kind) = descriptor.kind {
        return Err(ExposureError::NotAFile(kind).into());
    }
    match way(path) {
        Ok((way, true)) => {
            let evidence = Evidence::of_file(&way, &descriptor, sha256, geteuid().as_raw())?;
            // A file that only its owner can change now may have been open to others when it was read. One that is open now is refused
            // anyway.
            let is_settled = !evidence.exposed().is_empty() || !has_changed(file.seen(), &stat);
            if is_settled { Ok(evidence) } else { Err(ExposureError::Changed.into()) }
        }
        Ok((_, false)) => Err(ExposureError::Elsewhere.into()),
        // It could be opened, so it was there.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(ExposureError::Elsewhere.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Examines the way to a missing file. The path must lead into the directory that is open, where nothing has its name.
///
/// # Errors
/// It leads elsewhere, or something has the name by now; or something on the way cannot be examined.
pub fn see_missing(path: &Path, directory: &File) -> Result<Evidence, ExposureFault> {
    let descriptor = observed(path.to_owned(), &fstat(directory).map_err(io::Error::from)?);
    match way(path)? {
        (way, false) => Ok(Evidence::of_missing(&way, &descriptor, geteuid().as_raw())?),
        (_, true) => Err(ExposureError::Elsewhere.into()),
    }
}

/// Whether a file was written, or got another owner, mode or name, between two looks. Each of these sets the time of its last change
/// (inode(7), `ctime`), which nobody can set otherwise; the rest tells changes apart that are within one tick of the clock.
fn has_changed(before: &Stat, after: &Stat) -> bool {
    let said = |stat: &Stat| (stat.st_ctime, stat.st_ctime_nsec, stat.st_size, stat.st_mode, stat.st_uid, stat.st_nlink);
    said(before) != said(after)
}

/// Every entry on the way, and whether there is one at its end.
fn way(path: &Path) -> io::Result<(Vec<Observed>, bool)> {
    let mut way = Vec::new();
    let end = walk(path, |Step { path, stat }| {
        way.push(observed(path, &stat));
        ControlFlow::<std::convert::Infallible>::Continue(())
    })?;
    match end {
        ControlFlow::Continue(is_there) => Ok((way, is_there)),
    }
}

fn observed(path: PathBuf, stat: &Stat) -> Observed {
    let kind = match (FileType::from_raw_mode(stat.st_mode), kind(stat)) {
        (FileType::Symlink, _) => EntryKind::Link,
        (_, None) => EntryKind::File,
        (_, Some(FileKind::Directory)) => EntryKind::Directory,
        (_, Some(kind)) => EntryKind::Other(kind),
    };
    Observed { path, kind, owner: stat.st_uid, mode: stat.st_mode & 0o7777, device: stat.st_dev, inode: stat.st_ino }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{Mode, fchmod};
    use std::fs::{self, Permissions};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    /// Opens a file, or its directory where there is none, and examines it.
    fn see(path: &Path) -> Result<Evidence, ExposureFault> {
        match OpenFile::open(path) {
            Ok(file) => see_file(path, &file, Digest::of(b"")),
            Err(_) => see_missing(path, &crate::open_directory(path.parent().unwrap()).map_err(io::Error::from)?),
        }
    }

    struct Scratch(tempfile::TempDir);

    impl Scratch {
        fn new() -> Self {
            let scratch = Self(tempfile::tempdir().unwrap());
            for directory in ["releases/1", "links"] {
                fs::create_dir_all(scratch.at(directory)).unwrap();
            }
            fs::write(scratch.at("releases/1/genome.json"), "").unwrap();
            symlink("1", scratch.at("releases/current")).unwrap();
            symlink("../releases/current/genome.json", scratch.at("links/genome.json")).unwrap();
            for path in ["", "releases", "releases/1", "links"] {
                scratch.set(path, 0o755);
            }
            scratch.set("releases/1/genome.json", 0o644);
            scratch
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn set(&self, path: &str, mode: u32) {
            fs::set_permissions(self.at(path), Permissions::from_mode(mode)).unwrap();
        }

        /// What is found on the way to the file, by the names below the scratch directory.
        fn found(&self, path: &str) -> Vec<String> {
            let root = self.0.path().canonicalize().unwrap();
            let found = see(&self.at(path)).unwrap();
            let below = found.exposed().iter().filter_map(|exposed| exposed.path.strip_prefix(&root).ok());
            below.map(|path| path.display().to_string()).collect()
        }
    }

    #[test]
    fn a_file_of_which_others_can_write() {
        let scratch = Scratch::new();
        for (mode, open) in
            [(0o644, false), (0o600, false), (0o664, true), (0o646, true), (0o622, true), (0o1644, false), (0o1646, true)]
        {
            scratch.set("releases/1/genome.json", mode);
            let expected = if open { vec!["releases/1/genome.json"] } else { Vec::new() };
            assert_eq!(scratch.found("releases/1/genome.json"), expected, "{mode:o}");
            assert_eq!(scratch.found("links/genome.json"), expected, "{mode:o}");
        }
    }

    #[test]
    fn every_directory_on_the_way() {
        let scratch = Scratch::new();
        for directory in ["releases/1", "releases", "links"] {
            for (mode, open) in [(0o755, false), (0o775, true), (0o757, true), (0o1777, false), (0o755, false)] {
                scratch.set(directory, mode);
                let expected = if open { vec![directory] } else { Vec::new() };
                assert_eq!(scratch.found("links/genome.json"), expected, "{directory} {mode:o}");
            }
        }
        scratch.set("releases", 0o777);
        assert_eq!(scratch.found("releases/current/new.json"), ["releases"], "what does not exist yet has its directories");
        assert_eq!(scratch.found("links/../releases/1/genome.json"), ["releases"]);
        assert!(see(&scratch.at("releases/2/genome.json")).is_err());
    }

    #[test]
    fn what_belongs_to_somebody_else() {
        let scratch = Scratch::new();
        if chown(scratch.at("releases/1/genome.json"), Some(65534), None).is_err() {
            // Only root can give a file away.
            return;
        }
        assert_eq!(scratch.found("links/genome.json"), ["releases/1/genome.json"]);
        chown(scratch.at("releases"), Some(65534), None).unwrap();
        assert_eq!(scratch.found("links/genome.json"), ["releases", "releases/1/genome.json"]);
    }

    #[test]
    fn what_is_no_file_has_no_answer() {
        let scratch = Scratch::new();
        symlink("loop", scratch.at("loop")).unwrap();
        for path in ["releases", "loop", "releases/1/genome.json/x/y"] {
            assert!(see(&scratch.at(path)).is_err(), "{path}");
        }
        assert!(see(Path::new("/dev/null")).is_err());
    }

    #[test]
    fn what_was_read_counts_and_not_what_has_its_name_by_now() {
        let scratch = Scratch::new();
        let path = scratch.at("links/genome.json");
        let open = || OpenFile::open(&path).unwrap();
        let elsewhere = |file: &OpenFile| {
            matches!(see_file(&path, file, Digest::of(b"")), Err(ExposureFault::Unclear(ExposureError::Elsewhere)))
        };
        let before = open();
        assert!(!elsewhere(&before));
        // Replaced, as by whoever deploys.
        fs::write(scratch.at("releases/1/new.json"), "").unwrap();
        fs::rename(scratch.at("releases/1/new.json"), scratch.at("releases/1/genome.json")).unwrap();
        assert!(elsewhere(&before) && !elsewhere(&open()));
        // Behind another link.
        let before = open();
        fs::create_dir(scratch.at("releases/2")).unwrap();
        fs::write(scratch.at("releases/2/genome.json"), "").unwrap();
        symlink("2", scratch.at("releases/next")).unwrap();
        fs::rename(scratch.at("releases/next"), scratch.at("releases/current")).unwrap();
        assert!(elsewhere(&before) && !elsewhere(&open()));
        let changed =
            |file: &OpenFile| matches!(see_file(&path, file, Digest::of(b"")), Err(ExposureFault::Unclear(ExposureError::Changed)));
        // Another name of the same file will do, but the system takes it for a change of the file while it is read.
        let before = open();
        fs::hard_link(scratch.at("releases/2/genome.json"), scratch.at("releases/2/other.json")).unwrap();
        fs::rename(scratch.at("releases/2/other.json"), scratch.at("releases/1/genome.json")).unwrap();
        symlink("1", scratch.at("releases/next")).unwrap();
        fs::rename(scratch.at("releases/next"), scratch.at("releases/current")).unwrap();
        assert!(changed(&before) && see_file(&path, &open(), Digest::of(b"")).is_ok());
        // Its owner closed what had been open to all, or wrote it meanwhile.
        let (close, write) = (|| scratch.set("releases/2/genome.json", 0o644), || fs::write(&path, "others").unwrap());
        for change in [&close as &dyn Fn(), &write] {
            scratch.set("releases/2/genome.json", 0o646);
            let before = open();
            change();
            close();
            assert!(changed(&before));
        }
        // Taken away, or with another thing in its place.
        fs::remove_file(scratch.at("releases/1/genome.json")).unwrap();
        assert!(elsewhere(&before));
        fs::create_dir(scratch.at("releases/1/genome.json")).unwrap();
        assert!(elsewhere(&before));
        fs::remove_dir(scratch.at("releases/1/genome.json")).unwrap();
        fs::remove_dir(scratch.at("releases/1")).unwrap();
        assert!(elsewhere(&before));
    }

    #[test]
    fn a_file_without_a_name_has_no_way_to_it() {
        let file = tempfile::tempfile().unwrap();
        fchmod(&file, Mode::RUSR | Mode::WUSR).unwrap();
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let open = OpenFile::open(&path).unwrap();
        assert!(matches!(see_file(&path, &open, Digest::of(b"")), Err(ExposureFault::Unclear(ExposureError::Elsewhere))));
    }

    #[test]
    fn a_file_that_is_missing_stays_missing_in_the_directory_that_is_held() {
        let scratch = Scratch::new();
        let path = scratch.at("releases/current/state.json");
        let held = crate::open_directory(&scratch.at("releases/1")).unwrap();
        assert!(see_missing(&path, &held).is_ok());
        fs::write(&path, "").unwrap();
        assert!(see_missing(&path, &held).is_err());
        fs::remove_file(&path).unwrap();
        fs::rename(scratch.at("releases/1"), scratch.at("releases/0")).unwrap();
        assert!(see_missing(&path, &held).is_err());
        fs::create_dir(scratch.at("releases/1")).unwrap();
        assert!(see_missing(&path, &held).is_err());
    }
}
