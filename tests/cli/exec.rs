//! `genome-sign` with a program that signs, and with programs that do not.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use base64ct::{Base64, Encoding as _};
use genome_test_support::{Release, assert_ran, has, openssl_key, run, shell};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Makes a script that can be run as `./NAME`.
fn script(release: &Release, name: &str, text: &str) {
    release.write(name, &format!("#!/bin/sh\n{text}\n"));
    release.set_mode(name, 0o755);
}

/// A release whose one signer has the key `key.pem` of OpenSSL, and a script `sign` that signs with it. It has the shape of the ones for
/// a key management service: the message comes on standard input, and base64 goes to standard output.
fn signed_by_openssl() -> Option<Release> {
    if !has("openssl") {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let release = Release::of(&openssl_key(directory.path(), "key.pem"));
    fs::copy(directory.path().join("key.pem"), release.path().join("key.pem")).unwrap();
    // OpenSSL wants to know the size of the message, so it needs a file.
    script(
        &release,
        "sign",
        "set -e; message=$(mktemp); trap 'rm -f \"$message\"' EXIT; cat > \"$message\"\nopenssl pkeyutl -sign -rawin -inkey key.pem -in \"$message\" | openssl base64",
    );
    Some(release)
}

#[test]
fn a_program_signs() {
    let Some(release) = signed_by_openssl() else { return };
    assert_ran(&run(&mut release.signing_by("exec:./sign")), 0, "signed by `signer-1`");
    release.assert_signed();
    let first = release.read("genome.json");
    // It is not asked for what is there.
    assert_ran(&run(&mut release.signing_by("exec:false")), 0, "nothing to do, signed before by `signer-1`");
    // Vault's form, words in quotation marks, the path of the shell.
    fs::remove_file(release.path().join("genome.json")).unwrap();
    assert_ran(&run(&mut release.signing_by("exec:sh -c 'printf %s vault:v1:; ./sign'")), 0, "signed by `signer-1`");
    assert_eq!(release.read("genome.json"), first, "the same key makes the same signature");
}

#[test]
fn a_program_that_needs_no_input_signs() {
    let Some(release) = signed_by_openssl() else { return };
    // More than a pipe holds, so that we are left with what nobody reads.
    let action = format!("\"{}\"", "a".repeat(100));
    let actions: Vec<String> = (0..2000).map(|number| action.replace("aaaaaaaa", &format!("{number:08}"))).collect();
    let draft =
        release.read("draft.json").replacen("\"allow_actions\": [", &format!("\"allow_actions\": [{},", actions.join(",")), 1);
    release.write("draft.json", &draft);
    assert_ran(&run(&mut release.signing_by("exec:sh -c './sign | tee ready'")), 0, "signed by");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    assert_ran(&run(&mut release.signing_by("exec:sh -c 'exec <&-; cat ready'")), 0, "signed by");
    release.assert_signed();
}

#[test]
fn what_a_program_must_not_do_signs_nothing() {
    let release = Release::new(2, 1);
    assert_ran(&run(release.signing_by("exec:sh -c 'cat > canonical; exit 1'").arg("signer-1")), 2, "exit status 1");
    let other = genome::PrivateKey::from_text(&release.keys[1], None).unwrap();
    let by_another = other.sign(release.read("canonical").as_bytes()).unwrap();
    release.write("by-another", &Base64::encode_string(&by_another));
    release.write("failing", "printf 'no \\033[31msuch\\nkey`, `and\\\\\\nsigned\\n' >&2; exit 3");
    for (command, status, said) in [
        ("true", 2, "what the program `true` printed (0 bytes) is not the base64 of the 64 bytes"),
        ("echo rubbish", 2, "what the program `echo` printed (8 bytes) is not the base64"),
        ("cat draft.json draft.json", 2, "the program `cat` prints more than a signature takes, and was killed"),
        ("yes", 2, "the program `yes` prints more than a signature takes, and was killed"),
        ("cat by-another", 1, "the signature that was made is not one over this genome by the key of `signer-1`"),
        ("no-such-program", 2, "there is no program `no-such-program`"),
        ("./draft.json", 2, "the program `./draft.json` cannot be started: "),
        ("false", 2, "the program `false` failed, exit status 1\n"),
        (
            "sh failing",
            2,
            "the program `sh` failed, exit status 3; it said: `no \\u{1b}[31msuch`, `key\\u{60}, \\u{60}and\\\\`, `signed`\n",
        ),
        ("sh -c 'kill -9 $$'", 2, "the program `sh` failed, ended by signal 9\n"),
        ("sh -c 'cat by-another; exit 1'", 2, "the program `sh` failed, exit status 1\n"),
        ("sh -c 'sleep 60 & exit 1'", 2, "the program `sh` failed, exit status 1\n"),
    ] {
        assert_ran(&run(release.signing_by(&format!("exec:{command}")).arg("signer-1")), status, said);
        release.assert_unsigned();
    }
}

#[test]
fn a_program_that_says_a_secret_is_not_repeated() {
    let release = Release::new(1, 1);
    release.write("key", &release.keys[0]);
    // Wrapped, and in the lines of OpenSSH, of which only the first shows what it is.
    let keygen = run(genome_test_support::program("genome-keygen", release.path()).args([
        "--format",
        "openssh",
        "--secret-file",
        "openssh",
    ]));
    assert_ran(&keygen, 0, "made");
    for (command, file) in
        [("cat key", "key"), ("fold -w 20 key", "key"), ("cat openssh", "openssh"), ("fold -w 9 openssh", "openssh")]
    {
        let ran = run(&mut release.signing_by(&format!("exec:sh -c 'echo before >&2; {command} >&2; echo >&2; exit 1'")));
        assert_ran(&ran, 2, "the program `sh` failed, exit status 1; it said a private key, which is not shown\n");
        let key: String = release.read(file).lines().filter(|line| !line.starts_with('-')).collect();
        let pieces: Vec<&str> = key.as_bytes().chunks(8).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        assert!(!pieces.iter().any(|piece| piece.len() == 8 && ran.stderr.contains(piece)), "{command}: a part of it is shown");
    }
    let ran = run(&mut release.signing_by("exec:cat key"));
    assert_ran(&ran, 2, "what the program `cat` printed (64 bytes) is not");
    assert!(!ran.stderr.contains(&release.keys[0]), "the key is shown");
}

#[test]
fn a_program_that_hangs_is_killed_and_its_children_too() {
    let release = Release::new(1, 1);
    script(&release, "hang", "echo waiting for nobody >&2; sleep 1000 & echo $! > child; echo $$ > parent; sleep 1000");
    let ran = run(release.signing_by("exec:./hang").args(["--key-timeout", "1"]));
    assert_ran(&ran, 2, "the program `./hang` had not finished after 1 seconds, and was killed; it said: `waiting for nobody`\n");
    release.assert_unsigned();
    for name in ["parent", "child"] {
        let pid = release.read(name);
        assert!(!is_alive(pid.trim()), "{name} goes on");
    }
}

/// A process that a program leaves behind, with its streams open. It ends with this value.
struct LeftBehind<'r> {
    release: &'r Release,
}

impl LeftBehind<'_> {
    /// What starts it, in a script: it waits until it is ended, and holds standard output and standard error.
    const START: &'static str = "sleep 1000 & echo $! > child";

    fn is_alive(&self) -> bool {
        Path::new("/proc").join(self.release.read("child").trim()).join("stat").exists()
    }
}

impl Drop for LeftBehind<'_> {
    fn drop(&mut self) {
        shell(self.release.path(), "kill $(cat child)");
    }
}

/// The timeout is far longer than a test may take, and what is left behind never ends by itself: whoever waits for it is seen.
#[test]
fn what_a_program_leaves_behind_is_not_waited_for() {
    let Some(release) = signed_by_openssl() else { return };
    let signing = |script: &str| {
        let ran = run(release.signing_by(&format!("exec:sh -c '{script}'")).args(["--key-timeout", "86400"]));
        (ran, LeftBehind { release: &release })
    };
    let leave = LeftBehind::START;
    for script in [format!("./sign; {leave}"), format!("{leave}; ./sign"), format!("{leave}; ./sign; echo all is well >&2")] {
        let (ran, left) = signing(&script);
        assert_ran(&ran, 0, "signed by `signer-1`");
        release.assert_signed();
        assert!(left.is_alive(), "git and ssh leave such a one alone, too");
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
    for (script, said) in [
        (format!("{leave}; echo no such key >&2; exit 3"), "the program `sh` failed, exit status 3; it said: `no such key`\n"),
        (format!("echo no such key >&2; {leave}; exit 3"), "the program `sh` failed, exit status 3; it said: `no such key`\n"),
        (format!("{leave}; kill -9 $$"), "the program `sh` failed, ended by signal 9\n"),
        (leave.to_owned(), "what the program `sh` printed (0 bytes) is not the base64"),
        (format!("{leave}; cat draft.json draft.json"), "prints more than a signature takes, and was killed"),
    ] {
        let (ran, left) = signing(&script);
        assert_ran(&ran, 2, said);
        release.assert_unsigned();
        if said.contains("killed") {
            assert!(!is_alive(release.read("child").trim()), "what is killed is killed with its group");
            std::mem::forget(left);
        } else {
            assert!(left.is_alive(), "{script}");
        }
    }
    // Naming the key is the same.
    let script = format!("exec:sh -c '{leave}; openssl pkey -in key.pem -pubout'");
    let mut keygen = genome_test_support::program("genome-keygen", release.path());
    let ran = run(keygen.args(["--public-from", &script, "--key-timeout", "86400"]));
    let left = LeftBehind { release: &release };
    assert_ran(&ran, 0, "");
    assert!(left.is_alive());
}

/// What is left behind may write without end into what it holds.
#[test]
fn what_is_left_behind_and_writes_on_is_not_listened_to() {
    let Some(release) = signed_by_openssl() else { return };
    let script = "exec:sh -c './sign; yes >&2 & echo $! > child'";
    let ran = run(release.signing_by(script).args(["--key-timeout", "86400"]));
    assert_ran(&ran, 0, "signed by `signer-1`");
    release.assert_signed();
    // It ends where it writes: nobody reads that any more.
    assert!(!is_alive(release.read("child").trim()));
}

#[test]
fn a_program_that_talks_without_end_is_slow() {
    let release = Release::new(1, 1);
    let ran = run(release.signing_by("exec:sh -c 'exec yes >&2'").args(["--key-timeout", "1"]));
    assert_ran(&ran, 2, "the program `sh` had not finished after 1 seconds, and was killed; it said: `y`, `y`");
}

/// Whether a process runs. One that was killed may be there for a moment, and for good as a zombie where nobody takes it away.
fn is_alive(pid: &str) -> bool {
    let state = || fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    for _ in 0..100 {
        let state = state();
        match state.rsplit(')').next().and_then(|rest| rest.trim().chars().next()) {
            None | Some('Z' | 'X') => return false,
            Some(_) => sleep(Duration::from_millis(20)),
        }
    }
    true
}

#[test]
fn no_secret_reaches_the_program() {
    let release = Release::new(1, 1);
    let mut sign = release.signing_by("exec:sh -c 'env > seen; exit 1'");
    sign.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]).env("MY_KEY", &release.keys[0]);
    sign.env("GENOME_SIGNING_KEY", "env:MY_KEY").env("VAULT_TOKEN", "needed");
    // A key that nothing names is one all the same.
    sign.env("ANOTHER", format!("{{\"key\": \"{}\"}}", release.keys[0]));
    sign.env("PEM", format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", release.keys[0]));
    assert_ran(&run(&mut sign), 2, "exit status 1");
    let seen = release.read("seen");
    assert!(seen.contains("GENOME_EXEC=sign\n") && seen.contains("VAULT_TOKEN=needed\n"), "{seen}");
    assert!(
        !seen.contains("GENOME_SIGNING_PRIVATE_KEY")
            && !seen.contains("MY_KEY=")
            && !seen.contains("ANOTHER=")
            && !seen.contains(&release.keys[0])
    );
}

#[test]
fn the_program_gets_the_canonical_form() {
    let release = Release::new(1, 1);
    assert_ran(&run(&mut release.signing_by("exec:sh -c 'cat > canonical; exit 1'")), 2, "exit status 1");
    let id = genome::Document::read(release.read("draft.json").as_bytes()).unwrap().id();
    assert!(shell(release.path(), "sha256sum canonical").starts_with(&id.to_string()));
}
