//! The book: its summary names each page, and its pages are run several at once.

use crate::runner::{read, run_document, run_page, run_steps, steps, turn};
use crate::{pages, reference};
use genome_test_support::{repository, say};
use pulldown_cmark::{Event, Parser, Tag};
use regex::Regex;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The page that builds the programs.
const BUILDS: &str = "docs/src/start/install.md";

#[test]
fn the_summary_names_each_page_once() {
    let summary = read("docs/src/SUMMARY.md");
    let mut named: Vec<String> = Parser::new(&summary)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(format!("docs/src/{dest_url}")),
            _ => None,
        })
        .collect();
    named.sort();
    assert_eq!(named, pages());
}

/// What mdBook takes for a page: the title in the summary is that of the page.
#[test]
fn a_page_has_the_title_that_the_summary_gives_it() {
    let summary = read("docs/src/SUMMARY.md");
    let line = Regex::new(r"(?m)^ *(?:- )?\[(.+)\]\((.+)\)$").unwrap();
    let mut seen = 0;
    for found in line.captures_iter(&summary) {
        let page = read(&format!("docs/src/{}", &found[2]));
        assert!(page.starts_with(&format!("# {}\n", &found[1])), "{}", &found[2]);
        seen += 1;
    }
    assert_eq!(seen, pages().len());
}

#[test]
fn the_page_about_installing_tells_the_truth() {
    assert!(run_document(BUILDS) >= 5);
}

/// They build nothing, so that they need the programs and little time.
#[test]
fn the_pages_tell_the_truth() {
    // While a document builds, a program may be away.
    let _turn = turn();
    let pages = Mutex::new(pages().into_iter().filter(|page| page != BUILDS).collect::<VecDeque<_>>());
    let next = || pages.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || {
        let mut ran = (0, Vec::new());
        while let Some(page) = next() {
            match run_page(&page) {
                Ok(commands) => ran.0 += commands,
                Err(why) => ran.1.push(why),
            }
        }
        ran
    };
    let at_once = thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
    let ran: Vec<(usize, Vec<String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let commands: usize = ran.iter().map(|(commands, _)| commands).sum();
    let faults: Vec<String> = ran.into_iter().flat_map(|(_, faults)| faults).collect();
    say(&format!("the pages of the book: {commands} commands\n"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(commands > 200, "only {commands} commands");
}

/// A page answers one question, and a reader sees its end.
#[test]
fn the_documents_are_short() {
    let limits = [("README.md", 150), ("DEPLOYMENT.md", 250)].map(|(name, limit)| (name.to_owned(), limit));
    let of_the_book = pages().into_iter().filter(|page| !reference::is_generated(page)).map(|page| (page, 160));
    for (name, limit) in limits.into_iter().chain(of_the_book) {
        let lines = read(&name).lines().count();
        assert!(lines <= limit, "{name} has {lines} lines");
    }
}

#[test]
fn each_script_that_a_page_starts_from_is_there_and_is_used() {
    let named = Regex::new(r"(?m)^<!-- setup: (\w+) -->$").unwrap();
    let mut used: Vec<String> = pages()
        .iter()
        .flat_map(|page| named.captures_iter(&read(page)).map(|found| format!("{}.sh", &found[1])).collect::<Vec<_>>())
        .collect();
    used.sort();
    used.dedup();
    assert_eq!(used, genome_test_support::names(&repository().join("docs/setup")));
}

/// A reader runs it a second time, or after DEPLOYMENT.md. Then there are keys and a policy, which it must not replace.
#[test]
fn a_script_changes_nothing_where_something_is_that_it_makes() {
    let of_production =
        ["secret-manager", "production-key-001.json", "genomes/TOTK_PROD_v1.0.0", "trust.json", "machine", "serve.sh"]
            .map(|made| ("production", made));
    for (script, made) in of_production.into_iter().chain([("example", "example"), ("server", "example"), ("notes", "notes")]) {
        let setup = repository().join("docs/setup");
        let document = format!(
            "```console\n$ mkdir -p docs \"$(dirname {made})\" && ln -s '{}' docs && echo mine > {made}\n\
            $ find . > ../before\n$ . docs/setup/{script}.sh; echo \"exit status $?\"\n...\nexit status 1\n\
            $ find . | cmp - ../before && cat {made}\nmine\n```\n",
            setup.display(),
        );
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let ran = run_steps(script, &steps(&document, |_| true).unwrap(), &inner);
        assert_eq!(ran, Ok(4), "{script} where {made} is");
    }
}
