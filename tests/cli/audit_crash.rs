//! A signing that is killed at any moment: never a signed genome without its line, and the log goes on.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Moments, Release, assert_ran, has, names, programs, run, say};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

const KILLS: u32 = 200;
const LOG: &str = "audit.jsonl";
const ARGUMENTS: [&str; 5] = ["draft.json", "genome.json", "signer-1", "--audit-log", LOG];

fn verify(release: &Release) -> genome_test_support::Ran {
    release.verify(&["--quiet", "--audit-log", LOG, "genome.json"])
}

/// Nothing was signed, or what was signed is in the log, which is whole but for a line that was cut off.
fn assert_recorded(release: &Release, when: &str) -> bool {
    let is_signed = release.path().join("genome.json").exists();
    if is_signed {
        assert_ran(&verify(release), 0, "");
    } else if release.path().join(LOG).exists() {
        let log = fs::read(release.path().join(LOG)).unwrap();
        assert!(genome::audit::AuditLog::read(&log).is_ok(), "{when}: the log is broken");
    }
    is_signed
}

fn clear_away(release: &Release) {
    for name in names(release.path()).iter().filter(|name| name.starts_with(".genome.json") || *name == "genome.json") {
        fs::remove_file(release.path().join(name)).unwrap();
    }
}

#[test]
fn a_killed_signing_leaves_no_genome_without_its_line() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &ARGUMENTS), 0, "");
    clear_away(&release);
    let start = Instant::now();
    assert_ran(&release.sign(1, &ARGUMENTS), 0, "");
    // A little longer than a whole run, so that some runs end by themselves.
    let whole = start.elapsed().mul_f64(1.2);
    let mut moments = Moments(0x9e37_79b9_7f4a_7c15);
    let (mut killed, mut signed) = (0, 0);
    for round in 0..KILLS {
        clear_away(&release);
        let mut signing = release.signing(1, &ARGUMENTS);
        let mut child = signing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moments.before(whole));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        signed += u32::from(assert_recorded(&release, &format!("round {round}")));
    }
    let before = release.read(LOG).lines().count();
    clear_away(&release);
    assert_ran(&release.sign(1, &ARGUMENTS), 0, &format!("in audit.jsonl, line {}\n", before + 1));
    assert_ran(&verify(&release), 0, "");
    say(&format!("{killed} of {KILLS} were killed before their end, {signed} had signed, {before} lines were written\n"));
    assert!(killed > 0 && signed > 0 && before > usize::try_from(signed).unwrap(), "the moments were not spread over the run");
}

#[test]
fn a_signing_that_ends_between_two_system_calls() {
    if !has("strace") {
        return;
    }
    let release = Release::new(1, 1);
    for existing in [false, true] {
        for (calls, lines) in [
            // The first is what is about to be signed.
            ("write:when=2", 0),
            ("fsync:when=1", 1),
            // The directory of the log.
            ("fsync:when=2", 1),
            ("linkat", 1),
            ("rename,renameat,renameat2", 1),
        ] {
            clear_away(&release);
            let _ = fs::remove_file(release.path().join(LOG));
            if existing {
                assert_ran(&release.sign(1, &["draft.json", "-", "--audit-log", LOG]), 0, "");
            }
            let (calls, when) = calls.split_once(':').map_or((calls, String::new()), |(calls, when)| (calls, format!(":{when}")));
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:signal=KILL{when}")]);
            traced.arg(programs().join("genome-sign")).args(ARGUMENTS).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]);
            let ran = run(traced.current_dir(release.path()));
            assert!(ran.status.is_none_or(|status| status > 2), "{calls}{when}: it was not killed: {ran:?}");
            let what = format!("{calls}{when}, existing {existing}");
            let found = release.read(LOG).lines().count() - usize::from(existing);
            assert!(found >= lines, "{what}: {found} lines");
            assert_recorded(&release, &what);
            assert_ran(&release.sign(1, &ARGUMENTS), 0, "");
            assert_ran(&verify(&release), 0, "");
        }
    }
}

#[test]
fn the_line_is_on_the_disk_before_the_genome_has_a_name() {
    if !has("strace") {
        return;
    }
    let release = Release::new(1, 1);
    // Also the name of a log that is there: whoever made it may have been killed before it was on the disk.
    for line in 1..=2 {
        clear_away(&release);
        let mut traced = Command::new("strace");
        traced.args(["-f", "-y", "-o", "trace", "-e", "trace=write,fsync,linkat,rename,renameat,renameat2"]);
        traced.arg(programs().join("genome-sign")).args(ARGUMENTS).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]);
        assert_ran(&run(traced.current_dir(release.path())), 0, &format!("in audit.jsonl, line {line}\n"));
        let trace = release.read("trace");
        let at = |call: &str, of: &str| {
            let found = trace.lines().position(|line| line.contains(call) && line.contains(of));
            found.unwrap_or_else(|| unreachable!("no {call} of {of}: {trace}"))
        };
        let directory = fs::canonicalize(release.path()).unwrap();
        let directory = format!("<{}>)", directory.display());
        let calls = [
            at("write(", LOG),
            at("fsync(", LOG),
            at("fsync(", &directory),
            at("linkat(", "genome.json"),
            at("rename", "genome.json"),
        ];
        assert!(calls.is_sorted(), "{calls:?}: {trace}");
    }
}

#[test]
fn a_first_line_that_was_cut_off_anywhere_is_recognized_and_the_log_goes_on() {
    cut_off_anywhere(0);
}

#[test]
fn a_later_line_that_was_cut_off_anywhere_is_recognized_and_the_log_goes_on() {
    cut_off_anywhere(1);
}

/// Cuts the line after so many whole ones at each of its bytes, and signs again.
fn cut_off_anywhere(lines_before: usize) {
    let release = Release::new(1, 1);
    for output in ["first.json", "caf\u{e9}.json"] {
        assert_ran(&release.sign(1, &["draft.json", output, "--audit-log", LOG]), 0, "");
    }
    let whole = fs::read(release.path().join(LOG)).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let (start, end) = if lines_before == 0 { (0, ends[0]) } else { (ends[0], ends[1]) };
    for cut in start + 1..end {
        let torn = &whole[..cut];
        fs::write(release.path().join(LOG), torn).unwrap();
        // All but the line feed is there: nothing is lost.
        let is_torn = cut < end - 1;
        let line = lines_before + 1;
        let log = genome::audit::AuditLog::read(torn).unwrap();
        let torn_lines = if is_torn { vec![line] } else { vec![] };
        assert_eq!(log.torn(), torn_lines, "{cut}");
        let _ = fs::remove_file(release.path().join("genome.json"));
        let ran = release.sign(1, &ARGUMENTS);
        assert_ran(&ran, 0, &format!("in audit.jsonl, line {}\n", line + 1));
        assert_eq!(ran.stderr.contains("was cut off, by a crash"), is_torn, "{cut}: {}", ran.stderr);
        let log = fs::read(release.path().join(LOG)).unwrap();
        assert!(log.starts_with(torn) && log[cut] == b'\n', "the log deletes nothing");
        let log = genome::audit::AuditLog::read(&log).unwrap();
        assert_eq!((log.lines(), log.torn()), (line + 1, &*torn_lines), "{cut}");
    }
    let ran = verify(&release);
    assert!(ran.status == Some(0) && ran.stderr.is_empty(), "{ran:?}");
}

#[test]
fn what_is_left_of_a_torn_line_belongs_to_the_chain() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "-", "--audit-log", LOG]), 0, "");
    let first = release.read(LOG);
    // Two crashes: the second while the line after the torn one was written, and with zeros in place of what was lost.
    let torn = format!("{}\n{}\0\0\0\0", &first[..300], &first[..20]);
    release.write(LOG, &format!("{first}{torn}"));
    assert_ran(&release.sign(1, &ARGUMENTS), 0, "warning: the line before line 4 was cut off, by a crash: it records nothing\n");
    let log = release.read(LOG);
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let digest = genome::Digest::of(format!("{torn}\n").as_bytes()).to_string();
    assert_eq!(last["torn"], serde_json::json!({"bytes": torn.len() + 1, "sha256": digest}));
    assert_eq!(last["previous"], genome::Digest::of(first.as_bytes()).to_string());
    assert_ran(
        &verify(&release),
        0,
        "warning: line 2 of the audit log was cut off, by a crash: it records nothing\n  --> audit.jsonl:2:1\n",
    );
    let report = release.verify(&["--format", "json", "--audit-log", LOG, "genome.json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let warnings = report["audit_logs"][0]["warnings"].as_array().unwrap().clone();
    assert_eq!(warnings.iter().map(|warning| &warning["line"]).collect::<Vec<_>>(), [2, 3]);
    // What no line vouches for is no torn line.
    for (changed, line) in [
        (log.replacen("\0\0\0\0", "\0\0\0", 1), 2),
        (log.replacen("\"cu\0", "\"ca\0", 1), 2),
        (first.clone() + log.lines().last().unwrap() + "\n", 2),
        (first.clone() + &first[..300] + "\n", 2),
    ] {
        assert_ne!(changed, log);
        release.write(LOG, &changed);
        assert_ran(&verify(&release), 1, &format!("\n  --> audit.jsonl:{line}:1\n"));
    }
}
