use genome::Code;
use genome_cli::{Finding, ReadError, Source};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

const FILE_NAME: &str = "genome.json";
const VARIABLE: &str = "MATHISON_GENOME_PATH";
const DEFAULT: &str = "genomes/TOTK_ROOT_v1.0.0/genome.json";

/// The genomes to verify, in the order of the paths; those of a directory in the order of their names. A path without a genome is
/// a finding in its place.
pub(crate) fn genomes(paths: &[PathBuf]) -> Vec<Result<Source, Finding>> {
    if paths.is_empty() {
        // What the variable names is taken and nothing else, least of all the published root genome.
        return match env::var_os(VARIABLE) {
            None => below(Path::new(DEFAULT)),
            Some(path) if path.is_empty() => {
                let hint = "set it to the path of the genome to verify";
                vec![Err(Finding::error(format!("{VARIABLE} is set to nothing"), hint).with_code(Code::Missing))]
            }
            Some(path) => below(Path::new(&path)),
        };
    }
    paths.iter().flat_map(|path| below(path)).collect()
}

fn below(path: &Path) -> Vec<Result<Source, Finding>> {
    if !path.is_dir() {
        return vec![Ok(Source::from(path))];
    }
    let mut found = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_name() == OsStr::new(FILE_NAME) && !entry.file_type().is_dir() => {
                found.push(Ok(Source::File(entry.into_path())));
            }
            Ok(_) => {}
            Err(error) => {
                let source = Source::File(error.path().unwrap_or(path).to_owned());
                found.push(Err(Finding::from(&ReadError::new(source, error.into()))));
            }
        }
    }
    if found.is_empty() {
        let message = format!("no file named {FILE_NAME} is in this directory or below it");
        found.push(Err(Finding::error(message, "name the genome's file, or another directory")
            .with_code(Code::Missing)
            .at(&path.display())));
    }
    found
}
