//! A path that others can change: who owns it, and what it is for.

use std::path::PathBuf;

/// A path that others can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPath {
    /// The path.
    pub path: PathBuf,
    /// What it is for, on which it depends how it can be closed.
    pub purpose: Purpose,
    /// The number of the user that owns it.
    pub owner: u32,
    /// The number of the user that runs this.
    pub user: u32,
    /// Whether its mode lets others than its owner change it.
    pub is_open: bool,
    /// Whether its mode lets others than its owner and its group read it.
    pub is_readable: bool,
}

/// What a path that others can change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Whoever verifies reads it, or passes it on the way: it may belong to root.
    Read,
    /// Whoever verifies writes there, as this user: it may belong to nobody else.
    Written,
    /// It is the volume of a `ConfigMap` (Kubernetes). The kubelet makes it with mode 0777, and nobody in the container can change that.
    ConfigMap,
}

impl ExposedPath {
    /// Whether it belongs to somebody who is neither root nor this user.
    pub(crate) fn is_foreign(&self) -> bool {
        ![0, self.user].contains(&self.owner)
    }

    /// Whether this user may change its mode.
    pub(crate) fn is_under_control(&self) -> bool {
        [0, self.owner].contains(&self.user)
    }

    /// Whether its owner could not use it any more if it belonged to root.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_foreign()
            && match self.purpose {
                Purpose::Read => !self.is_readable,
                Purpose::Written => true,
                Purpose::ConfigMap => false,
            }
    }
}

/// Each path once, in their order. What is written anywhere is written.
pub(super) fn distinct(paths: impl Iterator<Item = ExposedPath>) -> Vec<ExposedPath> {
    let mut seen: Vec<ExposedPath> = Vec::new();
    for exposed in paths {
        match seen.iter_mut().find(|seen| seen.path == exposed.path) {
            Some(seen) if seen.purpose == Purpose::Read => *seen = exposed,
            Some(_) => {}
            None => seen.push(exposed),
        }
    }
    seen
}
