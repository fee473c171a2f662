//! `genome-diff` on genomes of strangers: what stands in them is shown, and is never taken for what the program says.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, program, run};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};
use std::fs;

/// What a name, an id, an action, a hook or a path may hold.
const LABELS: [&str; 16] = [
    "`",
    "``` `` ` x",
    "x`",
    "`](https://evil.example)[`",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "https://evil.example",
    "<script>alert(1)</script>",
    "</details><h1>",
    "<!--",
    "&lt;b&gt;&#10;# x",
    "# x **y** ~~z~~ | --- | $`m`$",
    "@everyone #1",
    "\\`\\",
    "##[error]x ::error::x",
    "%0A::error file=x::y",
];

/// What a claim may hold besides.
const CLAIMS: [&str; 6] = [
    "x\n# heading\n",
    "x\n\n<h1>y</h1>\n\n::error::z\n##[error]z\n",
    "\r\u{1b}[2K\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}gnihtyna\u{2066}\u{200b}\u{feff}\u{2028}x",
    "\n```\nx\n```\n- [x] all is well\n</details>\n",
    "\u{0}\u{8}\u{9b}1m\t",
];

fn genome(label: &str, claim: &str) -> Draft {
    let invariant = json!({"id": label, "severity": "HIGH", "testable_claim": claim, "enforcement_hook": label});
    let capability = json!({"cap_id": label, "risk_class": "B", "allow_actions": [label], "deny_actions": [format!("{label}?")]});
    Draft::new("1.0.0", &[1], 1)
        .with("name", label)
        .with("invariants", json!([invariant]))
        .with("capabilities", json!([capability]))
        .with("build_manifest", json!({"files": [{"path": label.replace(['\\', '/', ':'], "_"), "sha256": "a".repeat(64)}]}))
}

/// Compares a harmless genome with one of a stranger, and the other way round.
fn compared(label: &str, claim: &str, format: &str) -> [Ran; 2] {
    let directory = tempfile::tempdir().unwrap();
    let harmless = Draft::new("0.9.0", &[1], 1);
    fs::write(directory.path().join("a.json"), harmless.document.to_string()).unwrap();
    fs::write(directory.path().join("b.json"), genome(label, claim).after(&[&harmless]).document.to_string()).unwrap();
    [["a.json", "b.json"], ["b.json", "a.json"]]
        .map(|[old, new]| run(program("genome-diff", directory.path()).args(["--format", format, old, new])))
}

/// Every text of a stranger, in each place where it may stand.
fn strangers() -> Vec<(&'static str, &'static str)> {
    LABELS.into_iter().map(|label| (label, label)).chain(CLAIMS.into_iter().map(|claim| ("x", claim))).collect()
}

#[test]
fn no_line_starts_with_text_of_a_stranger() {
    let starts = |format: &str, line: &str| match format {
        "human" => ["from  ", "to    ", "  widening  ", "  weakening  ", "  narrowing  ", "  strengthening  ", "  neutral  "]
            .iter()
            .chain(&["  ok  ", "  NO  ", "      "])
            .any(|start| line.starts_with(start)),
        "markdown" => ["### Genome `", "- **", "- `", "- [", "**", "<details><summary>", "</details>", "Genome id "]
            .iter()
            .any(|start| line.starts_with(start)),
        "github" => ["::warning file=", "::notice file="].iter().any(|start| line.starts_with(start)),
        _ => true,
    };
    let ours =
        regex::Regex::new("^([0-9]+ (widening|weakening|narrowing|strengthening|neutral)(, )?)+$|^not a valid successor").unwrap();
    for (label, claim) in strangers() {
        for format in ["human", "markdown", "github", "json"] {
            for ran in compared(label, claim, format) {
                assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{label:?} {claim:?}: {ran:?}");
                for line in ran.stdout.lines() {
                    assert!(line.is_empty() || starts(format, line) || ours.is_match(line), "{format}: {line}");
                }
                // Nothing moves the cursor, hides, or turns the text around; nothing is a command to CI.
                let bare = ran.stdout.chars().find(|&c| c != '\n' && genome_json::text::Printable::escapes(c));
                assert_eq!(bare, None, "{format} {label:?} {claim:?}");
                assert!(format == "json" || !ran.stdout.contains("##["), "{format}: {}", ran.stdout);
                if format == "github" {
                    assert!(!ran.stdout.contains("%0A") && !ran.stdout.contains("\n::error"), "{}", ran.stdout);
                }
                if format == "json" {
                    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
                    let names = [&report["old"]["name"], &report["new"]["name"]];
                    assert!(names.contains(&&label.into()), "{report}");
                }
            }
        }
    }
}

/// What a reader of Markdown sees that is more than text: the names of the elements, and the HTML.
fn markup(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let found = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(html.trim_end().to_owned()),
        Event::Start(Tag::Heading { level, .. }) => Some(format!("heading {level}")),
        Event::Start(Tag::List(_)) => Some("list".to_owned()),
        Event::Start(Tag::Strong) => Some("strong".to_owned()),
        Event::Start(Tag::Paragraph | Tag::Item | Tag::HtmlBlock)
        | Event::End(_)
        | Event::Text(_)
        | Event::Code(_)
        | Event::SoftBreak
        | Event::HardBreak => None,
        Event::TaskListMarker(is_set) => Some(format!("task {is_set}")),
        // Links, images, quotes, code blocks, tables, footnotes, emphasis, rules, mathematics.
        other => Some(format!("{other:?}")),
    });
    found.collect()
}

/// A parser of `CommonMark` that is not ours sees the same in a genome of a stranger as in a harmless one.
#[test]
fn markdown_stays_text() {
    let harmless = compared("x", "x", "markdown").map(|ran| markup(&ran.stdout));
    assert!(harmless[0].starts_with(&["heading h3".to_owned(), "strong".to_owned(), "list".to_owned()]), "{harmless:?}");
    assert!(harmless[0].contains(&"<details><summary>4 neutral</summary>".to_owned()), "{harmless:?}");
    for (label, claim) in strangers() {
        let found = compared(label, claim, "markdown");
        for (ran, harmless) in found.iter().zip(&harmless) {
            assert_eq!(markup(&ran.stdout), *harmless, "{label:?} {claim:?}: {}", ran.stdout);
        }
        // Each sentence is one code span, in full.
        let [human, _] = compared(label, claim, "human");
        let spans: Vec<String> = Parser::new(&found[0].stdout)
            .filter_map(|event| if let Event::Code(code) = event { Some(code.into_string()) } else { None })
            .collect();
        let sentences = human.stdout.lines().filter_map(|line| line.strip_prefix("  weakening      "));
        let mut seen = 0;
        for sentence in sentences {
            assert!(spans.iter().any(|span| span == sentence), "{sentence} in {spans:#?}");
            seen += 1;
        }
        assert!(seen > 0);
    }
}

#[test]
fn what_is_not_text_of_a_genome_is_shown_with_care_too() {
    let directory = tempfile::tempdir().unwrap();
    let name = "x\n::error::y `](z)\u{202e}.json";
    let (old, new) = (Draft::new("1.0.0", &[1], 1), Draft::new("1.0.1", &[1], 1));
    fs::write(directory.path().join("old.json"), old.document.to_string()).unwrap();
    fs::write(directory.path().join(name), new.document.to_string()).unwrap();
    for format in ["human", "markdown", "github", "json"] {
        let ran = run(program("genome-diff", directory.path()).args(["--format", format, "old.json", name]));
        assert_eq!(ran.status, Some(1));
        assert!(!ran.stdout.contains('\u{202e}') && !ran.stdout.contains("\n::error"), "{}", ran.stdout);
    }
    // What cannot be read is named in the same way.
    let ran = run(program("genome-diff", directory.path()).args(["old.json", "x\n::error::y"]));
    assert!(ran.status == Some(2) && ran.stderr.contains("x\\u{a}::error::y"), "{ran:?}");
}
