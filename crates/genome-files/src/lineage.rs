use crate::{OpenError, OpenFile};
use genome::{Ancestor, Ancestors, Document, GenomeId, json};
use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use walkdir::WalkDir;

/// A directory of ancestors. They are found by genome id, whatever their files are called: it is searched once, when the first is asked
/// for. There may be several copies of one genome, such as a draft beside what was signed.
#[derive(Debug)]
pub struct LineageDirectory {
    path: PathBuf,
    /// Whether only what is near is searched.
    nearby: bool,
    found: OnceLock<HashMap<GenomeId, Vec<PathBuf>>>,
}

impl LineageDirectory {
    /// A directory, and all that is below it.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), nearby: false, found: OnceLock::new() }
    }

    /// A directory and those right in it, on one file system, up to 64 MiB that may be genomes: nobody has said that ancestors are there,
    /// and it may be any directory.
    #[must_use]
    pub fn nearby(path: &Path) -> Self {
        Self { path: path.to_owned(), nearby: true, found: OnceLock::new() }
    }

    fn search(&self) -> HashMap<GenomeId, Vec<PathBuf>> {
        let mut found: HashMap<GenomeId, Vec<PathBuf>> = HashMap::new();
        let walk = WalkDir::new(&self.path).sort_by_file_name();
        let walk = if self.nearby { walk.max_depth(2).same_file_system(true) } else { walk };
        let mut budget = if self.nearby { NEARBY } else { u64::MAX };
        // What cannot be read is not there: whoever needs it is told that it was not found.
        for entry in walk.into_iter().filter_map(Result::ok) {
            let bytes = read(entry.path(), budget).unwrap_or_default();
            budget -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64).min(budget);
            if let Some(document) = bytes.as_deref().and_then(|bytes| Document::read(bytes).ok()) {
                found.entry(document.id()).or_default().push(entry.into_path());
            }
        }
        found
    }
}

impl Ancestors for LineageDirectory {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        let paths = self.found.get_or_init(|| self.search()).get(&id).map(Vec::as_slice).unwrap_or_default();
        let ancestor = |path: &PathBuf| {
            let source = path.clone();
            let bytes = read(path, u64::MAX).map_err(|error| error.to_string()).transpose()?;
            Some(Ancestor { bytes, source })
        };
        Ok(paths.iter().filter_map(ancestor).collect())
    }
}

/// How many bytes are looked through where nobody has said that ancestors are there: whoever can write there cannot keep a verifier
/// busy for long.
const NEARBY: u64 = 64 * 1024 * 1024;

/// The bytes of a regular file, not larger than this, that may be a JSON object.
fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    // Long enough for the white space that anybody puts in front.
    const START: u64 = 1024;
    let file = match OpenFile::open_regular(path) {
        Err(OpenError::NotAFile(_)) => return Ok(None),
        file => file?,
    };
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
}
