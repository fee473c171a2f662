//! A real repository of git, whatever whoever runs the tests has configured.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a harness stops where it cannot go on")]

use crate::{Ran, programs, run};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A repository with a work tree, in a directory of its own.
pub struct WorkTree(TempDir);

impl WorkTree {
    /// An empty one, on the branch `main`; `None` where there is no git.
    #[must_use]
    pub fn new() -> Option<Self> {
        crate::has("git").then(|| {
            let tree = Self(tempfile::tempdir().unwrap());
            fs::create_dir(tree.path()).unwrap();
            tree.git(&["init", "--quiet", "--initial-branch=main"]);
            tree
        })
    }

    /// The top of the work tree. Beside it nothing is but what a test puts there.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.path().join("work")
    }

    /// A command that finds our programs first, and no configuration but that of the repository.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        command.current_dir(self.path()).env("PATH", path).env("HOME", self.0.path()).env_remove("XDG_CONFIG_HOME");
        crate::inherited::isolate(&mut command);
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Alice"),
            ("GIT_AUTHOR_EMAIL", "alice@example.org"),
            ("GIT_COMMITTER_NAME", "Alice"),
            ("GIT_COMMITTER_EMAIL", "alice@example.org"),
        ] {
            command.env(name, value);
        }
        command
    }

    /// Runs git, which must succeed. Returns what it prints.
    #[expect(clippy::must_use_candidate, reason = "most of what git does is done for its effect")]
    pub fn git(&self, arguments: &[&str]) -> String {
        let ran = run(self.command("git").args(arguments));
        assert_eq!(ran.status, Some(0), "git {arguments:?}: {ran:?}");
        ran.stdout
    }

    /// Runs one of our programs.
    #[must_use]
    pub fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        run(self.command(programs().join(program)).args(arguments))
    }

    /// Writes a file, and the directories that it needs.
    pub fn write(&self, name: impl AsRef<Path>, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Removes a file.
    pub fn remove(&self, name: impl AsRef<Path>) {
        fs::remove_file(self.path().join(name)).unwrap();
    }

    /// Commits all that is there, and returns the name of the commit.
    #[expect(clippy::must_use_candidate, reason = "not every commit is named later")]
    pub fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=change"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }
}
