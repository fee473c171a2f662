//! `genome-keygen --secret-file`: the private key is in a file of its own, or nowhere.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::PrivateKey;
use genome_test_support::{Ran, assert_ran, has, names, program, run, run_unprivileged};
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn keygen(directory: &Path, arguments: &[&str]) -> Ran {
    run(program("genome-keygen", directory).args(arguments))
}

/// Runs a shell script in a directory, with the programs on its path.
fn shell(directory: &Path, script: &str) -> Ran {
    let path = format!("{}:{}", genome_test_support::programs().display(), std::env::var("PATH").unwrap());
    run(Command::new("sh").args(["-c", script]).current_dir(directory).env("PATH", path))
}

/// Nothing was made, and nothing shown.
fn assert_nothing_made(ran: &Ran, status: i32, said: &str) {
    assert_ran(ran, status, said);
    assert!(ran.stderr.contains("no key was made"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn the_key_is_in_the_file_and_nowhere_else() {
    let directory = directory();
    for (umask, name) in [("000", "open"), ("022", "usual"), ("077", "private"), ("777", "closed")] {
        let ran = shell(directory.path(), &format!("umask {umask}; genome-keygen --secret-file {name} alice"));
        assert_ran(&ran, 0, "made `alice` (SHA256:");
        assert!(ran.stderr.contains(&format!("  private key  {name}\n")), "{}", ran.stderr);
        let path = directory.path().join(name);
        assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o600, "umask {umask}");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!((text.len(), text.lines().count()), (65, 1));
        let key = PrivateKey::from_text(&text, None).unwrap();
        let expected =
            format!("{{\n  \"key_id\": \"alice\",\n  \"alg\": \"ed25519\",\n  \"public_key\": \"{}\"\n}}\n", key.public_key());
        assert_eq!(ran.stdout, expected);
    }
    assert_eq!(names(directory.path()), ["closed", "open", "private", "usual"], "and nothing is left beside them");
}

#[test]
fn nothing_is_ever_overwritten() {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("file"), "what was there\n").unwrap();
    fs::create_dir(at("directory")).unwrap();
    symlink("file", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("/dev/stderr", at("device")).unwrap();
    let before = names(directory.path());
    for name in ["file", "directory", "link", "dangling", "device", "/dev/null"] {
        assert_nothing_made(&keygen(directory.path(), &["--secret-file", name]), 1, "something is there already");
    }
    assert_eq!(names(directory.path()), before);
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "what was there\n");
    // The second of two that start at once.
    let ran = shell(
        directory.path(),
        "for i in 1 2 3 4 5 6 7 8; do genome-keygen --secret-file race > race.$i 2>/dev/null & done; wait; cat race.*",
    );
    let key = PrivateKey::from_text(&fs::read_to_string(at("race")).unwrap(), None).unwrap();
    assert_eq!(ran.stdout.matches("public_key").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.contains(&key.public_key().to_string()), "the public half is another's");
}

#[test]
fn where_no_file_can_be_there_is_no_key() {
    let directory = directory();
    for path in ["missing/key", "key/", "-", "..", "/dev/null/key"] {
        assert_nothing_made(&keygen(directory.path(), &["--secret-file", path]), 2, "cannot write the private key");
    }
    // As on a full disk: the write fails, here because no file may grow.
    let ran = shell(directory.path(), "trap '' XFSZ; ulimit -f 0; genome-keygen --secret-file key");
    assert_nothing_made(&ran, 2, "cannot write the private key: File too large");
    assert_ne!(shell(directory.path(), "ulimit -f 0; genome-keygen --secret-file key").status, Some(0), "killed by the signal");
    assert_eq!(names(directory.path()), [""; 0]);
    fs::set_permissions(directory.path(), Permissions::from_mode(0o555)).unwrap();
    let mut unwritable = program("genome-keygen", directory.path());
    let Some(ran) = run_unprivileged(unwritable.args(["--secret-file", "key"])) else { return };
    assert_nothing_made(&ran, 2, "cannot write the private key: Permission denied");
    // Whoever is not root can make one, too.
    fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
    assert_ran(&run_unprivileged(&mut unwritable).unwrap(), 0, "made `dev-key-001`");
    assert_eq!(directory.path().join("key").metadata().unwrap().mode() & 0o7777, 0o600);
}

#[test]
fn a_full_disk_leaves_no_file() {
    let directory = directory();
    // The file that is given its name when it is complete, and the one that has it from the start.
    for inject in ["write:error=ENOSPC:when=1", "fsync:error=ENOSPC:when=1", "fsync:error=EIO:when=2", "fchmod:error=EPERM"] {
        for other in ["", "-e inject=linkat:error=ENOENT"] {
            if !has("strace") {
                return;
            }
            let script = format!(
                "strace -f -o trace -e trace=write,fsync,fchmod,linkat -e inject={inject} {other} genome-keygen --secret-file key"
            );
            assert_nothing_made(&shell(directory.path(), &script), 2, "cannot write the private key");
            assert_eq!(names(directory.path()), ["trace"], "{inject} {other}");
        }
    }
}

#[test]
fn the_key_is_on_the_disk_before_its_public_half_is_printed() {
    if !has("strace") {
        return;
    }
    let directory = directory();
    let script = "strace -f -o trace -e trace=write,fsync,linkat,openat genome-keygen --secret-file key > key.json";
    assert_ran(&shell(directory.path(), script), 0, "made");
    let trace = fs::read_to_string(directory.path().join("trace")).unwrap();
    let mut rest = trace.as_str();
    for step in ["O_TMPFILE", "write(", "fsync(", "linkat(", "fsync(", r#", "{\n"#] {
        let split = rest.split_once(step);
        assert!(split.is_some(), "`{step}` does not come in its turn");
        rest = split.unwrap().1;
    }
}

#[test]
fn a_key_whose_public_half_is_lost_can_be_asked_for_it() {
    let directory = directory();
    fs::write(directory.path().join("ro"), "").unwrap();
    // What can be known before is known before there is a key.
    let ran = shell(directory.path(), "genome-keygen --secret-file none alice 1<ro");
    assert_ran(&ran, 2, "the public half of the key pair would be lost");
    assert!(!directory.path().join("none").exists());
    for name in ["full", "it's a key"] {
        let ran = shell(directory.path(), &format!("genome-keygen --secret-file \"{name}\" alice >/dev/full"));
        assert_ran(
            &ran,
            2,
            "error: cannot write to standard output: No space left on device (os error 28); the private key is in its file\n",
        );
        let hint = ran.stderr.split("help: ").nth(1).unwrap().split(" prints it").next().unwrap();
        let asked = shell(directory.path(), hint);
        let key = PrivateKey::from_text(&fs::read_to_string(directory.path().join(name)).unwrap(), None).unwrap();
        assert!(asked.stdout.contains(&key.public_key().to_string()) && asked.stdout.contains("\"alice\""), "{hint}: {asked:?}");
    }
    // A reader that has gone is as bad.
    let mut keygen = program("genome-keygen", directory.path());
    let (_, broken) = std::io::pipe().unwrap();
    let output = keygen.args(["--secret-file", "gone"]).stdout(broken).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("the public half; the private key is in its file\n  help: genome-keygen --public-from file:gone")
    );
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = program("genome-keygen", directory.path())
        .args(["--secret-file", "quiet"])
        .stdout(Stdio::null())
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0), "what is only said may be lost");
    assert!(File::open(directory.path().join("quiet")).is_ok());
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    let directory = directory();
    fs::write(directory.path().join("phrase"), "correct horse\n").unwrap();
    fs::set_permissions(directory.path().join("phrase"), Permissions::from_mode(0o600)).unwrap();
    for (arguments, said) in [
        (&["--encrypt", "--format", "pkcs8", "--passphrase-file", "phrase"][..], "has no pkcs8 form"),
        (&["--passphrase-file", "phrase"], "nothing is to be encrypted"),
        (&["--format", "pem", "--passphrase-fd", "0"], "nothing is to be encrypted"),
        (&["--encrypt", "--passphrase-file", "phrase", "--passphrase-fd", "0"], "cannot be used with"),
        (&["--public-from", "file:x", "--secret-file", "y"], "cannot be used with"),
        (&["--public-from", "file:x", "--encrypt"], "cannot be used with"),
        (&["--public-from", "file:x", "--format", "pem"], "cannot be used with"),
        (&["--public-from", "file:x"], "there is no such file"),
        (&["--public-from", "x"], "of no kind that is known"),
        (&["--format", "der"], "invalid value"),
        (&["--encrypt", "correct horse"], "a key id is"),
    ] {
        let ran = keygen(directory.path(), arguments);
        assert_ran(&ran, 2, said);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
    assert_eq!(names(directory.path()), ["phrase"]);
}
