//! An audit log that is larger than memory: what is read of it, and how much of it is kept.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::Document;
use genome::audit::{AuditRecord, AuditTail, Circumstances, Custody, Output, Remembering};
use genome::document::Signing;
use genome_files::read_audit_log;
use genome_test_support::{Draft, Ran, Release, assert_ran, key, programs, run};
use std::fs::{self, File};
use std::io::{Cursor, Write as _};
use std::process::Command;

const LOG: &str = "audit.jsonl";

/// How much memory the programs may ask for, in KiB: less than the log takes that they read, and a little more than they need.
const MEMORY: u64 = 26_000;

/// A program of ours in so little memory that no log would fit into it, which is killed if it takes for ever.
fn limited(release: &Release, name: &str, arguments: &[&str]) -> Ran {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {MEMORY}; exec timeout --signal=KILL 300 \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(programs().join(name)).args(arguments);
    run(shell.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]).current_dir(release.path()))
}

fn circumstances(output: &str) -> Circumstances {
    let text = || "x".to_owned();
    Circumstances {
        time: "2026-01-31T00:00:00Z".parse().unwrap(),
        custody: Custody::File,
        output: Output::File(output.into()),
        uid: 0,
        user: text(),
        host: text(),
        program: text(),
    }
}

/// A draft that was signed by the signer of that number, and what there is to say of the signing.
fn signed(draft: &str, number: u8) -> (Document<'_>, Signing) {
    let mut document = Document::read(draft.as_bytes()).unwrap();
    let signing = document.sign(None, &key(number), &[]).unwrap();
    (document, signing)
}

/// A log in which signings of another genome follow each other, in lines of so many bytes.
fn log_of(lines: usize, length: usize) -> String {
    let draft = Draft::new("0.9.0", &[2], 1).document.to_string();
    let (document, signing) = signed(&draft, 2);
    let output = "x".repeat(length);
    let (mut log, mut last) = (String::new(), 0);
    for _ in 0..lines {
        let tail = AuditTail::read(&log.as_bytes()[last..], last == 0).unwrap();
        let line = tail.following(AuditRecord::of(&document, &signing, circumstances(&output)).unwrap()).unwrap();
        // It may have begun before.
        last = log.len().saturating_sub(1);
        log += &line;
    }
    log
}

#[test]
fn memory_does_not_grow_with_the_log() {
    let release = Release::new(1, 1);
    release.write("draft.json", &Draft::new("1.0.0", &[1], 1).document.to_string());
    release.write(LOG, &log_of(450, 60_000));
    assert!(fs::metadata(release.path().join(LOG)).unwrap().len() > MEMORY * 1024);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "--audit-log", LOG]), 0, "audit.jsonl, line 451\n");
    assert_ran(&limited(&release, "genome-verify", &["--audit-log", LOG, "genome.json"]), 0, "");
    // Whoever signs again looks whether it is recorded.
    fs::remove_file(release.path().join("genome.json")).unwrap();
    release.write("signed.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    let ran = limited(&release, "genome-sign", &["signed.json", "genome.json", "--audit-log", LOG]);
    assert_ran(&ran, 0, "signed before");
    assert!(!ran.stderr.contains("recorded"), "{ran:?}");
    // What is wrong is found in as little.
    let mut lines: Vec<String> = release.read(LOG).split_inclusive('\n').map(ToOwned::to_owned).collect();
    lines.swap(199, 200);
    lines.remove(400);
    release.write(LOG, &lines.concat());
    drop(lines);
    let ran = limited(&release, "genome-verify", &["--audit-log", LOG, "genome.json"]);
    assert_ran(&ran, 1, "line 200 of the audit log says that it is line 201");
    assert!(ran.stderr.contains("line 401 of the audit log is missing"), "{}", ran.stderr);
}

/// Before it was 905 MB of memory for these zeros, and 1 GiB for the other.
#[test]
fn what_is_too_large_or_no_log_is_refused_at_once() {
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    let sparse = |length: u64| {
        let log = File::create(release.path().join(LOG)).unwrap();
        log.set_len(length).unwrap();
        log
    };
    let verify = || limited(&release, "genome-verify", &["--audit-log", LOG, "genome.json"]);
    for length in [1 << 30 | 1, 20_000_000_000] {
        sparse(length);
        assert_ran(&verify(), 2, "error[GENOME_UNREADABLE]: it cannot be read: it is larger than 1 GiB\n  --> audit.jsonl\n");
    }
    sparse(900_000_000);
    assert_ran(&verify(), 1, "line 1 of the audit log is not as it was written: it is longer than 64 KiB");
    // Also where it begins as a log does.
    let mut log = sparse(900_000_000);
    log.write_all(log_of(3, 10).as_bytes()).unwrap();
    let ran = verify();
    assert_ran(&ran, 1, "line 4 of the audit log is not as it was written: it is longer than 64 KiB");
    assert_eq!(ran.stderr.matches("error[").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_log_with_more_records_than_are_remembered_vouches_all_the_same() {
    let release = Release::new(1, 1);
    for version in ["1.0.0", "1.1.0"] {
        release.write("draft.json", &Draft::new(version, &[1], 1).document.to_string());
        assert_ran(&release.sign(1, &["draft.json", &format!("{version}.json"), "--audit-log", LOG]), 0, "");
    }
    release.write("unrecorded.json", &Draft::new("1.2.0", &[1], 1).signed(&[1]));
    // Each of these lines records another signature, or says so.
    let mut log = release.read(LOG);
    let draft = Draft::new("0.9.0", &[2], 1).document.to_string();
    let (document, signing) = signed(&draft, 2);
    let record = AuditRecord::of(&document, &signing, circumstances("x")).unwrap();
    let mut last = 0;
    for number in 0..10_001_u32 {
        let tail = AuditTail::read(&log.as_bytes()[last..], last == 0).unwrap();
        let mut record = record.clone();
        record.signature[..4].copy_from_slice(&number.to_le_bytes());
        last = log.len().saturating_sub(1);
        log += &tail.following(record).unwrap();
    }
    release.write(LOG, &log);
    let read = read_audit_log(Cursor::new(&log), &Remembering::UpTo(10_000)).unwrap();
    assert!(!read.is_complete() && read.lines() == 10_003 && !read.has(&record));
    let ran = release.verify(&["--audit-log", LOG, "1.0.0.json", "unrecorded.json", "1.1.0.json"]);
    assert_ran(&ran, 1, "the signature of `signer-1` is not in the audit log\n  --> unrecorded.json");
    assert_eq!(ran.stdout.matches("accepted, not trusted  1.").count(), 2, "{}", ran.stdout);
}
