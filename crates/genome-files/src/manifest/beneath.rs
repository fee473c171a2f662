//! The way to files beneath a directory: each step of a path is looked up in the directory that the step before it led to.

use super::opening::{Entries, Entry, directory_in, kind, last_step, listing, open_regular, regular, split, unreadable};
use foldhash::fast::RandomState;
use genome::manifest::FileProblem;
use rustix::fs::{FileType, Stat};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The way to what is beneath a root. It stays in the directory that it went to last, as the next file is often there too: that one is
/// beneath the root in any case, whatever takes its name meanwhile.
pub(super) struct Beneath<'r> {
    root: &'r OwnedFd,
    /// Where it is, and the directory there; the root has no name and is always open.
    path: PathBuf,
    directory: Option<OwnedFd>,
    /// What is there, if it has been asked for and may be known.
    entries: Option<HashSet<Entry, RandomState>>,
}

impl<'r> Beneath<'r> {
    pub(super) fn new(root: &'r OwnedFd) -> Self {
        Self { root, path: PathBuf::new(), directory: None, entries: None }
    }

    /// Opens a regular file, and says what it is at that moment.
    pub(super) fn file(&mut self, path: &Path) -> Result<(File, Stat), FileProblem> {
        let (parent, _) = split(path);
        self.go(parent)?;
        let name = last_step(path)?;
        if self.entries.is_none() {
            // A user who may not list a directory may still open files in it; the exact name is not checked then.
            self.entries = self.entries().ok().and_then(|entries| entries.collect::<Result<_, _>>().ok());
        }
        let listed = self.entries.as_ref().map(|entries| entries.get(name).map(Entry::kind));
        // Checked before it is opened, because opening a device can start something: a tape, a watchdog.
        if listed != Some(Some(FileType::RegularFile)) {
            regular(self.kind(path)?, path)?;
            if listed == Some(None) {
                return Err(FileProblem::OtherName);
            }
        }
        open_regular(self.directory(), name, path)
    }

    /// What is in a directory, besides itself and the one above it.
    pub(super) fn list(&mut self, path: &Path) -> Result<Entries, FileProblem> {
        self.go(path)?;
        self.entries()
    }

    /// What has this name. A link stands for itself.
    pub(super) fn kind(&mut self, path: &Path) -> Result<FileType, FileProblem> {
        let (parent, name) = split(path);
        self.go(parent)?;
        kind(self.directory(), name).map_err(unreadable)
    }

    fn directory(&self) -> &OwnedFd {
        self.directory.as_ref().unwrap_or(self.root)
    }

    fn entries(&self) -> Result<Entries, FileProblem> {
        listing(self.directory())
    }

    /// Goes to a directory; the empty path is the root.
    fn go(&mut self, path: &Path) -> Result<(), FileProblem> {
        if self.path.as_os_str() == path.as_os_str() {
            return Ok(());
        }
        let bytes = path.as_os_str().as_bytes();
        let here = self.path.as_os_str().as_bytes();
        let is_below = !here.is_empty() && bytes.strip_prefix(here).is_some_and(|rest| rest.starts_with(b"/"));
        let start = if is_below { here.len() + 1 } else { 0 };
        let mut directory = self.directory.take().filter(|_| is_below);
        *self = Self::new(self.root);
        let ends = bytes.iter().enumerate().skip(start).filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
        for end in ends.chain((!bytes.is_empty()).then_some(bytes.len())) {
            let at = Path::new(OsStr::from_bytes(bytes.get(..end).unwrap_or_default()));
            directory = Some(directory_in(directory.as_ref().unwrap_or(self.root), at)?);
        }
        *self = Self { root: self.root, path: path.to_owned(), directory, entries: None };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::opening::root;
    use genome::manifest::FileKind;
    use std::fs;
    use std::io::{self, Read as _};
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    /// The root of a manifest, beside files that none of its paths may reach.
    fn tree() -> (TempDir, PathBuf, OwnedFd) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root");
        for (parent, file, text) in [("root", "empty", ""), ("root/a/b", "file", "inside"), ("other/b", "file", "outside")] {
            fs::create_dir_all(directory.path().join(parent)).unwrap();
            fs::write(directory.path().join(parent).join(file), text).unwrap();
        }
        let root = root(&path).unwrap();
        (directory, path, root)
    }

    fn read(root: &OwnedFd, path: &str) -> Result<String, FileProblem> {
        let (mut file, _) = Beneath::new(root).file(Path::new(path))?;
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    fn link(at: &str) -> FileProblem {
        FileProblem::Symlink { at: at.into() }
    }

    #[test]
    fn the_root_stays_the_directory_that_was_opened() {
        let (directory, path, opened) = tree();
        symlink(&path, directory.path().join("link")).unwrap();
        let by_link = root(&directory.path().join("link/a/..")).unwrap();
        fs::rename(&path, directory.path().join("moved")).unwrap();
        symlink("other", &path).unwrap();
        for root in [opened, by_link] {
            assert_eq!(read(&root, "a/b/file"), Ok("inside".to_owned()));
            assert_eq!(read(&root, "b/file"), Err(FileProblem::Missing));
        }
    }

    /// CVE-2026-6968: a link in the place of a file, or of a directory above it.
    #[test]
    fn no_link_is_followed() {
        let (_directory, path, root) = tree();
        for (target, name) in [
            (Path::new("../other/b/file"), "out"),
            (&path.join("../other/b/file"), "a/absolute"),
            (Path::new("../.."), "a/up"),
            (Path::new("b/file"), "a/in"),
            (Path::new("a/b"), "directory"),
            (Path::new("nowhere"), "dangling"),
            (Path::new("loop"), "loop"),
        ] {
            symlink(target, path.join(name)).unwrap();
            assert_eq!(read(&root, name), Err(link(name)));
            assert_eq!(read(&root, &format!("{name}/file")), Err(link(name)));
        }
        assert_eq!(read(&root, "a/up/other/b/file"), Err(link("a/up")));
    }

    /// CVE-2026-24686: `..` in a name. [`ManifestPath`](genome::ManifestPath) refuses it, and what is here does not rely on that.
    #[test]
    fn no_step_leads_up() {
        let (directory, _path, root) = tree();
        let outside = directory.path().join("other/b/file");
        for path in
            ["../other/b/file", "a/../../other/b/file", "a/../a/b/file", "./empty", "a//b/file", "..", outside.to_str().unwrap()]
        {
            assert!(path.parse::<genome::ManifestPath>().is_err(), "{path}");
            assert_eq!(read(&root, path), Err(FileProblem::Missing), "{path}");
        }
    }

    #[test]
    fn only_regular_files_are_opened() {
        let (_directory, path, opened) = tree();
        let _socket = UnixListener::bind(path.join("socket")).unwrap();
        // Whoever opens it to read waits for somebody to write.
        assert!(Command::new("mkfifo").arg(path.join("fifo")).status().unwrap().success());
        assert_eq!(read(&opened, "a"), Err(FileProblem::NotRegular(FileKind::Directory)));
        assert_eq!(read(&opened, "fifo"), Err(FileProblem::NotRegular(FileKind::Fifo)));
        assert_eq!(read(&opened, "socket"), Err(FileProblem::NotRegular(FileKind::Socket)));
        let devices = root(Path::new("/dev")).unwrap();
        assert_eq!(read(&devices, "null"), Err(FileProblem::NotRegular(FileKind::CharacterDevice)));
        for at in ["empty", "fifo", "socket"] {
            assert_eq!(read(&opened, &format!("{at}/x")), Err(FileProblem::NotADirectory { at: at.into() }));
        }
        assert_eq!(read(&opened, "gone/x"), Err(FileProblem::Missing));
        for not_a_root in ["empty", "fifo", "gone"] {
            root(&path.join(not_a_root)).unwrap_err();
        }
    }

    #[test]
    fn it_stays_where_it_is_and_finds_its_way() {
        let (_directory, path, root) = tree();
        for (parent, name) in [("a", "file"), ("a/b/c", "deep"), ("ab", "file"), ("c", "file")] {
            fs::create_dir_all(path.join(parent)).unwrap();
            fs::write(path.join(parent).join(name), parent).unwrap();
        }
        let mut beneath = Beneath::new(&root);
        let mut read = |path: &str| {
            let (file, _) = beneath.file(Path::new(path))?;
            Ok::<_, FileProblem>(io::read_to_string(file).unwrap())
        };
        let files =
            [("a/b/file", "inside"), ("a/b/c/deep", "a/b/c"), ("a/file", "a"), ("ab/file", "ab"), ("empty", ""), ("c/file", "c")];
        for (from, text) in files {
            for (to, other) in files {
                assert_eq!((read(from), read(to)), (Ok(text.to_owned()), Ok(other.to_owned())), "from {from} to {to}");
            }
            for none in ["a/b/../b/file", "a//b/file", "a/./file", "a/b//file", "/a/b/file", "/empty", "a/b/", "", "a/gone/file"] {
                assert_eq!((read(from), read(none)), (Ok(text.to_owned()), Err(FileProblem::Missing)), "from {from} to {none}");
            }
        }
        // A replacement of the directory by name does not matter any more.
        assert_eq!(read("a/b/file"), Ok("inside".to_owned()));
        fs::rename(path.join("a"), path.join("moved")).unwrap();
        symlink("../other", path.join("a")).unwrap();
        assert_eq!(read("a/b/file"), Ok("inside".to_owned()));
        assert_eq!(read("empty"), Ok(String::new()));
        assert_eq!(read("a/b/file"), Err(link("a")));
    }

    /// A file system that ignores case finds `README` for `readme`, and does not show it. Here, it is one that was not there before.
    #[test]
    fn names_are_those_that_the_directory_shows() {
        let (_directory, path, root) = tree();
        let mut beneath = Beneath::new(&root);
        beneath.file(Path::new("a/b/file")).unwrap();
        fs::write(path.join("a/b/other"), "").unwrap();
        assert_eq!(beneath.file(Path::new("a/b/other")).unwrap_err(), FileProblem::OtherName);
        assert_eq!(beneath.file(Path::new("a/b/gone")).unwrap_err(), FileProblem::Missing);
        beneath.file(Path::new("empty")).unwrap();
        beneath.file(Path::new("a/b/other")).unwrap();
    }

    /// As if it had taken the place of a regular file just before.
    #[test]
    fn what_is_swapped_in_before_the_opening_is_refused() {
        let (_directory, path, root) = tree();
        symlink("../other/b/file", path.join("link")).unwrap();
        assert!(Command::new("mkfifo").arg(path.join("fifo")).status().unwrap().success());
        for (name, problem) in [
            ("link", link("link")),
            ("fifo", FileProblem::NotRegular(FileKind::Fifo)),
            ("a", FileProblem::NotRegular(FileKind::Directory)),
        ] {
            assert_eq!(open_regular(&root, OsStr::new(name), Path::new(name)).unwrap_err(), problem);
        }
    }

    #[test]
    fn a_link_that_is_swapped_in_and_out_is_not_followed() {
        for swapped in ["a", "a/b/file"] {
            let (directory, path, root) = tree();
            let (place, aside) = (path.join(swapped), path.join("aside"));
            let target = directory.path().join(swapped.replacen('a', "other", 1));
            let done = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        fs::rename(&place, &aside).unwrap();
                        symlink(&target, &place).unwrap();
                        fs::remove_file(&place).unwrap();
                        fs::rename(&aside, &place).unwrap();
                    }
                });
                let start = Instant::now();
                let (mut files, mut links, mut unexpected) = (0, 0, None);
                while (files < 100 || links < 100) && unexpected.is_none() && start.elapsed() < Duration::from_mins(1) {
                    match read(&root, "a/b/file") {
                        Ok(text) if text == "inside" => files += 1,
                        Err(problem) if problem == link(swapped) => links += 1,
                        // A link when it was opened, and gone when the system was asked what it is.
                        Err(FileProblem::Missing | FileProblem::NotADirectory { .. }) => {}
                        // Not there when the directory was listed, and back when the system was asked what it is.
                        Err(FileProblem::OtherName) if swapped == "a/b/file" => {}
                        other => unexpected = Some(other),
                    }
                }
                done.store(true, Ordering::Relaxed);
                assert_eq!((unexpected, files >= 100, links >= 100), (None, true, true), "{swapped}");
            });
        }
    }
}
