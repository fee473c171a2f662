//! `genome-sign`, as release engineers run it, and as things go wrong.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::dangerous::{accept_self_declared, verify_self_declared};
use genome::{Refusal, Warning};
use genome_test_support::{Draft, Ran, Release, assert_ran, has, names, program, run, run_at_once, test_key};
use serde_json::json;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;
use std::time::SystemTime;

#[test]
fn two_of_three_sign_in_any_order_to_the_same_bytes() {
    let release = Release::new(3, 2);
    let ran = release.sign(1, &["draft.json", "genome.json", "signer-1"]);
    assert_ran(&ran, 0, "signatures  1 of 2 required");
    assert!(ran.stderr.contains("may sign    `signer-2`, `signer-3`"), "{}", ran.stderr);
    assert!(
        release.read("genome.json").contains("  \"signature\": {\n    \"alg\": \"ed25519\",\n    \"signer_key_id\": \"signer-1\"")
    );
    assert_eq!(release.verify(&["genome.json"]).status, Some(1));
    assert!(matches!(verify_self_declared(release.read("genome.json").as_bytes()), Err(Refusal::InsufficientSignatures(_))));

    assert_ran(&release.sign(3, &["draft.json", "genome.json", "signer-3"]), 0, "signatures  2 of 2 required");
    assert!(release.read("genome.json").contains("\"signatures\": [\n"));
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));

    assert_ran(&release.sign(3, &["draft.json", "other.json", "signer-3"]), 0, "");
    assert_ran(&release.sign(1, &["draft.json", "other.json", "signer-1"]), 0, "");
    assert_eq!(release.read("genome.json"), release.read("other.json"));
    assert_eq!(names(release.path()), ["draft.json", "genome.json", "other.json"]);
}

#[test]
fn signing_twice_is_a_no_op() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 0, "signed by `signer-1`");
    let before = fs::metadata(release.path().join("genome.json")).unwrap();
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 0, "nothing to do, signed before by `signer-1`");
    let after = fs::metadata(release.path().join("genome.json")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::ino(&before), std::os::unix::fs::MetadataExt::ino(&after), "it was written again");
}

#[test]
fn keys_keep_their_order_and_the_output_may_be_the_input() {
    let release = Release::new(2, 2);
    release.write(
        "draft.json",
        &release.read("draft.json").replacen("{\n", "{ \n", 1).replace("\"parents\": [],\n", "").replacen(
            '{',
            "{\"parents\":[],",
            1,
        ),
    );
    assert_ran(&release.sign(1, &["draft.json", "draft.json", "signer-1"]), 0, "written to  draft.json");
    assert_ran(&release.sign(2, &["draft.json", "draft.json", "signer-2"]), 0, "2 of 2 required");
    let signed = release.read("draft.json");
    assert!(signed.starts_with("{\n  \"parents\": [],\n  \"schema_version\": \"genome.v0.1\",\n"), "{signed}");
    assert!(signed.ends_with("  ]\n}\n"));
    assert_eq!(release.verify(&["draft.json"]).status, Some(0));
}

#[test]
fn dashes_are_the_standard_streams() {
    let release = Release::new(1, 1);
    let mut command = release.signing(1, &["-", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(release.read("draft.json").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(verify_self_declared(&output.stdout).is_ok());
    assert_eq!(names(release.path()), ["draft.json"]);
}

#[test]
fn only_the_key_that_the_genome_names_signs() {
    let release = Release::new(2, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-2"]), 1, "the private key does not belong to `signer-2`");
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-2"]), 1, "sign as `signer-1`");
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "nobody"]), 1, "names no `nobody`");
    let mut unnamed = program("genome-sign", release.path());
    unnamed.args(["draft.json", "genome.json"]).env("GENOME_SIGNING_PRIVATE_KEY", test_key());
    assert_ran(&run(&mut unnamed), 1, " is not one of those that may sign\n");
    let mut stranger = program("genome-sign", release.path());
    stranger.args(["draft.json", "genome.json", "signer-1"]).env("GENOME_SIGNING_PRIVATE_KEY", test_key());
    assert_ran(&run(&mut stranger), 1, "does not belong to `signer-1`");
    assert_eq!(names(release.path()), ["draft.json"], "nothing is written");
}

#[test]
fn without_a_usable_key_nothing_is_signed() {
    let release = Release::new(1, 1);
    assert_ran(
        &run(program("genome-sign", release.path()).args(["draft.json", "genome.json"])),
        2,
        "GENOME_SIGNING_PRIVATE_KEY is not set\n  help: name the key with --key, such as file:PATH; or export ",
    );
    let public = genome_test_support::key(1).public_key().to_string();
    let half = release.keys[0][..50].to_owned();
    for (key, said) in [
        ("", "it is empty"),
        ("rubbish", "neither padded base64 nor PEM"),
        (public.as_str(), "it is a public key"),
        (half.as_str(), "holds no usable key"),
    ] {
        let mut sign = program("genome-sign", release.path());
        let ran = run(sign.args(["draft.json", "genome.json"]).env("GENOME_SIGNING_PRIVATE_KEY", key));
        assert_ran(&ran, 2, said);
        assert!(key.is_empty() || !ran.stderr.contains(key), "the key is repeated");
    }
    assert_eq!(names(release.path()), ["draft.json"]);
}

#[test]
fn another_genome_is_replaced_only_by_force() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 0, "");
    let first = release.read("genome.json");
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    assert_ran(&release.sign(1, &["next.json", "genome.json"]), 1, "it holds another genome");
    let hint = "replace it with --force; a draft that was changed after it was signed wants a new version\n";
    assert_ran(&release.sign(1, &["next.json", "genome.json"]), 1, hint);
    assert_eq!(release.read("genome.json"), first);
    assert_ran(&release.sign(1, &["next.json", "genome.json", "--force"]), 0, "`TOTK_ROOT` 1.0.1");
    release.write("genome.json", "not a genome");
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 1, "error[GENOME_INVALID_JSON]");
    let hint = "help: correct the file at that line and column; or write to another file, or replace this one with --force\n";
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 1, hint);
    assert_eq!(release.read("genome.json"), "not a genome");
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "--force"]), 0, "signed by");
    assert_eq!(release.read("genome.json"), first);
}

#[test]
fn a_signature_that_is_wrong_is_not_carried_on() {
    let release = Release::new(2, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
    release.write("genome.json", &release.read("genome.json").replace("\"1.0.0\"", "\"1.0.1\""));
    assert_ran(&release.sign(2, &["genome.json", "out.json", "signer-2"]), 1, "error[GENOME_INVALID_SIGNATURE]");
    assert_ran(&release.sign(2, &["genome.json", "out.json", "signer-2", "--force"]), 0, "warning[GENOME_INVALID_SIGNATURE]");
    let genome = verify_self_declared(release.read("out.json").as_bytes()).unwrap();
    assert_eq!(genome.tally().signed.len(), 1);
}

#[test]
fn a_signature_by_a_key_that_the_genome_does_not_name_is_kept() {
    let release = Release::new(2, 2);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
    let signed = release.read("genome.json").replace("\"signer_key_id\": \"signer-1\"", "\"signer_key_id\": \"parent-key\"");
    release.write("genome.json", &signed);
    assert_ran(&release.sign(1, &["genome.json", "genome.json", "signer-1"]), 0, "signatures  1 of 2 required");
    assert_ran(&release.sign(2, &["genome.json", "genome.json", "signer-2"]), 0, "signatures  2 of 2 required");
    let genome = accept_self_declared(SystemTime::now()).verify(release.read("genome.json").as_bytes()).unwrap();
    assert_eq!(genome.tally().signed.len(), 2);
    let unknown = |warning: &&Warning| matches!(warning, Warning::UnknownSigner(_));
    assert_eq!(genome.warnings().iter().filter(unknown).count(), 1);
}

#[test]
fn drafts_that_nobody_should_sign() {
    let release = Release::new(1, 1);
    let draft = release.read("draft.json");
    let digest = draft.split("\"sha256\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cases = [
        (draft.replace(&digest, "TO BE COMPUTED"), 1, "placeholders instead of digests at /build_manifest/files/0/sha256"),
        (draft.replace("\"threshold\": 1", "\"threshold\": 1.0"), 1, "error[GENOME_INVALID_SCHEMA]"),
        (draft.replace("consent_wins", &release.keys[0]), 1, "error[GENOME_SECRET_EXPOSED]"),
        (format!("{draft}{draft}"), 1, "error[GENOME_INVALID_JSON]"),
    ];
    for (text, status, said) in cases {
        release.write("bad.json", &text);
        assert_ran(&release.sign(1, &["bad.json", "genome.json"]), status, said);
    }
    assert_ran(&release.sign(1, &["missing.json", "genome.json"]), 2, "error[GENOME_MISSING]");
    assert_ran(&release.sign(1, &[".", "genome.json"]), 2, "error[GENOME_MISSING]: it is a directory, and neither");
    assert_eq!(names(release.path()), ["bad.json", "draft.json"]);
}

#[test]
fn places_that_cannot_be_written() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "missing/genome.json"]), 2, "cannot write the signed genome");
    assert_ran(&release.sign(1, &["draft.json", "."]), 2, "not a regular file");
    assert_ran(&release.sign(1, &["draft.json", "/dev/full"]), 2, "not a regular file");
    assert_ran(&release.sign(1, &["draft.json", "genome.json/"]), 2, "the path of a directory");
    symlink("nowhere.json", release.path().join("dangling")).unwrap();
    assert_ran(&release.sign(1, &["draft.json", "dangling"]), 2, "a link to `nowhere.json`");
    fs::remove_file(release.path().join("dangling")).unwrap();
    // A limit on the size of files stands in for a full disk: the write fails halfway.
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 0, "");
    let before = release.read("genome.json");
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    let mut limited = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" next.json genome.json --force";
    limited.args(["-c", script]).arg(genome_test_support::programs().join("genome-sign"));
    let ran = run(limited.current_dir(release.path()).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
    assert_ran(&ran, 2, "cannot write the signed genome");
    assert_eq!(release.read("genome.json"), before);
    assert_eq!(names(release.path()), ["draft.json", "genome.json", "next.json"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = release.signing(1, &["draft.json", "-"]).stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    let reading = fs::File::open(release.path().join("draft.json")).unwrap();
    let status = release.signing(1, &["draft.json", "-"]).stdout(reading).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2), "a stream that is not open for writing");
}

#[test]
fn a_report_that_nobody_reads_does_not_undo_the_signing() {
    let release = Release::new(1, 1);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let streams = [Stdio::from(full), Stdio::from(std::io::pipe().unwrap().1)];
    for (stderr, output) in streams.into_iter().zip(["one.json", "two.json"]) {
        let status = release.signing(1, &["draft.json", output]).stderr(stderr).status().unwrap();
        assert_eq!(status.code(), Some(0), "{output}");
        assert_eq!(release.verify(&[output]).status, Some(0));
    }
}

#[test]
fn a_genome_that_grows_too_large_by_indentation_is_refused() {
    let release = Release::new(1, 1);
    let actions = "\"a\",".repeat(3_000_000);
    let draft = release.read("draft.json").replacen("\"allow_actions\": [", &format!("\"allow_actions\": [{actions}"), 1);
    release.write("draft.json", &draft);
    let ran = release.sign(1, &["draft.json", "genome.json"]);
    assert_ran(&ran, 1, "indented, the signed genome would have ");
    assert!(ran.stderr.contains(" bytes; 16 MiB is the most"), "{}", ran.stderr);
    assert_eq!(names(release.path()), ["draft.json"]);
}

#[test]
fn a_slow_input_does_not_hold_the_directory() {
    let release = Release::new(1, 1);
    let mut slow = release.signing(1, &["-", "slow.json"]);
    let mut slow = slow.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let ran = release.sign(1, &["draft.json", "genome.json"]);
    assert_ran(&ran, 0, "signed by");
    assert!(!ran.stderr.contains("waiting"), "{}", ran.stderr);
    slow.stdin.take().unwrap().write_all(release.read("draft.json").as_bytes()).unwrap();
    assert!(slow.wait().unwrap().success());
}

#[test]
fn a_read_only_file_is_replaced_only_by_force() {
    let release = Release::new(2, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
    let path = release.path().join("genome.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "nothing to do");
    assert_ran(&release.sign(2, &["draft.json", "genome.json", "signer-2"]), 1, "chmod u+w");
    assert_ran(&release.sign(2, &["draft.json", "genome.json", "signer-2", "--force"]), 0, "signed by");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o444);
}

#[test]
fn a_rename_that_fails_leaves_nothing_behind() {
    if !has("strace") {
        return;
    }
    let release = Release::new(1, 1);
    let run_with = |inject: &str| {
        let mut traced = std::process::Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", inject]).arg(genome_test_support::programs().join("genome-sign"));
        traced.args(["draft.json", "genome.json"]).current_dir(release.path());
        run(traced.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]))
    };
    assert_ran(&run_with("inject=rename,renameat,renameat2:error=EACCES"), 2, "help: the output was not changed; ");
    assert_eq!(names(release.path()), ["draft.json"]);
    // Without /proc no file without a name can be given one.
    assert_ran(&run_with("inject=linkat:error=ENOENT"), 0, "signed by");
    assert_eq!(names(release.path()), ["draft.json", "genome.json"]);
}

/// Signs `draft.json` to `out/genome.json` while the lock of its directory is held, and what this does meanwhile.
fn sign_after(release: &Release, signer: usize, meanwhile: impl FnOnce()) -> Ran {
    let held = fs::File::open(release.path().join("out")).unwrap();
    held.lock().unwrap();
    let mut signing = release.signing(signer, &["draft.json", "out/genome.json", &format!("signer-{signer}")]);
    let mut child = signing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = String::new();
    while !stderr.ends_with("waiting for another program that signs in the same directory\n") {
        assert_ne!(said.read_line(&mut stderr).unwrap(), 0, "{stderr}");
    }
    meanwhile();
    drop(held);
    said.read_to_string(&mut stderr).unwrap();
    Ran { status: child.wait().unwrap().code(), stdout: String::new(), stderr }
}

/// What its owner did to the output while genome-sign waited for the lock counts, and so does where the directory is by then.
#[test]
fn what_counts_is_the_output_once_the_lock_is_held() {
    let release = Release::new(2, 2);
    fs::create_dir(release.path().join("out")).unwrap();
    assert_ran(&release.sign(1, &["draft.json", "out/genome.json", "signer-1"]), 0, "signatures  1 of 2 required");
    let before = release.read("out/genome.json");
    let ran = sign_after(&release, 2, || release.set_mode("out/genome.json", 0o444));
    assert_ran(&ran, 1, "its owner has no permission to write it");
    assert_eq!(release.read("out/genome.json"), before);
    release.set_mode("out/genome.json", 0o644);
    let ran = sign_after(&release, 2, || {
        fs::rename(release.path().join("out"), release.path().join("moved")).unwrap();
        fs::create_dir(release.path().join("out")).unwrap();
    });
    assert_ran(&ran, 0, "signatures  2 of 2 required");
    assert_eq!(names(&release.path().join("out")), [""; 0]);
    assert_eq!(release.verify(&["moved/genome.json"]).status, Some(0));
}

/// One key under two names: its signature for the parent is not one for the genome, until it stands under the genome's own name.
#[test]
fn a_signature_under_the_name_of_the_parent_is_not_the_own_one() {
    let release = Release::new(1, 1);
    let named = |draft: Draft, key_id: &str| {
        let mut authority = draft.document["authority"].clone();
        authority["signers"][0]["key_id"] = json!(key_id);
        draft.with("authority", authority)
    };
    let parent = named(Draft::new("1.0.0", &[1], 1), "p");
    release.write("parent-draft.json", &parent.document.to_string());
    assert_ran(&release.sign(1, &["parent-draft.json", "parent.json"]), 0, "signed by `p`");
    let child = named(Draft::new("1.1.0", &[1], 1).after(&[&parent]), "c");
    release.write("child-draft.json", &child.document.to_string());
    let sign = || release.sign(1, &["--parent", "parent.json", "child-draft.json", "child.json"]);
    assert_ran(&sign(), 0, "signed by `c`");
    // Who can write the output can rename a signature: the genome id does not cover that.
    release.write("child.json", &release.read("child.json").replace(r#""signer_key_id": "c""#, r#""signer_key_id": "p""#));
    assert_eq!(release.verify(&["child.json"]).status, Some(1));
    let ran = sign();
    assert_ran(&ran, 0, "signatures  1 of 1 required");
    assert!(ran.stderr.contains("signed by `c`"), "{}", ran.stderr);
    assert_eq!(release.verify(&["child.json"]).status, Some(0));
    assert_ran(&sign(), 0, "nothing to do, signed before by `c`");
}

#[test]
fn mode_and_links_are_kept() {
    let release = Release::new(2, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
    let path = release.path().join("genome.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("genome.json", release.path().join("current")).unwrap();
    assert_ran(&release.sign(2, &["draft.json", "current", "signer-2"]), 0, "signatures  1 of 1 required");
    assert!(release.path().join("current").is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    assert!(release.read("genome.json").contains("signer-2\",\n      \"sig_base64\""));
}

#[test]
fn many_who_sign_at_once_lose_no_signature() {
    let release = Release::new(8, 8);
    run_at_once((1..=8).map(|signer| release.signing(signer, &["draft.json", "genome.json", &format!("signer-{signer}")])));
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));
}

#[test]
fn a_private_key_on_the_command_line_is_not_repeated() {
    let release = Release::new(1, 1);
    for arguments in [&["draft.json", "genome.json", release.keys[0].as_str()][..], &["a", "b", "c", release.keys[0].as_str()]] {
        assert_ran(&release.sign(1, arguments), 2, "a private key stands on the command line");
    }
}
