//! `genome-diff`, as a reviewer and CI run it: what it says of every kind of change, in four forms, and how it ends.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, assert_ran, fingerprint, printed, program, repository, run, signer, test_key, vector};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// A genome that holds something of each kind.
fn base() -> Draft {
    let invariant =
        |id: &str, severity: &str| json!({"id": id, "severity": severity, "testable_claim": "holds", "enforcement_hook": "h"});
    let file = |path: &str, digit: &str| json!({"path": path, "sha256": digit.repeat(64)});
    Draft::new("1.0.0", &[1, 2, 3], 2)
        .with("invariants", json!([invariant("INV-1", "CRITICAL"), invariant("INV-2", "HIGH")]))
        .with(
            "capabilities",
            json!([
                {"cap_id": "READ", "risk_class": "B", "allow_actions": ["read", "list"], "deny_actions": ["erase"]},
                {"cap_id": "WRITE", "risk_class": "C", "allow_actions": ["write", "list", "erase"], "deny_actions": ["format"]},
            ]),
        )
        .with("build_manifest", json!({"files": [file("a.txt", "a"), file("b.txt", "b")]}))
}

/// Two genomes in a directory of their own.
struct Pair(TempDir);

impl Pair {
    fn of(old: &str, new: &str) -> Self {
        let pair = Self(tempfile::tempdir().unwrap());
        fs::write(pair.0.path().join("old.json"), old).unwrap();
        fs::write(pair.0.path().join("new.json"), new).unwrap();
        pair
    }

    fn drafts(old: &Draft, new: &Draft) -> Self {
        Self::of(&old.document.to_string(), &new.document.to_string())
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(program("genome-diff", self.0.path()).args(arguments))
    }

    /// Class, kind and sentence of each difference.
    fn changes(&self) -> Vec<String> {
        let ran = self.run(&["--format", "json", "old.json", "new.json"]);
        let report = printed::read("diff-report", &ran.stdout);
        let changes = report["changes"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        assert_eq!(ran.status, Some(i32::from(!changes.is_empty())), "{ran:?}");
        changes.iter().map(|change| ["class", "kind", "message"].map(|field| text(&change[field])).join(" ")).collect()
    }
}

/// What is done to the genome, and what is said of that.
type Case = (fn(&mut Value), &'static [&'static str]);

const DIGEST_A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn push(list: &mut Value, item: impl Into<Value>) {
    list.as_array_mut().unwrap().push(item.into());
}

fn remove(list: &mut Value, index: usize) -> Value {
    list.as_array_mut().unwrap().remove(index)
}

fn reverse(list: &mut Value) {
    list.as_array_mut().unwrap().reverse();
}

/// The actions that a capability of [`base`] allows.
fn allowed(genome: &mut Value, capability: usize) -> &mut Value {
    &mut genome["capabilities"][capability]["allow_actions"]
}

/// Those that it denies.
fn denied(genome: &mut Value, capability: usize) -> &mut Value {
    &mut genome["capabilities"][capability]["deny_actions"]
}

const CEILING: [Case; 16] = [
    (
        |genome| push(allowed(genome, 1), "send"),
        &["widening action_allowed action `send` is allowed by `WRITE` (risk class C) now, and was allowed by nobody"],
    ),
    (
        |genome| *denied(genome, 0) = json!([]),
        &["widening action_allowed action `erase` is allowed by `WRITE` (risk class C) now, and was denied by `READ`"],
    ),
    (
        |genome| drop(remove(allowed(genome, 0), 0)),
        &["narrowing action_not_allowed action `read` is allowed by nobody now, and was allowed by `READ` (risk class B)"],
    ),
    (
        |genome| push(denied(genome, 0), "write"),
        &["narrowing action_not_allowed action `write` is denied by `READ` now, and was allowed by `WRITE` (risk class C)"],
    ),
    // It is allowed in two capabilities, and one of them no longer lists it.
    (
        |genome| drop(remove(allowed(genome, 1), 1)),
        &["neutral action_unlisted capability `WRITE` no longer lists `list` in its allow_actions"],
    ),
    // The same, and it was the capability that decides.
    (
        |genome| drop(remove(allowed(genome, 0), 1)),
        &[
            "strengthening action_moved action `list` is allowed by `WRITE` (risk class C) now, and was allowed by `READ` (risk class B)",
        ],
    ),
    // It is denied, so that nothing changes for it.
    (
        |genome| drop(remove(allowed(genome, 1), 2)),
        &["neutral action_unlisted capability `WRITE` no longer lists `erase` in its allow_actions"],
    ),
    (
        |genome| push(allowed(genome, 0), "format"),
        &["neutral action_listed capability `READ` lists `format` in its allow_actions now"],
    ),
    (
        |genome| {
            let action = remove(allowed(genome, 1), 0);
            push(allowed(genome, 0), action);
        },
        &[
            "weakening action_moved action `write` is allowed by `READ` (risk class B) now, and was allowed by `WRITE` (risk class C)",
        ],
    ),
    (
        |genome| genome["capabilities"][0]["risk_class"] = "A".into(),
        &["weakening risk_class capability `READ` is in risk class A now, and was in B"],
    ),
    (
        |genome| genome["capabilities"][0]["risk_class"] = "D".into(),
        &["strengthening risk_class capability `READ` is in risk class D now, and was in B"],
    ),
    (
        |genome| push(denied(genome, 0), "fly"),
        &["strengthening denial_added action `fly` is denied by `READ` now, and was allowed by nobody"],
    ),
    (
        |genome| *denied(genome, 1) = json!([]),
        &["weakening denial_removed action `format` is allowed by nobody now, and was denied by `WRITE`"],
    ),
    (
        |genome| {
            push(
                &mut genome["capabilities"],
                json!({"cap_id": "NEW", "risk_class": "A", "allow_actions": ["read"], "deny_actions": ["format"]}),
            );
        },
        &["neutral capability_added capability `NEW` is new: risk class A, 1 allowed, 1 denied"],
    ),
    (
        |genome| drop(remove(&mut genome["capabilities"], 1)),
        &[
            "weakening denial_removed action `format` is allowed by nobody now, and was denied by `WRITE`",
            "narrowing action_not_allowed action `write` is allowed by nobody now, and was allowed by `WRITE` (risk class C)",
            "neutral capability_removed capability `WRITE` is gone: risk class C, 3 allowed, 1 denied",
        ],
    ),
    // The first capability that allows an action decides its risk class: this order means something.
    (
        |genome| reverse(&mut genome["capabilities"]),
        &[
            "strengthening action_moved action `list` is allowed by `WRITE` (risk class C) now, and was allowed by `READ` (risk class B)",
        ],
    ),
];

const INVARIANTS: [Case; 7] = [
    (
        |genome| {
            let invariant = json!({"id": "INV-3", "severity": "MEDIUM", "testable_claim": "c", "enforcement_hook": "k"});
            push(&mut genome["invariants"], invariant);
        },
        &["strengthening invariant_added invariant `INV-3` must hold now: MEDIUM, `c`, enforced by `k`"],
    ),
    (
        |genome| drop(remove(&mut genome["invariants"], 0)),
        &["weakening invariant_removed invariant `INV-1` need not hold any more: CRITICAL, `holds`, enforced by `h`"],
    ),
    (
        |genome| genome["invariants"][0]["severity"] = "MEDIUM".into(),
        &["weakening severity invariant `INV-1` is MEDIUM now, and was CRITICAL"],
    ),
    (
        |genome| genome["invariants"][1]["severity"] = "CRITICAL".into(),
        &["strengthening severity invariant `INV-2` is CRITICAL now, and was HIGH"],
    ),
    (
        |genome| genome["invariants"][1]["testable_claim"] = "may hold".into(),
        &[
            "weakening testable_claim invariant `INV-2` (HIGH) claims `may hold` now, and claimed `holds`: read whether it asks as much",
        ],
    ),
    (
        |genome| genome["invariants"][1]["enforcement_hook"] = "none".into(),
        &[
            "weakening enforcement_hook invariant `INV-2` (HIGH) is enforced by `none` now, and was by `h`: read whether it does as much",
        ],
    ),
    // An id that is another is another invariant, whatever it says.
    (
        |genome| genome["invariants"][1]["id"] = "inv-2".into(),
        &[
            "weakening invariant_removed invariant `INV-2` need not hold any more: HIGH, `holds`, enforced by `h`",
            "strengthening invariant_added invariant `inv-2` must hold now: HIGH, `holds`, enforced by `h`",
        ],
    ),
];

const OTHERS: [Case; 9] = [
    (
        |genome| genome["authority"]["threshold"] = 1.into(),
        &["weakening threshold threshold: 1 must sign now, and 2 had to before"],
    ),
    (
        |genome| genome["authority"]["threshold"] = 3.into(),
        &["strengthening threshold threshold: 3 must sign now, and 2 had to before"],
    ),
    (
        |genome| {
            let file = json!({"path": "c.txt", "sha256": DIGEST_A});
            push(&mut genome["build_manifest"]["files"], file);
        },
        &[
            "strengthening file_added file `c.txt` is in the manifest now (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
        ],
    ),
    (
        |genome| drop(remove(&mut genome["build_manifest"]["files"], 0)),
        &["weakening file_removed file `a.txt` is in the manifest no more, so nothing checks it"],
    ),
    (
        |genome| genome["build_manifest"]["files"][0]["sha256"] = "TO BE COMPUTED".into(),
        &[
            "neutral file_changed file `a.txt` has changed (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -> a placeholder)",
        ],
    ),
    (
        |genome| genome["name"] = "OTHER".into(),
        &["weakening name name: `TEST` -> `OTHER`: versions that were accepted under the old name do not count for the new one"],
    ),
    (|genome| genome["version"] = "1.0.1-rc.1".into(), &["neutral version version: 1.0.0 -> 1.0.1-rc.1"]),
    (
        |genome| genome["parents"] = json!([DIGEST_A]),
        &["neutral parents parents: none -> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ),
    (
        |genome| genome["created_at"] = "2020-02-03T01:00:00Z".into(),
        &["neutral created_at created_at: 2020-01-31T00:00:00Z -> 2020-02-03T01:00:00Z, 3 days later"],
    ),
];

#[test]
fn every_kind_of_change_has_its_class_and_its_sentence() {
    for (change, expected) in CEILING.iter().chain(&INVARIANTS).chain(&OTHERS) {
        let mut new = base();
        change(&mut new.document);
        assert_eq!(Pair::drafts(&base(), &new).changes(), *expected);
    }
}

#[test]
fn who_may_sign() {
    let [first, third, fourth] = [1, 3, 4].map(fingerprint);
    let key = |number| signer(number)["public_key"].clone();
    let mut cases = Vec::new();
    let mut case = |change: &dyn Fn(&mut Value), expected: String| {
        let mut new = base();
        change(&mut new.document["authority"]["signers"]);
        cases.push((new, vec![expected]));
    };
    case(&|signers| push(signers, signer(4)), format!("weakening signer_added signer `signer-4` ({fourth}) may sign now"));
    case(
        &|signers| drop(remove(signers, 2)),
        format!("strengthening signer_removed signer `signer-3` ({third}) may no longer sign"),
    );
    case(
        &|signers| signers[0]["public_key"] = key(4),
        format!("weakening signer_key signer `signer-1` is another key now: {fourth}, and was {first}"),
    );
    case(
        &|signers| signers[0]["key_id"] = "alias".into(),
        format!("neutral signer_renamed signer `signer-1` is called `alias` now, with the same key ({first})"),
    );
    for (new, expected) in cases {
        assert_eq!(Pair::drafts(&base(), &new).changes(), expected);
    }
    // Two who change places are two keys under other ids, and nobody is new.
    let mut new = base();
    let signers = &mut new.document["authority"]["signers"];
    (signers[0]["key_id"], signers[2]["key_id"]) = ("signer-3".into(), "signer-1".into());
    let renamed = |from, to, key| {
        format!("neutral signer_renamed signer `signer-{from}` is called `signer-{to}` now, with the same key ({key})")
    };
    assert_eq!(Pair::drafts(&base(), &new).changes(), [renamed(1, 3, first), renamed(3, 1, third)]);
}

/// Which definitions of tools are good, action by action.
#[test]
fn what_is_pinned() {
    let base = |pins: &[(&str, &str)], more: &str| {
        let mut draft = base();
        if !more.is_empty() {
            push(allowed(&mut draft.document, 0), more);
        }
        let pins: Vec<Value> = pins.iter().map(|(action, digit)| json!({"action": action, "sha256": digit.repeat(64)})).collect();
        if pins.is_empty() { draft } else { draft.with("schema_version", "genome.v0.2").with("tools", pins) }
    };
    let [a, b, c] = ["a", "b", "c"].map(|digit| digit.repeat(64));
    let text = "files:instructions";
    let readable = "files/read";
    for (from, to, expected) in [
        (base(&[], ""), base(&[("read", "a")], ""), vec![format!("strengthening tool_pinned tool `read` is pinned now: no other definition is good than {a}; of tools with plain names, what has no pin is good for nothing now")]),
        (
            base(&[("read", "a")], ""),
            base(&[("write", "b"), ("read", "a")], ""),
            vec![format!("weakening tool_pinned tool `write` is pinned now, which a person has to read: {b}, and no definition of it was good")],
        ),
        // Another server is no concern of it.
        (
            base(&[("read", "a")], readable),
            base(&[(readable, "b"), ("read", "a")], readable),
            vec![format!("strengthening tool_pinned tool `files/read` is pinned now: no other definition is good than {b}; of `files`, what has no pin is good for nothing now")],
        ),
        (
            base(&[("read", "a"), ("write", "c")], ""),
            base(&[("write", "c")], ""),
            vec![format!("weakening tool_unpinned tool `read` is pinned no more: nothing checks its definition; pinned was {a}")],
        ),
        // What is not allowed any more needs no pin.
        (
            base(&[("read", "a"), (readable, "b"), (text, "c")], readable),
            base(&[("read", "a"), (text, "c")], ""),
            vec![
                "narrowing action_not_allowed action `files/read` is allowed by nobody now, and was allowed by `READ` (risk class B)".to_owned(),
                format!("neutral tool_unpinned tool `files/read` is pinned no more, and not allowed; pinned was {b}"),
            ],
        ),
        (
            base(&[("read", "a")], ""),
            base(&[("read", "b"), ("read", "a")], ""),
            vec![format!("weakening definition_added tool `read` has one definition more that is good, which a person has to read: {b}")],
        ),
        (
            base(&[("read", "b"), ("read", "a")], ""),
            base(&[("read", "b")], ""),
            vec![format!("strengthening definition_removed tool `read` has one definition less that is good: {a}")],
        ),
        (
            base(&[(text, "a"), (text, "b")], ""),
            base(&[(text, "c")], ""),
            vec![format!("weakening definition_replaced server text `files:instructions` has another wording, which a person has to read: {c}, and was {a}, {b}")],
        ),
        (base(&[("read", "b"), ("write", "a")], ""), base(&[("write", "a"), ("read", "b")], ""), Vec::new()),
    ] {
        assert_eq!(Pair::drafts(&from, &to).changes(), expected);
    }
    // The last pin of a server that goes with its action leaves others of that server to whatever they say; and its instructions, if there are none.
    let two = |pins: &[(&str, &str)], actions: &[&str]| {
        base(pins, "")
            .with("capabilities", json!([{"cap_id": "READ", "risk_class": "B", "allow_actions": actions, "deny_actions": []}]))
    };
    let from = two(&[("files/a", "a")], &["files/a", "files/b"]);
    let changes = Pair::drafts(&from, &two(&[], &["files/b"])).changes();
    assert!(changes[0].starts_with("weakening tool_unpinned tool `files/a` is pinned no more"), "{changes:?}");
    assert!(
        changes[0].ends_with("; of `files`, nothing is pinned any more, and what is allowed is good whatever it says"),
        "{changes:?}"
    );
    let changes = Pair::drafts(&from, &two(&[], &["other/b"])).changes();
    assert!(changes.iter().any(|change| change.starts_with("weakening tool_unpinned")), "{changes:?}");
}

#[test]
fn the_readme_has_a_row_for_each_kind() {
    let kind = |line: &&'static str| line.split(' ').nth(1).unwrap();
    let cases = CEILING.iter().chain(&INVARIANTS).chain(&OTHERS);
    let mut kinds: BTreeSet<&str> = cases.flat_map(|(_, lines)| lines.iter().map(kind)).collect();
    // Those of the tests above.
    kinds.extend(["signer_added", "signer_removed", "signer_key", "signer_renamed"]);
    kinds.extend(PINS);
    let page = fs::read_to_string(repository().join("docs/src/reference/changes.md")).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| `kind` | `subject` |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let named: Vec<&str> = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    assert_eq!(named.iter().copied().collect::<BTreeSet<&str>>(), kinds);
    assert_eq!(named.len(), kinds.len());
}

#[test]
fn what_means_the_same_is_no_change() {
    let arrangements: [fn(&mut Value); 5] = [
        |genome| reverse(&mut genome["authority"]["signers"]),
        |genome| reverse(&mut genome["invariants"]),
        |genome| reverse(&mut genome["build_manifest"]["files"]),
        |genome| reverse(allowed(genome, 1)),
        // The same instant in another place.
        |genome| genome["created_at"] = "2020-01-31T02:00:00+02:00".into(),
    ];
    let mut all = base();
    for arrange in arrangements {
        arrange(&mut all.document);
        let mut one = base();
        arrange(&mut one.document);
        for new in [&one, &all] {
            let pair = Pair::drafts(&base(), new);
            assert_eq!(pair.changes(), [""; 0]);
            // It is another genome though, which follows from the other or not.
            let ran = pair.run(&["old.json", "new.json"]);
            assert_ran(&ran, 0, "");
            assert!(ran.stdout.contains("\nno change of meaning\nnot a valid successor (yet):\n"), "{}", ran.stdout);
        }
    }
}

#[test]
fn parents_in_another_order_are_the_same() {
    let of = |parents: [&Draft; 2]| Draft::new("1.1.0", &[1], 1).after(&parents);
    let (one, other) = (base(), base().with("version", "0.9.0"));
    let pair = Pair::drafts(&of([&one, &other]), &of([&other, &one]));
    assert_eq!(pair.changes(), [""; 0]);
    assert_eq!(pair.run(&["old.json", "new.json"]).status, Some(0));
}

#[test]
fn what_is_not_signed_over_is_no_difference() {
    let draft = base();
    let spread = serde_json::to_string_pretty(&draft.document).unwrap();
    let [unsigned, one, three] = [draft.document.to_string(), draft.signed(&[1]), draft.signed(&[3, 2, 1])];
    for (old, new) in [(&unsigned, &three), (&one, &three), (&three, &unsigned), (&spread, &one)] {
        let pair = Pair::of(old, new);
        for format in ["human", "json", "markdown", "github"] {
            let ran = pair.run(&["--format", format, "old.json", "new.json"]);
            assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
            // Nobody is the child of himself, and nobody asked.
            assert!(!ran.stdout.contains("child") && !ran.stdout.contains("required"), "{}", ran.stdout);
        }
        let report: Value = serde_json::from_str(&pair.run(&["--format=json", "old.json", "new.json"]).stdout).unwrap();
        assert_eq!((&report["verdict"], &report["rightful"], &report["demands"]), (&"same".into(), &Value::Null, &json!([])));
    }
}

/// A version that changes something of every class, and lacks a signature.
fn reviewed() -> Pair {
    let (old, new) = reviewed_drafts();
    Pair::of(&old.signed(&[1, 2]), &new.signed(&[1, 3]))
}

/// What is shown of it, with the keys of this run.
fn shown(snapshot: &str) -> String {
    let (old, new) = reviewed_drafts();
    let keys = (1..=3).map(|number| (format!("<KEY-{number}>"), fingerprint(number)));
    let ids = [("<OLD>".to_owned(), old.id()), ("<NEW>".to_owned(), new.id())];
    keys.chain(ids).fold(snapshot.to_owned(), |text, (name, value)| text.replace(&name, &value))
}

fn reviewed_drafts() -> (Draft, Draft) {
    let old = base();
    let mut new = base().after(&[&old]).with("version", "2.0.0").with("created_at", "2021-01-31T00:00:00Z");
    push(allowed(&mut new.document, 1), "send");
    push(allowed(&mut new.document, 1), "publish");
    new.document["invariants"][0]["severity"] = "HIGH".into();
    drop(remove(allowed(&mut new.document, 0), 0));
    new.document["authority"]["threshold"] = 3.into();
    (old, new)
}

#[test]
fn the_four_forms() {
    for (format, expected) in [
        ("human", include_str!("snapshots/diff.txt")),
        ("json", include_str!("snapshots/diff.json")),
        ("markdown", include_str!("snapshots/diff.md")),
        ("github", include_str!("snapshots/diff.github")),
    ] {
        let expected = shown(expected);
        let ran = reviewed().run(&["--format", format, "old.json", "new.json"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{ran:?}");
        assert_eq!(ran.stdout, expected, "{format}");
        // The same form a second time has the same bytes.
        assert_eq!(reviewed().run(&["--format", format, "old.json", "new.json"]).stdout, expected);
    }
    let human = reviewed().run(&["old.json", "new.json"]);
    assert_eq!(human.stdout, shown(include_str!("snapshots/diff.txt")), "it is for people if nobody says otherwise");
}

/// GitHub refuses a comment of more than 65,536 characters.
#[test]
fn a_comment_is_not_too_long() {
    let mut new = base();
    (0..2000).for_each(|number| push(allowed(&mut new.document, 1), format!("send-{number}")));
    new.document["invariants"][0]["testable_claim"] = "long ".repeat(20_000).into();
    new.document["version"] = "2.0.0".into();
    let pair = Pair::drafts(&base(), &new);
    let ran = pair.run(&["--format", "markdown", "old.json", "new.json"]);
    assert!(ran.status == Some(1) && (50_000..60_000).contains(&ran.stdout.len()), "{} bytes", ran.stdout.len());
    assert!(ran.stdout.contains("\n**2000 widening, 1 weakening, 1 neutral**\n"), "{}", ran.stdout);
    let listed = ran.stdout.lines().filter(|line| line.starts_with("- **")).count();
    assert!(ran.stdout.contains(&format!("\n- and {} more, which `genome-diff` shows\n", 2001 - listed)), "{}", ran.stdout);
    // For people and for programs all of it is said.
    assert_eq!(pair.run(&["old.json", "new.json"]).stdout.lines().filter(|line| line.starts_with("  widening ")).count(), 2000);
    assert_eq!(pair.changes().len(), 2002);
}

/// Nor may those who have yet to sign make it so, nor a version, of which all but the start is of no use.
#[test]
fn a_comment_on_many_signers_is_not_too_long() {
    let everybody: Vec<u8> = (0..=255).collect();
    let draft = |version: &str| {
        let mut draft = Draft::new(version, &everybody, 255);
        for (number, signer) in draft.document["authority"]["signers"].as_array_mut().unwrap().iter_mut().enumerate() {
            signer["key_id"] = format!("{number:0>128}").into();
        }
        draft
    };
    let pair = Pair::drafts(&draft("1.0.0"), &draft(&format!("1.1.0-{}", "x".repeat(100_000))));
    let ran = pair.run(&["--format", "markdown", "old.json", "new.json"]);
    assert!(ran.status == Some(1) && ran.stdout.chars().count() < 65_536, "{} bytes", ran.stdout.len());
    assert!(
        ran.stdout.contains("\n- [ ] `itself: 0 of the 255 signatures required`: ``255 must sign with genome-sign: "),
        "{}",
        ran.stdout
    );
}

#[test]
fn colour_is_for_a_terminal() {
    let pair = reviewed();
    let mut coloured = program("genome-diff", pair.0.path());
    let ran = run(coloured.args(["old.json", "new.json"]).env("CLICOLOR_FORCE", "1"));
    assert!(ran.stdout.contains("\u{1b}[1m\u{1b}[31mwidening"), "{:?}", ran.stdout);
    let plain = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(&ran.stdout, "").into_owned();
    assert_eq!(plain, shown(include_str!("snapshots/diff.txt")));
}

#[test]
fn the_classes_on_which_it_fails() {
    let mut wider = base();
    push(allowed(&mut wider.document, 1), "send");
    let wider = Pair::drafts(&base(), &wider);
    let same = Pair::drafts(&base(), &base());
    for (pair, classes, status) in [
        (&wider, "widening", 1),
        (&wider, "weakening,widening", 1),
        (&wider, "narrowing,neutral", 0),
        (&wider, "widening,weakening,narrowing,strengthening,neutral", 1),
        (&same, "widening,weakening,narrowing,strengthening,neutral", 0),
    ] {
        let ran = pair.run(&["--fail-on", classes, "--format", "json", "old.json", "new.json"]);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.status, &report["fails"]), (Some(status), &(status == 1).into()), "{classes}: {ran:?}");
        let annotated = pair.run(&["--fail-on", classes, "--format", "github", "old.json", "new.json"]);
        assert_eq!(annotated.stdout.contains("::error "), status == 1, "{classes}: {annotated:?}");
    }
    assert_eq!(wider.run(&["--fail-on=weakening", "--fail-on=widening", "old.json", "new.json"]).status, Some(1));
    // A difference by which nobody asked it to fail is a difference, and no error.
    assert!(!wider.run(&["--format", "github", "old.json", "new.json"]).stdout.contains("::error "));
}

#[test]
fn all_trouble_is_2() {
    let pair = reviewed();
    let write = |name: &str, text: &str| fs::write(pair.0.path().join(name), text).unwrap();
    write("cut.json", &base().document.to_string()[..100]);
    write("schema.json", "{}");
    write("policy.json", "{}");
    write("secret.json", &base().with("name", test_key()).document.to_string());
    fs::create_dir(pair.0.path().join("directory")).unwrap();
    for (arguments, said) in [
        (&["old.json", "nowhere.json"][..], "error[GENOME_MISSING]: there is no such file\n  --> nowhere.json\n"),
        (&["nowhere.json", "new.json"], "  --> nowhere.json\n"),
        (&["old.json", "cut.json"], "error[GENOME_INVALID_JSON]: "),
        (&["schema.json", "new.json"], "the field `authority` is missing"),
        (&["old.json", "secret.json"], "error[GENOME_SECRET_EXPOSED]: "),
        (
            &["directory", "new.json"],
            "error[GENOME_UNREADABLE]: it is a directory, not a regular file\n  --> directory\n  help: name a file in it\n",
        ),
        (&["-", "-"], "error: standard input can be read only once"),
        (&["-", "new.json"], "  --> standard input:1:1\n"),
        (&[], "<GENOME>"),
        (&["old.json", "new.json", "third.json"], "two genomes are compared, and third.json is one more"),
        (&["--since", "", "old.json"], "a revision of git belongs here"),
        (&["--since=--help"], "a revision of git belongs here"),
        (&["--since", "HEAD", "--format", "json"], "--since compares many"),
        (&["--since", "HEAD"], "error: git says `not a git repository"),
        (&["--fail-on", "widenings", "old.json", "new.json"], "possible values: widening, weakening, narrowing"),
        (&["--fail-on", "", "old.json", "new.json"], "a value is required for '--fail-on"),
        (&["--format", "html", "old.json", "new.json"], "possible values: human, json"),
        (&["--trust", "policy.json", "old.json", "new.json"], "  --> policy.json\n"),
        (&["--trust", "nowhere.json", "old.json", "new.json"], "error[GENOME_MISSING]: "),
        (&["--textconv", "nowhere.json"], "error[GENOME_MISSING]: "),
        (&["--textconv", "old.json", "new.json"], "cannot be used with"),
        (&["--textconv", "old.json", "--format", "json"], "cannot be used with"),
        (&["--format", "json", "--driver", "old.json"], "cannot be used with"),
        (&["--driver", "old.json", "new.json"], "not the arguments of an external diff of git"),
    ] {
        let ran = pair.run(arguments);
        assert_ran(&ran, 2, said);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [&["old.json", "new.json"][..], &["old.json", "old.json"], &["--textconv", "old.json"], &["--driver", "x"]] {
        let mut command = program("genome-diff", pair.0.path());
        let status = command.args(arguments).stdout(full()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
    // A genome of another form is no trouble of the one that is read from standard input.
    let mut piped = program("genome-diff", pair.0.path());
    let output = piped.args(["-", "old.json"]).stdin(File::open(pair.0.path().join("old.json")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

/// The kinds that are about pins. What one gives away depends on what else is pinned and allowed, and so on the direction.
const PINS: [&str; 5] = ["tool_pinned", "tool_unpinned", "definition_added", "definition_removed", "definition_replaced"];

/// The root genome, and then every fifth of those of the vectors of trust that can be read: they are written to this directory.
fn real(directory: &Path) -> Vec<PathBuf> {
    let vectors = vector::all("trust");
    let genomes = vectors.iter().map(|vector| (&vector.name, vector.parts()["genome.json"]));
    let found = genomes.filter(|(_, genome)| genome::Document::read(genome).is_ok()).step_by(5).map(|(name, genome)| {
        let path = directory.join(name);
        fs::write(&path, genome).unwrap();
        path
    });
    [repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")].into_iter().chain(found).collect()
}

/// Class, kind and subject of each difference, sorted.
fn between(old: &Path, new: &Path) -> Vec<[String; 3]> {
    let ran = run(program("genome-diff", repository()).args(["--format", "json"]).args([old, new]));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |change: &Value| match ["class", "kind", "subject"].map(|field| text(&change[field])) {
        // The key goes by another name on each side.
        [class, kind, _] if kind == "signer_renamed" => [class, kind, String::new()],
        [_, kind, subject] if PINS.contains(&&*kind) => [String::new(), kind, subject],
        line => line,
    };
    let mut lines: Vec<[String; 3]> = report["changes"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(ran.status, Some(i32::from(!lines.is_empty())), "{ran:?}");
    lines.sort();
    lines
}

/// What the same difference is the other way round.
fn mirrored([class, kind, subject]: &[String; 3]) -> [String; 3] {
    // Only a person can say which of two is the weaker.
    let either = ["name", "testable_claim", "enforcement_hook", "signer_key"].contains(&kind.as_str());
    let class = match class.as_str() {
        "widening" => "narrowing",
        "narrowing" => "widening",
        "weakening" if !either => "strengthening",
        "strengthening" => "weakening",
        same => same,
    };
    let kind = match (kind.as_str(), kind.rsplit_once('_')) {
        ("action_allowed", _) => "action_not_allowed".to_owned(),
        ("action_not_allowed", _) => "action_allowed".to_owned(),
        ("tool_pinned", _) => "tool_unpinned".to_owned(),
        ("tool_unpinned", _) => "tool_pinned".to_owned(),
        (_, Some((what, "added"))) => format!("{what}_removed"),
        (_, Some((what, "removed"))) => format!("{what}_added"),
        (_, Some((what, "listed"))) => format!("{what}_unlisted"),
        (_, Some((what, "unlisted"))) => format!("{what}_listed"),
        _ => kind.clone(),
    };
    [class.to_owned(), kind, subject.clone()]
}

#[test]
fn there_and_back() {
    let directory = tempfile::tempdir().unwrap();
    let real = real(directory.path());
    let mut differences = 0;
    for (index, one) in real.iter().enumerate() {
        assert_eq!(between(one, one), [[""; 3]; 0], "{}", one.display());
        // Each with the root genome, which is of another make, and with its neighbour, which is of the same.
        for other in [&real[0], &real[index.saturating_sub(1)]] {
            let mut back: Vec<[String; 3]> = between(other, one).iter().map(mirrored).collect();
            back.sort();
            assert_eq!(between(one, other), back, "{} and {}", one.display(), other.display());
            differences += back.len();
        }
    }
    assert!(real.len() > 20 && differences > 500, "{differences} differences between {} genomes", real.len());
}
