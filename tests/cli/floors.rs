//! The order of rooms that DESIGN.md section 8 promises for the core: each imports only from those before it. Between crates, cargo sees to it.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_tests::repository;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of a crate by their modules (`change::words`; the root is empty), and what each imports of the crate.
struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    fn of(source: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(source, "", &mut files);
        let names = Names::of(&files);
        Self(files.iter().map(|(module, text)| (module.clone(), names.imported(module, text))).collect())
    }
}

fn collect(directory: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let name = match (module, stem) {
            ("", "lib") => String::new(),
            ("", stem) => stem.to_owned(),
            (module, stem) => format!("{module}::{stem}"),
        };
        // Programs are crates of their own.
        if path.is_dir() && name != "bin" {
            collect(&path, &name, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, code(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// A file without its comments and its tests.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules of a crate, and the names that each hands on, with the module that they are from.
struct Names {
    modules: BTreeSet<String>,
    handed_on: BTreeMap<String, BTreeMap<String, String>>,
}

impl Names {
    fn of(files: &BTreeMap<String, String>) -> Self {
        let mut names = Self { modules: files.keys().cloned().collect(), handed_on: BTreeMap::new() };
        for (module, text) in files {
            let from = |path: &String| Some((path.rsplit("::").next()?.to_owned(), names.resolve(module, path)?));
            let handed_on = paths(text).iter().filter_map(from).filter(|(_, from)| from != module).collect();
            names.handed_on.insert(module.clone(), handed_on);
        }
        names
    }

    /// The module that a path from the root leads to or through.
    fn file(&self, path: &str) -> String {
        let mut module = path;
        while !self.modules.contains(module) {
            module = &module[..module.rfind("::").unwrap_or(0)];
        }
        let name = path[module.len()..].trim_start_matches("::").split("::").next().unwrap();
        self.handed_on.get(module).and_then(|names| names.get(name)).map_or(module, String::as_str).to_owned()
    }

    /// The module of this crate that a path in a module leads to, if it is one.
    fn resolve(&self, module: &str, path: &str) -> Option<String> {
        let parent = module.rfind("::").map_or("", |end| &module[..end]);
        let beneath = |start: &str, rest: &str| if start.is_empty() { rest.to_owned() } else { format!("{start}::{rest}") };
        if let Some(rest) = path.strip_prefix("crate::") {
            return Some(self.file(rest));
        }
        if let Some(rest) = path.strip_prefix("super::") {
            return Some(self.file(&beneath(parent, rest)));
        }
        let child = beneath(module, path.split("::").next().unwrap());
        self.modules.contains(&child).then(|| self.file(&beneath(module, path)))
    }

    fn imported(&self, module: &str, text: &str) -> BTreeSet<String> {
        let mut imported: BTreeSet<String> = paths(text).iter().filter_map(|path| self.resolve(module, path)).collect();
        imported.remove(module);
        imported
    }
}

/// Every path that the code imports, and those that it writes out.
fn paths(text: &str) -> Vec<String> {
    let uses = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?use ([^;]+);").unwrap();
    let inline = Regex::new(r"\b(?:crate|super)::[a-z_]+(?:::[A-Za-z_]+)*").unwrap();
    let mut paths = Vec::new();
    for found in uses.captures_iter(text) {
        flatten("", &found[1].split_whitespace().collect::<Vec<_>>().join(" "), &mut paths);
    }
    paths.extend(inline.find_iter(&uses.replace_all(text, "")).map(|found| found.as_str().to_owned()));
    paths
}

/// Each path of a `use`, whose lists are opened.
fn flatten(start: &str, tree: &str, paths: &mut Vec<String>) {
    let Some(open) = tree.find('{') else {
        paths.push(format!("{start}{}", tree.trim().split(" as ").next().unwrap().trim_end_matches("::self")));
        return;
    };
    let start = format!("{start}{}", tree[..open].trim());
    let inner = &tree[open + 1..tree.rfind('}').unwrap()];
    let (mut depth, mut from) = (0, 0);
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[from..at].trim();
                if !part.is_empty() {
                    flatten(&start, part, paths);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

#[test]
fn the_core_stands_in_the_order_of_the_design() {
    let imports = Imports::of(&repository().join("crates/genome/src"));
    let room = |module: &str| module.split("::").next().unwrap().to_owned();
    let rooms: BTreeSet<String> = imports.0.keys().map(|module| room(module)).filter(|room| !room.is_empty()).collect();
    let design = fs::read_to_string(repository().join("DESIGN.md")).unwrap();
    let list = design.split("\n  genome/ ").nth(1).unwrap().split("\n  genome-files/").next().unwrap();
    // What stands apart from other words by two spaces, and names rooms only.
    let columns = list.lines().skip(1).flat_map(|line| line.split("  ")).map(str::trim).filter(|column| !column.is_empty());
    let order: Vec<String> =
        columns.map(|column| column.trim_end_matches('/').to_owned()).filter(|name| rooms.contains(name)).collect();
    assert_eq!(order.iter().cloned().collect::<BTreeSet<_>>(), rooms, "each room stands in the list");
    let floor = |room: &str| order.iter().position(|name| name == room).unwrap();
    let mut upwards = Vec::new();
    for (module, imported) in imports.0.iter().filter(|(module, _)| !module.is_empty()) {
        let above = imported.iter().filter(|other| other.is_empty() || floor(&room(other)) > floor(&room(module)));
        upwards.extend(above.map(|other| format!("{module} imports {other}")));
    }
    assert_eq!(upwards, Vec::<String>::new());
}

#[test]
fn each_import_is_found() {
    let files = [("", "pub use c::Y;"), ("a", ""), ("a::b", ""), ("c", "")];
    let names = Names::of(&files.map(|(module, text)| (module.to_owned(), text.to_owned())).into());
    let of = |module: &str, text: &str| names.imported(module, &code(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(of("a", "use b::X;\nuse crate::{Y, Other};\nuse std::fs;\n"), ["", "a::b", "c"]);
    assert_eq!(of("a::b", "use crate::{c::{self, Z}};\n"), ["c"]);
    assert_eq!(of("a::b", "use super::X;\nfn f() -> crate::c::T {}\n// crate::c\n"), ["a", "c"]);
    assert_eq!(of("c", "//! crate::a\n\n#[cfg(test)]\nmod tests {\n    use crate::a::b;\n}\n"), Vec::<String>::new());
}
