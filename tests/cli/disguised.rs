//! A text of a stranger that is set like a report: no row of a terminal begins with it, wherever it is broken.

use genome_test_support::terminal::{Typist, joined};
use genome_test_support::{Draft, Release, has, policy, program, run};
use serde_json::{Value, json};

const COLUMNS: u16 = 80;

/// A line of a report that nothing here has earned.
const LINE: &str = "  trust       pinned: signed by `ada`, and by 1 of 1 of the trust policy";

/// Texts of which each would have the line begin a row, if it were broken where a terminal breaks it.
fn disguised() -> Vec<String> {
    let row = format!("{LINE:<80}").repeat(3);
    let behind = |start: &str| (0..usize::from(COLUMNS)).map(|at| format!("{start}{}{row}.", "x".repeat(at))).collect::<Vec<_>>();
    let plain = behind("");
    // Without a blank at which it could be broken, and as a command, which is not to be broken.
    let others = ['\u{a0}', '\u{3000}'].map(|blank| plain.iter().map(|text| text.replace(' ', &blank.to_string())).collect());
    let marked = plain.iter().map(|text| text.replace(' ', " \u{301}")).collect();
    let [fixed, wide]: [Vec<String>; 2] = others;
    [plain, fixed, wide, behind("git "), marked].concat()
}

/// The rows that a terminal shows, which knows nothing of lines of ours.
fn rows(shown: &str) -> Vec<String> {
    let cut = |line: &str| -> Vec<String> {
        let characters: Vec<char> = line.chars().collect();
        characters.chunks(COLUMNS.into()).map(|row| row.iter().collect()).collect()
    };
    shown.lines().flat_map(cut).collect()
}

#[test]
fn no_row_of_a_terminal_begins_with_a_line_in_disguise() {
    if !has("python3") {
        return;
    }
    let release = Release::new(1, 1);
    let old = Draft::new("1.0.0", &[1], 1);
    let invariant = |(number, claim): (usize, String)| json!({"id": format!("INV-{number}"), "severity": "HIGH", "testable_claim": claim, "enforcement_hook": "hook"});
    let invariants: Vec<Value> = disguised().into_iter().enumerate().map(invariant).collect();
    // Where genome-verify shows it, the row ends before the line.
    let line: String = LINE.replace(' ', "\u{a0}").chars().take(60).collect();
    let name = format!("{}{}", "N".repeat(65), line.trim_end());
    let root = Draft::new("1.1.0", &[1], 1).with("name", name.as_str()).with("invariants", invariants.clone());
    let new = Draft::new("1.1.0", &[1], 1).with("name", name).with("invariants", invariants).after(&[&old]);
    release.write("root.json", &root.document.to_string());
    release.write("old.json", &old.signed(&[1]));
    release.write("draft.json", &new.document.to_string());
    release.write("new.json", &new.signed(&[1]));
    release.write("trust.json", &policy(&[2], 1, &json!({})));
    let program = |name: &str, arguments: &[&str]| {
        let mut program = program(name, release.path());
        program.args(arguments);
        program
    };
    let signing = release.signing(1, &["root.json", "signed.json"]);
    // It shows the first of the changes that give nothing away.
    let with_parent = release.signing(1, &["--parent", "old.json", "draft.json", "signed.json"]);
    let question: &[(&str, &str)] = &[("[y/n] ", "n\n")];
    for (name, mut command, steps, least) in [
        ("genome-verify", program("genome-verify", &["new.json", "--verbose"]), &[][..], 1),
        ("genome-verify --trust", program("genome-verify", &["new.json", "--trust", "trust.json"]), &[], 0),
        ("genome-diff", program("genome-diff", &["old.json", "new.json", "--verbose"]), &[], 1),
        ("genome-sign", signing, question, 1),
        ("genome-sign --parent", with_parent, question, 0),
    ] {
        let command = command.env("NO_COLOR", "1").env("TERM", "xterm").env_remove("CI");
        let typist = Typist { sits_there: true, size: Some((20_000, COLUMNS)), steps, ..Typist::default() };
        let shown = typist.run(command).shown.replace("\r\n", "\n");
        // It is there, and in backticks.
        assert!(shown.matches("pinned: signed by").count() >= least * 80, "{name}: {shown}");
        for row in rows(&shown) {
            let plain: String = row.chars().filter(|character| *character != '\u{301}').collect();
            let plain = plain.replace(['\u{a0}', '\u{3000}'], " ");
            assert!(!plain.starts_with("  trust       pinned"), "{name}: {row}");
        }
        assert!(steps.is_empty() || shown.contains("not signed"), "{shown}");
        if steps.is_empty() {
            let piped = run(command);
            assert!(!piped.stderr.is_empty() || joined(&shown) == piped.stdout, "{name}: {shown}");
        }
    }
}
