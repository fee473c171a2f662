//! Each system call of a signing fails once, and what `genome-sign` says of it is what is on the disk.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, has, programs, run, say};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

const LOG: &str = "audit.jsonl";

/// What is on the disk: the log, the output.
type Disk = [Option<Vec<u8>>; 2];

fn disk(release: &Release) -> Disk {
    [LOG, "genome.json"].map(|name| fs::read(release.path().join(name)).ok())
}

fn restore(release: &Release, disk: &Disk) {
    for (name, contents) in [LOG, "genome.json"].iter().zip(disk) {
        let path = release.path().join(name);
        match contents {
            Some(contents) => fs::write(path, contents).unwrap(),
            None => drop(fs::remove_file(path)),
        }
    }
}

/// Runs `genome-sign` under strace, which writes what it sees to `trace`.
fn traced(release: &Release, output: &str, options: &[&str]) -> Ran {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "trace"]).args(options).arg(programs().join("genome-sign"));
    strace
        .args(["draft.json", output, "signer-2", "--audit-log", LOG])
        .env("GENOME_SIGNING_PRIVATE_KEY", release.keys.last().unwrap());
    run(strace.current_dir(release.path()))
}

/// Checks that what was said is true. Says whether the log has grown.
fn assert_true(before: &Disk, release: &Release, ran: &Ran, what: &str) -> bool {
    let [log_before, output_before] = before.clone().map(Option::unwrap_or_default);
    let [log, output] = disk(release).map(Option::unwrap_or_default);
    let has_grown = log.len() > log_before.len();
    let is_written = output != output_before || (!ran.stdout.is_empty() && ran.status == Some(0));
    assert!(log.starts_with(&log_before), "{what}: the log has lost a line");
    assert!(has_grown || !is_written, "{what}: a signed genome without its line: {ran:?}");
    assert!(is_written || ran.status != Some(0), "{what}: a success without a genome: {ran:?}");
    if has_grown || is_written {
        for claim in ["nothing was signed", "nothing was changed", "nothing was written", "not signed"] {
            assert!(!ran.stderr.contains(claim), "{what}: {claim}, and the log has grown: {}", ran.stderr);
        }
    }
    // What was to be said of it may be what could not be written.
    let trace = fs::read_to_string(release.path().join("trace")).unwrap_or_default();
    let is_silenced = trace.lines().any(|line| line.contains("write(2, ") && line.ends_with("(INJECTED)"));
    if has_grown && !is_silenced {
        let line = String::from_utf8_lossy(&log).lines().count();
        assert!(ran.stderr.contains(&format!("{LOG}, line {line}")), "{what}: the line is not named: {}", ran.stderr);
    }
    has_grown
}

/// Makes each call fail in its turn, with this error, and whatever else these options do. Says in how many runs it did, and in how many
/// of these the log grew.
fn fail_each(release: &Release, output: &str, errors: &[(&str, &str)], more: &[&str]) -> (u32, u32) {
    let (before, mut failed, mut grown) = (disk(release), 0, 0);
    assert_ran(&traced(release, output, &[]), 0, "signed by");
    // How often each is called.
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    for call in release.read("trace").lines().filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('(')) {
        *calls.entry(call.0.to_owned()).or_default() += 1;
    }
    restore(release, &before);
    for (call, error) in errors {
        for when in 1..=calls.get(*call).copied().unwrap_or_default() {
            let inject = format!("inject={call}:error={error}:when={when}");
            let options = [&["-e", inject.as_str()], more].concat();
            let ran = traced(release, output, &options);
            let what = format!("{options:?} to {output}");
            assert!(release.read("trace").contains("(INJECTED)"), "{what}: nothing has failed");
            failed += 1;
            grown += u32::from(assert_true(&before, release, &ran, &what));
            restore(release, &before);
        }
    }
    (failed, grown)
}

/// What a disk can refuse.
const DISK: [(&str, &str); 21] = [
    ("openat", "EIO"),
    ("openat", "EMFILE"),
    ("read", "EIO"),
    ("pread64", "EIO"),
    ("write", "EIO"),
    ("write", "ENOSPC"),
    ("fsync", "EIO"),
    ("flock", "ENOLCK"),
    ("flock", "EIO"),
    ("fstat", "EIO"),
    ("statx", "EIO"),
    ("newfstatat", "EIO"),
    ("lseek", "EIO"),
    ("fcntl", "EMFILE"),
    ("fchmod", "EPERM"),
    ("fchown", "EIO"),
    ("linkat", "ENOSPC"),
    ("linkat", "EIO"),
    ("renameat", "EIO"),
    ("renameat2", "EIO"),
    ("getrandom", "EIO"),
];

/// A draft that needs two signatures and has one, in a file of its own, and a log with one line.
fn half_signed() -> Release {
    let release = Release::new(2, 2);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1", "--audit-log", LOG]), 0, "");
    release
}

#[test]
fn whatever_fails_what_is_said_is_true() {
    if !has("strace") {
        return;
    }
    let (mut failed, mut grown) = (0, 0);
    for (release, output) in [
        (half_signed(), "genome.json"),
        // Neither log nor output are there.
        (Release::new(2, 1), "genome.json"),
        (half_signed(), "-"),
    ] {
        let runs = fail_each(&release, output, &DISK, &[]);
        failed += runs.0;
        grown += runs.1;
    }
    say(&format!("{failed} faults, {grown} with a line in the log\n"));
    assert!(failed > 100 && grown > 3, "the faults were not spread over the run");
}

/// The line cannot be taken out of the log again, or nobody knows whether it is out.
#[test]
fn a_line_that_stays_is_named() {
    if !has("strace") {
        return;
    }
    for (release, output) in [(half_signed(), "genome.json"), (Release::new(2, 1), "genome.json"), (half_signed(), "-")] {
        let stays = fail_each(&release, output, &[("fsync", "EIO")], &["-e", "inject=ftruncate:error=EIO"]);
        assert!(stays.1 >= 2, "of {} faults of fsync, {} left a line", stays.0, stays.1);
        let all = fail_each(&release, output, &[("ftruncate", "EIO")], &["-e", "inject=fsync:error=EIO"]);
        assert_eq!(all, (0, 0), "nothing is cut off where nothing fails");
        // Also the sync that would say so fails.
        fail_each(&release, output, &[("openat", "EIO")], &["-e", "inject=fsync:error=EIO:when=2+"]);
    }
}

/// A genome that would be too large, and one that may not be replaced.
#[test]
fn what_can_be_known_before_is_found_before_the_line_is_written() {
    let release = half_signed();
    release.set_mode("genome.json", 0o444);
    let before = disk(&release);
    let arguments = ["draft.json", "genome.json", "signer-2", "--audit-log", LOG];
    assert_ran(&release.sign(2, &arguments), 1, "its owner has no permission to write it");
    assert!(disk(&release) == before, "a line of a signature that nobody has");
    let many: Vec<String> = (0..1_000_000).map(|number| format!("a{number}")).collect();
    let capabilities = serde_json::json!([{"cap_id": "CAP", "risk_class": "B", "allow_actions": many, "deny_actions": []}]);
    let large = Draft::new("1.0.0", &[2], 1).with("capabilities", capabilities);
    release.write("large.json", &large.document.to_string());
    let ran = release.sign(2, &["large.json", "large-signed.json", "--audit-log", LOG]);
    assert_ran(&ran, 1, "16 MiB is the most");
    assert!(disk(&release) == before, "a line of a signature that nobody has");
}

#[test]
fn a_reader_that_goes_away_is_told_of_the_line() {
    let release = half_signed();
    let before = disk(&release);
    let mut signing = release.signing(2, &["draft.json", "-", "signer-2", "--audit-log", LOG]);
    let without_reader = || std::io::pipe().unwrap().1;
    let output = signing.stdout(without_reader()).output().unwrap();
    let ran = Ran { status: output.status.code(), stdout: String::new(), stderr: String::from_utf8(output.stderr).unwrap() };
    assert_ran(&ran, 2, "audit.jsonl, line 2");
    assert!(assert_true(&before, &release, &ran, "a closed pipe"));
}
