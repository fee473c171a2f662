//! The history of a genome in git, as far as its parents are asked for.

use super::Rank;
use crate::Source;
use crate::git::{Git, GitError, MOST_COMMITS, Objects, Version};
use crate::input::Input;
use genome::{Document, GenomeId};
use genome_files::directory_of;
use genome_json::text::BarePath;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;

/// How many bytes are read: who can commit cannot keep a reviewer busy for long.
const BUDGET: u64 = 64 * 1024 * 1024;

/// The history of a genome in git.
pub(super) struct History {
    /// The directory and the name of the genome, where links lead; nothing for standard input.
    place: Option<(PathBuf, OsString)>,
    /// What it holds, once somebody has asked.
    read: Option<Result<Read, GitError>>,
}

/// What was read of it.
struct Read {
    git: Git,
    objects: Objects,
    found: HashMap<GenomeId, Vec<(Rank, Input)>>,
    seen: HashSet<String>,
    left: u64,
    /// Whether a version is not here.
    is_partial: bool,
    /// Whether what is near the genome was read too, or should have been.
    is_whole: bool,
    /// Whether what is near the genome has more commits than were looked at.
    is_cut: bool,
    /// Why nothing more can be read. What was found before still counts.
    failed: Option<GitError>,
}

impl History {
    pub(super) fn of(source: &Source) -> Self {
        let file = if let Source::File(path) = source { path.canonicalize().ok() } else { None };
        let place = file.and_then(|file| Some((directory_of(&file).to_owned(), file.file_name()?.to_owned())));
        Self { place, read: None }
    }

    /// The copies of a genome: versions of the same file, the newest first; where none of them is signed, also those of files near it.
    pub(super) fn find(&mut self, id: GenomeId) -> Vec<(Rank, Input)> {
        let Some((directory, name)) = &self.place else { return Vec::new() };
        self.read.get_or_insert_with(|| Read::of(directory, name)).as_mut().map_or_else(|_| Vec::new(), |read| read.find(id))
    }

    /// Where was looked, in words; nothing where git had no answer.
    pub(super) fn looked(&self) -> Option<String> {
        let (_, name) = self.place.as_ref()?;
        let read = self.read.as_ref()?.as_ref().ok()?;
        let near = match read.failed {
            Some(_) if !read.is_whole => return None,
            Some(_) => "",
            None => " and the files near it",
        };
        let part = match (read.left, read.is_cut) {
            (0, _) => format!("the newest {} MiB of ", BUDGET >> 20),
            (_, true) => format!("the newest {MOST_COMMITS} commits of "),
            (_, false) => String::new(),
        };
        Some(format!("in {part}the history of {}{near}", BarePath(name.as_ref())))
    }

    /// What git was asked and has no answer to, in words.
    pub(super) fn unasked(&self) -> Option<String> {
        let (directory, name) = self.place.as_ref()?;
        let (near, error) = match self.read.as_ref()? {
            Ok(read) => (if read.is_whole { "the files near " } else { "" }, read.failed.as_ref()?),
            Err(error) => ("", error),
        };
        let (name, directory) = (BarePath(name.as_ref()), super::from_here(directory));
        Some(format!("git could not be asked about {near}{name} ({error}, asked in {})", BarePath(&directory)))
    }

    /// What to do where a part of the history is missing.
    pub(super) fn help(&self) -> Option<&'static str> {
        let read = self.read.as_ref()?.as_ref().ok()?;
        if read.git.is_shallow() {
            Some("the clone is shallow: fetch the rest with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`")
        } else if read.is_partial {
            Some("the clone is partial, and some versions are not in it: clone it without a filter")
        } else {
            None
        }
    }
}

impl Read {
    fn of(directory: &std::path::Path, name: &OsString) -> Result<Self, GitError> {
        let git = Git::at(directory)?;
        let objects = Objects::of(&git)?;
        let versions = git.versions_of_file(name)?;
        let mut read = Self {
            git,
            objects,
            found: HashMap::new(),
            seen: HashSet::new(),
            left: BUDGET,
            is_partial: false,
            is_whole: false,
            is_cut: false,
            failed: None,
        };
        read.failed = read.keep(versions).err();
        Ok(read)
    }

    fn find(&mut self, id: GenomeId) -> Vec<(Rank, Input)> {
        let is_signed = |found: &Vec<(Rank, Input)>| found.iter().any(|(rank, _)| rank.is_signed);
        if !self.is_whole && self.failed.is_none() && !self.found.get(&id).is_some_and(is_signed) {
            self.is_whole = true;
            self.failed = self.keep_nearby().err();
        }
        self.found.get(&id).cloned().unwrap_or_default()
    }

    fn keep_nearby(&mut self) -> Result<(), GitError> {
        let nearby = self.git.versions_nearby()?;
        self.is_cut = nearby.is_cut;
        self.keep(nearby.versions)
    }

    /// Reads these versions, and keeps the genomes among them.
    fn keep(&mut self, versions: Vec<Version>) -> Result<(), GitError> {
        for version in versions {
            if self.left == 0 || !self.seen.insert(version.blob.clone()) {
                continue;
            }
            let bytes = match self.objects.read(&version.blob) {
                Err(GitError::NotHere(_)) => {
                    self.is_partial = true;
                    continue;
                }
                bytes => bytes?,
            };
            self.left = self.left.saturating_sub(bytes.len() as u64);
            let Ok((id, rank)) = Document::read(&bytes).map(|document| (document.id(), Rank::of(&document))) else { continue };
            self.found.entry(id).or_default().push((rank, Input { source: source(version), bytes }));
        }
        Ok(())
    }
}

/// The version, as it is shown.
fn source(Version { path, commit, .. }: Version) -> Source {
    Source::Version(path, commit.get(..12).unwrap_or(&commit).to_owned())
}
