//! What `genome trust` refuses, with the next step, and what it leaves as it is.

use super::{keys, read, trust, with_policy};
use genome_test_support::{Draft, assert_ran, file, fingerprint, key, names, openssh_line, policy, program, run, signer, test_key};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::json;
use std::process::Command;

#[test]
fn what_would_not_be_met_any_more_is_refused_with_a_way_out() {
    let release = with_policy(&[1, 2], 2, &json!({}));
    let before = file(release.path(), "trust.json");
    for command in ["remove", "revoke"] {
        let ran = trust(&release, &[command, "trust.json", "signer-2"]);
        let said = "error: the policy could not be met: 2 must sign, and 1 could\n  --> trust.json\n  help: nothing was changed; add another signer first: genome trust add trust.json KEY; or lower the threshold in the same step: --threshold 1 --lower\n";
        assert_ran(&ran, 1, said);
    }
    let ran = trust(&release, &["raise", "trust.json", "--threshold", "3"]);
    assert_ran(&ran, 1, "3 must sign, and 2 could");
    let ran = trust(&release, &["revoke", "trust.json", "signer-1", "signer-2"]);
    assert_ran(&ran, 1, "error: the policy would trust no genome");
    assert_eq!(file(release.path(), "trust.json"), before);
    // Both ways lead out.
    assert_ran(&trust(&release, &["revoke", "trust.json", "signer-2", "--threshold", "1", "--lower"]), 0, "changed");
    release.write("trust.json", &policy(&[1, 2], 2, &json!({})));
    assert_ran(&trust(&release, &["add", "trust.json", "3.json"]), 0, "changed");
    assert_ran(&trust(&release, &["revoke", "trust.json", "signer-2"]), 0, "changed");
    // What `quorum` asks for counts as well.
    release.write("trust.json", &policy(&[1, 2], 1, &json!({"quorum": {"widening": 2}})));
    let ran = trust(&release, &["remove", "trust.json", "signer-2"]);
    assert_ran(&ran, 1, "2 must sign a genome that is trusted without its parents, and 1 could");
    let less = ["raise", "trust.json", "--quorum", "widening=1", "--lower"];
    assert!(ran.stderr.contains("; or ask for less first: genome trust raise trust.json --quorum CLASS=N --lower\n"), "{ran:?}");
    assert_ran(&trust(&release, &less), 0, "changed");
    assert_ran(&trust(&release, &["remove", "trust.json", "signer-2"]), 0, "changed");
}

/// Otherwise the command to paste takes the path for an option.
#[test]
fn a_path_that_begins_as_an_option_is_a_path_in_what_is_to_be_typed() {
    let release = with_policy(&[1, 2], 2, &json!({}));
    release.write("-trust.json", &policy(&[1, 2], 2, &json!({})));
    let ran = trust(&release, &["remove", "--", "-trust.json", "signer-2"]);
    assert_ran(&ran, 1, "add another signer first: genome trust add ./-trust.json KEY;");
    assert_ran(&trust(&release, &["add", "./-trust.json", "3.json"]), 0, "changed");
    let ran = trust(&release, &["remove", "--", "-trust.json", "signer-2"]);
    assert_ran(&ran, 0, "run genome verify --trust ./-trust.json GENOME");
    release.set_mode("-trust.json", 0o444);
    let ran = trust(&release, &["add", "--yes", "--", "-trust.json", "4.json"]);
    assert_ran(&ran, 1, "make it writable: chmod u+w ./-trust.json\n");
}

#[test]
fn nothing_is_lowered_by_the_way() {
    let text = policy(&[1, 2, 3], 2, &json!({"minimum_versions": {"TEST": "1.2.0"}}));
    let release = keys();
    for (arguments, change) in [
        (&["raise", "trust.json", "TEST", "1.1.9"][..], "lowest version of `TEST`: 1.2.0 -> 1.1.9"),
        (&["raise", "trust.json", "--threshold", "1"], "threshold: 2 -> 1"),
        (&["add", "trust.json", "4.json", "--threshold", "1"], "threshold: 2 -> 1"),
        (&["remove", "trust.json", "signer-1", "--threshold", "1"], "threshold: 2 -> 1"),
    ] {
        release.write("trust.json", &text);
        let before = file(release.path(), "trust.json");
        let ran = trust(&release, arguments);
        let help = "  help: nothing was changed; that is a weakening: to make it, say so with --lower\n";
        assert_ran(&ran, 1, &format!("error: this would lower what the policy asks for: {change}\n  --> trust.json\n{help}"));
        assert_eq!(file(release.path(), "trust.json"), before, "{arguments:?}");
        let lowered = trust(&release, &[arguments, &["--lower"]].concat());
        assert_ran(&lowered, 0, &format!("  weakening      {change}\n"));
    }
    let stricter = json!({"maximum_age_days": 30, "quorum": {"widening": 2}});
    for (arguments, change) in [
        (&["raise", "trust.json", "--maximum-age-days", "31"][..], "highest age in days: 30 -> 31"),
        (&["raise", "trust.json", "--maximum-age-days", "none"], "highest age in days: 30 -> none"),
        (&["raise", "trust.json", "--quorum", "widening=1"], "`quorum` of widening changes: 2 -> 1"),
        (&["raise", "trust.json", "--quorum", "widening=none"], "`quorum` of widening changes: 2 -> none"),
    ] {
        release.write("trust.json", &policy(&[1, 2, 3], 2, &stricter));
        assert_ran(&trust(&release, arguments), 1, &format!("this would lower what the policy asks for: {change}\n"));
        let lowered = trust(&release, &[arguments, &["--lower"]].concat());
        assert_ran(&lowered, 0, &format!("  weakening      {change}\n"));
        assert!(!lowered.stderr.contains("may not start again"), "{lowered:?}");
    }
    release.write("trust.json", &text);
    for (wrong, said) in [
        (["--maximum-age-days", "0"], "a number of days belongs here"),
        (["--quorum", "wide=1"], "the classes are widening"),
        (["--quorum", "widening=0"], "a number belongs behind the `=`"),
        (["--quorum", "widening"], "such as widening=2"),
    ] {
        assert_ran(&trust(&release, &[&["raise", "trust.json"][..], &wrong].concat()), 2, said);
    }
    release.write("trust.json", &text);
    for same in [&["raise", "trust.json", "TEST", "1.2.0+other"][..], &["raise", "trust.json", "--threshold", "2"]] {
        assert_ran(&trust(&release, same), 0, "nothing to do: trust.json says so already\n");
    }
    assert_ran(&trust(&release, &["raise", "trust.json"]), 2, "Usage: genome trust raise");
    assert_ran(&trust(&release, &["raise", "trust.json", "TEST"]), 2, "VERSION");
}

#[test]
fn nothing_but_a_public_key_is_one() {
    let release = with_policy(&[1], 1, &json!({}));
    release.write("genome.json", &Draft::new("1.0.0", &[2], 1).signed(&[2]));
    release.write("draft.json", &Draft::new("1.0.0", &[2], 1).document.to_string());
    release.write("policy.json", &policy(&[2], 1, &json!({})));
    release.write("pkcs8", &release.keys[0]);
    release.write("pem", &key(2).to_pem());
    release.write("openssh", &key(2).to_openssh("", None).unwrap());
    release.write("jwk", r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
    release.write("pasted.json", &json!({"key_id": "a", "alg": "ed25519", "public_key": release.keys[0]}).to_string());
    release.write("two.pub", &format!("{0} a\n{1} b\n", openssh_line(&key(2).public_key()), openssh_line(&key(3).public_key())));
    let before = (file(release.path(), "trust.json"), names(release.path()));
    for (given, said) in [
        ("genome.json", "error[GENOME_INVALID_SCHEMA]: this is a genome, and the public key of a signer was expected\n"),
        ("draft.json", "this is an unsigned draft of a genome, and the public key of a signer was expected\n"),
        ("policy.json", "this is a trust policy, and the public key of a signer was expected\n"),
        ("pkcs8", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("pem", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("openssh", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("jwk", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("pasted.json", "error[GENOME_SECRET_EXPOSED]"),
        ("two.pub", "there are 2 public keys, and one is expected"),
    ] {
        for arguments in [&["new", "other.json", given][..], &["add", "trust.json", given], &["revoke", "trust.json", given]] {
            assert_ran(&trust(&release, arguments), 1, said);
        }
        let named = format!("carol={given}");
        assert_ran(&trust(&release, &["add", "trust.json", "--name", &named]), 1, said);
        assert_eq!((file(release.path(), "trust.json"), names(release.path())), before, "{given}");
    }
    for (given, said) in [
        // No option names a trust policy here.
        ("genome.json", "\n  help: name the file of a trust policy; this file is for genome-verify\n"),
        ("pem", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("jwk", "error[GENOME_SECRET_EXPOSED]: this is a private key"),
        ("pasted.json", "error[GENOME_SECRET_EXPOSED]"),
    ] {
        let before = file(release.path(), given);
        for arguments in [&["show", given][..], &["add", given, "2.json"], &["raise", given, "TEST", "1.0.0"]] {
            assert_ran(&trust(&release, arguments), 1, said);
        }
        assert_eq!(file(release.path(), given), before);
    }
    assert_ran(&trust(&release, &["add", "trust.json", &release.keys[0]]), 2, "a private key stands on the command line");
}

/// The comment of a `.pub` file is what a stranger wrote there.
#[test]
fn a_comment_is_no_more_than_a_comment() {
    let release = with_policy(&[1], 1, &json!({}));
    let before = file(release.path(), "trust.json");
    let line = |number, comment: &str| format!("{} {comment}\n", openssh_line(&key(number).public_key()));
    // In the name of a signer who is there.
    release.write("x.pub", &line(2, "signer-1"));
    let ran = trust(&release, &["add", "trust.json", "x.pub"]);
    let said = format!("error: there is a signer `signer-1` already, who has another key ({})\n  --> x.pub\n", fingerprint(1));
    assert_ran(&ran, 1, &said);
    assert!(ran.stderr.contains("--name KEY_ID=FILE gives it one"), "{ran:?}");
    // The key of a signer who is there.
    release.write("x.pub", &line(1, "mallory"));
    assert_ran(&trust(&release, &["add", "trust.json", "x.pub"]), 1, "is there already, as `signer-1`");
    assert_eq!(file(release.path(), "trust.json"), before);
    for comment in [
        &fingerprint(3),
        "\u{1b}[2K\u{1b}[1Aok",
        "##vso[task.complete result=Succeeded]",
        "`, \"threshold\": 0",
        "a\u{202e}b",
        "::error::hi",
        "Ada Lovelace <ada@example.org>",
        "--yes",
    ] {
        release.write("x.pub", &line(2, comment));
        let ran = trust(&release, &["add", "trust.json", "x.pub"]);
        assert_ran(&ran, 0, "changed trust.json");
        assert!(!ran.stderr.contains(comment) || *comment == fingerprint(3), "{ran:?}");
        assert_eq!(read(&release)["signers"][1]["key_id"], fingerprint(2).as_str(), "{comment}");
        // The listing ends where ours does.
        assert!(!ran.stderr.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
        release.write("trust.json", &policy(&[1], 1, &json!({})));
    }
}

#[test]
fn a_revoked_key_does_not_come_back() {
    let release = with_policy(&[1, 2], 1, &json!({}));
    assert_ran(&trust(&release, &["revoke", "trust.json", "signer-2"]), 0, "changed");
    let before = file(release.path(), "trust.json");
    let ran = trust(&release, &["add", "trust.json", "--name", "renamed=2.json"]);
    assert_ran(&ran, 1, &format!("error: the policy revokes the key of `renamed` ({})\n  --> 2.json\n", fingerprint(2)));
    assert_ran(&trust(&release, &["revoke", "trust.json", "2.json"]), 0, "nothing to do");
    let ran = trust(&release, &["remove", "trust.json", "signer-2"]);
    assert_ran(&ran, 1, "error: the policy names no signer `signer-2`\n");
    assert!(ran.stderr.contains("it names `signer-1`; a fingerprint, or the file of a public key, will do too"), "{ran:?}");
    assert_ran(&trust(&release, &["remove", "trust.json", &fingerprint(2)]), 1, "the policy names no signer `SHA256:");
    assert_eq!(file(release.path(), "trust.json"), before);
}

#[test]
fn what_is_no_file_and_what_nobody_could_read_is_refused() {
    let release = with_policy(&[1], 1, &json!({}));
    mkfifo(&release.path().join("fifo"), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    for arguments in [&["add", "fifo", "2.json"][..], &["new", "fifo", "2.json"], &["add", "trust.json", "fifo"], &["show", "fifo"]]
    {
        assert_ran(&trust(&release, arguments), 2, "it is a FIFO, not a regular file");
    }
    let before = file(release.path(), "trust.json");
    for command in ["add", "revoke", "remove"] {
        assert_ran(&trust(&release, &[command, "-", "2.json"]), 2, "a policy that is changed is a file, not standard input\n");
    }
    let mut closed = Command::new("sh");
    let genome = genome_test_support::programs().join("genome");
    closed.args(["-c", "exec \"$0\" trust add trust.json 2.json 2>&-"]).arg(genome).current_dir(release.path());
    let ran = run(&mut closed);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stdout.contains("what changes would be lost"), "{ran:?}");
    assert_eq!(file(release.path(), "trust.json"), before);
    for (text, said) in
        [("", "GENOME_INVALID_JSON"), ("{}", "GENOME_INVALID_SCHEMA"), (r#"{"schema_version": "trust.v0.2"}"#, "trust.v0.1")]
    {
        release.write("trust.json", text);
        assert_ran(&trust(&release, &["add", "trust.json", "2.json"]), 1, said);
        assert_eq!(release.read("trust.json"), text);
    }
}

#[test]
fn a_published_test_key_is_warned_of() {
    let release = keys();
    let mut keygen = program("genome-keygen", release.path());
    let ran = run(keygen.args(["--public-from", "env:TEST_KEY", "test-key"]).env("TEST_KEY", test_key()));
    release.write("test.json", &ran.stdout);
    let said = "warning[GENOME_TEST_KEY]: the signer `test-key` (SHA256:";
    assert_ran(&trust(&release, &["new", "trust.json", "test.json"]), 0, said);
    assert_ran(&trust(&release, &["show", "trust.json"]), 0, said);
    assert_ran(&trust(&release, &["add", "trust.json", "1.json"]), 0, said);
    let ran = trust(&release, &["remove", "trust.json", "test-key"]);
    assert_ran(&ran, 0, "changed");
    assert!(!ran.stderr.contains("GENOME_TEST_KEY"), "{ran:?}");
    assert_eq!(read(&release)["signers"], json!([signer(1)]));
}

/// Anybody may put a file of that name there, or give a signer that key id.
#[test]
fn a_word_that_is_a_key_id_and_a_file_means_neither() {
    let release = with_policy(&[1, 2, 3], 1, &json!({}));
    let line = |number| format!("{} x\n", openssh_line(&key(number).public_key()));
    release.write("signer-2", &line(3));
    let before = file(release.path(), "trust.json");
    let (bob, other) = (fingerprint(2), fingerprint(3));
    for command in ["remove", "revoke"] {
        let ran = trust(&release, &[command, "trust.json", "signer-1", "signer-2"]);
        let said = format!(
            "error: `signer-2` is a key id of the policy (the key {bob}) and a file that holds another key ({other})\n  --> trust.json\n  help: nothing was changed; say which: {bob} is that of the policy, ./signer-2 is that of the file\n"
        );
        assert_ran(&ran, 1, &said);
        assert_eq!(file(release.path(), "trust.json"), before);
    }
    // Both ways to say which lead to one key, and a file that holds the same key, or none, is in nobody's way.
    release.write("signer-2", &line(3));
    assert_ran(&trust(&release, &["revoke", "trust.json", "./signer-2"]), 0, "changed");
    assert_ran(&trust(&release, &["remove", "trust.json", &bob]), 0, "changed");
    assert_eq!((&read(&release)["revoked"], &read(&release)["signers"]), (&json!([other]), &json!([signer(1)])));
    for text in [&line(2), "no key"] {
        release.write("trust.json", &policy(&[1, 2], 1, &json!({})));
        release.write("signer-2", text);
        assert_ran(&trust(&release, &["remove", "trust.json", "signer-2"]), 0, "changed");
        assert_eq!(read(&release)["signers"], json!([signer(1)]));
    }
}

#[test]
fn a_name_that_resembles_another_is_not_added_by_mistake() {
    let release = with_policy(&[1], 1, &json!({"minimum_versions": {"my-agent": "1.0.0", "TOTK_PROD": "2.0.0"}}));
    let before = file(release.path(), "trust.json");
    for typo in ["myagent", "my-agnet", "My_Agent"] {
        let ran = trust(&release, &["raise", "trust.json", typo, "9.0.0"]);
        let said = format!(
            "error: the policy has no lowest version of `{typo}` yet, but one of `my-agent`\n  --> trust.json\n  help: nothing was changed; did you mean `my-agent`? to add `{typo}` all the same, say so with --new\n"
        );
        assert_ran(&ran, 1, &said);
        assert_eq!(file(release.path(), "trust.json"), before);
    }
    assert_ran(&trust(&release, &["raise", "trust.json", "other", "1.0.0"]), 0, "lowest version of `other`: none -> 1.0.0\n");
    assert_ran(&trust(&release, &["raise", "trust.json", "my-agent", "1.1.0"]), 0, "1.0.0 -> 1.1.0\n");
    let ran = trust(&release, &["raise", "trust.json", "myagent", "9.0.0", "--new"]);
    assert_ran(&ran, 0, "  strengthening  lowest version of `myagent`: none -> 9.0.0\n");
    // It is taken out again.
    let ran = trust(&release, &["raise", "trust.json", "myagent", "none"]);
    assert_ran(&ran, 1, "error: this would lower what the policy asks for: lowest version of `myagent`: 9.0.0 -> none\n");
    assert!(ran.stderr.contains("say so with --lower"), "{ran:?}");
    let ran = trust(&release, &["raise", "trust.json", "myagent", "none", "--lower"]);
    assert_ran(&ran, 0, "  weakening      lowest version of `myagent`: 9.0.0 -> none\n");
    assert!(ran.stderr.contains("it trusts more than before"), "{ran:?}");
    let rest = json!({"my-agent": "1.1.0", "TOTK_PROD": "2.0.0", "other": "1.0.0"});
    assert_eq!(read(&release)["minimum_versions"], rest);
    let ran = trust(&release, &["raise", "trust.json", "myagent", "none", "--lower"]);
    assert_ran(&ran, 1, "error: the policy has no lowest version of `myagent`\n");
    assert!(ran.stderr.contains("did you mean `my-agent`?"), "{ran:?}");
    for name in ["my-agent", "TOTK_PROD", "other"] {
        assert_ran(&trust(&release, &["raise", "trust.json", name, "none", "--lower"]), 0, "-> none\n");
    }
    assert_eq!(read(&release).get("minimum_versions"), None);
}
