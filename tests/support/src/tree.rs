//! A genome beside the files that it lists.

use crate::{Ran, Release, assert_ran, run};
use genome::Digest;
use std::fs;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;

/// A release with a signed `genome.json`, and a directory `root` where the paths of its manifest start.
pub struct Tree(Release);

impl Tree {
    /// The genome lists these files by path and digest; the directory is empty.
    ///
    /// # Panics
    /// The genome cannot be signed.
    #[must_use]
    pub fn listing(files: &[(&str, &str)]) -> Self {
        let tree = Self(Release::new(1, 1));
        fs::create_dir(tree.root()).unwrap_or_else(|error| panic!("{error}"));
        tree.write("draft.json", &tree.draft(files));
        assert_ran(&tree.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
        tree
    }

    /// The genome lists files with these contents, and they are there.
    ///
    /// # Panics
    /// They cannot be written.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let digests: Vec<String> = files.iter().map(|(_, text)| Digest::of(text.as_bytes()).to_string()).collect();
        let entries: Vec<(&str, &str)> = files.iter().zip(&digests).map(|((path, _), digest)| (*path, digest.as_str())).collect();
        let tree = Self::listing(&entries);
        for (path, text) in files {
            tree.put(path, text);
        }
        tree
    }

    /// The draft, with a manifest that lists these files by path and digest.
    #[must_use]
    pub fn draft(&self, files: &[(&str, &str)]) -> String {
        let entries: Vec<String> =
            files.iter().map(|(path, digest)| format!(r#"{{"path": "{path}", "sha256": "{digest}"}}"#)).collect();
        let draft = self.read("draft.json");
        let start = draft.find("\"build_manifest\"").unwrap_or_default();
        format!("{}\"build_manifest\": {{\"files\": [{}]}}}}", &draft[..start], entries.join(",\n"))
    }

    /// The directory where the paths start.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.path().join("root")
    }

    /// Writes a file in it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        let written = fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Makes a FIFO in it.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn fifo(&self, path: &str) {
        assert_ran(&run(Command::new("mkfifo").arg(self.root().join(path))), 0, "");
    }

    /// Runs `genome-verify` on the genome and its files, with these arguments too.
    #[must_use]
    pub fn check(&self, arguments: &[&str]) -> Ran {
        self.verify(&[&["--verify-manifest", "--manifest-root", "root", "genome.json"], arguments].concat())
    }
}

impl Deref for Tree {
    type Target = Release;

    fn deref(&self) -> &Release {
        &self.0
    }
}

/// The paths that a refusal of the manifest's files names, in its order.
///
/// # Panics
/// It is no such refusal.
#[must_use]
pub fn named(ran: &Ran) -> Vec<&str> {
    assert_ran(ran, 1, "error[GENOME_MANIFEST_MISMATCH]");
    let entries = ran.stderr.lines().filter(|line| line.starts_with("  - /build_manifest/files"));
    entries.filter_map(|line| line.split('`').nth(1)).collect()
}
