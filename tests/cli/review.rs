//! What `genome-sign` shows of a change before it signs it, and the question that it asks.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::terminal::{Typed, Typist, joined};
use genome_test_support::{
    Draft, Release, assert_ran, failing_after_search, file, fingerprint, has, names, program, repository, run, run_unprivileged,
};
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn old() -> Draft {
    Draft::new("1.0.0", &[1], 1)
}

fn new() -> Draft {
    let capabilities = json!([{"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_update"], "deny_actions": []}]);
    old().with("version", "1.1.0").with("capabilities", capabilities).after(&[&old()])
}

/// The summary of that change.
fn summary() -> String {
    format!(
        "changes since `TEST` 1.0.0 ({0}): 1 widening, 1 narrowing, 2 neutral\n  widening       action `memory_update` is allowed by `CAP` (risk class B) now, and was allowed by nobody\n  narrowing      action `memory_search` is allowed by nobody now, and was allowed by `CAP` (risk class B)\n  neutral        version: 1.0.0 -> 1.1.0\n  neutral        parents: none -> {0}\n",
        old().id()
    )
}

/// As a terminal shows it, which is wide enough.
fn question() -> String {
    format!("sign `TEST` 1.1.0 ({}), with 1 widening, 1 narrowing, 2 neutral? [y/n] ", short(&new()))
}

/// The genome id as a terminal shows it beside the whole one.
fn short(draft: &Draft) -> String {
    draft.id().chars().take(12).collect()
}

/// The size of a terminal in which no line is wrapped here.
const WIDE: Option<(u16, u16)> = Some((24, 120));

/// The parent, signed, and the draft, each in its directory.
fn release() -> Release {
    let release = Release::new(1, 1);
    for directory in ["v1", "v2"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    release.write("v1/genome.json", &old().signed(&[1]));
    release.write("v2/draft.json", &new().document.to_string());
    release
}

const ARGUMENTS: [&str; 2] = ["v2/draft.json", "v2/genome.json"];

fn is_signed(release: &Release) -> bool {
    let signed = names(&release.path().join("v2")) == ["draft.json", "genome.json"];
    assert_eq!(signed, release.verify(&["v2/genome.json"]).status == Some(0));
    signed
}

#[test]
fn the_change_is_shown_before_it_is_signed() {
    let release = release();
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "");
    assert!(ran.stderr.starts_with(&summary()), "{}", ran.stderr);
    assert!(ran.stderr.split_once("\nsigned by `signer-1`").is_some() && !ran.stderr.contains("[y/n]"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert!(is_signed(&release));
    // Found by its id: where the parent was given, where the output is to be, and where it is a draft itself.
    fs::rename(release.path().join("v1"), release.path().join("v2/far")).unwrap();
    fs::create_dir_all(release.path().join("deep/er/v2")).unwrap();
    fs::rename(release.path().join("v2/far/genome.json"), release.path().join("deep/er/parent")).unwrap();
    let missing = format!("changes since its parent {} cannot be shown: it is not here, give it with --parent\n", old().id());
    let ran = release.sign(1, &["--force", ARGUMENTS[0], ARGUMENTS[1]]);
    assert_ran(&ran, 0, "signed before by");
    assert!(ran.stderr.starts_with(&missing), "{}", ran.stderr);
    assert!(release.sign(1, &["--parent", "deep/er/parent", "v2/draft.json", "other.json"]).stderr.starts_with(&summary()));
    assert!(release.sign(1, &["v2/draft.json", "deep/er/v2/genome.json"]).stderr.starts_with(&summary()));
    release.write("deep/er/parent", &old().document.to_string());
    assert!(release.sign(1, &["v2/draft.json", "deep/er/v2/genome.json"]).stderr.starts_with(&summary()));
    // One that was changed is not the parent, whatever it says of itself.
    release.write("deep/er/parent", &old().with("name", "OTHER").document.to_string());
    assert!(release.sign(1, &["v2/draft.json", "deep/er/v2/genome.json"]).stderr.starts_with(&missing));
}

#[test]
fn a_parent_that_cannot_be_read_is_not_said_to_be_elsewhere() {
    if !has("strace") {
        return;
    }
    let release = release();
    let parent = release.path().join("v1/genome.json").canonicalize().unwrap();
    let sign = || run(&mut failing_after_search(&release.signing(1, &ARGUMENTS), parent.to_str().unwrap()));
    let ran = sign();
    let said = format!(
        "changes since its parent {} cannot be shown: it cannot be read ({}: Input/output error (os error 5)), give it with --parent\n",
        old().id(),
        parent.display()
    );
    assert!(ran.stderr.contains(&said), "{ran:?}");
    // Another copy is as good.
    release.write("v1/other.json", &old().signed(&[1]));
    fs::remove_file(release.path().join("v2/genome.json")).unwrap();
    assert!(sign().stderr.contains(&summary()));
}

#[test]
fn a_parent_that_the_search_cannot_read_is_not_said_to_be_elsewhere() {
    let release = release();
    release.set_mode("v1/genome.json", 0o000);
    release.set_mode("v2", 0o777);
    release.set_mode(".", 0o755);
    let Some(ran) = run_unprivileged(&mut release.signing(1, &ARGUMENTS)) else { return };
    let parent = release.path().join("v1/genome.json").canonicalize().unwrap();
    let said = format!(
        "changes since its parent {} cannot be shown: it was not found, and {}, where it may be, cannot be read (Permission denied (os error 13)), give it with --parent\n",
        old().id(),
        parent.display()
    );
    assert!(ran.stderr.contains(&said), "{ran:?}");
}

/// A root that says something of each kind; the second capability denies what the first allows.
fn root() -> Draft {
    let capabilities = json!([
        {"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "format_every_disk", "memory_erase"], "deny_actions": []},
        {"cap_id": "CAP-DISK", "risk_class": "D", "allow_actions": ["format_every_disk", "disk_read"], "deny_actions": ["memory_erase", "memory_export"]},
        {"cap_id": "CAP-HEALTH", "risk_class": "A", "allow_actions": ["health_check"], "deny_actions": []}
    ]);
    let invariants =
        json!([{"id": "INV", "severity": "CRITICAL", "testable_claim": "stop `means` stop", "enforcement_hook": "gate.stop"}]);
    let file = json!({"files": [{"path": "LICENSE", "sha256": "a".repeat(64)}]});
    old().with("capabilities", capabilities).with("invariants", invariants).with("build_manifest", file)
}

/// What is shown of it.
fn contents() -> String {
    format!(
        "  signer         `signer-1` ({})\n  threshold      1 of 1 must sign\n  allowed, D     `disk_read` by `CAP-DISK`\n  allowed, D     `format_every_disk` by `CAP-DISK` and `CAP` (B)\n  allowed, B     `memory_search` by `CAP`\n  allowed, A     `health_check` by `CAP-HEALTH`\n  denied         `memory_erase` by `CAP-DISK`\n  denied         `memory_export` by `CAP-DISK`\n  invariant      `INV` (CRITICAL): `stop \\u{{60}}means\\u{{60}} stop`, enforced by `gate.stop`\n  manifest       1 file\n",
        fingerprint(1)
    )
}

#[test]
fn a_root_is_shown_as_a_whole() {
    let release = release();
    release.write("v2/draft.json", &root().document.to_string());
    let head = "contents of `TEST` 1.0.0, which names no parent: it starts a lineage of its own, and all of it is new\n";
    let shown = format!("{head}{}", contents());
    for yes in [&[][..], &["--yes"]] {
        let ran = release.sign(1, &[&ARGUMENTS, yes].concat());
        assert_ran(&ran, 0, "signed");
        assert!(
            ran.stderr.starts_with(&format!("{shown}signed")) || ran.stderr.starts_with(&format!("{shown}nothing to do")),
            "{}",
            ran.stderr
        );
    }
    if !has("python3") {
        return;
    }
    // Who takes out the parents does not get round the question.
    let question = format!("sign `TEST` 1.0.0 ({}), with no parent to compare it with, 4 actions allowed? [y/n] ", short(&root()));
    for (answer, status) in [("n\r", 1), ("y\r", 0)] {
        let steps = [("", ""), (question.as_str(), answer)];
        let typist = Typist { steps: &steps, shows_errors: true, size: Some((50, 160)), ..Typist::default() };
        let typed = typist.run(release.signing(1, &["v2/draft.json", "again.json"]).env("NO_COLOR", "1"));
        assert_eq!((typed.ran.status, release.path().join("again.json").exists()), (Some(status), status == 0), "{typed:?}");
        assert!(
            typed.shown.replace("\r\n", "\n").starts_with(&format!("{shown}genome id {}\n{question}", root().id())),
            "{typed:?}"
        );
    }
    // With --yes too, on a terminal.
    let typist = Typist { shows_errors: true, size: WIDE, ..Typist::default() };
    let typed = typist.run(release.signing(1, &["--yes", "v2/draft.json", "third.json"]).env("NO_COLOR", "1"));
    assert!(typed.shown.replace("\r\n", "\n").starts_with(&format!("{shown}signed by")), "{typed:?}");
    // It is in colour otherwise.
    let typed = typist.run(&release.signing(1, &["--yes", "v2/draft.json", "fourth.json"]));
    assert!(typed.shown.contains("\u{1b}[1m\u{1b}[31mallowed, D\u{1b}[0m     `disk_read`"), "{typed:?}");
}

#[test]
fn a_parent_that_is_not_here_hides_nothing() {
    let release = release();
    let (lost, lost_too) = (old().with("name", "LOST"), old().with("name", "LOST-TOO"));
    let draft = root().with("version", "1.1.0").after(&[&lost, &lost_too]);
    release.write("v2/draft.json", &draft.document.to_string());
    let missing = |id| format!("changes since its parent {id} cannot be shown: it is not here, give it with --parent\n");
    let shown = format!(
        "{}{}contents of `TEST` 1.1.0, which a signer may see for the first time\n{}",
        missing(lost.id()),
        missing(lost_too.id()),
        contents()
    );
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "signed by");
    assert!(ran.stderr.starts_with(&shown), "{}", ran.stderr);
}

/// Nothing is new against a parent that somebody made for it: one that nobody has signed, or only a stranger, whomever it names beside him.
#[test]
fn a_parent_that_the_signer_has_not_signed_hides_nothing() {
    let release = release();
    let shown = format!("contents of `TEST` 1.1.0, which a signer may see for the first time\n{}", contents());
    let unsigned = root();
    let strange = root().with("authority", Draft::new("1.0.0", &[9], 1).document["authority"].clone());
    let beside = root().with("authority", Draft::new("1.0.0", &[1, 9], 1).document["authority"].clone());
    let unsigned_text = unsigned.document.to_string();
    for (parent, text) in [(&unsigned, unsigned_text), (&strange, strange.signed(&[9])), (&beside, beside.signed(&[9]))] {
        release.write("v1/genome.json", &text);
        release.write("v2/draft.json", &root().with("version", "1.1.0").after(&[parent]).document.to_string());
        for given in [&[][..], &["--parent", "v1/genome.json"]] {
            let _ = fs::remove_file(release.path().join("v2/genome.json"));
            let ran = release.sign(1, &[&ARGUMENTS[..], &["signer-1"], given].concat());
            assert!(ran.status == Some(0) || !given.is_empty() && ran.stderr.contains("GENOME_UNSIGNED"), "{ran:?}");
            assert!(ran.stderr.contains(&shown) == (ran.status == Some(0)), "{}", ran.stderr);
            assert_eq!(ran.stderr.starts_with(&format!("changes since `TEST` 1.0.0 ({})", parent.id())), ran.status == Some(0));
        }
    }
}

#[test]
fn each_parent_is_compared_with() {
    let release = release();
    let other = old().with("name", "OTHER").with("version", "0.9.0");
    let lost = old().with("name", "LOST");
    release.write("v1/other.json", &other.signed(&[1]));
    release.write("v2/draft.json", &new().after(&[&other, &lost, &old()]).document.to_string());
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "");
    let starts: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("changes since")).collect();
    let expected = [
        format!("changes since `OTHER` 0.9.0 ({}): 1 widening, 1 weakening, 1 narrowing, 2 neutral", other.id()),
        format!("changes since its parent {} cannot be shown: it is not here, give it with --parent", lost.id()),
        format!("changes since `TEST` 1.0.0 ({}): 1 widening, 1 narrowing, 2 neutral", old().id()),
    ];
    assert_eq!(starts, expected);
    assert!(ran.stderr.contains("  weakening      name: `OTHER` -> `TEST`: "), "{}", ran.stderr);
}

fn at_a_terminal(command: &Command, steps: &[(&str, &str)]) -> Typed {
    Typist { steps, shows_errors: true, size: WIDE, ..Typist::default() }.run(command)
}

#[test]
fn on_a_terminal_only_a_yes_signs() {
    if !has("python3") {
        return;
    }
    let not_signed = ": not signed; nothing was changed\r\n";
    for (answer, status, said) in [
        ("y\n", 0, "signed by `signer-1`"),
        ("yes\n", 0, "signed by `signer-1`"),
        (" Y \n", 0, "signed by `signer-1`"),
        ("n\n", 1, not_signed),
        ("No\n", 1, not_signed),
        (
            "\u{4}",
            2,
            "[y/n] \r\n\u{1b}[1m\u{1b}[31merror\u{1b}[0m: not signed; nothing was changed: nobody answered the question: the input ended (Ctrl-D)\r\n  help: answer `y` or `n`, and press Enter; without a terminal, and in scripts, --yes signs without a question\r\n",
        ),
        ("y\u{3}", -2, "^C"),
    ] {
        let release = release();
        let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &[(&question(), answer)]);
        assert_eq!(typed.ran.status, Some(status), "{answer:?}: {typed:?}");
        assert!(typed.shown.contains(said), "{answer:?}: {typed:?}");
        // In colour; before the question, and once.
        let plain = typed.shown.replace("\r\n", "\n");
        assert!(plain.contains(&format!("genome id {}\n{}", new().id(), question())), "{plain}");
        let (before, after) = plain.split_once(&question()).unwrap();
        assert!(
            before.contains("1 widening") && before.contains("`memory_update`") && !after.contains("`memory_update`"),
            "{plain}"
        );
        assert_eq!(is_signed(&release), status == 0, "{answer:?}");
        assert!(!genome_json::holds_private_key(&typed.shown));
        assert_eq!(names(release.path()), ["draft.json", "v1", "v2"]);
    }
    // What was there stays as it was.
    let release = release();
    release.write("v2/genome.json", &new().signed(&[1]));
    let before = file(release.path(), "v2/genome.json");
    let signing = release.signing(1, &["--force", ARGUMENTS[0], ARGUMENTS[1], "--audit-log", "audit.jsonl"]);
    assert_eq!(at_a_terminal(&signing, &[(&question(), "n\n")]).ran.status, Some(1));
    assert_eq!((file(release.path(), "v2/genome.json"), release.path().join("audit.jsonl").exists()), (before, false));
}

#[test]
fn what_is_neither_yes_nor_no_is_no_answer() {
    const ONE: &str = "that is not an answer";
    const TWO: &str = "those 2 lines are not an answer, and were not run";
    if !has("python3") {
        return;
    }
    let question = question();
    for (keys, said) in [
        ("\n", "that is an empty line, and no answer"),
        ("yess\n", ONE),
        ("y n\n", ONE),
        // In form C it would be one letter.
        ("y\u{301}\n", ONE),
        ("1\n", ONE),
        ("correct horse\n", ONE),
        // What Ctrl-D ends, which does not show.
        ("yess\u{4}\u{4}", ONE),
        // An answer with more behind it was pasted.
        ("y\ncorrect horse\n", TWO),
        ("y\ncorrect horse", TWO),
    ] {
        let release = release();
        let no_answer = format!("\r\n{said}: type y or n\r\n");
        let steps = [(question.as_str(), keys), (no_answer.as_str(), ""), (question.as_str(), "n\n")];
        let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &steps);
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(1), false), "{typed:?}");
        // It may be a passphrase: only the terminal itself has shown it. What was asked about comes again only where lines may have pushed it away.
        assert!(typed.shown.matches("correct horse").count() <= 1, "{typed:?}");
        let times = if said == TWO { 2 } else { 1 };
        assert_eq!(typed.shown.matches("changes since ").count(), times, "{typed:?}");
    }
    // It is not asked for ever.
    let release = release();
    let steps = [(question.as_str(), "what?\n"); 10];
    let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &steps);
    assert_eq!((typed.ran.status, is_signed(&release)), (Some(2), false), "{typed:?}");
    let said = "not signed; nothing was changed: the question was asked 10 times, and what was typed was never an answer\r\n";
    assert!(typed.shown.contains(said), "{typed:?}");
    // The last time nothing else can be typed.
    let (before, _) = typed.shown.split_once(said).unwrap();
    assert_eq!(before.matches("type y or n").count(), 9, "{typed:?}");
    assert_eq!(before.matches("that is not an answer\r\n").count(), 1, "{typed:?}");
}

#[test]
fn what_was_typed_before_is_no_answer() {
    if !has("python3") {
        return;
    }
    let before = "typed or pasted before the question, so it is not an answer, and was not run:\r\n";
    // Also what has no end yet, to which Enter would give one.
    for (ahead, shown) in [("y\ny\n", "  `y`\r\n  `y`\r\n"), ("y", "  `y`\r\n"), ("rm a\ry", "  `rm a`\r\n  `y`\r\n")] {
        let release = release();
        let question = question();
        // What is signed stands between that and the question, also when it comes again.
        let shown = format!("{before}{shown}changes since ");
        let steps = [
            (shown.as_str(), ""),
            (question.as_str(), "\n"),
            ("that is an empty line, and no answer: type y or n\r\n", ""),
            (&question, "n\n"),
        ];
        let typed = Typist { ahead, steps: &steps, shows_errors: true, size: WIDE, ..Typist::default() }
            .run(&release.signing(1, &ARGUMENTS));
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(1), false), "{typed:?}");
    }
}

/// The lines of a key that hold its seed do not look like a key by themselves.
#[test]
fn nothing_of_a_private_key_that_was_pasted_is_shown_again() {
    if !has("python3") {
        return;
    }
    let seed = "AAAEBx5a2ZlmAbTPMvBCsB6bmV1zRQJ3FPDrbZ0pmPCQGQq0aZ";
    let key = format!("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n{seed}\n-----END OPENSSH PRIVATE KEY-----\n");
    let hidden = "  [a private key was pasted: 4 lines, not shown]\r\n";
    let question = question();
    // Before the question, and as an answer to it.
    for (ahead, steps) in [
        (key.as_str(), vec![(hidden, ""), (question.as_str(), "n\n")]),
        ("", vec![(question.as_str(), key.as_str()), ("that is a private key, which is compromised now", ""), (&question, "n\n")]),
    ] {
        let release = release();
        let typed = Typist { ahead, steps: &steps, shows_errors: true, size: WIDE, ..Typist::default() }
            .run(&release.signing(1, &ARGUMENTS));
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(1), false), "{typed:?}");
        // The terminal itself has shown what was typed.
        assert!(!typed.shown.contains(&format!("`{seed}`")), "{typed:?}");
    }
}

/// Standard error is a terminal, and there is none that controls the program: it is shown all the same, and by no pager, which reads its keys there.
#[test]
fn without_a_controlling_terminal_it_is_shown_and_not_asked() {
    if !["python3", "setsid"].into_iter().all(has) {
        return;
    }
    for draft in [new(), wide().0] {
        let release = release();
        release.write("v2/draft.json", &draft.document.to_string());
        let signing = release.signing(1, &ARGUMENTS);
        let mut apart = Command::new("setsid");
        apart.arg("--wait").arg(signing.get_program()).args(signing.get_args()).current_dir(release.path());
        for (name, value) in signing.get_envs() {
            match value {
                Some(value) => apart.env(name, value),
                None => apart.env_remove(name),
            };
        }
        apart.env("NO_COLOR", "1").env("PAGER", "cat >/dev/null");
        let typed = Typist { shows_errors: true, size: WIDE, ..Typist::default() }.run(&apart);
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(2), false), "{typed:?}");
        let shown = typed.shown.replace("\r\n", "\n");
        let said = "error: not signed; nothing was changed: there is no terminal on which to ask: No such device or address (os error 6)\n  help: --yes signs without a question\n";
        assert!(shown.starts_with("changes since `TEST` 1.0.0 (") && shown.ends_with(said), "{shown}");
        assert!(shown.contains("  widening       action `memory_"), "{shown}");
    }
}

/// A genome that widens and weakens more than a screen shows.
fn wide() -> (Draft, usize) {
    let many: Vec<String> = (0..60).map(|number| format!("memory_{number:03}")).collect();
    let capabilities = json!([{"cap_id": "CAP", "risk_class": "B", "allow_actions": many, "deny_actions": []}]);
    (new().with("capabilities", capabilities).with("name", "OTHER"), 61)
}

#[test]
fn more_than_a_screen_is_not_signed_by_habit() {
    if !has("python3") {
        return;
    }
    let (draft, count) = wide();
    let head = format!("sign `OTHER` 1.1.0 ({}), with 60 widening, 1 weakening, 1 narrowing, ", short(&draft));
    let asked = format!(
        "This is more than the screen shows at once. To sign it, type {count}, the number of widenings and weakenings together. "
    );
    // However it is wrapped.
    let question = format!("[{count}/n] ");
    let plain = format!("{head}2 neutral? [y/n] ");
    for (size, steps, status) in [
        (
            None,
            vec![
                (question.as_str(), "y\n"),
                ("that is not an answer: type 61 or n\r\n", ""),
                (&question, "yes\n"),
                (&question, "60\n"),
                (&question, "n\n"),
            ],
            1,
        ),
        (None, vec![(&question, "61\n")], 0),
        (Some((66, 160)), vec![(&question, "n\n")], 1),
        (Some((80, 160)), vec![(&plain, "y\n")], 0),
        // There it wraps.
        (Some((80, 60)), vec![(&question, "n\n")], 1),
    ] {
        let release = release();
        release.write("v2/draft.json", &draft.document.to_string());
        let typist = Typist { steps: &steps, shows_errors: true, size, ..Typist::default() };
        let typed = typist.run(release.signing(1, &ARGUMENTS).env("NO_COLOR", "1"));
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(status), status == 0), "{size:?}: {typed:?}");
        // Every one of them has been there.
        let shown = joined(&typed.shown);
        assert_eq!(shown.contains(&asked), steps.iter().all(|(expected, _)| *expected != plain), "{shown}");
        for number in 0..60 {
            assert!(shown.contains(&format!("  widening       action `memory_{number:03}` is allowed")), "{typed:?}");
        }
        assert!(shown.contains("  weakening      name: ") && shown.contains(&head), "{typed:?}");
    }
    // What takes a screen and gives nothing more away needs no number.
    let release = release();
    let files: Vec<_> = (0..60).map(|number| json!({"path": format!("f{number}"), "sha256": "a".repeat(64)})).collect();
    let draft = old().with("version", "1.1.0").with("build_manifest", json!({"files": files})).after(&[&old()]);
    release.write("v2/draft.json", &draft.document.to_string());
    let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &[("60 strengthening, 2 neutral? [y/n] ", "y\n")]);
    assert_eq!((typed.ran.status, is_signed(&release)), (Some(0), true), "{typed:?}");
    assert!(typed.shown.contains("and 20 more, which genome-diff shows"), "{typed:?}");
}

#[test]
fn a_pager_shows_what_is_longer_than_the_screen() {
    if !has("python3") {
        return;
    }
    let (draft, _) = wide();
    let question = " [61/n] ";
    for (pager, size, paged, printed) in [
        // What it gets, and nothing secret.
        ("tee paged; env > environment", None, true, true),
        // One that fails has shown nothing, nor has one that is not there.
        ("cat > paged; exit 3", None, true, true),
        ("no-such-pager", None, false, true),
        ("cat > paged", None, true, false),
        // Who has seen enough.
        ("head -n 1 > paged", None, true, false),
        ("", None, false, true),
        // What fits is shown at once.
        ("cat > paged", Some((100, 200)), false, true),
    ] {
        let release = release();
        release.write("v2/draft.json", &draft.document.to_string());
        let plain = size.is_some();
        let steps = if plain { [("neutral? [y/n] ", "y\n")] } else { [(question, "61\n")] };
        let typist = Typist { steps: &steps, shows_errors: true, size, ..Typist::default() };
        let mut signing = release.signing(1, &ARGUMENTS);
        signing.env("PAGER", pager).env("ALSO_SECRET", &release.keys[0]).env("CLICOLOR_FORCE", "1");
        let typed = typist.run(&signing);
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(0), true), "{pager}: {typed:?}");
        let is_paged = release.path().join("paged").exists();
        assert_eq!((is_paged, typed.shown.contains("`memory_059`")), (paged, printed), "{pager}: {typed:?}");
        if pager.starts_with("tee") {
            let environment = release.read("environment");
            assert!(!genome_json::holds_private_key(&environment) && environment.contains("LESS=FRX"), "the pager gets a key");
            let before = typed.shown.replace("\r\n", "\n");
            assert_eq!(before.split_once("genome id ").map(|(shown, _)| shown), Some(release.read("paged").as_str()), "{pager}");
            assert!(before.contains("\u{1b}["), "it is not in colour");
        }
    }
}

/// It has the pipe open and reads nothing, where more is written than a pipe holds.
#[test]
fn what_a_pager_leaves_behind_is_not_waited_for() {
    if !has("python3") {
        return;
    }
    let actions: Vec<String> = (0..2000).map(|number| format!("memory_{number:04}_{}", "a".repeat(40))).collect();
    let many = json!([{"cap_id": "CAP", "risk_class": "D", "allow_actions": actions, "deny_actions": []}]);
    let draft = old().with("version", "1.1.0").with("capabilities", many).after(&[&old()]);
    let release = release();
    release.write("v2/draft.json", &draft.document.to_string());
    let typist = Typist { steps: &[("/n] ", "n\n")], shows_errors: true, size: WIDE, ..Typist::default() };
    let pager = "exec 3<&0; sleep 1000 <&3 >/dev/null 2>&1 & echo $! > child; head -n 1 > paged";
    let typed = typist.run(release.signing(1, &ARGUMENTS).env("PAGER", pager));
    let child = release.read("child");
    let is_alive = std::path::Path::new("/proc").join(child.trim()).exists();
    assert!(run(Command::new("kill").arg(child.trim())).status == Some(0) && is_alive);
    assert!(release.path().join("paged").exists() && !is_signed(&release), "{typed:?}");
}

/// What the page about signing says is asked, and what is typed.
#[test]
fn the_question_is_the_one_in_the_documents() {
    if !has("python3") {
        return;
    }
    let documented = |start: &str, id: String| {
        let text = fs::read_to_string(repository().join("docs/src/release/sign.md")).unwrap();
        let (_, asked) = text.split_once(&format!("\n```text\n{start}")).unwrap();
        let (asked, _) = asked.split_once("\n```\n").unwrap();
        format!("{start}{asked} ").replace("[..]", &id).replace('\n', "\r\n")
    };
    let first = old().with("name", "EXAMPLE");
    let both =
        json!([{"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "memory_update"], "deny_actions": []}]);
    let next = new().with("name", "EXAMPLE").with("capabilities", both).after(&[&first]);
    let release = release();
    release.write("v1/genome.json", &first.signed(&[1]));
    release.write("v2/draft.json", &next.document.to_string());
    let question = documented("sign `EXAMPLE` 1.1.0 (", short(&next));
    let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &[(&question, "y\n")]);
    assert_eq!((typed.ran.status, is_signed(&release)), (Some(0), true), "{typed:?}");

    let release = Release::new(1, 1);
    let root = release.read("draft.json").replace("\"TOTK_ROOT\"", "\"TOTK_PROD\"");
    release.write("draft.json", &root);
    let id = genome::Document::read(root.as_bytes()).unwrap().id().to_string().chars().take(12).collect();
    let question = documented("sign `TOTK_PROD` 1.0.0 (", id);
    let typed = at_a_terminal(&release.signing(1, &["draft.json", "genome.json"]), &[("[14/n] ", "14\n")]);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    assert!(joined(&typed.shown).contains(&question.replace('\r', "")), "{typed:?}");
}

/// Whoever pages with Ctrl-C has not signed, and nobody is left at the terminal.
#[test]
fn the_keys_are_for_the_pager() {
    if !has("python3") {
        return;
    }
    let (draft, _) = wide();
    let release = release();
    release.write("v2/draft.json", &draft.document.to_string());
    let steps = [("it waits", "\u{3}"), ("it ends", "")];
    let typist = Typist { steps: &steps, shows_errors: true, size: WIDE, ..Typist::default() };
    let pager = "trap 'echo it ends; exit 0' INT; cat > paged; echo it waits; read -r line < /dev/tty";
    let typed = typist.run(release.signing(1, &ARGUMENTS).env("PAGER", pager));
    assert_eq!((typed.ran.status, is_signed(&release)), (Some(-2), false), "{typed:?}");
}

#[test]
fn scripts_are_not_asked() {
    let release = release();
    for (yes, errors) in [(&["--yes"][..], true), (&["-y"], true), (&[], false), (&["--yes"], false)] {
        if !has("python3") {
            return;
        }
        let signing = release.signing(1, &[&ARGUMENTS, yes].concat());
        let typed = Typist { shows_errors: errors, size: WIDE, ..Typist::default() }.run(&signing);
        assert_eq!((typed.ran.status, typed.shown.contains("[y/n]")), (Some(0), false), "{yes:?} {typed:?}");
        let shown = format!("{}{}", typed.shown, typed.ran.stderr);
        assert!(shown.contains("changes since `TEST` 1.0.0") && shown.contains("`memory_update`"), "{shown}");
        assert!(is_signed(&release));
        fs::remove_file(release.path().join("v2/genome.json")).unwrap();
    }
}

/// The draft comes through a pipe, and the answer still comes from the terminal.
#[test]
fn a_draft_on_standard_input_is_asked_about_too() {
    if !has("python3") {
        return;
    }
    for (answer, status) in [("y\n", 0), ("n\n", 1)] {
        let release = release();
        let question = question();
        let steps = [(question.as_str(), answer)];
        let typist = Typist { stdin: Some("v2/draft.json"), steps: &steps, shows_errors: true, size: WIDE, ..Typist::default() };
        // What is `y` in the draft is not an answer; the parent is found where the output is to be.
        let typed = typist.run(&release.signing(1, &["-", "v2/genome.json"]));
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(status), status == 0), "{typed:?}");
        assert!(typed.shown.contains("changes since `TEST` 1.0.0"), "{typed:?}");
        // Where it is nowhere, the question says so.
        let question =
            format!("sign `TEST` 1.1.0 ({}), with changes that cannot be shown; 1 action allowed? [y/n] ", short(&new()));
        let steps = [(question.as_str(), answer)];
        let typist = Typist { stdin: Some("v2/draft.json"), steps: &steps, shows_errors: true, size: WIDE, ..Typist::default() };
        let typed = typist.run(&release.signing(1, &["-", "-"]));
        assert_eq!((typed.ran.status, typed.ran.stdout.is_empty()), (Some(status), status == 1), "{typed:?}");
    }
    // Without a terminal.
    let release = release();
    let mut child =
        release.signing(1, &["-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(release.read("v2/draft.json").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && genome::dangerous::verify_self_declared(&output.stdout).is_ok());
}

/// Whoever says no has not unlocked a key, nor let a program sign.
#[test]
fn it_is_asked_before_the_key_is_touched() {
    if !has("python3") {
        return;
    }
    let release = release();
    let signer = |answer: &str| {
        let mut sign = program("genome-sign", release.path());
        sign.args(ARGUMENTS).args(["--key", "exec:touch started"]);
        at_a_terminal(&sign, &[(&question(), answer)])
    };
    assert_eq!((signer("n\n").ran.status, release.path().join("started").exists()), (Some(1), false));
    assert_eq!((signer("y\n").ran.status == Some(0), release.path().join("started").exists()), (false, true));
    assert!(!is_signed(&release));
}

/// What is done to a release before it is signed.
type Prepare<'p> = &'p dyn Fn(&Release);

/// Nobody reads a review and answers a question for nothing.
#[test]
fn what_is_known_to_fail_is_refused_before_the_review() {
    if !has("python3") {
        return;
    }
    let wrong = new().signed(&[1]).replace("memory_update", "memory_search");
    let cases: &[(Prepare<'_>, &[&str], i32, &str)] = &[
        (&|_| (), &["v2/draft.json", "v2/genome.json", "nobody"], 1, "`authority.signers` names no `nobody`"),
        (&|_| (), &["v2/draft.json", "nowhere/genome.json"], 2, "cannot write the signed genome: No such file or directory"),
        (&|_| (), &["v2/draft.json", "v1"], 2, "cannot write the signed genome: it is a directory, not a regular file"),
        (&|_| (), &["v2/draft.json", "v1/genome.json"], 1, "it holds another genome: "),
        (&|_| (), &["--audit-log", "v1", "v2/draft.json", "v2/genome.json"], 2, "the audit log cannot be used: it is a directory"),
        (&|_| (), &["--audit-log", "nowhere/log", "v2/draft.json", "v2/genome.json"], 2, "the audit log cannot be used: "),
        (&|_| (), &["--key", "env:NO_SUCH_KEY", "v2/draft.json", "v2/genome.json"], 2, "NO_SUCH_KEY is not set"),
        (&|_| (), &["--key", "file:none", "v2/draft.json", "v2/genome.json"], 2, "none cannot be read: there is no such file"),
        (
            &|release| {
                release.write("key", &release.keys[0]);
                release.set_mode("key", 0o644);
            },
            &["--key", "file:key", "v2/draft.json", "v2/genome.json"],
            2,
            "key holds a secret and is not private: ",
        ),
        (&|_| (), &["--key", "nowhere", "v2/draft.json", "v2/genome.json"], 2, "the key reference is of no kind that is known"),
        (&|release| release.write("v2/draft.json", &wrong), &ARGUMENTS, 1, "error[GENOME_INVALID_SIGNATURE]"),
        (
            &|release| {
                release.write("v2/genome.json", &new().document.to_string());
                release.set_mode("v2/genome.json", 0o444);
            },
            &ARGUMENTS,
            1,
            "its owner has no permission to write it",
        ),
    ];
    for (prepare, arguments, status, said) in cases {
        let release = release();
        prepare(&release);
        let before = (names(release.path()), names(&release.path().join("v2")));
        let typed = at_a_terminal(&release.signing(1, arguments), &[]);
        assert_eq!(typed.ran.status, Some(*status), "{arguments:?}: {typed:?}");
        assert!(typed.shown.contains(said) && !typed.shown.contains("changes since"), "{arguments:?}: {typed:?}");
        assert_eq!((names(release.path()), names(&release.path().join("v2"))), before, "something was made");
    }
    // Where nothing is written, a file that cannot be written is no hindrance; what is dropped is said once.
    let release = release();
    release.write("v2/genome.json", &new().signed(&[1]));
    release.set_mode("v2/genome.json", 0o444);
    let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &[("[y/n] ", "y\n")]);
    assert!(typed.shown.contains("nothing to do, signed before by"), "{typed:?}");
}

#[test]
fn the_question_and_the_passphrase_in_one_run() {
    if !has("python3") {
        return;
    }
    let release = release();
    release.write("phrase", "correct horse\n");
    release.set_mode("phrase", 0o600);
    let keygen = ["--encrypt", "--passphrase-file", "phrase", "--secret-file", "key"];
    let pair = run(program("genome-keygen", release.path()).args(keygen));
    assert_ran(&pair, 0, "made");
    let signer: serde_json::Value = serde_json::from_str(&pair.stdout).unwrap();
    let authority = json!({"signers": [signer], "threshold": 1});
    let draft = new().with("authority", authority);
    release.write("v2/draft.json", &draft.document.to_string());
    let question = format!(
        "sign `TEST` 1.1.0 ({}), with 1 widening, 1 weakening, 1 narrowing, 1 strengthening, 2 neutral; 1 action\r\n        allowed? [y/n] ",
        short(&draft)
    );
    let mut sign = program("genome-sign", release.path());
    sign.args(ARGUMENTS).args(["--key", "file:key"]);
    let steps = [(question.as_str(), "y\n"), ("the passphrase of `key`: ", "correct horse\n")];
    let typed = at_a_terminal(&sign, &steps);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    assert!(!typed.shown.contains("correct") && is_signed(&release));
}

/// What the texts of a genome say is not what the terminal does.
#[test]
fn hostile_texts_stay_texts() {
    let release = release();
    let hostile = "x##[error]y";
    let many: Vec<String> = (0..100).map(|number| format!("memory_{number:03}")).chain([hostile.to_owned()]).collect();
    let capabilities = json!([{"cap_id": "[y/n] y", "risk_class": "A", "allow_actions": many, "deny_actions": []}]);
    let draft = new().with("name", "T##[group]?\u{a0}[y/n]").with("capabilities", capabilities);
    release.write("v2/draft.json", &draft.document.to_string());
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "changes since `TEST` 1.0.0");
    assert!(!ran.stderr.contains("##["), "{}", ran.stderr);
    // Whatever widens is there.
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("  widening ")).count(), 101);
    assert!(!ran.stderr.contains("more, which genome-diff shows"), "{}", ran.stderr);
    release.write("v2/draft.json", &new().with("name", "\u{1b}[2JT").document.to_string());
    assert_ran(&release.sign(1, &["v2/draft.json", "other.json"]), 1, "error[GENOME_INVALID_SCHEMA]");
}

#[test]
fn what_is_dropped_from_a_genome_that_is_signed_in_its_place_is_said_once() {
    let release = Release::new(1, 1);
    let signed = Draft::new("1.0.0", &[1], 1).signed(&[1]);
    release.write("genome.json", &signed.replace("1.0.0", "1.0.1"));
    let ran = release.sign(1, &["--force", "genome.json", "genome.json"]);
    assert_ran(&ran, 0, "signed by");
    assert_eq!(ran.stderr.matches("warning[GENOME_INVALID_SIGNATURE]").count(), 1, "{}", ran.stderr);
}
