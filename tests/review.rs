//! What `genome-sign` shows of a change before it signs it, and the question that it asks.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_tests::terminal::{Typed, Typist};
use genome_tests::{Draft, Release, assert_ran, file, has, names, program, run};
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
        "changes since TEST 1.0.0 ({0}): 1 widening, 1 narrowing, 2 neutral\n  widening       action `memory_update` is allowed by `CAP` (risk class B) now, and was allowed by nobody\n  narrowing      action `memory_search` is allowed by nobody now, and was allowed by `CAP` (risk class B)\n  neutral        version: 1.0.0 -> 1.1.0\n  neutral        parents: none -> {0}\n",
        old().id()
    )
}

fn question() -> String {
    format!("sign TEST 1.1.0 ({}), with 1 widening, 1 narrowing, 2 neutral? [y/N] ", new().id())
}

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
    assert!(ran.stderr.split_once("\nsigned by `signer-1`").is_some() && !ran.stderr.contains("[y/N]"), "{}", ran.stderr);
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
fn a_root_has_nothing_to_be_compared_with() {
    let release = release();
    release.write("v2/draft.json", &old().document.to_string());
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "signed by `signer-1`");
    assert!(!ran.stderr.contains("changes since"), "{}", ran.stderr);
    if has("python3") {
        // Who takes out the parents does not get round the question.
        let id = old().id();
        for (answer, status) in [("n\r", 1), ("y\r", 0)] {
            let question = format!("sign TEST 1.0.0 ({id}), with no parent to compare it with? [y/N] ");
            let typist =
                Typist { steps: &[("it names no parent: ", ""), (&question, answer)], shows_errors: true, ..Typist::default() };
            let typed = typist.run(&release.signing(1, &["v2/draft.json", "again.json"]));
            assert_eq!((typed.ran.status, release.path().join("again.json").exists()), (Some(status), status == 0), "{typed:?}");
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
        format!("changes since OTHER 0.9.0 ({}): 1 widening, 1 weakening, 1 narrowing, 2 neutral", other.id()),
        format!("changes since its parent {} cannot be shown: it is not here, give it with --parent", lost.id()),
        format!("changes since TEST 1.0.0 ({}): 1 widening, 1 narrowing, 2 neutral", old().id()),
    ];
    assert_eq!(starts, expected);
    assert!(ran.stderr.contains("  weakening      name: `OTHER` -> `TEST`: "), "{}", ran.stderr);
}

fn at_a_terminal(command: &Command, steps: &[(&str, &str)]) -> Typed {
    Typist { steps, shows_errors: true, ..Typist::default() }.run(command)
}

#[test]
fn on_a_terminal_only_a_yes_signs() {
    if !has("python3") {
        return;
    }
    let not_signed = ": it was not signed\r\n";
    for (answer, status, said) in [
        ("y\n", 0, "signed by `signer-1`"),
        ("yes\n", 0, "signed by `signer-1`"),
        (" Y \n", 0, "signed by `signer-1`"),
        ("n\n", 1, not_signed),
        ("no\n", 1, not_signed),
        ("\n", 1, not_signed),
        ("yess\n", 1, not_signed),
        ("y n\n", 1, not_signed),
        ("\u{79}\u{301}\n", 1, not_signed),
        ("\u{4}", 2, ": there is no answer: unexpected end of file\r\n"),
        ("y\u{3}", -2, "^C"),
    ] {
        let release = release();
        let typed = at_a_terminal(&release.signing(1, &ARGUMENTS), &[(&question(), answer)]);
        assert_eq!(typed.ran.status, Some(status), "{answer:?}: {typed:?}");
        assert!(typed.shown.contains(said), "{answer:?}: {typed:?}");
        // In colour; before the question, and once.
        let plain = typed.shown.replace("\r\n", "\n");
        let (before, after) = plain.split_once(&question()).unwrap();
        assert!(
            before.contains("1 widening") && before.contains("`memory_update`") && !after.contains("`memory_update`"),
            "{plain}"
        );
        assert_eq!(is_signed(&release), status == 0, "{answer:?}");
        assert!(!genome::holds_private_key(&typed.shown));
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
fn what_was_typed_before_is_no_answer() {
    if !has("python3") {
        return;
    }
    let release = release();
    let question = question();
    let steps = [(question.as_str(), "\n")];
    let typed = Typist { ahead: "y\ny\n", steps: &steps, shows_errors: true, stdin: None }.run(&release.signing(1, &ARGUMENTS));
    assert_eq!((typed.ran.status, is_signed(&release)), (Some(1), false), "{typed:?}");
}

#[test]
fn scripts_are_not_asked() {
    let release = release();
    for (yes, errors) in [(&["--yes"][..], true), (&["-y"], true), (&[], false), (&["--yes"], false)] {
        if !has("python3") {
            return;
        }
        let signing = release.signing(1, &[&ARGUMENTS, yes].concat());
        let typed = Typist { shows_errors: errors, ..Typist::default() }.run(&signing);
        assert_eq!((typed.ran.status, typed.shown.contains("[y/N]")), (Some(0), false), "{yes:?} {typed:?}");
        let shown = format!("{}{}", typed.shown, typed.ran.stderr);
        assert!(shown.contains("changes since TEST 1.0.0") && shown.contains("`memory_update`"), "{shown}");
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
        let typist = Typist { stdin: Some("v2/draft.json"), steps: &steps, shows_errors: true, ..Typist::default() };
        // What is `y` in the draft is no answer; the parent is found where the output is to be.
        let typed = typist.run(&release.signing(1, &["-", "v2/genome.json"]));
        assert_eq!((typed.ran.status, is_signed(&release)), (Some(status), status == 0), "{typed:?}");
        assert!(typed.shown.contains("changes since TEST 1.0.0"), "{typed:?}");
        // Where it is nowhere, the question says so.
        let question = format!("sign TEST 1.1.0 ({}), with changes that cannot be shown? [y/N] ", new().id());
        let steps = [(question.as_str(), answer)];
        let typist = Typist { stdin: Some("v2/draft.json"), steps: &steps, shows_errors: true, ..Typist::default() };
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
    // A key that is not there is not missed either.
    let mut sign = program("genome-sign", release.path());
    sign.args(ARGUMENTS).args(["--key", "file:nowhere"]);
    assert!(at_a_terminal(&sign, &[(&question(), "n\n")]).shown.contains("it was not signed"));
    assert!(!is_signed(&release));
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
    let question =
        format!("sign TEST 1.1.0 ({}), with 1 widening, 1 weakening, 1 narrowing, 1 strengthening, 2 neutral? [y/N] ", draft.id());
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
    let capabilities = json!([{"cap_id": "[y/N] y", "risk_class": "A", "allow_actions": many, "deny_actions": []}]);
    let draft = new().with("name", "T##[group]?\u{a0}[y/N]").with("capabilities", capabilities);
    release.write("v2/draft.json", &draft.document.to_string());
    let ran = release.sign(1, &ARGUMENTS);
    assert_ran(&ran, 0, "changes since TEST 1.0.0");
    assert!(!ran.stderr.contains("##["), "{}", ran.stderr);
    // What is too much to read is counted.
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("  widening ")).count(), 41);
    assert!(ran.stderr.contains("  widening       and 61 more, which genome-diff shows\n"), "{}", ran.stderr);
    release.write("v2/draft.json", &new().with("name", "\u{1b}[2JT").document.to_string());
    assert_ran(&release.sign(1, &["v2/draft.json", "other.json"]), 1, "error[GENOME_INVALID_SCHEMA]");
}
