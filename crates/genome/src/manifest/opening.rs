//! Opening files beneath a directory, and nothing outside of it: each step of a path is looked up in the directory that the step
//! before it led to, and no link is followed, not even one that leads to a place beneath it.

use super::fault::{FileKind, FileProblem};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::{Errno, retry_on_intr};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// What a directory is opened for: to look up what is in it. That takes no permission to list it.
#[cfg(target_os = "linux")]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: OFlags = OFlags::RDONLY;

/// Opens the directory that the rest is beneath. Links may lead to it.
pub(super) fn root(path: &Path) -> io::Result<OwnedFd> {
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))?)
}

/// Opens a regular file beneath the root, and says what it is at that moment.
pub(super) fn file(root: &OwnedFd, path: &str) -> Result<(File, Stat), FileProblem> {
    let mut parent = None;
    for (slash, _) in path.match_indices('/') {
        let (at, _) = path.split_at(slash);
        parent = Some(directory_in(parent.as_ref().unwrap_or(root), at)?);
    }
    file_in(parent.as_ref().unwrap_or(root), path)
}

/// Opens the directory that the last step leads to; `parent` is where the steps before it lead.
fn directory_in(parent: &OwnedFd, at: &str) -> Result<OwnedFd, FileProblem> {
    let name = last_step(at)?;
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| openat(parent, name, flags, Mode::empty())).map_err(|error| match (error, kind(parent, name)) {
        // Systems differ in the error that a link gives, so what is there is asked again, for the message only.
        (_, Ok(FileType::Symlink)) => FileProblem::Symlink { at: at.to_owned() },
        (Errno::NOTDIR | Errno::LOOP, _) => FileProblem::NotADirectory { at: at.to_owned() },
        (error, _) => FileProblem::unreadable(error),
    })
}

/// Opens the regular file that the last step leads to; `parent` is where the steps before it lead.
fn file_in(parent: &OwnedFd, at: &str) -> Result<(File, Stat), FileProblem> {
    let name = last_step(at)?;
    // Asked before it is opened, because to open a device can be enough to start something: a tape, a watchdog.
    regular(kind(parent, name).map_err(FileProblem::unreadable)?, at)?;
    open_regular(parent, name, at)
}

/// Something else may have taken the name since it was asked for: a link is not followed, a FIFO not waited for.
fn open_regular(parent: &OwnedFd, name: &str, at: &str) -> Result<(File, Stat), FileProblem> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = retry_on_intr(|| openat(parent, name, flags, Mode::empty())).map_err(|error| match error {
        Errno::LOOP => FileProblem::Symlink { at: at.to_owned() },
        error => FileProblem::unreadable(error),
    })?;
    let stat = fstat(&file).map_err(FileProblem::unreadable)?;
    regular(FileType::from_raw_mode(stat.st_mode), at)?;
    Ok((File::from(file), stat))
}

/// The name to look up. No [`ManifestPath`](crate::ManifestPath) has a step that leads elsewhere; here, nothing has such a name.
fn last_step(at: &str) -> Result<&str, FileProblem> {
    let step = at.rsplit_once('/').map_or(at, |(_, step)| step);
    if matches!(step, "" | "." | "..") { Err(FileProblem::Missing) } else { Ok(step) }
}

fn kind(parent: &OwnedFd, name: &str) -> Result<FileType, Errno> {
    statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| FileType::from_raw_mode(stat.st_mode))
}

fn regular(kind: FileType, at: &str) -> Result<(), FileProblem> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
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
        let (mut file, _) = file(root, path)?;
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    fn link(at: &str) -> FileProblem {
        FileProblem::Symlink { at: at.to_owned() }
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

    /// CVE-2026-24686: `..` in a name. [`ManifestPath`](crate::ManifestPath) refuses it, and what is here does not rely on that.
    #[test]
    fn no_step_leads_up() {
        let (directory, _path, root) = tree();
        let outside = directory.path().join("other/b/file");
        for path in
            ["../other/b/file", "a/../../other/b/file", "a/../a/b/file", "./empty", "a//b/file", "..", outside.to_str().unwrap()]
        {
            assert!(path.parse::<crate::ManifestPath>().is_err(), "{path}");
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
            assert_eq!(read(&opened, &format!("{at}/x")), Err(FileProblem::NotADirectory { at: at.to_owned() }));
        }
        assert_eq!(read(&opened, "gone/x"), Err(FileProblem::Missing));
        for not_a_root in ["empty", "fifo", "gone"] {
            root(&path.join(not_a_root)).unwrap_err();
        }
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
            assert_eq!(open_regular(&root, name, name).unwrap_err(), problem);
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
                        other => unexpected = Some(other),
                    }
                }
                done.store(true, Ordering::Relaxed);
                assert_eq!((unexpected, files >= 100, links >= 100), (None, true, true), "{swapped}");
            });
        }
    }
}
