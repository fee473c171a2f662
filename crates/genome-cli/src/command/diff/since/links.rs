//! Where the links of one side lead.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// How many links are followed, as on Linux.
const MOST: usize = 40;

/// The links of one side, from the top of the work tree, and what each says.
#[derive(Debug, Default)]
pub(super) struct Links(pub(super) BTreeMap<PathBuf, PathBuf>);

impl Links {
    /// Where a path leads in the end, from the top of the work tree. `None` where that is outside of it, or cannot be told.
    pub(super) fn resolve(&self, path: &Path) -> Option<PathBuf> {
        // The next step is the last; none is one up.
        let (mut steps, mut resolved, mut followed) = (Vec::new(), PathBuf::new(), 0);
        push(&mut steps, path)?;
        while let Some(step) = steps.pop() {
            let Some(name) = step else {
                if !resolved.pop() {
                    return None;
                }
                continue;
            };
            resolved.push(name);
            if let Some(target) = self.0.get(&resolved) {
                followed += 1;
                if followed > MOST {
                    return None;
                }
                resolved.pop();
                push(&mut steps, target)?;
            }
        }
        (!resolved.starts_with(".git")).then_some(resolved)
    }
}

fn push(steps: &mut Vec<Option<OsString>>, path: &Path) -> Option<()> {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => steps.push(Some(name.to_owned())),
            Component::ParentDir => steps.push(None),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_links_lead() {
        let links =
            [("a/x", "../b/./y"), ("b", "c"), ("loop", "loop"), ("out", "../z"), ("root", "/z"), ("git", ".git/z"), ("d/up", "..")];
        let links = Links(links.into_iter().map(|(from, to)| (from.into(), to.into())).collect());
        for (path, to) in [("a/x", Some("c/y")), ("d/up", Some("")), ("plain/x", Some("plain/x")), ("d/up/a/x/z", Some("c/y/z"))] {
            assert_eq!(links.resolve(Path::new(path)), to.map(PathBuf::from), "{path}");
        }
        for path in ["loop", "out", "root", "git"] {
            assert_eq!(links.resolve(Path::new(path)), None, "{path}");
        }
    }
}
