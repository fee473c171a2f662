//! A refusal says where its code is explained: once, where a person reads it, and in words that can be typed.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::Code;
use genome_test_support::{Release, assert_ran, program, repository, run};
use std::fs;

/// The page of a code as it is in the book, without the comment at its end.
fn page(code: Code) -> String {
    let page = fs::read_to_string(repository().join(format!("docs/src/troubleshoot/{code}.md"))).unwrap();
    page.split_once("\n<!--").map_or(page.as_str(), |(shown, _)| shown).to_owned()
}

#[test]
fn each_page_is_printed_without_the_book() {
    let elsewhere = tempfile::tempdir().unwrap();
    for code in Code::ALL {
        for name in [code.to_string(), code.to_string().to_lowercase()] {
            let said = run(program("genome", elsewhere.path()).args(["help", &name]));
            assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (Some(0), page(*code).as_str(), ""));
            let explained = run(program("genome-verify", elsewhere.path()).args(["--explain", &name]));
            assert_eq!(explained, said);
        }
    }
    assert_ran(
        &run(program("genome-verify", elsewhere.path()).args(["--explain", "GENOME_OTHER"])),
        2,
        "possible values: GENOME_MISSING",
    );
    assert_ran(
        &run(program("genome-verify", elsewhere.path()).args(["--explain", "GENOME_STALE", "genome.json"])),
        2,
        "cannot be used with",
    );
}

#[test]
fn help_is_about_commands_too() {
    let genome = |arguments: &[&str]| run(program("genome", repository()).args(arguments));
    assert_eq!(genome(&["help", "sign"]), genome(&["sign", "--help"]));
    assert_eq!(genome(&["help"]), genome(&["-h"]));
    assert_ran(&genome(&["help", "nonsense"]), 2, "unrecognized subcommand 'nonsense'");
    assert_ran(&genome(&["help", "GENOME_OTHER"]), 2, "unrecognized subcommand 'GENOME_OTHER'");
    assert_ran(
        &genome(&["help", "GENOME_UNTRUSTD"]),
        2,
        "error: there is no code `GENOME_UNTRUSTD`\n  help: did you mean GENOME_UNTRUSTED?",
    );
    assert_ran(&genome(&["verify", "--explain", "GENOME_UNTRUSTD"]), 2, "'GENOME_UNTRUSTED'");
    assert_eq!(genome(&["help", "stale"]), genome(&["help", "GENOME_STALE"]));
}

#[test]
fn a_refusal_points_to_its_page_once() {
    let release = Release::new(2, 1);
    let verify = |arguments: &[&str]| run(program("genome-verify", release.path()).args(arguments));
    let pointers =
        |stderr: &str| stderr.lines().filter(|line| line.starts_with("see: ")).map(ToOwned::to_owned).collect::<Vec<_>>();
    let ran = verify(&["draft.json", "nowhere.json", "draft.json"]);
    assert_eq!((ran.status, pointers(&ran.stderr)), (Some(1), vec!["see: genome help GENOME_UNSIGNED".to_owned()]), "{ran:?}");
    assert!(ran.stderr.ends_with("\nsee: genome help GENOME_UNSIGNED\n"), "{ran:?}");
    // What it names can be typed.
    assert_ran(&run(program("genome", release.path()).args(["help", "GENOME_UNSIGNED"])), 0, "");

    // Programs have the code, and a warning is no refusal.
    for format in ["json", "github"] {
        let ran = verify(&["--format", format, "draft.json"]);
        assert_eq!((ran.status, pointers(&ran.stderr), ran.stdout.contains("see: ")), (Some(1), Vec::new(), false), "{ran:?}");
    }
    let root = repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json");
    let ran = verify(&[root.to_str().unwrap()]);
    assert!(ran.stderr.contains("warning[GENOME_TEST_KEY]") && pointers(&ran.stderr).is_empty(), "{ran:?}");
    // So is what has no code.
    assert!(pointers(&verify(&["--no-such-option"]).stderr).is_empty());
}
