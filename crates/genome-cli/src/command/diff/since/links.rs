//! Where the links of one side lead.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// How many links are followed, as on Linux.
const MOST: usize = 40;

/// The links of one side, from the top of the work tree, and what each says.
#[derive(Debug, Default)]
pub(super) struct Links(pub(super) BTreeMap<PathBuf, PathBuf>);

/// Why nobody can tell from the repository where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untold {
    /// It is followed without end, or nearly so.
    Loop,
    /// It leads above the top of the work tree.
    Outside,
    /// A path on its way is absolute, which means something else in each clone.
    Absolute,
    /// It leads to what git keeps for itself.
    Git,
    /// It leads to what is there, and neither the commit nor the work tree has it as a file of theirs.
    Untracked,
}

impl fmt::Display for Untold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loop => write!(formatter, "it leads back to itself, or through more than {MOST} links"),
            Self::Outside => formatter.write_str("it leads out of the work tree"),
            Self::Absolute => formatter.write_str("it leads through an absolute path"),
            Self::Git => formatter.write_str("it leads into the directory .git"),
            Self::Untracked => formatter.write_str("git does not track what is there"),
        }
    }
}

impl Links {
    /// Where a path leads in the end, from the top of the work tree.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, Untold> {
        // The next step is the last; none is one up.
        let (mut steps, mut resolved, mut followed) = (Vec::new(), PathBuf::new(), 0);
        push(&mut steps, path)?;
        while let Some(step) = steps.pop() {
            let Some(name) = step else {
                if !resolved.pop() {
                    return Err(Untold::Outside);
                }
                continue;
            };
            resolved.push(name);
            if let Some(target) = self.0.get(&resolved) {
                followed += 1;
                if followed > MOST {
                    return Err(Untold::Loop);
                }
                resolved.pop();
                push(&mut steps, target)?;
            }
        }
        if resolved.starts_with(".git") { Err(Untold::Git) } else { Ok(resolved) }
    }
}

fn push(steps: &mut Vec<Option<OsString>>, path: &Path) -> Result<(), Untold> {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => steps.push(Some(name.to_owned())),
            Component::ParentDir => steps.push(None),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return Err(Untold::Absolute),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_links_lead() {
        let links =
            [("a/x", "../b/./y"), ("b", "c"), ("loop", "loop"), ("out", "../z"), ("root", "/z"), ("git", ".git/z"), ("d/up", "..")];
        let links = Links(links.into_iter().map(|(from, to)| (from.into(), to.into())).collect());
        for (path, to) in [("a/x", "c/y"), ("d/up", ""), ("plain/x", "plain/x"), ("d/up/a/x/z", "c/y/z")] {
            assert_eq!(links.resolve(Path::new(path)), Ok(PathBuf::from(to)), "{path}");
        }
        for (path, why) in [("loop", Untold::Loop), ("out", Untold::Outside), ("root", Untold::Absolute), ("git", Untold::Git)] {
            assert_eq!(links.resolve(Path::new(path)), Err(why), "{path}");
        }
    }
}
