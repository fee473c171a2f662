//! Programs that are started with a standard stream closed: no key, genome or verdict is lost with exit status 0.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, has, names, program, programs, run};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// How a stream is given. A shell opens `/dev/null` in one direction; in both, it is what a closed stream becomes, and what Python's
/// `subprocess.DEVNULL` and the `ignore` of Node are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Closed,
    BothWays,
    Null,
    OtherWay,
}

const ALL: [Given; 4] = [Given::Closed, Given::BothWays, Given::Null, Given::OtherWay];

/// A genome, the next one, and keys, as each program needs them.
fn release() -> Release {
    let release = Release::new(1, 1);
    let draft = Draft::new("1.0.0", &[1], 1);
    release.write("draft.json", &draft.document.to_string());
    release.write("genome.json", &draft.signed(&[1]));
    release.write("copy.json", &draft.signed(&[1]));
    release.write("unsigned.json", &draft.with("name", "OTHER").document.to_string());
    release.write("key", release.keys.first().unwrap());
    release.set_mode("key", 0o600);
    symlink("/dev/stdin", release.path().join("link")).unwrap();
    release
}

/// Runs a program with one stream given so, and the others as pipes; standard input holds the genome.
fn start(release: &Release, words: &str, stream: u8, given: Given) -> Ran {
    let redirection = match (given, stream) {
        (Given::Closed, 0) => "0<&-".to_owned(),
        (Given::Closed, _) => format!("{stream}>&-"),
        (Given::BothWays, _) => format!("{stream}<>/dev/null"),
        (Given::Null, 0) | (Given::OtherWay, 1 | 2) => format!("{stream}</dev/null"),
        (Given::Null | Given::OtherWay, _) => format!("{stream}>/dev/null"),
    };
    let (name, arguments) = words.split_once(' ').unwrap();
    let sign = program(name, release.path());
    let mut shell = Command::new("sh");
    let script = format!("exec 0<genome.json; exec {} {arguments} {redirection}", programs().join(name).display());
    shell.args(["-c", &script]).current_dir(release.path());
    for (variable, _) in sign.get_envs() {
        shell.env_remove(variable);
    }
    run(shell.env("GENOME_SIGNING_PRIVATE_KEY", release.keys.first().unwrap()).env("MATHISON_GENOME_PATH", "unsigned.json"))
}

/// What is expected of a program for each way in which a stream is given: closed, /dev/null both ways, /dev/null as a shell opens it, and
/// a stream that is open in the other direction only.
const MATRIX: &[(&str, u8, [i32; 4])] = &[
    // A key that goes nowhere is lost, however that was said. Without its stream it is said on the other one.
    ("genome-keygen k", 0, [0, 0, 0, 0]),
    ("genome-keygen k", 1, [2, 2, 2, 2]),
    ("genome-keygen k", 2, [2, 2, 2, 2]),
    // The public half can be had again, so that it may be unwanted.
    ("genome-keygen --secret-file made k", 1, [2, 2, 0, 2]),
    ("genome-keygen --secret-file made k", 2, [0, 0, 0, 0]),
    ("genome-keygen --public-from file:key k", 1, [2, 2, 0, 2]),
    ("genome-keygen --public-from file:key k", 2, [0, 0, 0, 0]),
    ("genome-keygen --encrypt --passphrase-fd 0 --secret-file made k", 0, [2, 2, 2, 2]),
    // What is signed is shown on standard error. A genome that goes nowhere is lost, and is in the audit log.
    ("genome-sign --audit-log made draft.json signed.json", 0, [0, 0, 0, 0]),
    ("genome-sign --audit-log made draft.json signed.json", 1, [0, 0, 0, 0]),
    ("genome-sign --audit-log made draft.json signed.json", 2, [2, 2, 0, 2]),
    ("genome-sign --yes --audit-log made draft.json -", 1, [2, 2, 2, 2]),
    ("genome-sign --audit-log made draft.json -", 2, [2, 2, 0, 2]),
    // An empty document is read and refused.
    ("genome-sign --audit-log made - signed.json", 0, [2, 2, 1, 2]),
    // What is printed is the verdict, unless the exit status alone is asked for.
    ("genome-verify --state made genome.json", 0, [0, 0, 0, 0]),
    ("genome-verify --state made genome.json", 1, [2, 2, 0, 2]),
    ("genome-verify --state made genome.json", 2, [0, 0, 0, 0]),
    ("genome-verify --format json genome.json", 1, [2, 2, 0, 2]),
    ("genome-verify --quiet --format json genome.json", 1, [2, 2, 0, 2]),
    ("genome-verify --print id genome.json", 1, [2, 2, 0, 2]),
    ("genome-verify --quiet genome.json", 1, [0, 0, 0, 0]),
    ("genome-verify --quiet unsigned.json", 1, [1, 1, 1, 1]),
    ("genome-verify unsigned.json", 1, [2, 2, 1, 2]),
    ("genome-verify unsigned.json", 2, [1, 1, 1, 1]),
    ("genome-verify -", 0, [2, 2, 1, 2]),
    ("genome-verify /dev/stdin", 0, [2, 2, 1, 2]),
    // However a path leads there.
    ("genome-verify //dev/stdin", 0, [2, 2, 1, 2]),
    ("genome-verify /dev/./stdin", 0, [2, 2, 1, 2]),
    ("genome-verify /dev/fd/0", 0, [2, 2, 1, 2]),
    ("genome-verify /proc/thread-self/fd/0", 0, [2, 2, 1, 2]),
    ("genome-verify link", 0, [2, 2, 1, 2]),
    ("genome-verify --format json link", 0, [2, 2, 1, 2]),
    ("genome-verify --trust /dev/stdin genome.json", 0, [2, 2, 1, 2]),
    // So it is where a regular file is wanted, and nothing else.
    ("genome-verify --audit-log /dev/stdin genome.json", 0, [2, 2, 2, 2]),
    ("genome-keygen --public-from file:/dev/stdin k", 0, [2, 2, 2, 2]),
    ("genome-sign --key file:link draft.json signed.json", 0, [2, 2, 2, 2]),
    ("genome-diff --textconv /dev/stdin", 0, [2, 2, 0, 2]),
    ("genome-diff genome.json link", 0, [2, 2, 2, 2]),
    ("genome-draft --from link --bump minor made", 0, [2, 2, 1, 2]),
    ("genome-merge link copy.json --output made", 0, [2, 2, 1, 2]),
    ("genome-sign --audit-log made link signed.json", 0, [2, 2, 1, 2]),
    ("genome-sign --audit-log made --parent link draft.json signed.json", 0, [2, 2, 1, 2]),
    ("genome-keygen --encrypt --passphrase-file link --secret-file made k", 0, [2, 2, 2, 2]),
    ("genome-diff genome.json copy.json", 1, [2, 2, 0, 2]),
    ("genome-diff genome.json unsigned.json", 1, [2, 2, 1, 2]),
    ("genome-diff genome.json unsigned.json", 2, [1, 1, 1, 1]),
    ("genome-diff - copy.json", 0, [2, 2, 2, 2]),
    ("genome-diff --textconv genome.json", 1, [2, 2, 0, 2]),
    ("genome-draft --from genome.json --bump minor -", 1, [2, 2, 0, 2]),
    ("genome-draft --from genome.json --bump minor made", 1, [0, 0, 0, 0]),
    ("genome-draft --from genome.json --bump minor made", 2, [0, 0, 0, 0]),
    ("genome-draft --from - --bump minor made", 0, [2, 2, 1, 2]),
    ("genome-merge genome.json copy.json --output -", 1, [2, 2, 0, 2]),
    ("genome-merge genome.json copy.json --output made", 1, [0, 0, 0, 0]),
    ("genome-merge genome.json copy.json --output made", 2, [0, 0, 0, 0]),
    ("genome-merge - copy.json --output made", 0, [2, 2, 1, 2]),
    // Its verdict is its exit status, and daemons are started with /dev/null.
    ("genome-server --listen 127.0.0.1:0", 0, [1, 1, 1, 1]),
    ("genome-server --listen 127.0.0.1:0", 1, [1, 1, 1, 1]),
    ("genome-server --listen 127.0.0.1:0", 2, [1, 1, 1, 1]),
    // Help that nobody gets is no success.
    ("genome-keygen --help", 1, [2, 2, 0, 2]),
    ("genome-sign --version", 1, [2, 2, 0, 2]),
    ("genome-verify --help", 1, [2, 2, 0, 2]),
    ("genome-draft --version", 1, [2, 2, 0, 2]),
    ("genome-diff --help", 1, [2, 2, 0, 2]),
    ("genome-merge --help", 1, [2, 2, 0, 2]),
    ("genome-server --help", 1, [2, 2, 0, 2]),
];

#[test]
fn no_key_genome_or_verdict_is_lost() {
    for &(words, stream, expected) in MATRIX {
        for (given, status) in ALL.into_iter().zip(expected) {
            let release = release();
            let before = names(release.path());
            let ran = start(&release, words, stream, given);
            let what = format!("{words} with {stream} {given:?}: {ran:?}");
            assert_eq!(ran.status, Some(status), "{what}");
            assert!(!genome_json::holds_private_key(&ran.stdout), "{what}");
            if status != 2 {
                continue;
            }
            // Nothing was made before it was noticed, and it is said where that can be read.
            assert_eq!(names(release.path()), before, "{what}");
            let name = ["standard input", "standard output", "standard error"][usize::from(stream)];
            let is_json = words.contains("--format json") && stream == 0;
            let said = if stream == 2 || is_json { &ran.stdout } else { &ran.stderr };
            let is_empty_input = stream == 0 && given == Given::Null;
            let is_said = [format!(": {name} is "), format!("\"{name} is ")].iter().any(|start| said.contains(start));
            let has_hint = said.contains("\n  help: ") || is_json && said.contains("\"hint\": \"open it");
            assert!(is_empty_input || (is_said && has_hint), "{what}");
            assert!(!genome_json::holds_private_key(&ran.stderr), "{what}");
        }
    }
}

/// The genome of a server is no document that was never given.
#[test]
fn a_server_does_not_take_a_closed_stream_for_its_genome() {
    let release = release();
    for path in ["/dev/stdin", "/proc/self/fd/0", "link"] {
        let server = programs().join("genome-server");
        let script = format!("MATHISON_GENOME_PATH={path} exec {} --listen 127.0.0.1:0 <&-", server.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(release.path()).env_remove("MATHISON_ENV").env_remove("MATHISON_GENOME_TRUST");
        let ran = run(&mut shell);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("standard input is closed, or is /dev/null opened for reading and writing"), "{ran:?}");
    }
}

/// What other programs give those that they start, of which a shell shows nothing: whoever wants the exit status alone asks for it.
#[test]
fn programs_that_start_others_can_ask_for_the_exit_status_alone() {
    let release = release();
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let mut seen = 0;
    if has("python3") {
        for (arguments, output, status) in [
            ("'genome.json'", "subprocess.DEVNULL", 2),
            ("'--quiet', '--format', 'json', 'genome.json'", "subprocess.DEVNULL", 2),
            ("'--quiet', 'genome.json'", "subprocess.DEVNULL", 0),
            ("'--quiet', 'unsigned.json'", "subprocess.DEVNULL", 1),
            ("'genome.json'", "open('/dev/null', 'w')", 0),
            ("'unsigned.json'", "open('/dev/null', 'w')", 1),
        ] {
            let script = format!(
                "import subprocess, sys; sys.exit(subprocess.run(['genome-verify', {arguments}], stdout={output}).returncode)"
            );
            let ran = run(Command::new("python3").args(["-c", &script]).env("PATH", &path).current_dir(release.path()));
            assert_eq!(ran.status, Some(status), "{script}: {ran:?}");
            let said = "error: standard output is closed, or is /dev/null opened for reading and writing, and the verdict would be lost\n  help: open it, as with `> FILE`, or ask for the exit status alone: --quiet, without --format and --print\n";
            assert_eq!(ran.stderr == said, status == 2, "{ran:?}");
            seen += 1;
        }
    }
    if has("node") {
        for (arguments, status) in [("'--quiet', 'genome.json'", 0), ("'genome.json'", 2)] {
            let script = format!(
                "process.exit(require('child_process').spawnSync('genome-verify', [{arguments}], {{stdio: 'ignore'}}).status)"
            );
            let ran = run(Command::new("node").args(["-e", &script]).env("PATH", &path).current_dir(release.path()));
            assert_eq!(ran.status, Some(status), "{script}: {ran:?}");
            seen += 1;
        }
    }
    assert!(seen == 8 || !(has("python3") && has("node")));
}

/// All three at once: nothing can be said, and nothing is done.
#[test]
fn with_all_streams_closed_there_is_the_exit_status() {
    let release = release();
    let before = names(release.path());
    for (words, status) in [
        ("genome-keygen k", 2),
        ("genome-keygen --secret-file made k", 2),
        ("genome-sign --yes --audit-log made draft.json signed.json", 2),
        ("genome-verify genome.json", 2),
        ("genome-verify --quiet genome.json", 0),
        ("genome-verify --quiet unsigned.json", 1),
        ("genome-diff genome.json copy.json", 2),
    ] {
        let (name, arguments) = words.split_once(' ').unwrap();
        let script = format!("exec {} {arguments} <&- >&- 2>&-", programs().join(name).display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(release.path()).env("GENOME_SIGNING_PRIVATE_KEY", release.keys.first().unwrap());
        assert_eq!(run(&mut shell).status, Some(status), "{words}");
        assert_eq!(names(release.path()), before, "{words}");
    }
}

/// A signed genome that nobody gets is in no log either.
#[test]
fn nothing_is_recorded_that_is_lost() {
    let release = release();
    for (stream, given) in [(1, Given::Closed), (1, Given::Null), (2, Given::Closed)] {
        let ran = start(&release, "genome-sign --yes --audit-log audit.jsonl draft.json -", stream, given);
        // Whoever does what the hint says has it signed, and does not come to the next refusal.
        assert_eq!(ran.stderr.contains("help: send it to a file, or to a program that keeps it"), stream == 1, "{ran:?}");
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(fs::metadata(release.path().join("audit.jsonl")).is_err(), "{ran:?}");
    }
}
