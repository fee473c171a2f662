//! Parents that `genome-sign` finds near a genome: their signers may sign too, and a file that somebody has put there gains nothing.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, fingerprint, has, names, openssl_key, policy, program, run, shell};
use serde_json::json;
use std::fs;

/// The version that signers 1 and 2 of three made, two at a time.
fn parent() -> Draft {
    Draft::new("1.0.0", &[1, 2, 3], 2)
}

/// The next one, which signers 3 and 4 are to make.
fn child() -> Draft {
    Draft::new("1.1.0", &[3, 4], 2).after(&[&parent()])
}

/// Both in a directory each, and the keys of the signers as files.
fn release() -> Release {
    let release = Release::new(6, 1);
    for directory in ["genomes", "genomes/v1", "genomes/v2"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    release.write("genomes/v1/genome.json", &parent().signed(&[1, 2]));
    release.write("genomes/v2/genome-unsigned.json", &child().document.to_string());
    release.write("trust.json", &policy(&[1, 2, 3], 2, &json!({})));
    for (number, key) in (1..).zip(&release.keys) {
        let name = format!("{number}.key");
        release.write(&name, key);
        release.set_mode(&name, 0o600);
    }
    release
}

fn sign(release: &Release, signer: u8, more: &[&str]) -> Ran {
    let mut command = program("genome-sign", release.path());
    command.args(["genomes/v2", "--key", &format!("file:{signer}.key")]).args(more);
    run(&mut command)
}

/// Who is next, each with the line below, which is the command.
fn next(ran: &Ran) -> Vec<String> {
    let below = ran.stderr.lines().skip(1);
    ran.stderr
        .lines()
        .zip(below)
        .filter_map(|(who, command)| Some(format!("{}{command}", who.strip_prefix("  next        ")?)))
        .collect()
}

fn who(numbers: &[u8], command: &str) -> Vec<String> {
    numbers.iter().map(|&number| format!("`signer-{number}` ({}):  {command} --key REF", fingerprint(number))).collect()
}

const COMMAND: &str = "genome sign genomes/v2";

#[test]
fn keys_are_replaced_with_nothing_but_the_directory() {
    let release = release();
    let ran = sign(&release, 4, &[]);
    assert_ran(&ran, 0, "signed by `signer-4`");
    assert!(ran.stderr.contains("  signatures  1 of 2 required\n"), "{ran:?}");
    assert!(
        ran.stderr.contains("  parent      `TEST` 1.0.0: 0 of 2 required; may sign: `signer-1`, `signer-2`, `signer-3`\n"),
        "{ran:?}"
    );
    assert!(!ran.stderr.contains("--parent"), "{ran:?}");
    // Signer 3 is in both, and is one person.
    assert_eq!(next(&ran), who(&[3, 1, 2], COMMAND));
    let ran = sign(&release, 3, &[]);
    assert_ran(&ran, 0, "  parent      `TEST` 1.0.0: 1 of 2 required; may sign: `signer-1`, `signer-2`\n");
    // The genome's own quorum is met, that of the parent is not.
    assert_eq!(next(&ran), who(&[1, 2], COMMAND));
    let ran = sign(&release, 1, &[]);
    assert_ran(&ran, 0, "  on behalf   of `TEST` 1.0.0, its parent: the genome itself does not name this key\n");
    assert_eq!(next(&ran), ["verify it with a trust policy:  genome verify --trust POLICY genomes/v2/genome.json"]);
    let ran = release.verify(&["--trust", "trust.json", "genomes/v2/genome.json"]);
    assert_ran(&ran, 0, "");
}

/// Nobody but who is asked.
#[test]
fn a_stranger_is_told_who_may_sign_for_the_parent_too() {
    let release = release();
    let ran = sign(&release, 6, &[]);
    assert_ran(&ran, 1, &format!("error: the key given, {}, is not one of those that may sign\n", fingerprint(6)));
    for number in 1..=4 {
        assert!(ran.stderr.contains(&format!("`signer-{number}` ({})", fingerprint(number))), "{ran:?}");
    }
    assert_eq!(names(&release.path().join("genomes/v2")), ["genome-unsigned.json"]);
}

/// A file that others have put there is the parent only if it has the id that the genome names, which covers all that it says; and is in order.
#[test]
fn a_planted_file_is_no_parent() {
    let forged = parent().signed(&[1, 2]).replace("\"signer_key_id\":\"signer-2\"", "\"signer_key_id\":\"signer-3\"");
    for planted in [
        // It names the one who wants to sign, and is another genome for that.
        Draft::new("1.0.0", &[6], 1).signed(&[6]),
        parent().signed(&[1, 2]).replace("memory_search", "memory_erase"),
        // It is the one that is named, and nobody or too few have signed it.
        parent().document.to_string(),
        parent().signed(&[1]),
        forged,
        "{".to_owned(),
    ] {
        let release = release();
        release.write("genomes/v1/genome.json", &planted);
        for signer in [1, 6] {
            let ran = sign(&release, signer, &[]);
            assert_ran(&ran, 1, " is not one of those that may sign\n");
            assert!(ran.stderr.ends_with("; for a key that only a parent names, give the parent with --parent FILE\n"), "{ran:?}");
        }
        let ran = sign(&release, 3, &[]);
        assert_ran(&ran, 0, "  parents     1 was not found in order near it, and its signers may have to sign too: see --parent\n");
        assert_eq!(next(&ran), who(&[4], COMMAND));
        // Beside a good copy it hinders nobody, whichever comes first.
        fs::remove_file(release.path().join("genomes/v2/genome.json")).unwrap();
        for beside in ["genomes/a.json", "genomes/z.json"] {
            release.write(beside, &parent().signed(&[1, 3]));
            assert_ran(&sign(&release, 1, &[]), 0, "on behalf   of `TEST` 1.0.0");
            fs::remove_file(release.path().join(beside)).unwrap();
            fs::remove_file(release.path().join("genomes/v2/genome.json")).unwrap();
        }
    }
}

/// Who makes up a parent and puts it there has named it in the draft, which the signer is shown as a whole.
#[test]
fn a_parent_that_somebody_made_up_is_shown_for_what_it_is() {
    let release = release();
    let made_up = Draft::new("1.0.0", &[1, 6], 1);
    release.write("genomes/v1/genome.json", &made_up.signed(&[6]));
    release.write("genomes/v2/genome-unsigned.json", &Draft::new("1.1.0", &[6], 1).after(&[&made_up]).document.to_string());
    let ran = sign(&release, 1, &[]);
    assert_ran(&ran, 0, "on behalf   of `TEST` 1.0.0");
    let contents = "contents of `TEST` 1.1.0, which a signer may see for the first time\n";
    assert!(ran.stderr.contains(contents) && ran.stderr.contains("allowed, B     `memory_search` by `CAP`"), "{ran:?}");
    // It counts for the parent, and not for the genome.
    assert!(ran.stderr.contains("  signatures  0 of 1 required\n"), "{ran:?}");
    assert_eq!(release.verify(&["--trust", "trust.json", "genomes/v2/genome.json"]).status, Some(1));
}

/// The review is for the one whose key it is: who has signed the parent is shown what changes, and who has not all of it.
#[test]
fn who_has_signed_the_parent_sees_the_changes_alone() {
    let release = release();
    release.write("genomes/v2/genome-unsigned.json", &Draft::new("1.1.0", &[1, 2, 3], 2).after(&[&parent()]).document.to_string());
    for (signer, is_new) in [(1, false), (2, false), (3, true)] {
        let ran = sign(&release, signer, &[]);
        assert_ran(&ran, 0, &format!("signed by `signer-{signer}`"));
        assert_eq!(ran.stderr.contains("contents of `TEST` 1.1.0"), is_new, "{ran:?}");
    }
}

#[test]
fn a_parent_that_is_given_outweighs_and_is_passed_on() {
    let release = release();
    fs::create_dir_all(release.path().join("far/away/down")).unwrap();
    fs::rename(release.path().join("genomes/v1/genome.json"), release.path().join("far/away/down/parent.json")).unwrap();
    let parent_option = ["--parent", "far/away/down/parent.json"];
    let ran = sign(&release, 1, &parent_option);
    assert_ran(&ran, 0, "on behalf   of `TEST` 1.0.0");
    let command = format!("{COMMAND} --parent far/away/down/parent.json");
    assert_eq!(next(&ran), who(&[3, 4, 2], &command));
    let log = sign(&release, 3, &[&parent_option[..], &["--audit-log", "a log"]].concat());
    assert_eq!(next(&log), who(&[4], &format!("{command} --audit-log a\\ log")));
    // Where it is found as well, it need not be passed on.
    release.write("genomes/v1/genome.json", &parent().signed(&[1, 2]));
    assert_eq!(next(&sign(&release, 1, &parent_option)), who(&[4], COMMAND));
    // What is given must be in order, whatever is found beside it.
    release.write("half.json", &parent().signed(&[1]));
    assert_ran(&sign(&release, 2, &["--parent", "half.json"]), 1, "error[GENOME_INSUFFICIENT_SIGNATURES]");
    release.write("other.json", &Draft::new("0.9.0", &[2], 1).signed(&[2]));
    assert_ran(&sign(&release, 2, &["--parent", "other.json"]), 1, "is not a parent of the genome");
}

/// The genome gives a name of its parent's to another key: a genome carries one signature for each name.
#[test]
fn a_key_whose_name_another_has_is_told_so() {
    let release = release();
    let mut child = child();
    child.document["authority"]["signers"][0]["key_id"] = "signer-1".into();
    release.write("genomes/v2/genome-unsigned.json", &child.document.to_string());
    let ran = sign(&release, 1, &[]);
    assert_ran(&ran, 1, &format!("error: `signer-1` is the key {} in the parent `TEST` 1.0.0 (", fingerprint(1)));
    assert_ran(&sign(&release, 3, &[]), 0, "signed by `signer-1`");
}

/// Two parents that give one name to two keys.
#[test]
fn a_name_of_two_parents_is_signed_once() {
    let release = release();
    let mut other = Draft::new("1.0.0", &[5], 1).with("name", "OTHER");
    other.document["authority"]["signers"][0]["key_id"] = "signer-1".into();
    let text = other.signed(&[5]).replace("\"signer-5\"", "\"signer-1\"");
    release.write("genomes/other.json", &text);
    let child = Draft::new("1.1.0", &[3, 4], 2).after(&[&parent(), &other]);
    release.write("genomes/v2/genome-unsigned.json", &child.document.to_string());
    assert_ran(&sign(&release, 1, &[]), 0, "signed by `signer-1`");
    let ran = sign(&release, 5, &[]);
    assert_ran(&ran, 1, "and a genome carries one signature for each key id");
}

/// A program that does not tell its key signed without being named before parents were looked for, and does so still.
#[test]
fn a_program_that_does_not_tell_is_the_only_own_signer() {
    if !has("openssl") {
        return;
    }
    let scratch = Release::new(1, 1);
    let key = openssl_key(scratch.path(), "key.pem");
    let release = release();
    let own = json!({"key_id": "kms", "alg": "ed25519", "public_key": key.to_string()});
    let draft = child().with("authority", json!({"signers": [own], "threshold": 1}));
    release.write("genomes/v2/genome-unsigned.json", &draft.document.to_string());
    fs::copy(scratch.path().join("key.pem"), release.path().join("key.pem")).unwrap();
    release.write(
        "program",
        "#!/bin/sh\nm=$(mktemp); cat > \"$m\"; openssl pkeyutl -sign -rawin -inkey key.pem -in \"$m\" | openssl base64; rm \"$m\"\n",
    );
    shell(release.path(), "chmod +x program");
    let mut command = program("genome-sign", release.path());
    assert_ran(&run(command.args(["genomes/v2", "--key", "exec:./program"])), 0, "signed by `kms`");
}
