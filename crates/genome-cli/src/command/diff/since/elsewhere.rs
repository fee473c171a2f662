//! Genomes where git does not look: what is there now may be another than before.

use super::held::Held;
use super::is_json;
use crate::Source;
use crate::input::Input;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// How many files and directories are looked at. Where there are more, the next one may be a genome.
const MOST: usize = 10_000;

/// The first file at this path or below it that is a genome, or should be one, or that may be: it cannot be read. Links are followed. Below the path,
/// only those files are looked at that are named `*.json`, or that a link leads to; `has_any_name` says that all are.
pub(super) fn genome_below(path: &Path, is_named: bool, has_any_name: bool) -> Option<PathBuf> {
    let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
    let entries = walk.into_iter().filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    for (count, entry) in entries.enumerate() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_nothing(&error) => continue,
            Err(error) => return Some(error.path().unwrap_or(path).to_owned()),
        };
        let is_top = entry.depth() == 0;
        let is_looked_at = has_any_name || is_top || entry.path_is_symlink() || is_json(entry.path());
        let is_file = entry.file_type().is_file();
        if count >= MOST || is_file && is_looked_at && may_be_genome(entry.path(), is_named && is_top) {
            return Some(entry.into_path());
        }
    }
    None
}

/// Whether nothing is there to be loaded: a link that leads nowhere, or to a directory above it.
fn is_nothing(error: &walkdir::Error) -> bool {
    let is_missing = |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    error.loop_ancestor().is_some() || error.io_error().is_some_and(is_missing)
}

fn may_be_genome(path: &Path, is_named: bool) -> bool {
    let source = Source::File(path.to_owned());
    let Ok(bytes) = source.read_regular() else { return true };
    matches!(Held::of(path, Input { source, bytes }, is_named), Held::Genome(..) | Held::Broken(_))
}
