//! Where passphrases come from: a terminal, a file, a descriptor.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::PrivateKey;
use genome_test_support::terminal::{Typed, Typist};
use genome_test_support::{assert_ran, has, names, program, programs, run};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const PASSPHRASE: &str = "correct h\u{f6}rse";

/// Runs `genome-keygen` at a terminal, where somebody types.
fn at_a_terminal(directory: &Path, steps: &[(&str, &str)], arguments: &[&str]) -> Typed {
    Typist { steps, ..Typist::default() }.run(program("genome-keygen", directory).args(arguments))
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn opens(directory: &Path, name: &str, passphrase: &str) -> bool {
    let text = fs::read_to_string(directory.join(name)).unwrap();
    PrivateKey::from_text(&text, Some(passphrase.as_bytes())).is_ok()
}

const ASKED: &str = "the new passphrase of `dev-key-001`: ";
const AGAIN: &str = "Repeat passphrase: ";
const ENCRYPT: [&str; 3] = ["--encrypt", "--secret-file", "key"];

#[test]
fn it_is_typed_twice_and_not_shown() {
    if !has("python3") {
        return;
    }
    let directory = directory();
    let line = format!("{PASSPHRASE}\n");
    let typed = at_a_terminal(directory.path(), &[(ASKED, &line), (AGAIN, &line)], &ENCRYPT);
    assert_ran(&typed.ran, 0, "made `dev-key-001`");
    assert_eq!(typed.shown, format!("{ASKED}\r\n{AGAIN}\r\n"));
    assert!(opens(directory.path(), "key", PASSPHRASE) && !opens(directory.path(), "key", "wrong"));
    // Of an existing key it is asked for once.
    let asked = [("the passphrase of `key`: ", line.as_str())];
    let typed = at_a_terminal(directory.path(), &asked, &["--public-from", "file:key"]);
    assert_ran(&typed.ran, 0, "");
    assert!(typed.ran.stdout.contains("public_key") && !typed.shown.contains("correct"));
}

/// As `ssh-keygen` and `gpg` do. Each prompt says that the one before was wrong, and how often it may still be typed.
#[test]
fn a_wrong_one_may_be_typed_three_times() {
    const FIRST: &str = "the passphrase of `key`: ";
    const SECOND: &str = "the passphrase of `key` (that was wrong; try 2 of 3): ";
    const THIRD: &str = "the passphrase of `key` (that was wrong; try 3 of 3): ";
    if !has("python3") {
        return;
    }
    let directory = directory();
    let line = format!("{PASSPHRASE}\n");
    assert_ran(&at_a_terminal(directory.path(), &[(ASKED, &line), (AGAIN, &line)], &ENCRYPT).ran, 0, "made");
    let public = ["--public-from", "file:key"];
    for (steps, status, said) in [
        (&[(FIRST, "wrong\n"), (SECOND, line.as_str())][..], 0, ""),
        (&[(FIRST, "wrong\n"), (SECOND, "wrong\n"), (THIRD, line.as_str())], 0, ""),
        (&[(FIRST, "wrong\n"), (SECOND, "Wrong\n"), (THIRD, "wrong\n")], 2, "it does not decrypt with this passphrase"),
        // What is no passphrase at all ends it, as before.
        (&[(FIRST, "wrong\n"), (SECOND, "\n")], 2, "(that was wrong; try 2 of 3) cannot be used: it is empty"),
        (&[(FIRST, "wrong\n"), (SECOND, "\u{3}")], -2, ""),
    ] {
        let typed = at_a_terminal(directory.path(), steps, &public);
        assert_ran(&typed.ran, status, said);
        assert_eq!(typed.ran.stdout.contains("public_key"), status == 0);
        assert_eq!(typed.shown.matches("the passphrase of").count(), steps.len(), "{typed:?}");
        assert!(!typed.shown.contains("rong\r") && !typed.shown.contains("correct"), "{typed:?}");
    }
    // What is stored is the same each time.
    fs::write(directory.path().join("phrase"), "wrong\n").unwrap();
    fs::set_permissions(directory.path().join("phrase"), Permissions::from_mode(0o600)).unwrap();
    let typed = at_a_terminal(directory.path(), &[], &[&public[..], &["--passphrase-file", "phrase"]].concat());
    assert_ran(&typed.ran, 2, "it does not decrypt with this passphrase");
    assert_eq!(typed.shown, "");
}

/// What was pasted behind the first try is not the second.
#[test]
fn what_is_typed_before_it_is_asked_again_is_counted_and_not_tried() {
    if !has("python3") {
        return;
    }
    let directory = directory();
    let line = format!("{PASSPHRASE}\n");
    assert_ran(&at_a_terminal(directory.path(), &[(ASKED, &line), (AGAIN, &line)], &ENCRYPT).ran, 0, "made");
    let steps = [("the passphrase of `key`: ", "wrong\nanother\n"), ("try 2 of 3): ", line.as_str())];
    let typed = at_a_terminal(directory.path(), &steps, &["--public-from", "file:key"]);
    assert_ran(&typed.ran, 0, "");
    assert!(typed.shown.contains("1 line was typed or pasted ") && !typed.shown.contains("another"), "{typed:?}");
}

#[test]
fn what_was_mistyped_can_be_corrected() {
    if !has("python3") {
        return;
    }
    for (first, second) in [
        ("correct h\u{f6}rsf\u{7f}e\n", "correct h\u{e4}rse\u{8}\u{8}\u{8}\u{8}\u{f6}rse\r"),
        ("nonsense\u{15}correct h\u{f6}rse\n", "non sense\u{17}\u{7f}\u{7f}correct h\u{f6}rse\u{4}"),
    ] {
        let directory = directory();
        let typed = at_a_terminal(directory.path(), &[(ASKED, first), (AGAIN, second)], &ENCRYPT);
        assert_ran(&typed.ran, 0, "made");
        assert!(opens(directory.path(), "key", PASSPHRASE));
    }
}

#[test]
fn what_is_typed_and_is_no_passphrase_makes_no_key() {
    if !has("python3") {
        return;
    }
    let long = format!("{}\n", "x".repeat(1025));
    for (steps, said) in [
        (
            &[
                (ASKED, "correct\n"),
                (AGAIN, "Correct\n"),
                ("(the two differ; try 2 of 3): ", "correct\n"),
                (AGAIN, "horrect\n"),
                ("(the two differ; try 3 of 3): ", "correct\n"),
                (AGAIN, "correct \n"),
            ][..],
            "the two passphrases differ",
        ),
        (&[(ASKED, "\n")], "it is empty"),
        (&[(ASKED, "\u{4}")], "`dev-key-001` was not given: the input ended (Ctrl-D)"),
        (&[(ASKED, "correct\n"), (AGAIN, "\u{4}")], "was not given: the input ended (Ctrl-D)"),
        (&[(ASKED, "a\u{1b}[A\n")], "a key was pressed that gives no character"),
        (&[(ASKED, "a\tb\n")], "a key was pressed that gives no character"),
        (&[(ASKED, &long)], "it is longer than 1024 bytes"),
    ] {
        let directory = directory();
        let typed = at_a_terminal(directory.path(), steps, &ENCRYPT);
        assert_ran(&typed.ran, 2, said);
        assert_eq!((typed.ran.stdout.as_str(), names(directory.path()).len()), ("", 0));
        assert!(!typed.shown.contains("orrect") && !typed.ran.stderr.contains("orrect"));
    }
}

#[test]
fn ctrl_c_ends_it_with_the_echo_on() {
    if !has("python3") {
        return;
    }
    let directory = directory();
    for steps in [&[(ASKED, "corr\u{3}")][..], &[(ASKED, "correct\n"), (AGAIN, "\u{3}")]] {
        let typed = at_a_terminal(directory.path(), steps, &ENCRYPT);
        // By SIGINT, as a shell expects it.
        assert_eq!((typed.ran.status, typed.ran.stdout.as_str()), (Some(-2), ""));
        assert_eq!(names(directory.path()), [""; 0]);
    }
}

#[test]
fn without_a_terminal_the_error_names_the_ways() {
    if !has("setsid") {
        return;
    }
    let directory = directory();
    let mut keygen = Command::new("setsid");
    let ran = run(keygen.arg("--wait").arg(programs().join("genome-keygen")).args(ENCRYPT).current_dir(directory.path()));
    assert_ran(&ran, 2, "there is no terminal on which to ask for the new passphrase of `dev-key-001`");
    assert!(ran.stderr.contains("--passphrase-file FILE or --passphrase-fd N"), "{}", ran.stderr);
    assert_eq!(names(directory.path()), [""; 0]);
}

/// A directory with a private file of this name and these contents.
fn with_file(contents: &str) -> TempDir {
    let directory = directory();
    let path = directory.path().join("phrase");
    fs::write(&path, contents).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    directory
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let directory = with_file("correct horse\r\n");
    let encrypt = |name: &str| {
        run(program("genome-keygen", directory.path()).args(["--encrypt", "--passphrase-file", "phrase", "--secret-file", name]))
    };
    let public =
        || run(program("genome-keygen", directory.path()).args(["--public-from", "file:one", "--passphrase-file", "phrase"]));
    assert_ran(&encrypt("one"), 0, "made");
    assert!(opens(directory.path(), "one", "correct horse"), "its line, without what ends it");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(directory.path().join("phrase"), Permissions::from_mode(mode)).unwrap();
        let ran = encrypt("two");
        let said = format!(
            "is in a file that is not private: others than its owner can get at it, as its mode is {mode:04o}\n  --> phrase\n"
        );
        assert_ran(&ran, 2, &said);
        assert_ran(&public(), 2, &said);
        let hint = ran.stderr.split("then: ").nth(1).unwrap();
        assert_eq!(hint, "chmod 600 phrase\n");
        assert_eq!(run(Command::new("sh").args(["-c", hint]).current_dir(directory.path())).status, Some(0));
        assert_ran(&encrypt(&format!("{mode}")), 0, "made");
    }
    assert!(!directory.path().join("two").exists());
}

#[test]
fn what_a_file_holds_must_be_a_passphrase() {
    for (contents, said) in [
        ("", "it is empty"),
        ("\r\n", "it is empty"),
        ("\nsecond line\n", "it has more than one line"),
        ("correct\nand in it\n", "it has more than one line"),
        ("tab\tin it\n", "a control character"),
        ("no line feed\r", "a control character"),
        ("\u{feff}in it\n", "it begins with a byte order mark\n  --> phrase\n"),
        ("i\0n\0 \0i\0t\0\r\0\n\0", "it is UTF-16 text, not UTF-8\n  --> phrase\n"),
        ("in\0it\n", "it holds a NUL character\n  --> phrase\n"),
        (&"x".repeat(1025), "it is longer than 1024 bytes"),
    ] {
        let directory = with_file(contents);
        let mut keygen = program("genome-keygen", directory.path());
        let ran = run(keygen.args(["--encrypt", "--passphrase-file", "phrase", "--secret-file", "key"]));
        assert_ran(&ran, 2, said);
        assert!(!directory.path().join("key").exists() && !ran.stderr.contains("in it"));
    }
    let directory = directory();
    for (path, said) in [("missing", "cannot be read"), (".", "it is a directory")] {
        assert_ran(&run(program("genome-keygen", directory.path()).args(["--encrypt", "--passphrase-file", path])), 2, said);
    }
}

/// Windows ends lines with two characters, and so do the editors and the tools that it lends to others (ansible#22914, sops#904).
#[test]
fn windows_line_ends_are_no_part_of_it() {
    let directory = with_file("correct horse\r\n");
    let shell = |script: &str| {
        let mut bash = Command::new("bash");
        run(bash.args(["-c", script]).current_dir(directory.path()).env("PATH", path()))
    };
    for (name, redirection) in [
        ("file", "--passphrase-file phrase"),
        ("descriptor", "--passphrase-fd 3 3<phrase"),
        ("stdin", "--passphrase-fd 0 <phrase"),
        ("pipe", "--passphrase-file <(cat phrase)"),
    ] {
        assert_ran(&shell(&format!("genome-keygen --encrypt --secret-file {name} {redirection}")), 0, "made");
        assert!(opens(directory.path(), name, "correct horse"), "{name}");
        assert_ran(&shell(&format!("genome-keygen --public-from file:{name} {redirection}")), 0, "");
    }
    if has("openssl") {
        // A blank at the end belongs to it, as OpenSSL reads it.
        fs::write(directory.path().join("phrase"), "ends in a blank \n").unwrap();
        let made = shell("openssl genpkey -algorithm ed25519 -aes256 -pass file:phrase -out blank; chmod 600 blank");
        assert_eq!(made.status, Some(0), "{made:?}");
        assert_ran(&shell("genome-keygen --public-from file:blank --passphrase-file phrase"), 0, "");
        assert_ran(&shell("printf 'ends in a blank \\r\\n' | genome-keygen --public-from file:blank --passphrase-fd 0"), 0, "");
    }
}

#[test]
fn a_descriptor_gives_it_and_goes_to_no_child() {
    let directory = with_file("correct horse\n");
    let shell = |script: &str| {
        let mut bash = Command::new("bash");
        run(bash.args(["-c", script]).current_dir(directory.path()).env("PATH", path()))
    };
    for (name, redirection) in [
        ("file", "--passphrase-fd 3 3<phrase"),
        ("stdin", "--passphrase-fd 0 <phrase"),
        ("far", "--passphrase-fd 77 77<phrase"),
        ("substitution", "--passphrase-file <(cat phrase)"),
        ("text", "--passphrase-fd 4 4<<<'correct horse'"),
    ] {
        assert_ran(&shell(&format!("genome-keygen --encrypt --secret-file {name} {redirection}")), 0, "made");
        assert!(opens(directory.path(), name, "correct horse"), "{name}");
    }
    // From where it stands, not from the start.
    let second = "exec 3<two; read -r first <&3; genome-keygen --encrypt --secret-file second --passphrase-fd 3";
    fs::write(directory.path().join("two"), "first line\nsecond line\n").unwrap();
    assert_ran(&shell(second), 0, "made");
    assert!(opens(directory.path(), "second", "second line"));
    let piped = "cat phrase | genome-keygen --encrypt --secret-file pipe --passphrase-fd 3 3<&0 </dev/null";
    assert_ran(&shell(piped), 0, "made");
    assert!(opens(directory.path(), "pipe", "correct horse"));
    for (number, said) in [
        ("9", "it is not open"),
        ("1", "it is 0, or 3 and above"),
        ("2", "it is 0, or 3 and above"),
        ("x", "not the number of a file descriptor"),
        ("-1", "-1"),
        ("99999999999", "not the number of a file descriptor"),
    ] {
        assert_ran(&shell(&format!("genome-keygen --encrypt --secret-file no --passphrase-fd {number}")), 2, said);
    }
    // A child that lists what it has.
    let child =
        "genome-keygen --public-from 'exec:sh -c \"ls /proc/self/fd > list\"' --passphrase-fd 77 77<phrase; tr '\\n' ' ' <list";
    let ran = shell(child);
    assert!(ran.stdout.starts_with("0 1 ") && !ran.stdout.contains("77"), "{ran:?}");
}

#[test]
fn who_opened_the_descriptor_decides_who_reads_it() {
    let directory = with_file("correct horse\n");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
    // The shell that opens the file may do so; the program that gets it could not.
    let mut shell = Command::new("bash");
    shell.args(["-c", "exec 3<phrase; chmod 0 phrase; exec \"$@\"", "bash"]).current_dir(directory.path()).env("PATH", path());
    if run(Command::new("id").arg("-u")).stdout.trim() == "0" {
        if !has("setpriv") {
            return;
        }
        shell.args(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    }
    let ran = run(shell.args(["genome-keygen", "--encrypt", "--secret-file", "key", "--passphrase-fd", "3"]));
    assert_ran(&ran, 0, "made");
    // A socket is not a file that can be opened by its name.
    let socket = r#"
import socket, subprocess
ours, theirs = socket.socketpair()
ours.sendall(b"correct horse\n")
command = ["genome-keygen", "--encrypt", "--secret-file", "by-socket", "--passphrase-fd", str(theirs.fileno())]
subprocess.run(command, pass_fds=[theirs.fileno()], check=True)
"#;
    if has("python3") {
        let ran = run(Command::new("python3").args(["-c", socket]).current_dir(directory.path()).env("PATH", path()));
        assert_ran(&ran, 0, "made");
        assert!(opens(directory.path(), "by-socket", "correct horse"));
    }
}

fn path() -> String {
    format!("{}:{}", programs().display(), std::env::var("PATH").unwrap())
}
