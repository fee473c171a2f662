//! Whether the files that a genome's `build_manifest` names are there, and hold the bytes that were signed.

mod fault;
mod opening;

use crate::genome::ManifestFile;
use crate::{Digest, ManifestPath};
pub use fault::{FileFault, FileKind, FileProblem};
use rustix::fs::{Stat, fstat};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// How much of a file is in memory at a time.
const BUFFER: usize = 64 * 1024;

/// The directory where the paths of a manifest start, open: it stays the same one, whatever takes its name meanwhile.
///
/// No file outside of it is read. A symbolic link at any step of a path is refused and not followed, wherever it leads. Other file
/// systems may be mounted there.
#[derive(Debug)]
pub struct ManifestRoot {
    directory: OwnedFd,
    path: PathBuf,
}

impl ManifestRoot {
    /// Opens a directory. Links may lead to it: whoever checks the files names it, and not the genome.
    ///
    /// # Errors
    /// It is not there, or not a directory, or this user may not go there.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { directory: opening::root(path)?, path: path.to_owned() })
    }

    /// The path that it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compares the files on the disk with the manifest. The answer holds every file at fault, in the manifest's order; it is empty
    /// if all of them match.
    #[must_use]
    pub fn check(&self, files: &[ManifestFile]) -> Vec<FileFault> {
        let mut buffer = vec![0; BUFFER];
        let faults = files.iter().enumerate().filter_map(|(index, file)| {
            let problem = self.compare(file, &mut buffer).err()?;
            Some(FileFault { index, path: file.path.clone(), problem })
        });
        faults.collect()
    }

    /// The digest of a file's bytes as they are now.
    ///
    /// # Errors
    /// There is no regular file that can be read, or it changed meanwhile.
    pub fn digest(&self, path: &ManifestPath) -> Result<Digest, FileProblem> {
        self.digest_with(path, &mut vec![0; BUFFER])
    }

    fn compare(&self, file: &ManifestFile, buffer: &mut [u8]) -> Result<(), FileProblem> {
        let expected = file.sha256.ok_or(FileProblem::Placeholder)?;
        let found = self.digest_with(&file.path, buffer)?;
        if found == expected { Ok(()) } else { Err(FileProblem::Mismatch { expected, found }) }
    }

    fn digest_with(&self, path: &ManifestPath, buffer: &mut [u8]) -> Result<Digest, FileProblem> {
        let (file, stat) = opening::file(&self.directory, path.as_str())?;
        digest(&file, &stat, buffer)
    }
}

/// The digest of an open file; `before` is what it was when it was opened.
fn digest(file: &File, before: &Stat, buffer: &mut [u8]) -> Result<Digest, FileProblem> {
    // One byte more than there should be shows that the file has grown. No more is read, of one that grows faster than it is read.
    let size = u64::try_from(before.st_size).unwrap_or_default();
    let mut bytes = file.take(size.saturating_add(1));
    let mut hasher = Sha256::new();
    loop {
        match bytes.read(buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FileProblem::unreadable(error)),
        }
    }
    let after = fstat(file).map_err(FileProblem::unreadable)?;
    let state = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
    let whole = bytes.limit() == 1;
    if whole && state(&after) == state(before) { Ok(Digest::finish(hasher)) } else { Err(FileProblem::Changed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::{Duration, SystemTime};
    use tempfile::TempDir;

    fn tree() -> (TempDir, ManifestRoot) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("a/b")).unwrap();
        fs::write(directory.path().join("a/b/file"), "signed").unwrap();
        fs::write(directory.path().join("empty"), "").unwrap();
        let root = ManifestRoot::open(directory.path()).unwrap();
        (directory, root)
    }

    fn entry(path: &str, signed: &str) -> ManifestFile {
        ManifestFile { path: path.parse().unwrap(), sha256: Some(Digest::of(signed.as_bytes())) }
    }

    fn problem(root: &ManifestRoot, path: &str) -> FileProblem {
        root.digest(&path.parse().unwrap()).unwrap_err()
    }

    #[test]
    fn files_as_they_were_signed_match() {
        let (directory, root) = tree();
        let large = "large".repeat(BUFFER);
        fs::write(directory.path().join("large"), &large).unwrap();
        fs::write(directory.path().join("a/..b é"), "\r\n\0").unwrap();
        let files = [entry("a/b/file", "signed"), entry("empty", ""), entry("large", &large), entry("a/..b é", "\r\n\0")];
        assert_eq!(root.check(&files), []);
        assert_eq!(root.check(&[]), []);
        assert_eq!(root.digest(&files[2].path), Ok(Digest::of(large.as_bytes())));
    }

    #[test]
    fn every_fault_is_named_in_order() {
        let (directory, root) = tree();
        fs::write(directory.path().join("changed"), "signeD").unwrap();
        symlink("a/b/file", directory.path().join("link")).unwrap();
        let placeholder = ManifestFile { path: "a/b/file".parse().unwrap(), sha256: None };
        let files = [
            entry("gone", ""),
            entry("a/b/file", "signed"),
            entry("changed", "signed"),
            placeholder,
            entry("a", ""),
            entry("empty/x", ""),
            entry("link", "signed"),
            entry("empty", "\0"),
        ];
        let [signed, changed, empty, zero] = ["signed", "signeD", "", "\0"].map(|text| Digest::of(text.as_bytes()));
        let faults = root.check(&files);
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer(), fault.path.as_str(), fault.problem.clone())).collect();
        let expected = [
            (0, "gone", FileProblem::Missing),
            (2, "changed", FileProblem::Mismatch { expected: signed, found: changed }),
            (3, "a/b/file", FileProblem::Placeholder),
            (4, "a", FileProblem::NotRegular(FileKind::Directory)),
            (5, "empty/x", FileProblem::NotADirectory { at: "empty".to_owned() }),
            (6, "link", FileProblem::Symlink { at: "link".to_owned() }),
            (7, "empty", FileProblem::Mismatch { expected: zero, found: empty }),
        ];
        assert_eq!(found, expected.map(|(index, path, problem)| (format!("/build_manifest/files/{index}"), path, problem)));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let (directory, root) = tree();
        let path = directory.path().join("a/b/file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_ok() {
            let _ = io::stderr().write_all(b"SKIPPED, root may read everything: a_file_that_cannot_be_read_is_named\n");
        } else {
            assert!(matches!(problem(&root, "a/b/file"), FileProblem::Unreadable { kind: io::ErrorKind::PermissionDenied, .. }));
        }
        // Nothing is at address 0 of a process, for root neither.
        if cfg!(target_os = "linux") {
            let process = ManifestRoot::open(Path::new("/proc/self")).unwrap();
            assert_eq!(problem(&process, "mem").to_string(), "it cannot be read: Input/output error (os error 5)");
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let (directory, root) = tree();
        let path = directory.path().join("a/b/file");
        let changes: [fn(&mut File); 3] = [
            |file| file.write_all(b"signed, and more").unwrap(),
            |file| file.set_len(3).unwrap(),
            |file| file.set_modified(SystemTime::now() + Duration::from_secs(1)).unwrap(),
        ];
        for change in changes {
            fs::write(&path, "signed").unwrap();
            let (file, stat) = opening::file(&root.directory, "a/b/file").unwrap();
            change(&mut File::options().write(true).open(&path).unwrap());
            assert_eq!(digest(&file, &stat, &mut [0; 8]), Err(FileProblem::Changed));
        }
    }

    #[test]
    fn a_file_without_end_is_left() {
        let endless = File::open("/dev/zero").unwrap();
        let stat = fstat(&endless).unwrap();
        assert_eq!(digest(&endless, &stat, &mut [0; 8]), Err(FileProblem::Changed));
    }
}
