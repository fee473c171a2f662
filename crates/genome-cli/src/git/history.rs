//! The versions that a file has had.

use super::{Git, GitError, is_object};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// A version of a file: its blob, the commit that made it, and the path that it had there, from the top of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) blob: String,
    pub(crate) commit: String,
    pub(crate) path: PathBuf,
}

/// The versions of the files near one, newest first.
#[derive(Debug)]
pub(crate) struct Nearby {
    pub(crate) versions: Vec<Version>,
    /// Whether older commits were left out.
    pub(crate) is_cut: bool,
}

/// How many commits are asked for the files near one: a long history takes git long.
pub(crate) const MOST_COMMITS: usize = 2000;

/// The options of `git log` under which its answer is the same whatever the repository configures, and runs nothing.
const LOG: [&str; 13] = [
    "log",
    "--diff-merges=separate",
    "--raw",
    "-z",
    "--no-abbrev",
    "--format=%H",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-notes",
    "--no-mailmap",
    "-O/dev/null",
];

/// How alike two versions are where a file was renamed and changed at once: a short genome changes much, and its id tells whether it is the one that is
/// looked for.
const RENAMED: &str = "--find-renames=10%";

impl Git {
    /// The versions of a file in this directory, newest first, also from before it was renamed. None where git does not track it.
    pub(crate) fn versions_of_file(&self, name: &OsStr) -> Result<Vec<Version>, GitError> {
        Ok(self.log(&["--follow", RENAMED], name)?.0)
    }

    /// The versions of all files whose names end in `.json`, below the directory above this one, newest first. Of a long history the last part.
    pub(crate) fn versions_nearby(&self) -> Result<Nearby, GitError> {
        let top = self.top()?;
        let above = if self.directory == top { self.directory.clone() } else { self.directory.join("..").canonicalize()? };
        // One more tells whether these are all.
        let (mut versions, commits) = self.log(&[&format!("--max-count={}", MOST_COMMITS + 1)], above.as_os_str())?;
        versions.retain(|version| version.path.extension().is_some_and(|extension| extension == "json"));
        Ok(Nearby { versions, is_cut: commits > MOST_COMMITS })
    }

    /// The versions, and how many commits there are.
    fn log(&self, more: &[&str], path: &OsStr) -> Result<(Vec<Version>, usize), GitError> {
        let words = LOG.iter().chain(more).map(OsStr::new);
        let output = self.output(words.chain(["HEAD", "--"].map(OsStr::new)).chain([path]))?;
        Ok(parsed(&output))
    }
}

/// The answer: the name of a commit, then for each of its files a header and the paths, each with a NUL at its end.
/// A merge is there once for each parent.
fn parsed(output: &[u8]) -> (Vec<Version>, usize) {
    let mut tokens = output.split(|&byte| byte == 0);
    let (mut versions, mut commit, mut commits) = (Vec::new(), String::new(), 0);
    while let Some(token) = tokens.next() {
        let token = token.strip_prefix(b"\n").unwrap_or(token);
        let text = String::from_utf8_lossy(token);
        let Some(header) = text.strip_prefix(':') else {
            if is_object(&text) {
                commits += usize::from(commit != text);
                commit = text.into_owned();
            }
            continue;
        };
        let fields: Vec<&str> = header.split(' ').collect();
        let [_, mode, _, blob, status] = fields.as_slice() else { continue };
        let path = tokens.next();
        let path = if status.starts_with(['R', 'C']) { tokens.next() } else { path };
        // Neither a link nor a submodule, and not what was removed.
        if let Some(path) = path
            && mode.starts_with("100")
            && is_object(blob)
        {
            let path = PathBuf::from(OsString::from(OsStr::from_bytes(path)));
            versions.push(Version { blob: (*blob).to_owned(), commit: commit.clone(), path });
        }
    }
    (versions, commits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_taken_for_a_header() {
        let (one, two, none) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let header = |status: &str| format!(":100644 100644 {none} {one} {status}\0");
        let text = format!(
            "{one}\0\n{}:100644 100644 x y M\0{two}\0\n{}old\0\nnew\0:100644 000000 {one} {none} D\0gone\0:000000 120000 {none} {one} A\0link\0",
            header("A"),
            header("R090")
        );
        let version = |commit: &str, path: &str| Version { blob: one.clone(), commit: commit.to_owned(), path: path.into() };
        assert_eq!(parsed(text.as_bytes()), (vec![version(&one, ":100644 100644 x y M"), version(&two, "\nnew")], 2));
        assert_eq!(parsed(b""), (Vec::new(), 0));
        assert_eq!(parsed(format!("{one}\0\n{}a\0{one}\0\n{}b\0", header("A"), header("A")).as_bytes()).1, 1);
    }
}
