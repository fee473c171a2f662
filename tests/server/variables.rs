//! Paths from the environment: taken to the letter, a stray carriage return would begin a safeguard anew.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, names, policy, program, run};
use serde_json::json;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

/// Each variable that holds a path, what it would hold by rights, and a command line of each program that reads it.
const LINES: &[(&str, &str, &[&[&str]])] = &[
    ("MATHISON_GENOME_PATH", "1.1.0.json", &[&["genome-verify"], &["genome-server", "--listen", "127.0.0.1:0"]]),
    (
        "MATHISON_GENOME_TRUST",
        "trust.json",
        &[
            &["genome-verify", "1.1.0.json"],
            &["genome-verify", "--production", "1.1.0.json"],
            &["genome-diff", "1.0.0.json", "1.1.0.json"],
            &["genome-draft", "--from", "1.1.0.json", "--bump", "patch", "draft.json"],
            &["genome-server", "--listen", "127.0.0.1:0"],
        ],
    ),
    ("MATHISON_GENOME_STATE", "state.json", &[&["genome-verify", "1.0.0.json"], &["genome-server", "--listen", "127.0.0.1:0"]]),
    (
        "MATHISON_REPO_ROOT",
        "root",
        &[
            &["genome-verify", "--verify-manifest", "1.1.0.json"],
            &["genome-draft", "--from", "1.1.0.json", "--bump", "patch", "--refresh", "draft.json"],
            &["genome-server", "--listen", "127.0.0.1:0", "--verify-manifest"],
        ],
    ),
    ("GENOME_AUDIT_LOG", "audit.jsonl", &[&["genome-sign", "1.1.0.json", "signed.json"]]),
    (
        "PKCS11_PROVIDER_MODULE",
        "/usr/lib/module.so",
        &[
            &["genome-sign", "--key", "pkcs11:token=a;object=b", "1.1.0.json", "signed.json"],
            &["genome-keygen", "--public-from", "pkcs11:token=a;object=b", "k"],
        ],
    ),
    (
        "SSH_AUTH_SOCK",
        "agent.socket",
        &[
            &["genome-sign", "--yes", "--key", "ssh-agent:", "1.1.0.json", "signed.json"],
            &["genome-keygen", "--public-from", "ssh-agent:", "k"],
        ],
    ),
    ("GENOME_SIGNING_KEY", "file:key", &[&["genome-sign", "1.1.0.json", "signed.json"]]),
];

fn release() -> Release {
    let release = Release::new(1, 1);
    for version in ["1.0.0", "1.1.0"] {
        release.write(&format!("{version}.json"), &Draft::new(version, &[1], 1).signed(&[1]));
    }
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release.write("key", &release.keys[0]);
    release.set_mode("key", 0o600);
    fs::create_dir(release.path().join("root")).unwrap();
    assert_ran(&release.verify(&["--state", "state.json", "1.1.0.json"]), 0, "");
    release
}

/// Runs a line with this value, and kills it if it serves.
fn ran(release: &Release, line: &[&str], variable: &str, value: &str) -> Ran {
    let (name, arguments) = line.split_first().unwrap();
    let plain = program(name, release.path());
    let mut limited = Command::new("timeout");
    limited.args(["--signal=KILL", "60"]).arg(plain.get_program()).args(arguments).current_dir(release.path());
    for (variable, _) in plain.get_envs() {
        limited.env_remove(variable);
    }
    limited.env("MATHISON_GENOME_PATH", "1.1.0.json").env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]);
    run(limited.env(variable, value))
}

#[test]
fn a_path_that_nobody_means_is_shown_and_not_used() {
    let release = release();
    let before = names(release.path());
    for (variable, path, lines) in LINES {
        let inner = path.strip_prefix("file:").unwrap_or(path);
        let scheme = path.strip_suffix(inner).unwrap_or_default();
        for (value, shown) in [
            (format!("{scheme}{inner}\r"), format!("`{scheme}{inner}\\u{{d}}`, which ends in white space")),
            (format!("{scheme}{inner}\n"), format!("`{scheme}{inner}\\u{{a}}`, which ends in white space")),
            (format!("{scheme}{inner} "), format!("`{scheme}{inner}\\u{{20}}`, which ends in white space")),
            (format!("{scheme}{inner}\u{1b}"), format!("`{scheme}{inner}\\u{{1b}}`, which ends in white space")),
            (format!("{scheme} {inner}"), format!("`{scheme}\\u{{20}}{inner}`, which begins with white space")),
            (format!("{scheme}\t{inner}"), format!("`{scheme}\\u{{9}}{inner}`, which begins with white space")),
            (format!("{scheme}\"{inner}\""), format!("`{scheme}\"{inner}\"`, which begins or ends with a quotation mark")),
            (format!("{scheme}'{inner}'"), format!("`{scheme}'{inner}'`, which begins or ends with a quotation mark")),
        ] {
            for line in *lines {
                let ran = ran(&release, line, variable, &value);
                assert_eq!(ran.status, Some(2), "{line:?} {variable}={value:?}: {ran:?}");
                let said = (ran.stdout + &ran.stderr).replace("\\\"", "\"").replace("\\\\", "\\");
                let shown = format!("{variable} is {shown}");
                assert!(said.contains(&shown), "expected `{shown}` of {line:?}: {said}");
            }
        }
    }
    assert_eq!(names(release.path()), before, "nothing was made");
    // Nothing is wrong with what they should be.
    assert_ran(
        &ran(&release, &["genome-verify", "1.0.0.json"], "MATHISON_GENOME_STATE", "state.json"),
        1,
        "error[GENOME_ROLLBACK]",
    );
    assert_ran(&ran(&release, &["genome-verify", "1.1.0.json"], "MATHISON_GENOME_STATE", "state.json"), 0, "");
    // On the command line a path is what it is.
    assert_ran(&release.verify(&["--state", "state.json\r", "1.0.0.json"]), 0, "there was no state here");
}

/// It is named, and its value not repeated, which may be a secret in the wrong place; the hint is one that helps.
#[test]
fn a_reference_that_nobody_means_is_named_and_not_used() {
    let release = release();
    let sign = ["genome-sign", "--yes", "1.1.0.json", "signed.json"];
    for (value, said) in [
        ("", "the key reference is empty"),
        (" ", "the key reference is empty"),
        (" file:key", "the key reference begins with white space or a character that does not show"),
        ("\"file:key\"", "the key reference begins with a quotation mark"),
        ("'file:key'", "the key reference begins with a quotation mark"),
        ("token", "the key reference is of no kind that is known"),
        (release.keys[0].as_str(), "a private key stands where the name of one should"),
    ] {
        let ran = ran(&release, &sign, "GENOME_SIGNING_KEY", value);
        assert_ran(&ran, 2, &format!("error: GENOME_SIGNING_KEY cannot be used: {said}\n  help: "));
        assert!(!ran.stderr.contains("file:key") && !genome_json::holds_private_key(&ran.stderr), "{ran:?}");
    }
    let mut plain = program("genome-sign", release.path());
    plain.args(&sign[1..]).env("GENOME_SIGNING_KEY", OsStr::from_bytes(b"file:a\xff.key"));
    assert_ran(&run(&mut plain), 2, "GENOME_SIGNING_KEY cannot be used: the key reference is not UTF-8 text\n");
    // The name of a file that is there is no secret.
    assert_ran(
        &ran(&release, &sign, "GENOME_SIGNING_KEY", "key"),
        2,
        "GENOME_SIGNING_KEY cannot be used: the key reference does not say that it is a file\n  help: did you mean file:key?\n",
    );
    // What the hint says works.
    let wrong = ran(&release, &sign, "GENOME_SIGNING_KEY", "file:key ");
    assert!(wrong.stderr.contains("help: set GENOME_SIGNING_KEY to `file:` and the path alone; "), "{wrong:?}");
    assert_ran(&ran(&release, &sign, "GENOME_SIGNING_KEY", "file:key"), 0, "signed");
}

#[test]
fn an_environment_that_was_to_be_named_and_is_not() {
    let release = release();
    for line in [&["genome-verify", "1.1.0.json"][..], &["genome-server", "--listen", "127.0.0.1:0"]] {
        let ran = ran(&release, line, "MATHISON_ENV", "");
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!((ran.stdout + &ran.stderr).contains("MATHISON_ENV is set to nothing"));
        for (value, shown) in
            [("production ", "production\\u{20}"), ("\tproduction", "\\u{9}production"), ("Production", "Production")]
        {
            let ran = self::ran(&release, line, "MATHISON_ENV", value);
            assert_eq!(ran.status, Some(2), "{ran:?}");
            let said = (ran.stdout + &ran.stderr).replace("\\\\", "\\");
            assert!(
                said.contains(&format!("MATHISON_ENV is `{shown}`, which may or may not mean production")),
                "{value:?}: {said}"
            );
        }
    }
}
