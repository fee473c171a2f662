//! The places of findings in a repository, for reports that pipelines read: paths from its top, and the line of a value.

mod repository;

use super::{Detail, Finding};
use crate::Source;
use genome::json::locate;
pub(super) use repository::Repository;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// One fault of a finding, or the finding itself where it has no details.
pub(super) struct Single<'f> {
    pub(super) finding: &'f Finding,
    /// A JSON Pointer; the path of a file where there is no document yet.
    pub(super) pointer: &'f OsStr,
    pub(super) message: &'f str,
    pub(super) hint: &'f str,
}

impl<'f> Single<'f> {
    /// The faults of a finding, at least one.
    pub(super) fn all_of(finding: &'f Finding) -> Vec<Self> {
        if finding.details.is_empty() {
            let Finding { pointer, message, hint, .. } = finding;
            return vec![Self { finding, pointer: pointer.as_ref(), message, hint }];
        }
        let detail = |Detail { pointer, message, hint }: &'f Detail| Self { finding, pointer, message, hint };
        finding.details.iter().map(detail).collect()
    }
}

/// Finds the places of findings.
pub(super) struct Places {
    repository: Repository,
    /// The documents that were asked about, as they are now; empty where one cannot be read again.
    documents: HashMap<PathBuf, Vec<u8>>,
}

impl Places {
    pub(super) fn in_repository(repository: Repository) -> Self {
        Self { repository, documents: HashMap::new() }
    }

    /// The path from the top of the repository, as [`Repository::relative`] has it.
    pub(super) fn relative(&self, path: &Path) -> PathBuf {
        self.repository.relative(path)
    }

    /// Line and column of a fault in its file, each from 1, the column in characters; `None` where it is about no part of the text.
    pub(super) fn position(&mut self, path: &Path, single: &Single<'_>) -> Option<(usize, usize)> {
        single.finding.position.or_else(|| self.find(path, single.pointer.to_str()?))
    }

    /// Line and column of a value. They help to find it and decide nothing, so that the file may be read once more for them.
    fn find(&mut self, path: &Path, pointer: &str) -> Option<(usize, usize)> {
        if pointer.is_empty() {
            return None;
        }
        let read = || Source::File(path.to_owned()).read_regular().unwrap_or_default();
        let document = self.documents.entry(path.to_owned()).or_insert_with(read);
        locate(document, pointer)
    }
}
