//! Finds the genomes that the command line means.

use crate::source::{DRAFT, GENOME as FILE_NAME};
use crate::{Failure, Finding, ReadError, Source, genome_path};
use genome::Code;
use genome_files::{OpenError, OpenFile};
use genome_json::text::{BarePath, shell_path};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The genomes to verify, in the order of the paths; those of a directory in the order of their names. A path without a genome is
/// a finding in its place.
pub(crate) fn genomes(paths: &[PathBuf]) -> Vec<Result<Source, Finding>> {
    if paths.is_empty() {
        let nothing = |failure: Failure| {
            let failure = failure.with_hint(|hint| format!("name the genome's file or directory; or {hint}"));
            failure.finding().cloned().map(Err).into_iter().collect()
        };
        return genome_path().map_or_else(nothing, |path| at(&path));
    }
    let genomes = |path: &PathBuf| match Source::from(path.as_path()) {
        Source::File(path) => at(&path),
        other => vec![Ok(other)],
    };
    paths.iter().flat_map(genomes).collect()
}

/// The genome at this path, or those below it.
fn at(path: &Path) -> Vec<Result<Source, Finding>> {
    if path.is_dir() { below(path) } else { vec![Ok(Source::File(path.to_owned()))] }
}

fn below(path: &Path) -> Vec<Result<Source, Finding>> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut search = Search { root: real.clone(), found: Vec::new(), files: HashSet::new(), walked: HashSet::new() };
    search.walk(path, &real);
    if search.found.is_empty() {
        let message = format!("no file named {FILE_NAME} is in this directory or below it");
        let draft = path.join(DRAFT);
        let hint = if draft.is_file() {
            format!("a draft is there, {}; sign it first: genome sign {}", BarePath(&draft), shell_path(path))
        } else {
            "name the genome's file, or another directory".to_owned()
        };
        search.found.push(Err(Finding::error(message, hint).with_code(Code::Missing).at(path)));
    }
    search.found
}

/// A search that goes on. What several paths lead to counts once, as the first of them.
struct Search {
    /// The directory that is searched, with links resolved.
    root: PathBuf,
    found: Vec<Result<Source, Finding>>,
    /// The files that were found, with links resolved.
    files: HashSet<PathBuf>,
    /// The directories to which links led.
    walked: HashSet<PathBuf>,
}

impl Search {
    /// Walks a directory; `real` is where it is, with links resolved.
    fn walk(&mut self, directory: &Path, real: &Path) {
        let mut walk = WalkDir::new(directory).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let source = Source::File(error.path().unwrap_or(directory).to_owned());
                    self.found.push(Err(Finding::from(&ReadError::new(source, io::Error::from(error)))));
                    continue;
                }
            };
            if entry.depth() > 0 && is_kubelets(entry.path()) {
                if entry.file_type().is_dir() {
                    walk.skip_current_dir();
                }
            } else if entry.depth() > 0 && entry.path_is_symlink() && entry.path().is_dir() {
                self.follow(entry.path());
            } else if entry.file_name() == OsStr::new(FILE_NAME) && !entry.file_type().is_dir() {
                let below = entry.path().strip_prefix(directory).unwrap_or(entry.path());
                let real = if entry.path_is_symlink() { entry.path().canonicalize().ok() } else { Some(real.join(below)) };
                if real.is_none_or(|real| self.files.insert(real)) {
                    self.keep(entry.into_path());
                }
            }
        }
    }

    /// Keeps the genome in this file. What the caller has open is read only where the command line names it.
    fn keep(&mut self, path: PathBuf) {
        self.found.push(match OpenFile::open_regular(&path) {
            Err(error @ OpenError::NotAFile(_)) => {
                Err(unreadable(&path, &error.to_string(), "put the genome's file there, or take this away"))
            }
            _ => Ok(Source::File(path)),
        });
    }

    /// Follows a link to a directory. One that leads out of what is searched is not followed; one that leads to what is walked by itself needs
    /// not be.
    fn follow(&mut self, link: &Path) {
        let inside = link.canonicalize().ok().filter(|real| real.starts_with(&self.root));
        let Some(real) = inside else {
            // A skipped file must not be taken for verified.
            let hint = "name the directory on the command line too, if its genomes are to be verified";
            return self.found.push(Err(unreadable(link, "a link to a directory is not followed", hint)));
        };
        let mut steps = real.ancestors().take_while(|step| *step != self.root);
        if steps.any(is_kubelets) && self.walked.insert(real.clone()) {
            self.walk(link, &real);
        }
    }
}

/// Whether this is the kubelet's own: it mounts a volume as links through `..data` to a directory with the time in its name, and takes all
/// that begins so for itself. Links lead to what is in use.
fn is_kubelets(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"..")) && path.with_file_name("..data").is_symlink()
}

fn unreadable(path: &Path, message: &str, hint: &str) -> Finding {
    Finding::error(message, hint).with_code(Code::Unreadable).at(path)
}
