//! The documents of the repository, by format.

use super::readers::Format;
use genome_test_support::repository;
use std::fs;
use std::path::{Path, PathBuf};

/// A document of the repository.
pub(crate) struct Document {
    pub(crate) format: Format,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Everything in genomes/ and proposals/ that is JSON.
pub(crate) fn of_repository() -> Vec<Document> {
    let paths = ["genomes", "proposals"].into_iter().flat_map(|directory| files_below(&repository().join(directory)));
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    documents
        .map(|path| Document { format: format(&path), name: path.display().to_string(), bytes: fs::read(&path).unwrap() })
        .collect()
}

fn format(path: &Path) -> Format {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("genome.json" | "genome-unsigned.json") => Format::Genome,
        Some("test-key.json") => Format::Trust,
        Some("proposal.json") => Format::Proposal,
        _ if path.parent().is_some_and(|parent| parent.ends_with("tests")) => Format::Probes,
        _ => panic!("no schema is known for {}", path.display()),
    }
}

/// The format of a part of a vector of trust.
pub(crate) fn format_of_part(name: &str) -> Format {
    match name {
        "policy.json" => Format::Trust,
        "state.json" => Format::State,
        _ => Format::Genome,
    }
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let paths = genome_test_support::names(directory).into_iter().map(|name| directory.join(name));
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
