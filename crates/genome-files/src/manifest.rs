//! The files that a genome's `build_manifest` names, on the disk. The demands of the manifest are in the core.

mod beneath;
mod hashing;
mod line_ends;
mod opening;
mod progress;
mod reading;
mod unlisted;

use genome::manifest::{FileProblem, ManifestPathError, OtherLineEnds};
use genome::{DeployedFiles, Digest, ManifestPath};
use hashing::Hashing;
pub use progress::Progress;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use unlisted::unlisted;

/// The directory where the paths of a manifest start, open: it stays the same one, whatever takes its name meanwhile.
///
/// No file outside of it is read. A symbolic link at any step of a path is refused and not followed, wherever it leads. Other file
/// systems may be mounted there. Names are compared as bytes: where a file system takes two names for one (as it ignores case, or
/// normalizes Unicode), only the one that the directory shows is good. That needs the permission to list the directory; without it,
/// the file system's word is taken.
#[derive(Debug)]
pub struct ManifestRoot {
    directory: OwnedFd,
    path: PathBuf,
    /// Closed directories beneath it, which may hold only what the manifest lists; the empty path is the root.
    closed: Vec<PathBuf>,
}

impl ManifestRoot {
    /// Opens a directory. Links may lead to it: whoever checks the files names it, and not the genome.
    ///
    /// # Errors
    /// It does not exist, is not a directory, or this user may not search it.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { directory: opening::root(path)?, path: path.to_owned(), closed: Vec::new() })
    }

    /// Refuses also whatever is beneath this directory and not in the manifest: files, links, FIFOs, anything but directories, which
    /// are looked into however deep they are. Its path starts here and is written as those of the manifest are; `.` is the root itself.
    ///
    /// # Errors
    /// It is not such a path. Whether the directory is there shows when it is checked.
    pub fn closing(mut self, directory: &str) -> Result<Self, ManifestPathError> {
        self.closed.push(match directory {
            "." => PathBuf::new(),
            directory => directory.parse::<ManifestPath>()?.as_ref().to_owned(),
        });
        Ok(self)
    }

    /// The path that it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same files, with their progress reported here.
    #[must_use]
    pub fn watched<'r>(&'r self, progress: &'r Progress) -> WatchedRoot<'r> {
        WatchedRoot { root: self, progress }
    }

    /// Returns the digest of a file's current bytes.
    ///
    /// # Errors
    /// There is not a regular file that can be read, or it changed meanwhile.
    pub fn digest(&self, path: &ManifestPath) -> Result<Digest, FileProblem> {
        self.digests(&[path]).pop().unwrap_or(Err(FileProblem::Missing))
    }
}

/// A [`ManifestRoot`] that reports its progress.
#[derive(Debug, Clone, Copy)]
pub struct WatchedRoot<'r> {
    root: &'r ManifestRoot,
    progress: &'r Progress,
}

impl DeployedFiles for WatchedRoot<'_> {
    /// Hashes the files on all cores.
    fn digests(&self, paths: &[&ManifestPath]) -> Vec<Result<Digest, FileProblem>> {
        let hashing = Hashing::new(&self.root.directory, self.progress);
        hashing.each(paths, AsRef::as_ref, |worker, _, path| Some(worker.digest(path.as_ref())))
    }

    /// Reads them once more, on all cores. That is no part of the progress.
    fn with_other_line_ends(&self, paths: &[&ManifestPath]) -> Vec<Option<OtherLineEnds>> {
        let progress = Progress::default();
        let hashing = Hashing::new(&self.root.directory, &progress);
        hashing.each(paths, AsRef::as_ref, |worker, _, path| Some(worker.with_other_line_ends(path.as_ref()).ok()))
    }

    fn unlisted(&self, is_listed: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, FileProblem)> {
        unlisted(&self.root.directory, &self.root.closed, is_listed).into_iter().collect()
    }
}

impl DeployedFiles for ManifestRoot {
    fn digests(&self, paths: &[&ManifestPath]) -> Vec<Result<Digest, FileProblem>> {
        self.watched(&Progress::default()).digests(paths)
    }

    fn with_other_line_ends(&self, paths: &[&ManifestPath]) -> Vec<Option<OtherLineEnds>> {
        self.watched(&Progress::default()).with_other_line_ends(paths)
    }

    fn unlisted(&self, is_listed: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, FileProblem)> {
        self.watched(&Progress::default()).unlisted(is_listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome::manifest::{FileFault, FileKind, check_files};
    use genome::model::ManifestFile;
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;
    use tempfile::TempDir;

    fn tree() -> (TempDir, ManifestRoot) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("a/b")).unwrap();
        fs::write(directory.path().join("a/b/file"), "signed").unwrap();
        fs::write(directory.path().join("empty"), "").unwrap();
        let root = ManifestRoot::open(directory.path()).unwrap();
        (directory, root)
    }

    fn check(root: &ManifestRoot, files: &[ManifestFile]) -> Vec<FileFault> {
        check_files(files, root)
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
        let large = "large".repeat(1_000_000);
        fs::write(directory.path().join("large"), &large).unwrap();
        fs::write(directory.path().join("a/..b é"), "\r\n\0").unwrap();
        let files = [entry("a/b/file", "signed"), entry("empty", ""), entry("large", &large), entry("a/..b é", "\r\n\0")];
        assert_eq!(check(&root, &files), []);
        assert_eq!(check(&root, &[]), []);
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
        let faults = check(&root, &files);
        let found: Vec<_> =
            faults.iter().map(|fault| (fault.pointer(), fault.path.to_str().unwrap(), fault.problem.clone())).collect();
        let expected = [
            (0, "gone", FileProblem::Missing),
            (2, "changed", FileProblem::Mismatch { expected: signed, found: changed }),
            (3, "a/b/file", FileProblem::Placeholder),
            (4, "a", FileProblem::NotRegular(FileKind::Directory)),
            (5, "empty/x", FileProblem::NotADirectory { at: "empty".into() }),
            (6, "link", FileProblem::Symlink { at: "link".into() }),
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
    fn nothing_else_may_be_in_a_closed_directory() {
        let (directory, root) = tree();
        let path = directory.path();
        fs::create_dir_all(path.join("a/b/empty/directory")).unwrap();
        fs::create_dir_all(path.join("ab")).unwrap();
        for name in ["a/.hidden", "a/FILE", "a/b/empty/directory/deep", "ab/beside", "a/link to a file"] {
            fs::write(path.join(name), "").unwrap();
        }
        fs::remove_file(path.join("a/link to a file")).unwrap();
        symlink("../empty", path.join("a/link to a file")).unwrap();
        symlink("b", path.join("a/link to a directory")).unwrap();
        symlink("../ab", path.join("a/b/listed link")).unwrap();
        fs::write(path.join("a").join(OsStr::from_bytes(b"\xff\n")), "").unwrap();
        assert!(Command::new("mkfifo").arg(path.join("a/fifo")).status().unwrap().success());
        // `A/file` is another file than `a/FILE`, and what is listed elsewhere is not listed here.
        let files = [entry("a/b/file", "signed"), entry("empty", ""), entry("a/b/listed link", ""), entry("deep", "")];
        let faults = |root: &ManifestRoot| -> Vec<String> { check(root, &files).iter().map(ToString::to_string).collect() };
        let listed = ["`a/b/listed link`: `a/b/listed link` is a symbolic link", "`deep`: there is no such file"];
        let in_a = [
            "a/.hidden",
            "a/FILE",
            "a/b/empty/directory/deep",
            "a/fifo",
            "a/link to a directory",
            "a/link to a file",
            "a/\\xff\\u{a}",
        ]
        .map(|name| format!("`{name}`: the manifest does not list it"));
        let beside = ["`ab/beside`: the manifest does not list it".to_owned()];
        let expected = |closed: &[&[String]]| [&listed.map(ToOwned::to_owned)[..], &closed.concat()].concat();
        assert_eq!(faults(&root), expected(&[]));
        let root = root.closing("a").unwrap();
        assert_eq!(faults(&root), expected(&[&in_a]));
        let root = root.closing("a/b").unwrap().closing("a/b/empty").unwrap();
        assert_eq!(faults(&root), expected(&[&in_a]), "each is named once");
        let root = root.closing(".").unwrap();
        assert_eq!(faults(&root), expected(&[&in_a, &beside]));
        let unlisted: Vec<_> = check(&root, &files).into_iter().filter(|fault| fault.index.is_none()).collect();
        assert!(unlisted.iter().all(|fault| fault.pointer() == "/build_manifest/files" && fault.problem == FileProblem::Unlisted));
    }

    #[test]
    fn a_closed_directory_is_one_that_is_there() {
        let (directory, root) = tree();
        symlink("a", directory.path().join("link")).unwrap();
        let root = root.closing("gone").unwrap().closing("empty").unwrap().closing("link/b").unwrap().closing("a/b").unwrap();
        let problems: Vec<_> = check(&root, &[entry("a/b/file", "signed")]).into_iter().map(|fault| fault.problem).collect();
        let link = FileProblem::Symlink { at: "link".into() };
        assert_eq!(problems, [FileProblem::NotADirectory { at: "empty".into() }, FileProblem::Missing, link]);
        for bad in ["", "..", "a/../b", "/a", "./a", "a/", "a//b", "a\\b", "a/.", "C:/a"] {
            ManifestRoot::open(directory.path()).unwrap().closing(bad).unwrap_err();
        }
    }

    #[test]
    fn ten_thousand_files_are_checked_in_order() {
        let (directory, root) = tree();
        let mut files = Vec::new();
        for number in 0..10_000 {
            let path = format!("d{}/{number}", number / 1000);
            fs::create_dir_all(directory.path().join(format!("d{}", number / 1000))).unwrap();
            fs::write(directory.path().join(&path), path.as_bytes()).unwrap();
            files.push(entry(&path, if number % 7 == 0 { "other" } else { &path }));
        }
        let progress = Progress::default();
        let faults = check_files(&files, &root.watched(&progress));
        let expected: Vec<usize> = (0..10_000).step_by(7).collect();
        assert_eq!(faults.iter().filter_map(|fault| fault.index).collect::<Vec<_>>(), expected);
        assert_eq!(faults.len(), expected.len());
        let bytes: usize = files.iter().map(|file| file.path.as_str().len()).sum();
        assert_eq!((progress.files(), progress.files_done(), progress.bytes_done()), (10_000, 10_000, bytes as u64));
        assert_eq!(progress.bytes(), Some(bytes as u64), "all of it is done");
        let paths: Vec<&ManifestPath> = files.iter().rev().map(|file| &file.path).collect();
        let digests = root.digests(&paths);
        assert!(digests.iter().zip(&paths).all(|(digest, path)| *digest == Ok(Digest::of(path.as_str().as_bytes()))));
    }
}
