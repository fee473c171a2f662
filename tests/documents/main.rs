//! The documents: their commands are run, their links are followed, and what they say of codes, flags and fields is compared with the programs.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod book;
mod links;
mod reference;
mod runner;
mod truth;
mod words;

use genome_test_support::{names, repository};
use std::path::Path;

/// The documents beside the book whose commands are run.
const RUN: [&str; 3] = ["README.md", "DEPLOYMENT.md", "proposals/README.md"];

/// The others, which must not hold commands that look as if they were.
const READ: [&str; 7] = [
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "DESIGN.md",
    "SECURITY.md",
    "proposals/0001-example/rationale.md",
    "schemas/README.md",
    "tests/vectors/README.md",
];

/// The programs but for `genome`, which has all of their commands, as the packages name them.
fn programs() -> Vec<String> {
    let manifests = ["crates/genome-cli/Cargo.toml", "crates/genome-mcp/Cargo.toml", "crates/genome-server/Cargo.toml"];
    let text: String = manifests.map(runner::read).concat();
    let named = text.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned());
    let mut programs: Vec<String> = named.filter(|name| name != "genome").collect();
    programs.sort();
    assert!(programs.len() >= 8, "{programs:?}");
    programs
}

/// The pages of the book, by their paths in the repository, sorted.
fn pages() -> Vec<String> {
    fn find(directory: &str, pages: &mut Vec<String>) {
        for name in names(&repository().join(directory)) {
            let path = format!("{directory}/{name}");
            if repository().join(&path).is_dir() {
                find(&path, pages);
            } else {
                assert!(Path::new(&name).extension().is_some_and(|extension| extension == "md"), "{path} is no page");
                pages.push(path);
            }
        }
    }
    let mut pages = Vec::new();
    find("docs/src", &mut pages);
    pages.retain(|page| page != "docs/src/SUMMARY.md");
    pages.sort();
    pages
}

/// Every document.
fn documents() -> Vec<String> {
    let genomes = names(&repository().join("genomes")).into_iter().map(|name| format!("genomes/{name}/README.md"));
    let genomes = genomes.filter(|name| repository().join(name).is_file());
    let of_crates = ["crates/genome-json/README.md", "fuzz/README.md"];
    let known = RUN.iter().chain(&READ).chain(&of_crates).map(|name| (*name).to_owned());
    known.chain(genomes).chain(pages()).collect()
}
