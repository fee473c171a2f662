//! Directories of the ancestors of genomes.

use crate::{OpenError, OpenFile};
use genome::lineage::Ancestor;
use genome::refusal::Unsearched;
use genome::{Ancestors, Document, GenomeId, json};
use std::collections::{HashMap, HashSet};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use walkdir::{DirEntry, WalkDir};

/// A directory of ancestors. They are found by genome id, whatever their files are called: it is searched once, when the first is asked
/// for. There may be several copies of one genome, such as a draft beside what was signed.
#[derive(Debug)]
pub struct LineageDirectory {
    /// Several, where a path and what it leads to are in different ones.
    paths: Vec<PathBuf>,
    /// Whether only the near directories are searched.
    nearby: bool,
    searched: OnceLock<Searched>,
}

/// What a search has found, and what it could not read.
#[derive(Debug, Default)]
struct Searched {
    found: HashMap<GenomeId, Vec<PathBuf>>,
    unread: Option<Unsearched>,
}

impl Searched {
    fn pass_over(&mut self, path: &Path, error: &io::Error) {
        // It was removed while the search went on, or a link leads nowhere.
        if error.kind() == ErrorKind::NotFound {
            return;
        }
        match &mut self.unread {
            Some(unread) => unread.more += 1,
            None => self.unread = Some(Unsearched { path: path.to_owned(), error: error.to_string(), more: 0 }),
        }
    }
}

impl LineageDirectory {
    /// A directory, and all that is below it.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { paths: vec![path.to_owned()], nearby: false, searched: OnceLock::new() }
    }

    /// Directories and those right in them, each on one file system but for volumes that a kubelet has mounted, together up to 64 MiB that may be genomes: nobody has said that ancestors
    /// are there, and they may be any directories.
    #[must_use]
    pub fn nearby(paths: Vec<PathBuf>) -> Self {
        Self { paths, nearby: true, searched: OnceLock::new() }
    }

    /// The directories.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().map(PathBuf::as_path)
    }

    /// The genomes that are there, in the order of their files.
    pub fn genomes(&self) -> impl Iterator<Item = (GenomeId, &Path)> {
        let files = self.searched().found.iter().flat_map(|(id, paths)| paths.iter().map(|path| (*id, path.as_path())));
        let mut files: Vec<_> = files.collect();
        files.sort_by_key(|(_, path)| *path);
        files.into_iter()
    }

    fn searched(&self) -> &Searched {
        self.searched.get_or_init(|| self.search())
    }

    fn search(&self) -> Searched {
        let mut search =
            Search { searched: Searched::default(), seen: HashSet::new(), budget: if self.nearby { NEARBY } else { u64::MAX } };
        for path in &self.paths {
            let walk = WalkDir::new(path).sort_by_file_name();
            if self.nearby {
                let device = path.metadata().map(|above| above.dev()).ok();
                search.walk(path, walk.max_depth(2).into_iter().filter_entry(|entry| is_near(entry, device)));
            } else {
                search.walk(path, walk);
            }
        }
        search.searched
    }
}

/// A search that goes on.
struct Search {
    searched: Searched,
    /// The files that were read: a link, or a second directory, may lead to one once more.
    seen: HashSet<(u64, u64)>,
    /// How many bytes may still be read.
    budget: u64,
}

impl Search {
    fn walk(&mut self, path: &Path, walk: impl IntoIterator<Item = walkdir::Result<DirEntry>>) {
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(path).to_owned();
                    // There is one, as no link is followed that could lead back.
                    if let Some(error) = error.into_io_error() {
                        self.searched.pass_over(&path, &error);
                    }
                    continue;
                }
            };
            match self.read(entry.path()) {
                Ok(Some(bytes)) => {
                    self.budget -= self.budget.min(bytes.len() as u64);
                    if let Ok(document) = Document::read(&bytes) {
                        self.searched.found.entry(document.id()).or_default().push(entry.into_path());
                    }
                }
                Ok(None) => {}
                Err(error) => self.searched.pass_over(entry.path(), &error),
            }
        }
    }

    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match open(path)? {
            Some(file) if self.seen.insert(file.identity()) => read(&file, self.budget),
            _ => Ok(None),
        }
    }
}

impl Ancestors for LineageDirectory {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        let paths = self.searched().found.get(&id).map(Vec::as_slice).unwrap_or_default();
        let ancestor = |path: &PathBuf| {
            let source = path.clone();
            let read = open(path).and_then(|file| file.map_or(Ok(None), |file| read(&file, u64::MAX)));
            let bytes = read.map_err(|error| error.to_string()).transpose()?;
            Some(Ancestor { bytes, source })
        };
        Ok(paths.iter().filter_map(ancestor).collect())
    }

    fn unsearched(&self) -> Option<Unsearched> {
        self.searched().unread.clone()
    }
}

/// Whether to search what is right in a directory on this file system. What is mounted there may be anything, such as all that the system
/// says of its processes; but the kubelet mounts each version of a genome by itself, and links what it mounts through `..data`.
fn is_near(entry: &DirEntry, device: Option<u64>) -> bool {
    entry.depth() != 1
        || !entry.file_type().is_dir()
        || entry.metadata().is_ok_and(|entry| Some(entry.dev()) == device)
        || entry.path().join("..data").is_symlink()
}

/// How many bytes are searched in a directory that was not named for it: whoever can write there cannot keep a verifier busy for long.
const NEARBY: u64 = 64 * 1024 * 1024;

/// Opens a regular file; nothing where there is something else.
fn open(path: &Path) -> io::Result<Option<OpenFile>> {
    match OpenFile::open_regular(path) {
        Err(OpenError::NotAFile(_) | OpenError::Stream(..)) => Ok(None),
        file => Ok(Some(file?)),
    }
}

/// The bytes of a file, not larger than this, that may be a JSON object.
fn read(file: &OpenFile, most: u64) -> io::Result<Option<Vec<u8>>> {
    // Long enough for the white space that anybody puts in front.
    const START: u64 = 1024;
    if file.size() > most.min(json::MAX_BYTES as u64) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.file().take(START).read_to_end(&mut bytes)?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|&byte| byte != b'{') {
        return Ok(None);
    }
    file.file().take(json::MAX_BYTES as u64 + 1 - START).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GENOME: &[u8] = include_bytes!("../../../genomes/TOTK_ROOT_v1.0.0/genome.json");

    #[test]
    fn one_copy_that_cannot_be_read_takes_none_of_the_others_away() {
        let directory = tempfile::tempdir().unwrap();
        let [gone, good] = ["a.json", "b.json"].map(|name| directory.path().join(name));
        for path in [&gone, &good] {
            fs::write(path, GENOME).unwrap();
        }
        let lineage = LineageDirectory::new(directory.path());
        let id = Document::read(GENOME).unwrap().id();
        assert_eq!(lineage.find(id).unwrap().len(), 2);
        // As a disk that fails, it cannot be read any more once it was found.
        fs::remove_file(&gone).unwrap();
        let copies = lineage.find(id).unwrap();
        assert_eq!(copies.iter().map(|copy| copy.bytes.is_ok()).collect::<Vec<_>>(), [false, true]);
        assert_eq!(copies[0].source, gone);
    }

    #[test]
    fn one_file_is_one_copy_whatever_leads_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("v1/..2026")).unwrap();
        fs::write(at("v1/..2026/genome.json"), GENOME).unwrap();
        std::os::unix::fs::symlink("..2026/genome.json", at("v1/genome.json")).unwrap();
        let id = Document::read(GENOME).unwrap().id();
        let found = |lineage: LineageDirectory| lineage.find(id).unwrap().len();
        assert_eq!(found(LineageDirectory::new(directory.path())), 1);
        assert_eq!(found(LineageDirectory::nearby(vec![directory.path().to_owned(), at("v1")])), 1);
        fs::copy(at("v1/genome.json"), at("v1/copy.json")).unwrap();
        assert_eq!(found(LineageDirectory::new(directory.path())), 2);
    }
}
