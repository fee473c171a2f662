//! Where the paths of a report for a pipeline start.

use std::env;
use std::path::{Component, Path, PathBuf};

/// Where the paths of a report for a pipeline start: the directories of the repository, of which the first that holds a file counts.
pub(in crate::report) struct Repository {
    roots: Vec<PathBuf>,
}

impl Repository {
    /// `GITHUB_WORKSPACE`, or else the nearest directory above the working directory that holds `.git`.
    pub(in crate::report) fn of_environment() -> Self {
        let workspace = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from).filter(|path| path.is_absolute());
        let here = env::current_dir().unwrap_or_default();
        // In a worktree and in a submodule it is a file.
        let top = here.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok()).map(Path::to_owned);
        Self { roots: workspace.into_iter().chain(top).collect() }
    }

    /// No repository: paths stay as they are.
    #[cfg(test)]
    pub(in crate::report) fn none() -> Self {
        Self { roots: Vec::new() }
    }

    /// The path from the top of the repository; as it is, but for a `./` at its start, where it leads out of it, or there is none.
    pub(in crate::report) fn relative(&self, path: &Path) -> PathBuf {
        let as_written = || path.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(path).to_owned();
        let Some(absolute) = absolute(path) else { return as_written() };
        let below = |root: &PathBuf| {
            let real = root.canonicalize().ok();
            let below = std::iter::once(root).chain(&real).find_map(|root| absolute.strip_prefix(root).ok().map(Path::to_owned));
            below.filter(|below| !below.as_os_str().is_empty())
        };
        self.roots.iter().find_map(below).unwrap_or_else(as_written)
    }
}

/// An absolute path without `.` and `..`. Where a step is `..`, what is before it may be a link.
fn absolute(path: &Path) -> Option<PathBuf> {
    if path.components().any(|step| step == Component::ParentDir) {
        return Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    }
    // It takes away each `.` as well.
    std::path::absolute(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_start_at_the_top_of_the_repository() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("a/b")).unwrap();
        symlink(&top, top.join("a/link")).unwrap();
        let repository = Repository { roots: vec![top.join("a/link")] };
        for (path, expected) in [
            (top.join("a/b/g.json"), "a/b/g.json"),
            (top.join("a/link/g.json"), "g.json"),
            (top.join("./a/./g.json"), "a/g.json"),
            (top.join("a/b/../g.json"), "a/g.json"),
            ("./x/g.json".into(), "x/g.json"),
            ("../g.json".into(), "../g.json"),
            ("/elsewhere/g.json".into(), "/elsewhere/g.json"),
            (".".into(), "."),
        ] {
            assert_eq!(repository.relative(&path), Path::new(expected), "{}", path.display());
        }
        assert_eq!(Repository { roots: Vec::new() }.relative(Path::new("./g.json")), Path::new("g.json"));
    }
}
