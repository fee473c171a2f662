//! A directory where a genome is meant.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::{Draft, Release, assert_ran, names, program, run};
use std::fs;
use std::os::unix::fs::symlink;

/// A signed genome in `v1`, its child in `v2`, and a directory with nothing in it.
fn release() -> (Release, Draft) {
    let release = Release::new(1, 1);
    let old = Draft::new("1.0.0", &[1], 1);
    let new = Draft::new("1.1.0", &[1], 1).after(&[&old]);
    for directory in ["v1", "v2", "empty"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    release.write("v1/genome.json", &old.signed(&[1]));
    release.write("v2/genome-unsigned.json", &new.document.to_string());
    (release, new)
}

#[test]
fn a_directory_means_the_genome_in_it() {
    let (release, new) = release();
    let to_file = |program_name: &str, arguments: &[&str]| run(program(program_name, release.path()).args(arguments));
    let ran = to_file("genome-diff", &["v1", "v2/"]);
    assert!(
        ran.status == Some(1) && ran.stdout.contains("  v1/genome.json\n") && ran.stdout.contains("  v2/genome-unsigned.json\n")
    );
    // What was signed counts before the draft beside it.
    release.write("v2/genome.json", &new.signed(&[1]));
    assert!(to_file("genome-diff", &["v1", "v2"]).stdout.contains("  v2/genome.json\n"));
    symlink("v2", release.path().join("current")).unwrap();
    assert!(to_file("genome-diff", &["v1", "current"]).stdout.contains("  current/genome.json\n"));
    assert_ran(&to_file("genome-draft", &["--from", "v1", "draft-1.json"]), 0, "drafted `TEST` 1.0.1");
    assert_ran(
        &to_file("genome-merge", &["v2", "current", "--output", "merged.json"]),
        0,
        "joined v2/genome.json, current/genome.json",
    );
    let ran = release.sign(1, &["--parent", "v1", "v2/genome-unsigned.json", "signed.json"]);
    assert_ran(&ran, 0, "signed by `signer-1`");
    assert!(ran.stderr.contains("  parent      `TEST` 1.0.0: 1 of 1 required"), "{}", ran.stderr);
    for (name, arguments) in [
        ("genome-diff", &["empty", "v2"][..]),
        ("genome-draft", &["--from", "empty", "other.json"]),
        ("genome-merge", &["empty", "v2", "--output", "other.json"]),
    ] {
        assert_ran(&to_file(name, arguments), 2, "error[GENOME_UNREADABLE]: it is a directory, not a regular file\n  --> empty\n");
    }
    // A link that leads nowhere is no reason to take the draft.
    symlink("nowhere", release.path().join("empty/genome.json")).unwrap();
    release.write("empty/genome-unsigned.json", &new.document.to_string());
    assert_ran(
        &to_file("genome-diff", &["v1", "empty"]),
        2,
        "error[GENOME_MISSING]: there is no such file\n  --> empty/genome.json\n",
    );
}

#[test]
fn a_draft_goes_into_a_directory() {
    let (release, _) = release();
    let draft = |output: &str| run(program("genome-draft", release.path()).args(["--from", "v1", output]));
    // A parent that genome-sign does not find near the draft is named.
    let parent = " --parent v1/genome.json";
    for (output, made, sign) in [
        ("empty", "empty/genome-unsigned.json", "empty"),
        ("new/", "new/genome-unsigned.json", "new"),
        ("a/b/", "a/b/genome-unsigned.json", &format!("a/b{parent}")),
        ("c/.", "c/genome-unsigned.json", "c"),
        (".", "./genome-unsigned.json", &format!(".{parent}")),
    ] {
        let ran = draft(output);
        assert_ran(&ran, 0, &format!("  written to  {made}\n"));
        assert!(ran.stderr.contains(&format!("):\n  genome sign {sign} --key REF\n")), "{}", ran.stderr);
        assert_ran(&draft(output), 1, &format!("there is a file already\n  --> {made}\n"));
    }
    // Without a slash a path that is not there is a file.
    assert_ran(&draft("file"), 0, "  written to  file\n");
    // Beside what it is drafted from.
    assert_ran(&draft("v1"), 0, "):\n  genome sign v1/genome-unsigned.json v1/genome-signed.json --key REF\n");
    assert_eq!(names(&release.path().join("v1")), ["genome-unsigned.json", "genome.json"]);
}
