//! The way to a file, step by step from `/`, as the kernel resolves it (`path_resolution(7)`).
//!
//! By hand, as `cap-std` 4.0.3 stays beneath a directory and tells nothing of the links that it followed, and `fs-mistrust` 0.16.0 looks at
//! each step by its name anew (`symlink_metadata`), and not in the directory that it looked at before.

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::{Errno, retry_on_intr};
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows (`path_resolution(7)`).
const MOST_LINKS: u32 = 40;

/// What a directory is opened for: to look up what is in it. That takes no permission to list it.
#[cfg(target_os = "linux")]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: OFlags = OFlags::RDONLY;

/// An entry on the way: a directory, a link, or what stands at the end.
pub(crate) struct Step {
    /// Its path, in which no link is left but the entry itself.
    pub(crate) path: PathBuf,
    /// What the system says of the entry itself.
    pub(crate) stat: Stat,
}

/// Walks the way to a path, and calls `each` with every entry on it, `/` first. The directories are held open on the way, so that each
/// step is looked up in the directory that was seen before it, whatever takes its name meanwhile. The last entry may be missing: then
/// the last step is its directory, and the answer is `false`.
///
/// # Errors
/// A step before the last is missing or leads no further, more links than the system follows, or a step that cannot be looked at.
pub(crate) fn walk<B>(path: &Path, mut each: impl FnMut(Step) -> ControlFlow<B>) -> io::Result<ControlFlow<B, bool>> {
    let mut here = PathBuf::from("/");
    let mut directory = open_at(rustix::fs::CWD, OsStr::new("/"))?;
    let mut step = Step { path: here.clone(), stat: fstat(&directory)? };
    // The names that are still to be followed, the next one last.
    let mut ahead = names(&std::path::absolute(path)?);
    let mut links = 0;
    loop {
        let kind = FileType::from_raw_mode(step.stat.st_mode);
        if let ControlFlow::Break(found) = each(step) {
            return Ok(ControlFlow::Break(found));
        }
        let Some(name) = ahead.pop() else { return Ok(ControlFlow::Continue(true)) };
        if kind != FileType::Directory && kind != FileType::Symlink {
            return Err(Errno::NOTDIR.into());
        }
        if name == ".." {
            here.pop();
            directory = open_at(&directory, &name)?;
            step = Step { path: here.clone(), stat: fstat(&directory)? };
            continue;
        }
        let path = here.join(&name);
        let stat = match statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) if ahead.is_empty() => {
                let end = each(Step { path: here, stat: fstat(&directory)? });
                return Ok(end.map_continue(|()| false));
            }
            stat => stat?,
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(io::Error::new(ErrorKind::InvalidInput, "too many links lead to each other"));
                }
                let target = PathBuf::from(OsString::from_vec(readlinkat(&directory, &name, Vec::new())?.into_bytes()));
                if target.is_absolute() {
                    here = PathBuf::from("/");
                    directory = open_at(rustix::fs::CWD, OsStr::new("/"))?;
                }
                ahead.extend(names(&target));
                step = Step { path, stat };
            }
            FileType::Directory => {
                directory = open_at(&directory, &name)?;
                // Of the directory that is held, as another may have its name by now.
                step = Step { path: path.clone(), stat: fstat(&directory)? };
                here = path;
            }
            _ => {
                here.clone_from(&path);
                step = Step { path, stat };
            }
        }
    }
}

fn open_at(directory: impl std::os::fd::AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| openat(&directory, name, flags, Mode::empty()))?)
}

/// The names in a path, the first one last.
fn names(path: &Path) -> Vec<OsString> {
    let name = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsStr::new("..").to_owned()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().rev().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn steps(path: &Path) -> io::Result<(Vec<PathBuf>, bool)> {
        let mut steps = Vec::new();
        let end = walk(path, |step| {
            steps.push(step.path);
            ControlFlow::<()>::Continue(())
        })?;
        Ok((steps, end.continue_value().unwrap()))
    }

    #[test]
    fn links_are_followed_step_by_step() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/file"), "").unwrap();
        symlink("../link/./file", root.join("real/to-file")).unwrap();
        symlink("real", root.join("link")).unwrap();
        let below = |path: &str| {
            let (steps, is_there) = steps(&root.join(path)).unwrap();
            let below: Vec<String> =
                steps.iter().filter_map(|step| step.strip_prefix(&root).ok()).map(|step| step.display().to_string()).collect();
            (below, is_there)
        };
        let found = ["", "real", "real/to-file", "", "link", "real", "real/file"].map(ToOwned::to_owned).to_vec();
        assert_eq!(below("real/to-file"), (found, true));
        assert_eq!(below("link/new"), (["", "link", "real", "real"].map(ToOwned::to_owned).to_vec(), false));
        for (path, kind) in [
            ("new/file", ErrorKind::NotFound),
            ("real/file/x", ErrorKind::NotADirectory),
            ("real/file/x/y", ErrorKind::NotADirectory),
        ] {
            assert_eq!(steps(&root.join(path)).unwrap_err().kind(), kind, "{path}");
        }
        symlink("loop", root.join("loop")).unwrap();
        assert!(steps(&root.join("loop")).is_err());
    }

    #[test]
    fn the_working_directory_is_where_a_relative_path_starts() {
        let (steps, is_there) = steps(Path::new("Cargo.toml")).unwrap();
        assert!(is_there && steps.last().unwrap().ends_with("Cargo.toml") && steps.len() > 2);
    }
}
