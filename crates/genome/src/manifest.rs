//! What a genome's `build_manifest` demands of the files that are deployed. The core reads no file: `genome-files` does, through
//! [`DeployedFiles`].

mod fault;

use crate::digest::Digest;
use crate::model::ManifestFile;
use crate::path::ManifestPath;
pub use crate::path::ManifestPathError;
pub use fault::{FileFault, FileKind, FileProblem};
use std::cell::LazyCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// The files of a release, beneath the directory where the paths of a manifest start. Closed directories may hold only what the manifest
/// lists.
pub trait DeployedFiles: fmt::Debug {
    /// Returns the current SHA-256 digest of each of these files, or why there is none, in their order.
    fn digests(&self, paths: &[&ManifestPath]) -> Vec<Result<Digest, FileProblem>>;

    /// Returns, for each of these files, the digest that it would have with other line ends, in their order; for those of which nobody knows,
    /// nothing. It is asked about files whose digest is another than the one that was signed.
    fn with_other_line_ends(&self, paths: &[&ManifestPath]) -> Vec<Option<OtherLineEnds>> {
        vec![None; paths.len()]
    }

    /// Returns everything beneath the closed directories that is neither a directory nor listed ([`FileProblem::Unlisted`]), and everything
    /// that may be such and cannot be examined; each path once, from the root, sorted. Nothing where no directory is closed.
    fn unlisted(&self, is_listed: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, FileProblem)>;
}

/// The digests that a file would have with other line ends, as git checks out text (gitattributes(5), `eol`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherLineEnds {
    /// With a line feed in the place of each carriage return and line feed.
    pub lf: Digest,
    /// With both in the place of each line feed.
    pub crlf: Digest,
}

impl OtherLineEnds {
    /// Whether one of them is this.
    #[must_use]
    pub fn have(&self, digest: Digest) -> bool {
        [self.lf, self.crlf].contains(&digest)
    }
}

/// Compares the files that are deployed with a manifest. Returns every file at fault, in the manifest's order, then those that it does not
/// list and should; nothing if there is none.
#[must_use]
pub fn check_files(manifest: &[ManifestFile], deployed: &dyn DeployedFiles) -> Vec<FileFault> {
    // A file without a digest to compare with is not read.
    let signed: Vec<&ManifestPath> = manifest.iter().filter(|file| file.sha256.is_some()).map(|file| &file.path).collect();
    let mut digests = deployed.digests(&signed);
    // It is unknown which file each answer is about.
    if digests.len() != signed.len() {
        digests.clear();
    }
    let mut digests = digests.into_iter();
    let mut problem = |file: &ManifestFile| match file.sha256 {
        None => Some(FileProblem::Placeholder),
        // A file without an answer counts as missing.
        Some(expected) => match digests.next().unwrap_or(Err(FileProblem::Missing)) {
            Ok(found) if found == expected => None,
            Ok(found) => Some(FileProblem::Mismatch { expected, found }),
            Err(problem) => Some(problem),
        },
    };
    let fault = |(index, file): (usize, &ManifestFile)| {
        let path: &Path = file.path.as_ref();
        problem(file).map(|problem| FileFault { index: Some(index), path: path.to_owned(), problem })
    };
    let mut faults: Vec<FileFault> = manifest.iter().enumerate().filter_map(fault).collect();
    explain(&mut faults, manifest, deployed);
    // Names are compared as bytes.
    let listed: LazyCell<HashSet<&OsStr>, _> = LazyCell::new(|| manifest.iter().map(|file| file.path.as_str().as_ref()).collect());
    let unlisted = deployed.unlisted(&|path| listed.contains(path.as_os_str()));
    faults.extend(unlisted.into_iter().map(|(path, problem)| FileFault { index: None, path, problem }));
    faults
}

/// Finds those that differ in their line ends only.
fn explain(faults: &mut [FileFault], manifest: &[ManifestFile], deployed: &dyn DeployedFiles) {
    let mismatch = |fault: &FileFault| match fault.problem {
        FileProblem::Mismatch { expected, found } => Some((&manifest.get(fault.index?)?.path, expected, found)),
        _ => None,
    };
    let mismatches: Vec<&ManifestPath> = faults.iter().filter_map(|fault| mismatch(fault).map(|(path, ..)| path)).collect();
    if mismatches.is_empty() {
        return;
    }
    let mut others = deployed.with_other_line_ends(&mismatches).into_iter();
    for fault in faults {
        if let Some((_, expected, found)) = mismatch(fault)
            && others.next().flatten().is_some_and(|other| other.have(expected))
        {
            fault.problem = FileProblem::LineEnds { expected, found };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says of each file what it is told to, whatever is asked for.
    #[derive(Debug)]
    struct Told(Vec<Result<Digest, FileProblem>>);

    impl DeployedFiles for Told {
        fn digests(&self, _: &[&ManifestPath]) -> Vec<Result<Digest, FileProblem>> {
            self.0.clone()
        }

        fn unlisted(&self, is_listed: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, FileProblem)> {
            ["a", "c"]
                .map(PathBuf::from)
                .into_iter()
                .filter(|path| !is_listed(path))
                .map(|path| (path, FileProblem::Unlisted))
                .collect()
        }
    }

    #[test]
    fn an_answer_for_each_file_is_needed() {
        let [a, b] = ["a", "b"].map(|text| Digest::of(text.as_bytes()));
        let file = |path: &str, sha256| ManifestFile { path: path.parse().unwrap(), sha256: Some(sha256) };
        let manifest = [file("a", a), file("b", b)];
        let faults = |told: Vec<_>| {
            check_files(&manifest, &Told(told)).into_iter().map(|fault| (fault.index, fault.problem)).collect::<Vec<_>>()
        };
        let unlisted = (None, FileProblem::Unlisted);
        let missing = [(Some(0), FileProblem::Missing), (Some(1), FileProblem::Missing), unlisted.clone()];
        assert_eq!(faults(vec![Ok(a), Ok(b)]), std::slice::from_ref(&unlisted));
        for told in [vec![], vec![Ok(a)], vec![Ok(a), Ok(b), Ok(b)]] {
            assert_eq!(faults(told), missing, "too few or too many");
        }
        let other = |index, expected, found| (Some(index), FileProblem::Mismatch { expected, found });
        assert_eq!(faults(vec![Ok(b), Ok(a)]), [other(0, a, b), other(1, b, a), unlisted]);
    }
}
