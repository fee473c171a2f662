//! Where the links of one side lead.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::ops::Bound;
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
    /// It leads into a submodule.
    Submodule,
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
            Self::Submodule => formatter.write_str("it leads into a submodule"),
            Self::Untracked => formatter.write_str("git does not track what is there"),
        }
    }
}

impl Links {
    /// Where a path leads in the end, from the top of the work tree. Each link on the way is added to those that were followed.
    pub(super) fn resolve(&self, path: &Path, followed: &mut Vec<PathBuf>) -> Result<PathBuf, Untold> {
        // The next step is the last; none is one up.
        let (mut steps, mut resolved, mut count) = (Vec::new(), PathBuf::new(), 0);
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
                count += 1;
                if count > MOST {
                    return Err(Untold::Loop);
                }
                followed.push(resolved.clone());
                resolved.pop();
                push(&mut steps, target)?;
            }
        }
        if resolved.starts_with(".git") { Err(Untold::Git) } else { Ok(resolved) }
    }

    /// The links at a path and below it.
    pub(super) fn below(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        let behind = self.0.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        behind.map(|(link, _)| link).take_while(move |link| link.starts_with(path))
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
            assert_eq!(links.resolve(Path::new(path), &mut Vec::new()), Ok(PathBuf::from(to)), "{path}");
        }
        for (path, why) in [("loop", Untold::Loop), ("out", Untold::Outside), ("root", Untold::Absolute), ("git", Untold::Git)] {
            assert_eq!(links.resolve(Path::new(path), &mut Vec::new()), Err(why), "{path}");
        }
    }
}
