//! `genome-verify --audit-log`: a line that is removed, changed, swapped or added is named, and so is a signature that is in no log.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::Digest;
use genome::audit::AuditLog;
use genome_json::canonicalize;
use genome_test_support::{Draft, Ran, Release, assert_ran, names, run};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

const LOG: &str = "audit.jsonl";

/// Six signers have signed `genome.json`, with a log.
fn release() -> Release {
    let release = Release::new(6, 6);
    for signer in 1..=6 {
        let ran = release.sign(signer, &["draft.json", "genome.json", &format!("signer-{signer}"), "--audit-log", LOG]);
        assert_ran(&ran, 0, "");
    }
    release
}

fn lines(release: &Release) -> Vec<String> {
    release.read(LOG).split_inclusive('\n').map(ToOwned::to_owned).collect()
}

fn verify(release: &Release, arguments: &[&str]) -> Ran {
    release.verify(&[&["--audit-log", LOG, "genome.json"], arguments].concat())
}

/// What is wrong with a log.
fn faults(text: &str) -> Vec<String> {
    AuditLog::read(text.as_bytes()).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// A line with other members, as somebody writes it who knows how.
fn forged(line: &str, members: &Value) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let object = line.as_object_mut().unwrap();
    object.extend(members.as_object().unwrap().clone());
    object.remove("sha256");
    let sha256 = Digest::of(canonicalize(line.to_string().as_bytes()).unwrap().as_bytes());
    line["sha256"] = sha256.to_string().into();
    format!("{}\n", canonicalize(line.to_string().as_bytes()).unwrap())
}

#[test]
fn a_log_that_holds() {
    let release = release();
    let ran = verify(&release, &[]);
    assert_ran(&ran, 0, "");
    let head = Digest::of(lines(&release)[5].as_bytes());
    let end = format!("audit log  audit.jsonl\n  chain       6 lines, each follows the one before\n  head        {head}\n");
    assert!(ran.stdout.contains("  ok  every signature is in the audit log\n") && ran.stdout.ends_with(&end), "{}", ran.stdout);
    let report: Value = serde_json::from_str(&verify(&release, &["--format", "json"]).stdout).unwrap();
    let log = json!({"path": LOG, "lines": 6, "head": head.to_string(), "warnings": []});
    assert_eq!(report["audit_logs"], json!([log]));
    let github = verify(&release, &["--format", "github"]);
    assert!(github.stdout.ends_with(&format!("6 lines, the last is {head} (each line follows the one before)\n")), "{github:?}");
    assert_eq!(verify(&release, &["--quiet"]).stdout, "");
    assert_eq!(verify(&release, &["--print", "id"]).stdout.len(), 65, "nothing but the id");
    // The variable is for those who sign.
    let ran = run(release.verifying(&["genome.json"]).env("GENOME_AUDIT_LOG", "nowhere"));
    assert!(ran.status == Some(0) && !ran.stdout.contains("audit"), "{ran:?}");
}

#[test]
fn every_changed_byte_is_found_and_its_line_named() {
    let release = release();
    let lines = &lines(&release)[..4];
    let text = lines.concat().into_bytes();
    let ends: Vec<usize> = (1..=lines.len()).map(|line| lines[..line].concat().len()).collect();
    for at in 0..text.len() {
        let line = 1 + ends.iter().filter(|&&end| end <= at).count();
        for change in [1, 0x20, text[at], text[at] ^ b'\n'].into_iter().filter(|change| *change != 0) {
            let mut changed = text.clone();
            changed[at] ^= change;
            let Err(faults) = AuditLog::read(&changed) else { panic!("byte {at} ^ {change}: nobody sees it") };
            assert!(faults.iter().any(|fault| fault.line == line), "byte {at} ^ {change} of line {line}: {faults:?}");
        }
    }
}

#[test]
fn lines_removed_swapped_and_added_are_named() {
    let release = release();
    let lines = lines(&release);
    let without =
        |removed: &[usize]| (1..=6).filter(|number| !removed.contains(number)).map(|n| &*lines[n - 1]).collect::<String>();
    for number in 1..=5 {
        assert_eq!(faults(&without(&[number])), [format!("line {number} of the audit log is missing")]);
    }
    assert_eq!(faults(&without(&[1, 2, 3])), ["lines 1 to 3 of the audit log are missing"]);
    assert_eq!(faults(&without(&[2, 5])), [2, 5].map(|number| format!("line {number} of the audit log is missing")));
    for (one, other) in [(1, 2), (2, 3), (5, 6), (1, 6), (2, 5)] {
        let mut swapped = lines.clone();
        swapped.swap(one - 1, other - 1);
        let found = faults(&swapped.concat());
        let said = |place, number| format!("line {place} of the audit log says that it is line {number}");
        // Of two neighbours it is enough to name one.
        let expected = [said(one, other), said(other, one)];
        let expected = if other == one + 1 { &expected[..1] } else { &expected[..] };
        assert_eq!(found, expected, "{one} and {other}");
    }
    for number in 1..=6 {
        for place in 1..=6 {
            let mut added = lines.clone();
            added.insert(place, lines[number - 1].clone());
            let found = faults(&added.concat());
            // Of two equal lines beside each other one is as good as the other.
            let said = |line| format!("line {line} of the audit log says that it is line {number}, which is there already");
            assert!(found.len() == 1 && [said(place), said(place + 1)].contains(&found[0]), "{number} at {place}: {found:?}");
        }
        let mut added = lines.clone();
        added.insert(number - 1, "{\"already\":\n".to_owned());
        let found = faults(&added.concat());
        assert!(found.len() == 1 && found[0].starts_with(&format!("line {number} of the audit log is not as it was")), "{found:?}");
    }
    let whose = |line: usize, members: &Value| {
        let mut changed = lines.clone();
        changed[line - 1] = forged(&lines[line - 1], members);
        faults(&changed.concat())
    };
    let hsm = lines.concat().replacen("\"custody\":\"env\"", "\"custody\":\"hsm\"", 1);
    let said = "line 1 of the audit log is not as it was written: /sha256: not the digest of what stands beside it";
    assert_eq!(faults(&hsm), [said]);
    for line in 1..=5 {
        let said = format!("line {} of the audit log names another digest than that of the line before", line + 1);
        let found = whose(line, &json!({"user": "nobody"}));
        assert!(found.len() == 1 && found[0].starts_with(&said), "{found:?}");
    }
    assert_eq!(whose(1, &json!({"previous": "1".repeat(64)}))[0], "line 1 of the audit log names a line before it");
    let torn = json!({"torn": {"bytes": 1, "sha256": "1".repeat(64)}});
    assert!(whose(3, &torn)[0].starts_with("line 3 of the audit log speaks of a torn line before it"));
    for (line, number) in [(1, 0), (3, 0), (3, u32::MAX)] {
        let found = whose(line, &json!({"line": number}));
        let said = ["says that it is line", "is missing"].map(|said| format!("line {line} of the audit log {said}"));
        assert!(said.iter().all(|said| found.iter().any(|fault| fault.starts_with(said))), "{found:?}");
    }
    assert_eq!(whose(6, &json!({"line": u32::MAX})), ["lines 6 to 4294967294 of the audit log are missing"]);
    // What nobody can see without a note of the head.
    assert_eq!((faults(""), faults(&lines[..5].concat()), whose(6, &json!({"user": "nobody"}))), (vec![], vec![], vec![]));
}

/// Its number is lower than the lines before it are many, as two of them were torn by one crash after the other.
#[test]
fn a_line_of_another_log_behind_torn_lines_is_named() {
    let lines = lines(&release());
    let torn = format!("{}\n{}\n", &lines[1][..40], &lines[2][..60]);
    let said = json!({"bytes": torn.len(), "sha256": Digest::of(torn.as_bytes()).to_string()});
    let with_last = |previous: &str| {
        let last = forged(&lines[2], &json!({"line": 3, "previous": previous, "torn": said}));
        faults(&[lines[0].as_str(), &torn, &last].concat())
    };
    let found = with_last(&"0".repeat(64));
    assert!(found.len() == 1 && found[0].starts_with("line 4 of the audit log names another digest than that of the line before"));
    assert_eq!(with_last(&Digest::of(lines[0].as_bytes()).to_string()), [""; 0]);
}

#[test]
fn a_broken_log_vouches_for_nothing() {
    let release = release();
    release.write(LOG, &(lines(&release)[0].clone() + &lines(&release)[2..].concat()));
    let ran = verify(&release, &[]);
    let said = "error[GENOME_AUDIT_MISMATCH]: line 2 of the audit log is missing\n  --> audit.jsonl:2:1\n  help: find out who took it away";
    assert_ran(&ran, 1, said);
    assert!(ran.stdout.contains("  NO  every signature is in the audit log: GENOME_AUDIT_MISMATCH\n"), "{}", ran.stdout);
    let report = verify(&release, &["--format", "json"]).report();
    let refusal = &report["refusal"];
    assert_eq!((&refusal["code"], &refusal["file"]), (&"GENOME_AUDIT_MISMATCH".into(), &LOG.into()));
    assert_eq!((&refusal["line"], &report["genome"]), (&2.into(), &Value::Null));
    let github = verify(&release, &["--format", "github"]);
    assert!(github.stdout.starts_with("::error file=audit.jsonl,line=2,col=1,title=GENOME_AUDIT_MISMATCH::line 2 "), "{github:?}");
    release.write(LOG, &"rubbish\n".repeat(100_000));
    let report = verify(&release, &["--format", "json"]).report();
    let further = report["further_refusals"].as_array().unwrap();
    assert_eq!((further.len(), &further[99]["message"]), (100, &"901 more faults of the audit log are not shown".into()));
}

#[test]
fn a_signature_that_is_in_no_log_is_named() {
    let release = release();
    let whole = lines(&release);
    // The newest line is gone: nothing in the log shows it, but the genome does.
    release.write(LOG, &whole[..5].concat());
    let ran = verify(&release, &[]);
    let said =
        "error[GENOME_AUDIT_MISMATCH]: the signature of `signer-6` is not in the audit log\n  --> genome.json at /signatures/5\n";
    assert_ran(&ran, 1, said);
    release.write("empty.jsonl", "");
    let ran = release.verify(&["--audit-log", "empty.jsonl", "genome.json", "--format", "json"]);
    assert_eq!(ran.codes(), ["GENOME_AUDIT_MISMATCH"]);
    assert!(ran.report()["refusal"]["message"].as_str().unwrap().starts_with("the signatures of `signer-1`, `signer-2`, "));
    // Signed apart, each with a log: every signature is in one of them.
    assert_ran(&release.sign(6, &["draft.json", "-", "signer-6", "--audit-log", "six.jsonl"]), 0, "");
    assert_ran(&verify(&release, &["--audit-log", "six.jsonl"]), 0, "");
    // The remedy that the hint names.
    assert_ran(&release.sign(6, &["draft.json", "genome.json", "signer-6", "--audit-log", LOG]), 0, "line 6\n");
    assert_ran(&verify(&release, &[]), 0, "");
    // A line about the same signature that names another key, key id or genome does not count.
    let other =
        [json!({"fingerprint": genome_test_support::fingerprint(9)}), json!({"key_id": "x"}), json!({"genome_id": "0".repeat(64)})];
    for members in other {
        release.write(LOG, &(whole[..5].concat() + &forged(&whole[5], &members)));
        assert_ran(&verify(&release, &[]), 1, "the signature of `signer-6` is not in the audit log");
    }
}

#[test]
fn a_signature_by_a_key_that_nobody_knows_is_looked_for_too() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "--audit-log", LOG]), 0, "");
    let mut genome: Value = serde_json::from_str(&release.read("genome.json")).unwrap();
    let mut stranger = genome["signature"].clone();
    stranger["signer_key_id"] = "stranger".into();
    let own = genome.as_object_mut().unwrap().remove("signature").unwrap();
    genome["signatures"] = json!([own, stranger]);
    release.write("genome.json", &genome.to_string());
    assert_ran(&release.verify(&["genome.json"]), 0, "a signature by `stranger`");
    assert_ran(&verify(&release, &[]), 1, "the signature of `stranger` is not in the audit log");
}

#[test]
fn what_the_log_refuses_is_not_remembered() {
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    release.write(LOG, "");
    let before = names(release.path());
    assert_ran(&verify(&release, &["--state", "state.json"]), 1, "error[GENOME_AUDIT_MISMATCH]");
    release.write(LOG, "rubbish\n");
    assert_ran(&verify(&release, &["--state", "state.json"]), 1, "error[GENOME_AUDIT_MISMATCH]");
    assert_eq!(names(release.path()), before);
}

#[test]
fn a_log_that_cannot_be_read_decides_nothing() {
    let release = release();
    assert!(Command::new("mkfifo").arg(release.path().join("fifo")).status().unwrap().success());
    symlink(LOG, release.path().join("link")).unwrap();
    for (log, code) in [("nowhere", "MISSING"), (".", "UNREADABLE"), ("fifo", "UNREADABLE"), ("/dev/zero", "UNREADABLE")] {
        let ran = release.verify(&["--audit-log", log, "genome.json"]);
        assert_ran(&ran, 2, &format!("error[GENOME_{code}]: "));
        assert!(ran.stderr.contains(&format!("  --> {log}\n")) && !ran.stdout.starts_with("accepted"), "{ran:?}");
    }
    assert_ran(&release.verify(&["--audit-log", "link", "genome.json"]), 0, "");
}

#[test]
fn a_log_that_grows_meanwhile_is_never_broken() {
    let release = release();
    let signing = |name: &str| {
        let mut signing = release.signing(1, &["draft.json", name, "signer-1", "--audit-log", LOG]);
        signing.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    for round in 0..20 {
        let children: Vec<_> = (0..4).map(|number| signing(&format!("{round}-{number}.json"))).collect();
        let ran = verify(&release, &["--quiet"]);
        assert!(ran.status == Some(0) && !ran.stderr.contains("line"), "{ran:?}");
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
    }
    assert_eq!(fs::read_to_string(release.path().join(LOG)).unwrap().lines().count(), 86);
}
