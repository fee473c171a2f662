//! Commands that are pasted into a shell as one block: those after a signing run only if it was signed, or are shown and run not at all.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::terminal::{Typed, Typist};
use genome_test_support::{Draft, Release, has, program, programs, run};
use std::fs;
use std::path::Path;
use std::process::Command;

const PROMPT: &str = "READY> ";
const SECRET: &str = "production-key-secret.txt";

/// Signing with the key in a file, and then removing the file: as a shell runs it whatever became of the signing, and joined.
const EXPORT: &str = "export GENOME_SIGNING_PRIVATE_KEY=\"$(cat production-key-secret.txt)\"";
const SIGN: &str = "genome-sign draft.json genome.json signer-1";
const COMMENT: &str = "# IMMEDIATELY delete production-key-secret.txt";
const REMOVE: &str = "rm production-key-secret.txt";

/// A draft, and a secret in a file.
fn release() -> Release {
    let release = Release::new(1, 1);
    release.write(SECRET, release.keys.first().unwrap());
    release.set_mode(SECRET, 0o600);
    release.write("bashrc", &format!("PS1='{PROMPT}'\n"));
    release.write("draft.json", &Draft::new("1.0.0", &[1], 1).document.to_string());
    release
}

fn bash(directory: &Path) -> Command {
    // It reads no variable of ours but those that are set there.
    let sign = program("genome-sign", directory);
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--rcfile", "bashrc", "-i"]).current_dir(directory);
    for (name, _) in sign.get_envs() {
        bash.env_remove(name);
    }
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    bash.env("PATH", path)
        .env("TERM", "xterm")
        .env("HISTFILE", "/dev/null")
        .env_remove("PROMPT_COMMAND")
        .env_remove("INPUTRC")
        .env_remove("PAGER");
    bash
}

/// Types at a shell. Says whether it was signed, and whether the secret is still there; one of them must be.
fn type_at_shell(release: &Release, steps: &[(&str, &str)]) -> (bool, bool, Typed) {
    let typist = Typist { steps, sits_there: true, size: Some((60, 200)), ..Typist::default() };
    let typed = typist.run(&bash(release.path()));
    let is_signed =
        fs::read(release.path().join("genome.json")).is_ok_and(|genome| genome::dangerous::verify_self_declared(&genome).is_ok());
    let is_there = release.path().join(SECRET).exists();
    assert!(is_signed || is_there, "neither a signed genome nor the secret is there: {typed:?}");
    assert!(!genome_json::holds_private_key(&typed.shown), "the key is shown");
    (is_signed, is_there, typed)
}

const QUESTION: &str = "[y/n] ";
const BEFORE: &str = "typed or pasted before the question, so it is not an answer, and was not run:\r\n";
const NOT_RUN: &str = "  `# IMMEDIATELY delete production-key-secret.txt`\r\n  `rm production-key-secret.txt`\r\n";

fn can_run() -> bool {
    ["python3", "bash"].into_iter().all(has)
}

#[test]
fn lines_that_are_pasted_after_a_signing_do_not_run() {
    if !can_run() {
        return;
    }
    let shown = format!("{BEFORE}{NOT_RUN}");
    // A terminal ends the lines of what is pasted with carriage returns, which a shell's editor leaves as they are.
    for end in ["\n", "\r"] {
        let block = [EXPORT, SIGN, COMMENT, REMOVE, ""].join(end);
        for (answer, signed) in [("y\n", true), ("n\n", false), ("\u{3}", false), ("\u{4}", false)] {
            let release = release();
            let steps = [(PROMPT, block.as_str()), (&shown, ""), (QUESTION, answer), (PROMPT, "exit\n")];
            let (is_signed, is_there, typed) = type_at_shell(&release, &steps);
            assert_eq!((is_signed, is_there), (signed, true), "{end:?} {answer:?}: {typed:?}");
        }
        // What would be a yes is none, nor is it what comes while the question stands.
        let release = release();
        let block = [EXPORT, SIGN, "y", REMOVE, ""].join(end);
        let shown = format!("{BEFORE}  `y`\r\n  `rm production-key-secret.txt`\r\n");
        let late = format!("y{end}{REMOVE}{end}");
        let no_answer = "those 2 lines are not an answer, and were not run: type y or n\r\n";
        let steps =
            [(PROMPT, block.as_str()), (&shown, ""), (QUESTION, &late), (no_answer, ""), (QUESTION, "n\n"), (PROMPT, "exit\n")];
        assert!(!type_at_shell(&release, &steps).0, "{end:?}");
    }
}

/// Where nothing is asked, as nothing can be signed, nothing of it runs either.
#[test]
fn lines_that_are_pasted_after_a_signing_that_fails_do_not_run() {
    if !can_run() {
        return;
    }
    for sign in [
        "genome-sign no-draft.json genome.json signer-1",
        "genome-sign --no-such-option",
        "genome-sign --yes draft.json genome.json signer-2",
        // Wherever the streams go, the shell reads the terminal.
        "genome-sign --yes draft.json genome.json signer-2 < draft.json",
        "genome-sign --yes draft.json genome.json signer-2 > out",
        "genome-sign --yes draft.json genome.json signer-2 2> errors",
        "genome-sign --yes draft.json genome.json signer-2 < draft.json > out 2>&1",
        "genome-sign --yes draft.json genome.json signer-2 2>&1 | cat",
    ] {
        let release = release();
        let block = [EXPORT, sign, COMMENT, REMOVE, ""].join("\r");
        let shown = format!("typed or pasted after the command, which has failed, so it was not run:\r\n{NOT_RUN}");
        let steps = [(PROMPT, block.as_str()), (&shown, ""), (PROMPT, "exit\n")];
        let (is_signed, is_there, typed) = type_at_shell(&release, &steps);
        assert_eq!((is_signed, is_there), (false, true), "{sign}: {typed:?}");
    }
}

/// A shell that takes what is pasted as one text runs all of it, whatever becomes of the first command: only `&&` holds it up.
#[test]
fn what_is_joined_runs_only_after_a_signing() {
    if !can_run() {
        return;
    }
    let joined = format!("{SIGN} &&\n  {REMOVE}");
    let one_line = format!("{SIGN} && {REMOVE}");
    for command in [joined, one_line] {
        for (start, end, enter) in [("", "\n", ""), ("", "\r", ""), ("\u{1b}[200~", "\n\u{1b}[201~", "\r")] {
            let block = format!("{start}{EXPORT}\n{COMMENT}\n{command}{end}{enter}");
            let block = if start.is_empty() { block.replace('\n', if end == "\r" { "\r" } else { "\n" }) } else { block };
            for (answer, signed) in [("y\n", true), ("n\n", false), ("\u{3}", false), ("\u{4}", false)] {
                let release = release();
                let (is_signed, is_there, typed) =
                    type_at_shell(&release, &[(PROMPT, block.as_str()), (QUESTION, answer), (PROMPT, "exit\n")]);
                assert_eq!((is_signed, is_there), (signed, !signed), "{block:?} {answer:?}: {typed:?}");
            }
        }
    }
}

/// A draft, and an encrypted secret, with its passphrase in a file of its own, for `genome-keygen` to make it.
fn encrypted() -> Release {
    let release = release();
    release.write("phrase", "correct horse\n");
    release.set_mode("phrase", 0o600);
    let make = ["--encrypt", "--passphrase-file", "phrase", "--secret-file", "secret.pem", "signer-1"];
    assert_eq!(run(program("genome-keygen", release.path()).args(make)).status, Some(0));
    release
}

/// Where a passphrase is asked for, as where a question is asked: what was meant for the shell is shown, and does not run.
#[test]
fn lines_that_are_pasted_before_a_passphrase_is_asked_for_are_shown() {
    if !can_run() {
        return;
    }
    let before = "typed or pasted before this was asked for, so it was not run:\r\n";
    for end in ["\n", "\r"] {
        // Whether it signs is another matter: the key is nobody's. The secret is not needed.
        let release = encrypted();
        let sign = "genome-sign --yes --key file:secret.pem draft.json genome.json signer-1";
        let block = [sign, REMOVE, ""].join(end);
        let shown = format!("{before}  `{REMOVE}`\r\n");
        let steps = [(PROMPT, block.as_str()), (&shown, ""), ("secret.pem`: ", "correct horse\n"), (PROMPT, "exit\n")];
        let (is_signed, is_there, typed) = type_at_shell(&release, &steps);
        assert_eq!((is_signed, is_there), (false, true), "{end:?}: {typed:?}");
        let block = ["genome-keygen --encrypt --secret-file k7.pem zed > k7.json", "cp k7.pem backup", ""].join(end);
        let shown = format!("{before}  `cp k7.pem backup`\r\n");
        let steps = [
            (PROMPT, block.as_str()),
            (&shown, ""),
            ("passphrase of `zed`: ", "horse\n"),
            ("Repeat passphrase: ", "horse\n"),
            (PROMPT, "exit\n"),
        ];
        let typed = type_at_shell(&release, &steps).2;
        let is_there = |name: &str| release.path().join(name).exists();
        assert!(is_there("k7.pem") && !is_there("backup"), "{end:?}: {typed:?}");
    }
}

/// It may be a passphrase of several lines, so nothing of it is shown, and nothing runs.
#[test]
fn lines_that_are_pasted_after_a_passphrase_are_counted() {
    if !can_run() {
        return;
    }
    let said = "2 lines were typed or pasted after it, and were not run; not shown, as a passphrase may be in it\r\n";
    let again = [("(that was wrong; try 2 of 3): ", "wrong\n"), ("(that was wrong; try 3 of 3): ", "wrong\n")];
    for (passphrase, again, failure) in
        [("wrong", &again[..], "it does not decrypt"), ("correct horse", &[], "the private key does not belong")]
    {
        let release = encrypted();
        let sign = "genome-sign --key file:secret.pem draft.json genome.json signer-1\n";
        let block = format!("{passphrase}\n{REMOVE}\n\ntouch important\n");
        let steps = [(PROMPT, sign), (QUESTION, "y\n"), ("secret.pem`: ", &block), (said, "")];
        let steps = [&steps[..], again, &[(failure, ""), (PROMPT, "exit\n")]].concat();
        let (is_signed, is_there, typed) = type_at_shell(&release, &steps);
        assert_eq!((is_signed, is_there), (false, true), "{typed:?}");
        assert!(!release.path().join("important").exists() && !typed.shown.contains("important"), "{typed:?}");
        assert!(!typed.shown.replace("that was wrong", "").contains(passphrase), "{typed:?}");
    }
}
