//! Finds the genomes that the command line means.

use crate::{Failure, Finding, ReadError, Source, genome_path};
use genome::Code;
use genome_files::{OpenError, OpenFile};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

const FILE_NAME: &str = "genome.json";

/// The genomes to verify, in the order of the paths; those of a directory in the order of their names. A path without a genome is
/// a finding in its place.
pub(crate) fn genomes(paths: &[PathBuf]) -> Vec<Result<Source, Finding>> {
    if paths.is_empty() {
        let nothing = |failure: Failure| failure.finding().cloned().map(Err).into_iter().collect();
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
    let mut found = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        match entry {
            // A skipped file must not be taken for verified.
            Ok(entry) if entry.depth() > 0 && entry.path_is_symlink() && entry.path().is_dir() => {
                let hint = "name the directory on the command line too, if its genomes are to be verified";
                found.push(Err(unreadable(entry.path(), "a link to a directory is not followed", hint)));
            }
            Ok(entry) if entry.file_name() == OsStr::new(FILE_NAME) && !entry.file_type().is_dir() => {
                // What the caller has open is read only where the command line names it.
                found.push(match OpenFile::open_regular(entry.path()) {
                    Err(error @ OpenError::NotAFile(_)) => {
                        let hint = "put the genome's file there, or take this away";
                        Err(unreadable(entry.path(), &error.to_string(), hint))
                    }
                    _ => Ok(Source::File(entry.into_path())),
                });
            }
            Ok(_) => {}
            Err(error) => {
                let source = Source::File(error.path().unwrap_or(path).to_owned());
                found.push(Err(Finding::from(&ReadError::new(source, io::Error::from(error)))));
            }
        }
    }
    if found.is_empty() {
        let message = format!("no file named {FILE_NAME} is in this directory or below it");
        found.push(Err(Finding::error(message, "name the genome's file, or another directory").with_code(Code::Missing).at(path)));
    }
    found
}

fn unreadable(path: &Path, message: &str, hint: &str) -> Finding {
    Finding::error(message, hint).with_code(Code::Unreadable).at(path)
}
