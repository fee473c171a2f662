//! What a person at a terminal sees, and a pipe does not: colour, lines of its width, short genome ids. The options outweigh the variables.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::terminal::{Typed, Typist, joined};
use genome_test_support::{Draft, Ran, Release, has, policy, program, repository, run};
use serde_json::json;
use std::process::Command;

/// Without colour.
fn plain(shown: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(shown, "").into_owned()
}

/// Everything on a terminal of this size.
fn at(size: (u16, u16), command: &mut Command) -> Typed {
    command.env("TERM", "xterm").env_remove("CI");
    let typed = Typist { sits_there: true, size: Some(size), ..Typist::default() }.run(command);
    Typed { shown: typed.shown.replace("\r\n", "\n"), ..typed }
}

/// The same, with both streams in one pipe.
fn piped(command: &Command) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    command.get_current_dir().map(|directory| shell.current_dir(directory));
    run(&mut shell)
}

/// Directories, one with a genome and one that is made.
const LONG: &str = "genomes/a-directory-with-a-name-that-alone-is-about-as-wide-as-most-terminals_v1.1.0";
const MADE: &str = "agent-with-a-name-that-alone-is-about-as-wide-as-most-terminals";

/// Programs that report to a person, each on what makes its report long. What they write goes to another file each time, as it is there then.
fn reports(release: &Release) -> Vec<Command> {
    let claim =
        "a very long claim, in which `quotes` and two  blanks stand, ::error::and more words than any terminal has columns for";
    let invariant = json!({"id": "INV", "severity": "HIGH", "testable_claim": claim, "enforcement_hook": "a hook"});
    let capabilities =
        json!([{"cap_id": "CAP 1", "risk_class": "B", "allow_actions": ["memory search", "b", "a c"], "deny_actions": ["d"]}]);
    let old = Draft::new("1.0.0", &[1, 2], 1);
    let new =
        Draft::new("1.1.0", &[1, 2, 3], 2).with("capabilities", capabilities).with("invariants", vec![invariant]).after(&[&old]);
    release.write("old.json", &old.signed(&[1]));
    release.write("new.json", &new.document.to_string());
    release.write("signed.json", &new.signed(&[1, 2]));
    release.write("other.json", &new.signed(&[1, 3]));
    let orphan = Draft::new("1.2.0", &[2], 1).after(&[&Draft::new("1.1.1", &[3], 1)]);
    release.write("orphan.json", &orphan.signed(&[2]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release.write("key.pem", genome_test_support::key(1).to_pem().as_str());
    release.set_mode("key.pem", 0o644);
    release.write("own.pem", genome_test_support::key(1).to_pem().as_str());
    release.set_mode("own.pem", 0o600);
    release.write("2.json", &genome_test_support::signer(2).to_string());
    // The directory's name makes every command longer than a row.
    std::fs::create_dir_all(release.path().join(LONG)).unwrap();
    release.write(&format!("{LONG}/genome.json"), &new.signed(&[1]));
    release.write(&format!("{LONG}/genome-unsigned.json"), &new.document.to_string());
    let of = |name: &str, arguments: &[&str]| {
        let mut command = program(name, release.path());
        command.args(arguments);
        command
    };
    // It starts each time with what the shell makes.
    let afresh = |script: &str, arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.arg("-euc").arg(format!("{script}; exec \"$0\" \"$@\"")).arg(of("genome", &[]).get_program()).args(arguments);
        command.current_dir(release.path()).env("SOURCE_DATE_EPOCH", "1782000000");
        command
    };
    let first = [
        "--key",
        "file:own.pem",
        "--key-id",
        "ada",
        "--signer",
        "2.json",
        "--threshold",
        "2",
        "--allow",
        "B=memory_search",
        "--yes",
    ];
    vec![
        of("genome", &["sign", "--yes", "--key", "file:own.pem", LONG]),
        afresh("rm -rf agent-*", &[&["init", MADE, "--name", "AGENT"], &first[..]].concat()),
        of("genome", &["trust", "show", "trust.json"]),
        afresh(&format!("cp trust.json {LONG}"), &["trust", "add", "--yes", &format!("{LONG}/trust.json"), "2.json"]),
        of("genome-verify", &["signed.json"]),
        of("genome-verify", &["signed.json", "old.json", "--trust", "trust.json"]),
        of("genome-verify", &["new.json", "missing.json"]),
        of("genome-verify", &["orphan.json", "--trust", "trust.json"]),
        of("genome-verify", &["--production", "signed.json"]),
        of("genome-diff", &["old.json", "new.json"]),
        of("genome-sign", &["--yes", "--key", "file:key.pem", "new.json", "out.json", "signer-1"]),
        release.signing(1, &["--yes", "new.json", "signed.json", "signer-1"]),
        of("genome-merge", &["signed.json", "signed.json", "--output", "signed.json"]),
        of("genome-keygen", &["--public-from", "file:key.pem"]),
    ]
}

/// Where a row could have been broken, behind its label: at a single blank between two words of prose, or before or behind a text in quotes. What is
/// copied is no prose: a command up to its end, an option and its value, a path, a name.
fn place_to_break(row: &str) -> Option<&str> {
    const LABEL: usize = 20;
    let starts = ["genome ", "genome-", "(set -a"];
    if row.strip_prefix("  ").is_some_and(|command| starts.iter().any(|start| command.starts_with(start))) {
        return None;
    }
    let is_prose = |word: &str| {
        let word = word.trim_end_matches([',', ';', ')', '.', ':']).trim_start_matches('(');
        word.starts_with('`') && word.ends_with('`') || !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    // The backticks that open a text and those that close it take turns.
    let (mut at, mut is_quoted, mut is_command) = (0, false, false);
    let words: Vec<&str> = row.split(' ').collect();
    words.windows(2).find_map(|pair| {
        let [word, next] = pair else { return None };
        at += word.len() + 1;
        is_quoted ^= word.matches('`').count() % 2 == 1;
        is_command |= word.starts_with("genome-") || ["genome", "chmod", "ssh-keygen"].contains(word);
        let is_inside = is_quoted || is_command;
        is_command &= !word.ends_with([',', ';', ')', '.', ':']);
        let may_break = at > LABEL && !is_inside && is_prose(word) && is_prose(next);
        may_break.then(|| row.get(at..).unwrap_or_default())
    })
}

#[test]
fn a_place_to_break_is_one_between_words_of_prose() {
    let row = "  label             a-path/of/it that is read";
    assert_eq!(place_to_break(row), Some("is read"));
    for row in [
        "  label             a/path --option value NAME_OF",
        "  label             `a text in quotes`",
        "  help: copy then:  genome sign agent alice; a/b",
        "  genome sign a-directory/with-a-long-name somebody else",
    ] {
        assert_eq!(place_to_break(row), None, "{row}");
    }
}

#[test]
fn a_terminal_gets_the_same_lines_wrapped_to_its_width() {
    if !has("python3") {
        return;
    }
    for size in [(24, 80), (24, 40)] {
        let release = Release::new(3, 2);
        for command in &mut reports(&release) {
            let expected = piped(command);
            let typed = at(size, command.arg("--verbose").env("NO_COLOR", "1"));
            assert_eq!((typed.ran.status, joined(&typed.shown)), (expected.status, expected.stdout.clone()), "{command:?}");
            for row in typed.shown.lines().filter(|row| row.chars().count() > size.1.into()) {
                assert_eq!(place_to_break(row), None, "{size:?}: {row}");
            }
            assert!(!typed.shown.lines().any(|row| row.trim_start().starts_with("::")), "{}", typed.shown);
        }
    }
}

#[test]
fn questions_and_errors_of_the_command_line_are_wrapped_too() {
    if !has("python3") {
        return;
    }
    let release = Release::new(1, 1);
    let mut wrong = program("genome-verify", release.path());
    wrong.args(["--verboze", "--color", "never"]);
    let mut init = program("genome", release.path());
    init.args(["init", "agent"]);
    let steps = [("Name of the genome [agent]: ", "\n"), ("exec:COMMAND [new]: ", "\u{4}")];
    for (command, steps) in [(&mut wrong, &[][..]), (&mut init, &steps)] {
        let expected = piped(command);
        command.env("TERM", "xterm").env("NO_COLOR", "1").env_remove("CI");
        let typed = Typist { sits_there: true, size: Some((24, 40)), steps, ..Typist::default() }.run(command);
        let shown = typed.shown.replace("\r\n", "\n");
        let is_wide = |row: &str| row.chars().count() > 40 && !row.starts_with("Usage: ");
        assert!(typed.ran.status == Some(2) && !shown.lines().any(is_wide), "{shown}");
        assert!(!steps.is_empty() || joined(&shown) == expected.stdout, "{shown}{}", expected.stdout);
    }
}

/// A command is copied from one row, whatever the width: a shell would run the first of two.
#[test]
fn a_command_is_whole_on_a_terminal() {
    if !has("python3") {
        return;
    }
    let release = Release::new(3, 2);
    let reports: Vec<String> =
        reports(&release).iter_mut().take(2).map(|command| at((24, 80), command.env("NO_COLOR", "1")).shown).collect();
    let commands = |report: &str| {
        let starts = ["genome sign ", "genome verify ", "(set -a "];
        let is_command =
            |line: &&str| line.strip_prefix("  ").is_some_and(|line| starts.iter().any(|start| line.starts_with(start)));
        report.lines().filter(is_command).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let signing = format!("  genome sign {LONG} --key REF");
    assert_eq!(
        reports.iter().map(|report| commands(report)).collect::<Vec<_>>(),
        [
            vec![signing.clone(), signing],
            vec![format!("  genome sign {MADE} --key REF"), format!("  (set -a && . {MADE}/genome.env && exec genome server)")],
        ],
        "{reports:?}"
    );
}

#[test]
fn a_terminal_gets_twelve_digits_of_a_genome_id_in_a_list() {
    if !has("python3") {
        return;
    }
    let release = Release::new(3, 2);
    let id = regex::Regex::new("[0-9a-f]{64}").unwrap();
    let named = regex::Regex::new(r" \(([0-9a-f]{64})\)").unwrap();
    for command in &mut reports(&release) {
        let full = piped(command);
        let typed = at((24, 120), command.env("NO_COLOR", "1"));
        assert_eq!(typed.ran.status, full.status);
        // What is wrong names genomes that have to be found, and two people compare which one it is. Behind its name an id says no more.
        let is_finding = |line: &str| {
            ["error", "warning", "  -", "  help: ", "      ", "  genome id   "].into_iter().any(|start| line.starts_with(start))
        };
        let short = |line: &str| id.replace_all(line, |found: &regex::Captures<'_>| found[0][..12].to_owned()).into_owned();
        let named = |line: &str| {
            let found = |found: &regex::Captures<'_>| format!(" ({})", &found[1][..12]);
            named.replace_all(line, found).into_owned()
        };
        let is_message = |line: &str| ["error", "warning", "  -"].into_iter().any(|start| line.starts_with(start));
        let expected = full.stdout.split_inclusive('\n').map(|line| {
            if is_message(line) {
                named(line)
            } else if is_finding(line) {
                line.to_owned()
            } else {
                short(line)
            }
        });
        assert_eq!(joined(&typed.shown), expected.collect::<String>(), "{command:?}");
    }
    // Where it is to be copied, and where a program reads it.
    let expected = format!("{}\n", Draft::new("1.0.0", &[1, 2], 1).id());
    assert_eq!(at((24, 40), program("genome-verify", release.path()).args(["--print", "id", "old.json"])).shown, expected);
    for arguments in [["--format", "json"], ["--format", "github"]] {
        let mut verify = program("genome-verify", release.path());
        assert!(at((24, 40), verify.args(arguments).arg("old.json")).shown.contains(expected.trim()), "{arguments:?}");
    }
}

/// Whether a program writes colour, on a terminal and to a pipe, with these arguments and variables.
fn colours(arguments: &[&str], variables: &[(&str, &str)]) -> [bool; 2] {
    let mut verify = program("genome-verify", repository());
    verify.args(arguments).envs(variables.iter().copied());
    let is_coloured = |text: &str| text.contains("\u{1b}[");
    let ran = run(&mut verify);
    assert_eq!(is_coloured(&ran.stdout), is_coloured(&ran.stderr), "{ran:?}");
    let shown = at((24, 80), &mut verify).shown;
    [is_coloured(&shown), is_coloured(&ran.stderr)]
}

#[test]
fn the_option_outweighs_the_variables() {
    if !has("python3") {
        return;
    }
    // Both streams are written: the root genome is signed with a test key.
    let root = ["genomes"];
    for (options, variables, terminal, pipe) in [
        (&[][..], &[][..], true, false),
        (&["--color", "auto"], &[], true, false),
        (&["--color=never"], &[], false, false),
        (&["--color", "always"], &[], true, true),
        (&[], &[("NO_COLOR", "1")], false, false),
        (&[], &[("NO_COLOR", "")], true, false),
        (&[], &[("FORCE_COLOR", "0")], true, true),
        (&[], &[("FORCE_COLOR", "")], true, false),
        (&[], &[("CLICOLOR_FORCE", "1")], true, true),
        (&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false, false),
        (&["--color", "always"], &[("NO_COLOR", "1")], true, true),
        (&["--color", "never"], &[("FORCE_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, false),
        (&["--color", "auto"], &[("FORCE_COLOR", "1")], true, true),
    ] {
        assert_eq!(colours(&[&root, options].concat(), variables), [terminal, pipe], "{options:?} {variables:?}");
    }
    let mut dumb = program("genome-verify", repository());
    let typed = Typist { sits_there: true, ..Typist::default() }.run(dumb.arg("genomes").env("TERM", "dumb").env_remove("CI"));
    assert!(!typed.shown.contains('\u{1b}'), "{typed:?}");
}

#[test]
fn every_program_has_the_options_and_errors_of_its_command_line_follow_them() {
    for name in ["genome", "genome-diff", "genome-draft", "genome-keygen", "genome-merge", "genome-sign", "genome-verify"] {
        let ran = |arguments: &[&str]| run(program(name, repository()).args(arguments));
        let help = ran(&["--help"]).stdout;
        assert!(help.contains("--color <WHEN>") && help.contains("--verbose"), "{name}: {help}");
        // What it does is still said first.
        assert!(!help.contains("How text") && !help.starts_with("Usage"), "{name}: {help}");
        let (coloured, bare) = (ran(&["--color", "always", "--bogus"]), ran(&["--color=never", "--bogus"]));
        assert!(coloured.status == Some(2) && coloured.stderr.contains("\u{1b}["), "{coloured:?}");
        assert!(bare.status == Some(2) && plain(&coloured.stderr) == bare.stderr, "{bare:?}");
        assert!(ran(&["--help", "--color=always"]).stdout.contains("\u{1b}["), "{name}");
        let wrong = ran(&["--color", "blue"]);
        assert!(wrong.status == Some(2) && wrong.stderr.contains("[possible values: auto, always, never]"), "{wrong:?}");
    }
    // In front of a command and behind it; the last counts.
    let genome = |arguments: &[&str]| run(program("genome", repository()).args(arguments)).stderr.contains("\u{1b}[");
    assert!(genome(&["--color", "always", "verify", "missing"]) && genome(&["verify", "missing", "--color=always"]));
    assert!(!genome(&["--color", "always", "verify", "--color", "never", "missing"]));
}

#[test]
fn what_nothing_trusts_is_said_not_to_be() {
    let release = Release::new(1, 1);
    let old = Draft::new("1.0.0", &[1], 1);
    release.write("pinned.json", &old.signed(&[1]));
    release.write("heir.json", &Draft::new("1.1.0", &[2], 1).after(&[&old]).signed(&[1, 2]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    for (arguments, first) in [
        (&["pinned.json"][..], "\u{1b}[1m\u{1b}[33maccepted, not trusted\u{1b}[0m  pinned.json"),
        (&["pinned.json", "--trust", "trust.json"], "\u{1b}[32maccepted\u{1b}[0m  pinned.json"),
        (&["heir.json", "--trust", "trust.json"], "\u{1b}[32maccepted\u{1b}[0m  heir.json"),
        (&["missing.json"], "\u{1b}[1m\u{1b}[31mundecided\u{1b}[0m  missing.json"),
    ] {
        let ran = run(release.verifying(arguments).env("FORCE_COLOR", "1"));
        assert_eq!(ran.stdout.lines().next(), Some(first), "{ran:?}");
        // In words, too.
        assert_eq!(release.verify(arguments).stdout.lines().next(), Some(plain(first).as_str()));
    }
}

#[test]
fn a_warning_stands_above_the_summary() {
    let mut verify = program("genome-verify", repository());
    let shown = piped(verify.arg("genomes/TOTK_ROOT_v1.0.0")).stdout;
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text}: {shown}"));
    assert!(at("accepted, not trusted") < at("warning[GENOME_TEST_KEY]") && at("warning[") < at("  name        "), "{shown}");
}

/// `genome X` runs `genome-X`, which may be anybody's: the variables tell it.
#[test]
fn a_program_of_somebody_else_is_told_of_the_colour() {
    let release = Release::new(1, 1);
    release.write("genome-say", "#!/bin/sh\necho \"${NO_COLOR-none} ${FORCE_COLOR-none} $*\"\n");
    release.set_mode("genome-say", 0o755);
    for (options, said) in [
        (&[][..], "none none a --color=never\n"),
        (&["--color", "never"], "1 none a --color=never\n"),
        (&["--color=always"], "none 1 a --color=never\n"),
    ] {
        let mut genome = program("genome", release.path());
        let ran = run(genome
            .args(options)
            .args(["say", "a", "--color=never"])
            .env("PATH", format!("{}:/usr/bin:/bin", release.path().display())));
        assert_eq!(ran.stdout, said, "{ran:?}");
    }
}
