//! Each link of each document leads to a file and a section that are there. Nothing is asked of the network.

use crate::runner::read;
use crate::{documents, pages};
use genome_test_support::repository;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The links and images of a document.
fn links(text: &str) -> Vec<String> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        })
        .collect()
}

/// The anchors of the headings of a document, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut anchors, mut heading, mut seen) = (BTreeSet::new(), None::<String>, HashMap::<String, usize>::new());
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            Event::End(TagEnd::Heading(_)) => {
                let kept = heading.take().unwrap_or_default().to_lowercase();
                let anchor: String = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect();
                let anchor = anchor.replace(' ', "-");
                let times = seen.entry(anchor.clone()).or_default();
                anchors.insert(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
                *times += 1;
            }
            _ => {}
        }
    }
    anchors
}

/// Why a link of a document leads nowhere.
fn fault(document: &str, link: &str) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let from = Path::new(document).parent().unwrap_or(Path::new(""));
    let target = if path.is_empty() { Path::new(document).to_owned() } else { from.join(path) };
    let Ok(found) = repository().join(&target).canonicalize() else { return Some("there is no such file".to_owned()) };
    let root = repository().canonicalize().unwrap();
    let Ok(inside) = found.strip_prefix(&root) else { return Some("it leads out of the repository".to_owned()) };
    // A book that is built holds its own pages alone.
    if document.starts_with("docs/src/") && !inside.starts_with("docs/src") {
        return Some("it leads out of the book".to_owned());
    }
    let anchor = anchor?;
    let is_there = found.is_file() && anchors(&std::fs::read_to_string(found).unwrap()).contains(anchor);
    (!is_there).then(|| "there is no such section".to_owned())
}

#[test]
fn every_link_leads_somewhere() {
    let mut checked = 0;
    let mut faults = Vec::new();
    for document in documents().into_iter().chain(["docs/src/SUMMARY.md".to_owned()]) {
        for link in links(&read(&document)) {
            checked += 1;
            faults.extend(fault(&document, &link).map(|why| format!("{document}: {link}: {why}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked > 200, "only {checked} links were found");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    for link in ["nowhere.md", "#nowhere", "DESIGN.md#nowhere", "../outside.md", "deploy#nowhere"] {
        assert!(fault("README.md", link).is_some(), "{link}");
    }
    for link in ["DESIGN.md#8-the-house", "LICENSE", "https://example.org", "deploy"] {
        assert_eq!(fault("README.md", link), None, "{link}");
    }
    assert!(fault("docs/src/introduction.md", "../../README.md").is_some());
    assert_eq!(links("| a |\n|---|\n| [b](c) ![d](e) `[f](g)` |\n"), ["c", "e"]);
    assert_eq!(anchors("# A `b`: c\n\n## A b c\n"), BTreeSet::from(["a-b-c".to_owned(), "a-b-c-1".to_owned()]));
}

/// The pages name files of the repository without a link.
#[test]
fn the_pages_name_files_that_are_there() {
    let named = Regex::new(r"`((?:deploy|docs|schemas|crates)/[A-Za-z0-9_./-]+)`").unwrap();
    for page in pages() {
        for found in named.captures_iter(&read(&page)) {
            assert!(repository().join(&found[1]).exists(), "{page} names {}", &found[1]);
        }
    }
}
