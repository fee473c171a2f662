//! The program git, asked what a repository holds. It runs nothing that the repository configures, and fetches nothing.

mod bounded;
mod history;
mod objects;
mod tree;

use genome_json::text::{Quoted, shortened};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) use history::{MOST_COMMITS, Version};
pub(crate) use objects::Objects;
pub(crate) use tree::{Entry, Listed, Submodule};

/// A repository, seen from a directory of its work tree.
#[derive(Debug)]
pub(crate) struct Git {
    program: PathBuf,
    directory: PathBuf,
    /// Whether it is another repository than the one that the caller's variables may name, such as a submodule of that.
    is_other: bool,
}

/// Why git says nothing.
#[derive(Debug)]
pub(crate) enum GitError {
    /// There is no program of this name.
    Absent,
    /// It fails, with these words.
    Said(String),
    /// It does not end in this time.
    Slow(Duration),
    /// It says more than this many bytes.
    Long(u64),
    /// It does not have the blob of this name: so it is in a partial clone.
    NotHere(String),
    /// It cannot be run, or its answer cannot be read.
    System(io::Error),
}

impl fmt::Display for GitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => formatter.write_str("the program git is not in PATH"),
            Self::Said(words) => write!(formatter, "git says {}", Quoted(words)),
            Self::Slow(time) => write!(
                formatter,
                "git did not end within {} seconds, and was stopped: it may wait for a pipe, as a .gitignore or in its settings",
                time.as_secs()
            ),
            Self::Long(size) => write!(formatter, "git says more than {} MiB, and was stopped", size >> 20),
            Self::NotHere(blob) => write!(formatter, "git does not have the blob {blob} here"),
            Self::System(error) => write!(formatter, "git cannot be asked: {error}"),
        }
    }
}

impl From<io::Error> for GitError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// What comes before each command. A pager, hooks, a watcher of files and a program that checks signatures are never run, whatever the repository says;
/// attributes and filters play no part, as git is never asked about contents of the work tree.
const SAFE: [&str; 18] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "log.showSignature=false",
    "-c",
    "protocol.allow=never",
    // Files that the repository may name wherever they are, such as a pipe, which never ends.
    "-c",
    "diff.orderFile=/dev/null",
    "-c",
    "core.excludesFile=/dev/null",
    "-c",
    "core.attributesFile=/dev/null",
];

impl Git {
    /// The repository in whose work tree a directory is.
    pub(crate) fn at(directory: &Path) -> Result<Self, GitError> {
        let git = Self { program: program().ok_or(GitError::Absent)?, directory: directory.canonicalize()?, is_other: false };
        let inside = git.line(&["rev-parse", "--is-inside-work-tree"])?;
        if inside == "true" { Ok(git) } else { Err(GitError::Said("this directory is in no work tree".to_owned())) }
    }

    /// The repository that is in a directory of this one, such as a submodule.
    pub(crate) fn within(&self, directory: PathBuf) -> Self {
        Self { program: self.program.clone(), directory, is_other: true }
    }

    /// The top of its work tree.
    pub(crate) fn top(&self) -> Result<PathBuf, GitError> {
        let mut bytes = self.output(["rev-parse", "--show-toplevel"])?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }

    /// Whether a part of its history is not here.
    pub(crate) fn is_shallow(&self) -> bool {
        self.line(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer == "true")
    }

    /// Whether a sparse checkout leaves out a part of its work tree.
    pub(crate) fn is_sparse(&self) -> bool {
        self.line(&["config", "--type=bool", "--get", "core.sparseCheckout"]).is_ok_and(|answer| answer == "true")
    }

    /// The commit that a revision names.
    pub(crate) fn commit(&self, revision: &OsStr) -> Result<String, GitError> {
        let mut commit = revision.to_owned();
        commit.push("^{commit}");
        let arguments = ["rev-parse", "--verify", "--end-of-options"].map(OsStr::new);
        let answer = self.output(arguments.into_iter().chain([commit.as_os_str()]))?;
        let answer = String::from_utf8_lossy(&answer).trim().to_owned();
        if is_object(&answer) { Ok(answer) } else { Err(GitError::Said("that is not one commit".to_owned())) }
    }

    /// The answer to a command, without the line feed at its end.
    fn line(&self, arguments: &[&str]) -> Result<String, GitError> {
        self.output(arguments).map(|answer| String::from_utf8_lossy(&answer).trim_end_matches('\n').to_owned())
    }

    /// Everything that a command prints.
    fn output<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<Vec<u8>, GitError> {
        answer(&mut self.command(arguments))
    }

    /// A command, ready to run.
    fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(SAFE).args(arguments).current_dir(&self.directory);
        // What is not here is not fetched, as that runs a program too (gitattributes(5) and partial clones know no other way).
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        if self.is_other {
            for name in OF_REPOSITORY {
                command.env_remove(name);
            }
        } else {
            stay(&mut command);
        }
        command
    }
}

/// Everything that a command prints, in time and not too much.
fn answer(command: &mut Command) -> Result<Vec<u8>, GitError> {
    let output = bounded::output(command, bounded::TIME, bounded::SIZE)?;
    if output.status.success() { Ok(output.stdout) } else { Err(GitError::Said(words(&output.stderr))) }
}

/// The variables that say which repository is meant.
const OF_REPOSITORY: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/// What the caller has set of the repository, as a hook of git does, is meant from the caller's directory.
fn stay(command: &mut Command) {
    for name in OF_REPOSITORY {
        if let Some(path) = env::var_os(name).filter(|path| !path.is_empty()).and_then(|path| std::path::absolute(path).ok()) {
            command.env(name, path);
        }
    }
    if let (Some(_), None, Ok(here)) = (env::var_os("GIT_DIR"), env::var_os("GIT_WORK_TREE"), env::current_dir()) {
        command.env("GIT_WORK_TREE", here);
    }
}

/// The program git. An entry of PATH that is not absolute leads into the directory of a stranger, who may have put a program there.
fn program() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let directories = env::split_paths(&path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join("git")).find(|program| program.is_file())
}

/// The first line of what git complains about.
fn words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find_map(|line| line.strip_prefix("fatal: ")).or_else(|| text.lines().next());
    shortened(line.unwrap_or("nothing, and fails"), 300).into_owned()
}

/// Whether it is the name of an object, as git writes it.
fn is_object(text: &str) -> bool {
    (40..=64).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
