//! What a program inherits from whoever starts it: signals that are ignored or blocked, a umask, limits, a language and a time zone.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::terminal::Typist;
use genome_test_support::{Draft, Ran, Release, assert_ran, has, names, program, programs, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// All that is needed to run each program.
fn release() -> Release {
    let release = Release::new(1, 1);
    let draft = Draft::new("1.0.0", &[1], 1);
    release.write("draft.json", &draft.document.to_string());
    release.write("genome.json", &draft.signed(&[1]));
    release.write("key", release.keys.first().unwrap());
    release.set_mode("key", 0o600);
    release.write("phrase", "correct horse\n");
    release.set_mode("phrase", 0o600);
    release
}

/// Runs a line of a shell, in which the programs are found, behind these words.
fn shell(release: &Release, before: &str, line: &str) -> Ran {
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    // It does not wait itself: where it ignores the end of children, it does not learn how they ended.
    shell.args(["-c", &format!("{before} exec env {line}")]).current_dir(release.path()).env("PATH", path);
    run(shell.env("GENOME_SIGNING_PRIVATE_KEY", release.keys.first().unwrap()))
}

/// What each program is asked, and makes.
const LINES: [&str; 6] = [
    "genome-keygen --encrypt --passphrase-file phrase --secret-file made k",
    "genome-sign --yes draft.json signed.json",
    "genome-verify --state state.json --print id genome.json",
    "genome-diff genome.json genome.json",
    "SOURCE_DATE_EPOCH=1790000000 genome-draft --from genome.json --bump minor next.json",
    "genome-merge genome.json genome.json --output merged.json",
];

/// Whatever is inherited, the same files are made, and the same is said.
#[test]
fn each_program_does_the_same_whatever_it_inherits() {
    let plain = release();
    let expected: Vec<Ran> = LINES.iter().map(|line| shell(&plain, "", line)).collect();
    let files = names(plain.path());
    for before in [
        "trap '' HUP INT QUIT TERM CHLD PIPE USR1 XFSZ XCPU;",
        "ulimit -n 16;",
        "ulimit -c 0;",
        "ulimit -s 512;",
        "LC_ALL=tr_TR.UTF-8; LANG=tr_TR.UTF-8; LANGUAGE=tr; TZ=Asia/Kathmandu; export LC_ALL LANG LANGUAGE TZ;",
        "TZ=:/nonexistent; LC_ALL=nonsense; export TZ LC_ALL;",
        "umask 077;",
    ] {
        let release = release();
        for (line, expected) in LINES.iter().zip(&expected) {
            let ran = shell(&release, before, line);
            assert_eq!(ran.status, expected.status, "{before} {line}: {ran:?}");
            // A key is drawn anew each time.
            let is_same = line.starts_with("genome-keygen") || (&ran.stdout, &ran.stderr) == (&expected.stdout, &expected.stderr);
            assert!(is_same, "{before} {line}: {ran:?} instead of {expected:?}");
        }
        assert_eq!(names(release.path()), files, "{before}");
    }
}

#[test]
fn a_secret_is_private_whatever_the_umask_and_nothing_else_is() {
    for (umask, mode) in [("000", 0o644), ("022", 0o644), ("027", 0o640), ("077", 0o600), ("777", 0o000)] {
        let release = release();
        assert_ran(&shell(&release, &format!("umask {umask};"), "genome-keygen --secret-file made k"), 0, "made");
        assert_ran(&shell(&release, &format!("umask {umask};"), "genome-draft --from genome.json --bump minor next.json"), 0, "");
        let of = |name: &str| fs::metadata(release.path().join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!((of("made"), of("next.json")), (0o600, mode), "{umask}");
    }
}

/// The system forgets how a child ended that nobody wants to hear of.
#[test]
fn a_program_that_signs_is_waited_for_where_the_end_of_children_is_ignored() {
    let release = release();
    let signer = "#!/bin/sh\ntest \"$GENOME_EXEC\" = sign || exit 9\n";
    release.write("signer", signer);
    release.set_mode("signer", 0o755);
    for ignored in ["", "trap '' CHLD;"] {
        let ran = shell(&release, ignored, "genome-keygen --public-from exec:./signer k");
        assert_ran(&ran, 2, "exit status 9");
    }
}

/// A program that is started with signals blocked, as by a supervisor that handles them itself.
#[test]
fn who_blocks_a_signal_does_not_make_a_program_that_cannot_be_ended() {
    const STARTED: &str = "
import os, signal, subprocess, sys
reader, writer = os.pipe()
block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
child = subprocess.Popen([sys.argv[1], '--passphrase-fd', str(reader), '--encrypt', '--secret-file', 'made'], pass_fds=[reader], preexec_fn=block)
mask = lambda: next(line for line in open(f'/proc/{child.pid}/status') if line.startswith('SigBlk:')).split()[1]
while os.readlink(f'/proc/{child.pid}/exe') != os.path.realpath(sys.argv[1]) or int(mask(), 16): pass
child.send_signal(getattr(signal, sys.argv[2]))
print(child.wait())
";
    if !has("python3") {
        return;
    }
    let release = release();
    for (name, number) in [("SIGTERM", 15), ("SIGINT", 2), ("SIGHUP", 1)] {
        let mut python = Command::new("timeout");
        python.args(["60", "python3", "-c", STARTED]).arg(programs().join("genome-keygen")).arg(name).current_dir(release.path());
        assert_eq!(run(&mut python).stdout, format!("-{number}\n"));
    }
}

/// A file that grows over the limit is an error, and leaves nothing behind.
#[test]
fn a_limit_of_files_is_an_error() {
    let release = release();
    let before = names(release.path());
    for line in [LINES[1], LINES[2], LINES[4], LINES[5]] {
        let ran = shell(&release, "ulimit -f 0;", line);
        assert_eq!(ran.status, Some(2), "{line}: {ran:?}");
        assert_eq!(names(release.path()), before, "{line}");
    }
}

/// The background of a script ignores SIGINT: Ctrl-C cannot end the program by the signal, and ends it all the same.
#[test]
fn ctrl_c_ends_a_prompt_where_its_signal_is_ignored() {
    if !has("python3") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let keygen = program("genome-keygen", Path::new("/"));
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT HUP; exec \"$0\" \"$@\""]).arg(keygen.get_program()).current_dir(directory.path());
    shell.args(["--encrypt", "--secret-file", "key"]);
    let steps = [("the new passphrase of `dev-key-001`: ", "corr\u{3}")];
    // That the echo is on again, the typist sees.
    let typed = Typist { steps: &steps, ..Typist::default() }.run(&shell);
    assert_ran(&typed.ran, 2, "it was not given");
    assert_eq!(names(directory.path()), [""; 0]);
}

/// `timeout`, or a supervisor: the shell that comes next must have a terminal that echoes, which the typist sees.
#[test]
fn who_ends_a_prompt_from_elsewhere_leaves_a_terminal_that_echoes() {
    // It waits until the signals are held, SIGTERM, but not SIGTTOU: from then on one is seen when the passphrase has been asked for.
    const ENDED: &str = "
import signal, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
blocked = lambda: int(next(line for line in open(f'/proc/{child.pid}/status') if line.startswith('SigBlk:')).split()[1], 16)
while blocked() & (1 << 14 | 1 << 21) != 1 << 14: pass
child.send_signal(getattr(signal, sys.argv[1]))
sys.exit(-child.wait())
";
    if !has("python3") {
        return;
    }
    for (name, number) in [("SIGTERM", 15), ("SIGINT", 2), ("SIGHUP", 1)] {
        let directory = tempfile::tempdir().unwrap();
        let keygen = program("genome-keygen", Path::new("/"));
        let mut python = Command::new("python3");
        python.args(["-c", ENDED, name]).arg(keygen.get_program()).args(["--encrypt", "--secret-file", "key"]);
        let steps = [("the new passphrase of `dev-key-001`: ", "")];
        let typed = Typist { steps: &steps, ..Typist::default() }.run(python.current_dir(directory.path()));
        assert_eq!(typed.ran.status, Some(number), "{name}: {typed:?}");
        assert_eq!(names(directory.path()), [""; 0]);
    }
}
