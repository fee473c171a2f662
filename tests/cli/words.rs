//! What is said next to what somebody has just typed: it is a step that works there, and none that makes it worse.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_json::MAX_BYTES;
use genome_test_support::{Draft, Ran, Release, assert_ran, fingerprint, names, policy, program, programs, run, signer};
use serde_json::json;
use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;

/// A genome that signer 1 signed, as `genome.json`, its draft as `draft.json`, and its policy as `trust.json`.
fn release() -> Release {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "signed by");
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release
}

fn help(ran: &Ran) -> &str {
    ran.stderr.lines().rev().find_map(|line| line.strip_prefix("  help: ")).unwrap_or_default()
}

/// Runs a line of a shell that has what a person's has, with the key of signer 1.
fn bash(release: &Release, line: &str) -> Ran {
    let mut bash = Command::new("bash");
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    bash.args(["-c", line]).current_dir(release.path());
    genome_test_support::inherited::isolate(&mut bash);
    run(bash.env("PATH", path).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]))
}

#[test]
fn what_is_not_of_the_wanted_kind_is_said_with_the_kind_that_is() {
    let release = release();
    let _socket = UnixListener::bind(release.path().join("socket")).unwrap();
    for arguments in [
        &["--lineage", "trust.json", "genome.json"][..],
        &["--manifest-root", "trust.json", "--verify-manifest", "genome.json"],
        &["--proposal", "trust.json"],
    ] {
        let ran = release.verify(arguments);
        assert_ran(&ran, 2, "it is a file, not a directory");
        assert_eq!(help(&ran), "name a directory");
    }
    for arguments in [&["socket"][..], &["--trust", "socket", "genome.json"], &["--audit-log", "socket", "genome.json"]] {
        let ran = release.verify(arguments);
        assert_ran(&ran, 2, "it is a socket, not a regular file");
        assert_eq!(help(&ran), "name a regular file");
    }
    for place in [".", "socket"] {
        let ran = release.verify(&["--state", place, "genome.json"]);
        // `-` would be a file of that name.
        assert_ran(&ran, 2, "not a regular file");
        assert_eq!(help(&ran), "name a regular file, or a new one, which is then made");
        let ran = release.sign(1, &["draft.json", "out.json", "signer-1", "--audit-log", place]);
        assert_ran(&ran, 2, "not a regular file");
        assert_eq!(help(&ran), "nothing was signed; name a regular file, or a new one, which is then made");
    }
    let ran = release.sign(1, &["draft.json", "socket", "signer-1"]);
    assert_ran(&ran, 2, "it is a socket, not a regular file");
    assert_eq!(help(&ran), "the output was not changed; name a file, or `-` for standard output");
}

#[test]
fn a_file_that_is_too_large_has_no_line_to_correct() {
    let release = release();
    release.write("large.json", &" ".repeat(MAX_BYTES + 1));
    for arguments in [&["large.json"][..], &["--trust", "large.json", "genome.json"]] {
        let ran = release.verify(arguments);
        assert_ran(&ran, 1, "error[GENOME_INVALID_JSON]: the document is larger than 16 MiB\n  --> large.json\n");
        assert_eq!(help(&ran), "see that it is the file that you meant; if it is, make it smaller");
    }
    let ran = release.verify(&["--state", "large.json", "genome.json"]);
    assert_ran(&ran, 1, "is damaged: the document is larger than 16 MiB\n");
}

#[test]
fn an_output_that_is_a_pipe_is_better_said_as_standard_output() {
    let release = release();
    for line in [
        "genome-sign draft.json >(cat >&2) signer-1",
        "genome-draft --from genome.json --bump patch >(cat >&2)",
        "genome-sign draft.json /dev/stdout signer-1 | cat",
    ] {
        let ran = bash(&release, &format!("set -o pipefail; {line}"));
        assert_ran(&ran, 2, "it is a FIFO, not a regular file");
        assert!(help(&ran).ends_with("name a file, or `-` for standard output"), "{ran:?}");
    }
}

/// `mktemp` makes the file whose name it prints.
#[test]
fn an_empty_output_is_a_new_one() {
    let release = release();
    for name in ["signed", "draft", "merged"] {
        release.write(name, "");
    }
    assert_ran(&release.sign(1, &["draft.json", "signed", "signer-1"]), 0, "signed by");
    assert_eq!(release.read("signed"), release.read("genome.json"));
    let mut draft = program("genome-draft", release.path());
    assert_ran(&run(draft.args(["--from", "genome.json", "--bump", "patch", "draft"])), 0, "drafted");
    assert_ran(&run(program("genome-merge", release.path()).args(["--output", "merged", "signed", "genome.json"])), 0, "");
    assert_eq!(release.read("merged"), release.read("genome.json"));
    // What is not empty is kept.
    release.write("other", "\n");
    let mut draft = program("genome-draft", release.path());
    assert_ran(&run(draft.args(["--from", "genome.json", "--bump", "patch", "other"])), 1, "there is a file already");
    assert_ran(&release.sign(1, &["draft.json", "other", "signer-1"]), 1, "GENOME_INVALID_JSON");
    assert_eq!(release.read("other"), "\n");
    // An empty state is no new one: something emptied it.
    release.write("state", "");
    assert_ran(&release.verify(&["--state", "state", "genome.json"]), 1, "is damaged");
}

#[test]
fn a_key_without_its_kind_is_guessed() {
    let release = release();
    let key = &release.keys[0];
    for name in ["ops.pem", "my key"] {
        release.write(name, key);
        release.set_mode(name, 0o600);
    }
    let fingerprint = fingerprint(1);
    let agent = format!("did you mean ssh-agent:{fingerprint}, the key in the agent?");
    let forms = "a reference is env:NAME, file:PATH, ssh-agent:FINGERPRINT, pkcs11:URI or exec:COMMAND";
    for (given, hint) in [
        ("ops.pem", "did you mean file:ops.pem?"),
        ("./ops.pem", "did you mean file:./ops.pem?"),
        ("my key", "did you mean file:my\\ key?"),
        (&fingerprint, &agent),
        // This may be a passphrase.
        ("correct horse", forms),
        ("missing.pem", forms),
        ("fil:ops.pem", forms),
    ] {
        let ran = run(program("genome-sign", release.path()).args(["draft.json", "out.json", "signer-1", "--key", given]));
        assert_eq!((ran.status, help(&ran)), (Some(2), hint), "{given}: {ran:?}");
        assert!(hint != forms || !ran.stderr.contains(given), "{given}: {ran:?}");
        let ran = run(program("genome-keygen", release.path()).args(["--public-from", given]));
        assert_eq!((ran.status, help(&ran)), (Some(2), hint), "{given}: {ran:?}");
    }
    assert_eq!(names(release.path()).iter().filter(|name| *name == "out.json").count(), 0);
}

#[test]
fn nobody_is_told_to_have_none_sign() {
    let release = release();
    let nobody = json!({"signers": [], "threshold": 1});
    release.write("nobody.json", &Draft::new("1.0.0", &[1], 1).with("authority", nobody.clone()).document.to_string());
    release.write("policy.json", &nobody.to_string());
    for arguments in [&["nobody.json"][..], &["--trust", "policy.json", "genome.json"]] {
        let ran = release.verify(arguments);
        assert_ran(
            &ran,
            1,
            "threshold: a threshold of 1 can never be met by 0 signers\n      add signers first: nobody can sign it\n",
        );
        assert!(!ran.stderr.contains("at most 0"), "{ran:?}");
    }
    let two = json!({"signers": [signer(1), signer(2)], "threshold": 3});
    release.write("policy.json", &two.to_string());
    assert_ran(&release.verify(&["--trust", "policy.json", "genome.json"]), 1, "      set it to at most 2, or add signers\n");
}

#[test]
fn an_environment_that_is_set_to_nothing_is_not_the_absence_of_production() {
    let release = release();
    let ran = run(release.verifying(&["genome.json"]).env("MATHISON_ENV", ""));
    assert_ran(&ran, 2, "MATHISON_ENV is set to nothing");
    assert_eq!(help(&ran), "set MATHISON_ENV=production if this is production; otherwise unset it");
    assert!(fs::metadata(release.path().join("genome.json")).is_ok());
}
