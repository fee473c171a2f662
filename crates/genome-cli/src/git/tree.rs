//! The files of a commit, and those of the work tree that git tracks or would.

use super::{Git, GitError, is_object};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) blob: String,
    pub(crate) is_link: bool,
}

/// A file of the work tree, if it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// Whether a sparse checkout leaves it out.
    pub(crate) is_left_out: bool,
    /// Whether it is the directory of another repository, into which git does not look.
    pub(crate) is_repository: bool,
}

/// A submodule of the work tree.
#[derive(Debug)]
pub(crate) struct Submodule {
    /// The commit that it is at.
    pub(crate) commit: String,
    /// The repository, where it is checked out.
    pub(crate) git: Option<Git>,
}

impl Git {
    /// The files of a commit below these paths, which start at the top of the work tree; all of them where there are none. Submodules are no files.
    pub(crate) fn files_of(&self, commit: &str, paths: &[PathBuf]) -> Result<Vec<(PathBuf, Entry)>, GitError> {
        let output = self.output(words(&["ls-tree", "-r", "-z", "--full-tree", commit, "--"], paths))?;
        Ok(output.split(|&byte| byte == 0).filter_map(entry).collect())
    }

    /// The submodules of a commit, and the commit that each is at.
    pub(crate) fn submodules_of(&self, commit: &str) -> Result<BTreeMap<PathBuf, String>, GitError> {
        let output = self.output(["ls-tree", "-r", "-z", "--full-tree", commit])?;
        Ok(output.split(|&byte| byte == 0).filter_map(submodule).collect())
    }

    /// The submodules of the work tree with this top, and the commit that each is at: that which is checked out, where one is.
    pub(crate) fn submodules_here(&self, top: &Path) -> Result<BTreeMap<PathBuf, Submodule>, GitError> {
        let output = self.output(["ls-files", "-z", "--stage", "--full-name"])?;
        let mut all = BTreeMap::new();
        for (path, commit) in output.split(|&byte| byte == 0).filter_map(submodule) {
            let directory = top.join(&path);
            let found = if directory.join(".git").symlink_metadata().is_ok() {
                let git = self.within(directory);
                Submodule { commit: git.line(&["rev-parse", "--verify", "HEAD"])?, git: Some(git) }
            } else {
                Submodule { commit, git: None }
            };
            all.insert(path, found);
        }
        Ok(all)
    }

    /// The files that git tracks in the work tree, and those that it would track, below these paths. What the repository ignores for everybody is left
    /// out; `.git/info/exclude`, which nobody else sees, hides nothing.
    pub(crate) fn files_here(&self, paths: &[PathBuf]) -> Result<Vec<Listed>, GitError> {
        let options = ["ls-files", "-z", "-t", "--full-name", "--cached", "--others", "--exclude-per-directory=.gitignore", "--"];
        let output = self.output(words(&options, paths))?;
        Ok(output.split(|&byte| byte == 0).filter_map(listed).collect())
    }
}

fn words<'w>(options: &'w [&'w str], paths: &'w [PathBuf]) -> Vec<&'w OsStr> {
    options.iter().map(OsStr::new).chain(paths.iter().map(|path| path.as_os_str())).collect()
}

/// `<mode> SP blob SP <object> TAB <path>`.
fn entry(line: &[u8]) -> Option<(PathBuf, Entry)> {
    let tab = line.iter().position(|&byte| byte == b'\t')?;
    let (header, path) = line.split_at_checked(tab)?;
    let header = std::str::from_utf8(header).ok()?;
    let fields: Vec<&str> = header.split(' ').collect();
    let [mode, "blob", blob] = fields.as_slice() else { return None };
    let entry = Entry { blob: (*blob).to_owned(), is_link: *mode == "120000" };
    is_object(blob).then(|| (owned(path.strip_prefix(b"\t").unwrap_or(path)), entry))
}

/// `160000 SP commit SP <object> TAB <path>`, and in the index `160000 SP <object> SP <stage> TAB <path>`.
fn submodule(line: &[u8]) -> Option<(PathBuf, String)> {
    let tab = line.iter().position(|&byte| byte == b'\t')?;
    let (header, path) = line.split_at_checked(tab)?;
    let header = std::str::from_utf8(header).ok()?.strip_prefix("160000 ")?;
    let commit = header.split(' ').find(|word| is_object(word))?;
    Some((owned(path.strip_prefix(b"\t").unwrap_or(path)), commit.to_owned()))
}

/// `<tag> SP <path>`.
fn listed(line: &[u8]) -> Option<Listed> {
    let (tag, path) = line.split_at_checked(2)?;
    let is_repository = path.ends_with(b"/");
    let path = path.strip_suffix(b"/").unwrap_or(path);
    Some(Listed { path: owned(path), is_left_out: tag.eq_ignore_ascii_case(b"S "), is_repository })
}

fn owned(path: &[u8]) -> PathBuf {
    Path::new(&OsString::from(OsStr::from_bytes(path))).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_lists() {
        let blob = "a".repeat(40);
        let line = |mode: &str, kind: &str| format!("{mode} {kind} {blob}\ta b\tc");
        let of = |is_link| Some((PathBuf::from("a b\tc"), Entry { blob: blob.clone(), is_link }));
        assert_eq!(entry(line("100644", "blob").as_bytes()), of(false));
        assert_eq!(entry(line("120000", "blob").as_bytes()), of(true));
        assert_eq!((entry(line("160000", "commit").as_bytes()), entry(b"")), (None, None));
        let listed_as = |is_left_out, is_repository| Some(Listed { path: "x y".into(), is_left_out, is_repository });
        assert_eq!((listed(b"H x y"), listed(b"S x y"), listed(b"")), (listed_as(false, false), listed_as(true, false), None));
        assert_eq!(listed(b"? x y/"), listed_as(false, true));
    }
}
