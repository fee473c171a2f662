//! What is shown of a genome can be parsed back: a reader of each report learns what is in the genome, and nothing that is not, whatever a
//! stranger calls things.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod drawing;
mod hostile;
mod meaning;
mod model;
mod parse;

use drawing::model;
use genome_test_support::quoted::{Line, Unexpected};
use genome_test_support::{Draft, Ran, program, run, test_key};
use model::Model;
use parse::{Facts, Said, expected, listed, root, sentences, verified};
use proptest::prelude::*;
use pulldown_cmark::{Event, Parser};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use tempfile::TempDir;

/// A directory with `g.json`, which is signed, and `base.json`, which holds nothing but a signer.
struct Scratch {
    directory: TempDir,
}

impl Scratch {
    fn of(draft: &Draft) -> Self {
        let scratch = Self { directory: tempfile::tempdir().unwrap() };
        scratch.write("g.json", &draft.signed(&[1]));
        let base = Draft::new("0.9.0", &[1], 1).with("name", "BASE").with("capabilities", json!([]));
        scratch.write("base.json", &base.document.to_string());
        scratch
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.directory.path().join(name), text).unwrap();
    }

    fn run(&self, name: &str, arguments: &[&str]) -> Ran {
        let ran = run(program(name, self.directory.path()).args(arguments).env_remove("GITHUB_WORKSPACE"));
        for text in [&ran.stdout, &ran.stderr] {
            let bare = text.chars().find(|&character| character != '\n' && genome_json::text::Printable::escapes(character));
            assert_eq!(bare, None, "{text}");
            assert!(!text.contains("##[") && !text.to_lowercase().contains("##vso["), "{text}");
        }
        ran
    }

    /// What genome-diff says of the way from nothing to the genome.
    fn diff(&self, format: &str) -> String {
        let ran = self.run("genome-diff", &["--format", format, "base.json", "g.json"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{ran:?}");
        ran.stdout
    }

    fn textconv(&self, name: &str) -> String {
        let ran = self.run("genome-diff", &["--textconv", name]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
        ran.stdout
    }
}

/// The message of an annotation as it was before the runner's own escapes.
fn annotated(line: &str) -> String {
    line.split_once("::").unwrap().1.split_once("::").unwrap().1.replace("%25", "%")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn genome_verify_is_parsed_back(model in model()) {
        let scratch = Scratch::of(&model.draft());
        let human = scratch.run("genome-verify", &["g.json"]);
        prop_assert_eq!(human.status, Some(0));
        let shown = verified(&human.stdout).map_err(|error| TestCaseError::fail(format!("{error}: {}", human.stdout)))?;
        let signers: Vec<String> = std::iter::once("signer-1".to_owned()).chain(model.signers.iter().cloned()).collect();
        let Model { name, invariants, capabilities, pins, files, .. } = &model;
        prop_assert_eq!(&shown, &parse::Shown { name: name.clone(), signers: signers.clone(), invariants: invariants.clone(), capabilities: capabilities.clone(), pins: pins.clone() });

        let json: Value = serde_json::from_str(&scratch.run("genome-verify", &["--format", "json", "g.json"]).stdout).unwrap();
        let genome = &json["genomes"][0]["genome"];
        let draft = model.draft().document;
        prop_assert_eq!(&genome["name"], &draft["name"]);
        prop_assert_eq!(&genome["invariants"], &draft["invariants"]);
        prop_assert_eq!(&genome["capabilities"], &draft["capabilities"]);
        let none = json!([]);
        prop_assert_eq!(&genome["tools"], draft.get("tools").unwrap_or(&none));
        prop_assert_eq!(&genome["files"], &json!(files));
        let ids: Vec<&str> = genome["signers"].as_array().unwrap().iter().map(|signer| signer["key_id"].as_str().unwrap()).collect();
        prop_assert_eq!(ids, signers);

        let github = scratch.run("genome-verify", &["--format", "github", "g.json"]).stdout;
        let message = annotated(&github);
        let mut line = Line(&message);
        line.word("accepted: ").unwrap();
        prop_assert_eq!(&line.quoted().unwrap(), name);
        line.word(" 1.0.0, genome id ").unwrap();
        prop_assert_eq!(github.lines().count(), 1);
    }

    #[test]
    fn genome_diff_is_parsed_back(model in model()) {
        let scratch = Scratch::of(&model.draft());
        let expected = expected(&model);
        let fail = |error: Unexpected| TestCaseError::fail(error.to_string());
        prop_assert_eq!(&sentences(listed(&scratch.diff("human"))).map_err(fail)?, &expected);

        let json: Value = serde_json::from_str(&scratch.diff("json")).unwrap();
        let messages = json["changes"].as_array().unwrap().iter().map(|change| change["message"].as_str().unwrap());
        prop_assert_eq!(&sentences(messages).map_err(fail)?, &expected);
        prop_assert_eq!(json["new"]["name"].as_str(), Some(model.name.as_str()));

        let markdown = scratch.diff("markdown");
        // The differences are code spans; so are the names before them, and what is asked of the step after them.
        let spans: Vec<String> = Parser::new(&markdown).filter_map(|event| match event { Event::Code(code) => Some(code.into_string()), _ => None }).collect();
        // Of a definition whose text is in no file, that is said.
        let spans: Vec<String> = spans.into_iter().filter(|span| !span.starts_with("no text at hand is that of ")).collect();
        let mut line = Line(&spans[1]);
        prop_assert_eq!(&line.quoted().unwrap(), &model.name);
        let count = json["changes"].as_array().unwrap().len();
        prop_assert_eq!(&sentences(spans[2..2 + count].iter().map(String::as_str)).map_err(fail)?, &expected);

        // Of each level there are ten at most.
        let github = scratch.diff("github");
        let messages: Vec<String> = github.lines().map(annotated).collect();
        let said = messages.iter().filter_map(|message| {
            let (class, rest) = message.split_once(": ")?;
            let is_class = ["widening", "weakening", "narrowing", "strengthening", "neutral"].contains(&class);
            is_class.then(|| rest.rsplit_once(" (").unwrap().0)
        });
        let said: BTreeSet<Said> = sentences(said).map_err(fail)?.into_iter().collect();
        prop_assert!(said.is_subset(&expected.iter().cloned().collect()), "{}", github);
        for level in ["::error ", "::warning ", "::notice "] {
            prop_assert!(github.lines().filter(|line| line.starts_with(level)).count() <= 10, "{}", github);
        }
        let widening = expected.iter().filter(|said| matches!(said, Said::Action { is_allowed: true, .. })).count();
        prop_assert_eq!(messages.iter().filter(|message| message.starts_with("widening: ")).count().min(9), widening.min(9));
    }

    #[test]
    fn the_text_that_git_compares_is_parsed_back(model in model()) {
        let scratch = Scratch::of(&model.draft());
        let text = scratch.textconv("g.json");
        let facts = Facts::read(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(facts, Facts::of(&model));
    }

    #[test]
    fn what_is_shown_of_a_root_is_parsed_back(model in model()) {
        let scratch = Scratch::of(&model.draft());
        scratch.write("draft.json", &model.draft().document.to_string());
        let mut signing = program("genome-sign", scratch.directory.path());
        signing.args(["--yes", "draft.json", "signed.json", "signer-1"]);
        let signed = run(signing.env("GENOME_SIGNING_PRIVATE_KEY", genome_test_support::key(1).to_base64().as_str()));
        prop_assert_eq!(signed.status, Some(0), "{:?}", signed);
        let (shown, _) = signed.stderr.split_once("\nsigned by ").unwrap();
        let shown = root(shown).map_err(|error| TestCaseError::fail(format!("{error}: {shown}")))?;
        let Model { name, signers, invariants, capabilities, pins, files, .. } = &model;
        let signers: Vec<&str> = std::iter::once("signer-1").chain(signers.iter().map(String::as_str)).collect();
        prop_assert_eq!((&shown.name, shown.signers.iter().map(String::as_str).collect()), (name, signers));
        prop_assert_eq!((&shown.invariants, &shown.pins, shown.files), (invariants, pins, files.len()));
        // Of those that allow it, the ceiling names the first in the genome.
        let decisions = model.decisions();
        prop_assert_eq!(shown.actions.len(), decisions.len());
        for (class, action, by) in &shown.actions {
            let (is_allowed, decides) = &decisions[action];
            prop_assert_eq!((class != "denied", by.contains(decides)), (*is_allowed, true));
        }
        // Under the highest class of a capability that allows it, and with each of them, the gravest first.
        let classes: Vec<&String> = shown.actions.iter().map(|(class, ..)| class).filter(|class| *class != "denied").collect();
        prop_assert!(classes.is_sorted_by(|one, other| one >= other), "{:?}", classes);
        for (class, action, by) in shown.actions.iter().filter(|(class, ..)| class != "denied") {
            let mut allow: Vec<_> = capabilities.iter().filter(|capability| capability.allow.contains(action)).collect();
            allow.sort_by(|one, other| other.risk.cmp(&one.risk));
            prop_assert_eq!((class, by), (&allow[0].risk, &allow.iter().map(|capability| capability.id.clone()).collect()));
        }
    }

    #[test]
    fn what_is_drafted_signed_and_joined_is_parsed_back(model in model()) {
        let base = Draft::new("0.9.0", &[1], 1).with("name", "BASE").with("capabilities", json!([]));
        let draft = model.draft().after(&[&base]);
        let scratch = Scratch::of(&draft);
        scratch.write("base.json", &base.signed(&[1]));
        scratch.write("draft.json", &draft.document.to_string());
        scratch.write("key", &format!("{}\n", genome_test_support::key(1).to_base64().as_str()));
        let mut signing = program("genome-sign", scratch.directory.path());
        signing.args(["--parent", "base.json", "--yes", "draft.json", "signed.json", "signer-1"]);
        let signed = run(signing.env("GENOME_SIGNING_PRIVATE_KEY", genome_test_support::key(1).to_base64().as_str()));
        prop_assert_eq!(signed.status, Some(0), "{:?}", signed);
        let fail = |error: Unexpected| TestCaseError::fail(error.to_string());
        prop_assert_eq!(&sentences(listed(&signed.stderr)).map_err(fail)?, &expected(&model), "{}", &signed.stderr);

        let drafted = scratch.run("genome-draft", &["--from", "g.json", "--bump", "patch", "next.json"]);
        prop_assert_eq!(drafted.status, Some(0), "{:?}", drafted);
        let mut line = Line(drafted.stderr.lines().find(|line| line.starts_with("drafted ")).unwrap());
        line.word("drafted ").unwrap();
        prop_assert_eq!(&line.quoted().map_err(fail)?, &model.name);
        line.word(" 1.0.1, from ").map_err(fail)?;
        prop_assert_eq!(&line.quoted().map_err(fail)?, &model.name);

        let joined = scratch.run("genome-merge", &["g.json", "signed.json", "--output", "joined.json"]);
        for said in [&signed.stderr, &joined.stderr] {
            let line = said.lines().find_map(|line| line.strip_prefix("  genome      "));
            let mut line = Line(line.unwrap());
            prop_assert_eq!(&line.quoted().map_err(fail)?, &model.name);
            line.word(" 1.0.0").map_err(fail)?;
            line.end().map_err(fail)?;
        }
    }
}

/// A private key is shown nowhere, and what stands in its place is no quoted text.
#[test]
fn a_private_key_is_in_no_quotes() {
    let draft = Draft::new("1.0.0", &[1], 1).with("schema_version", test_key());
    let scratch = Scratch::of(&Draft::new("1.0.0", &[1], 1));
    scratch.write("key.json", &draft.document.to_string());
    let ran = scratch.run("genome-verify", &["key.json"]);
    assert!(ran.stderr.contains("unknown schema version [a private key, not shown]\n"), "{ran:?}");
}
