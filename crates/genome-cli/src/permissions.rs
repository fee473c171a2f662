//! Who may write the files that decide.

use rustix::process::geteuid;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// As many links as Linux follows (`path_resolution(7)`).
const MOST_LINKS: u32 = 40;

/// The ways by which others than root and the user that runs this can change what stands under a path, or what it leads to: the file
/// itself, and every directory and link on the way to it, as sshd looks at them (`StrictModes`). In a directory with the sticky bit only
/// the owner of an entry can replace it. A file that does not exist yet has its directories.
///
/// # Errors
/// Something on the way cannot be looked at, or what it leads to is not a regular file.
pub(crate) fn writable_by_others(path: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut here = PathBuf::from("/");
    note(&here, &fs::metadata(&here)?, &mut found);
    // The names that are still to be followed, the next one last.
    let mut ahead = names(&std::path::absolute(path)?);
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&name);
        let metadata = match fs::symlink_metadata(&next) {
            Err(error) if error.kind() == ErrorKind::NotFound && ahead.is_empty() => break,
            metadata => metadata?,
        };
        note(&next, &metadata, &mut found);
        if metadata.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::new(ErrorKind::InvalidInput, "too many links lead to each other"));
            }
            let target = fs::read_link(&next)?;
            if target.is_absolute() {
                here = PathBuf::from("/");
            }
            ahead.extend(names(&target));
        } else if ahead.is_empty() && !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file, so nothing says who can write it"));
        } else {
            here = next;
        }
    }
    found.dedup();
    Ok(found)
}

/// Notes an entry that others can change.
fn note(path: &Path, metadata: &Metadata, found: &mut Vec<String>) {
    let foreign = ![0, geteuid().as_raw()].contains(&metadata.uid());
    // The mode of a link means nothing.
    let open = !metadata.is_symlink() && metadata.mode() & WRITABLE_BY_OTHERS != 0;
    let sticky = metadata.is_dir() && metadata.mode() & STICKY != 0;
    if foreign || (open && !sticky) {
        found.push(path.display().to_string());
    }
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
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

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
            let found = writable_by_others(&self.at(path)).unwrap();
            found
                .iter()
                .filter_map(|path| Path::new(path).strip_prefix(&root).ok())
                .map(|path| path.display().to_string())
                .collect()
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
        assert!(writable_by_others(&scratch.at("releases/2/genome.json")).is_err());
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
            assert!(writable_by_others(&scratch.at(path)).is_err(), "{path}");
        }
        assert!(writable_by_others(Path::new("/dev/null")).is_err());
    }
}
