//! Audit logs that were written, torn by crashes, and changed afterwards: what reads as whole is a beginning of what was written, and
//! where a log is whole, the next line can be appended to it.

#![no_main]

use arbitrary::{Result, Unstructured};
use genome::audit::{AuditLog, AuditRecord, AuditTail, Circumstances, Custody, Output};
use genome::{Digest, Document, PrivateKey};
use genome_fuzz::edits::edit;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

fuzz_target!(|bytes: &[u8]| {
    // Where the choices end, what was made so far is enough.
    let _ = attack(&mut Unstructured::new(bytes));
});

const DRAFT: &str = include_str!("../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

/// A record of a signing, which the others are made of.
static RECORD: LazyLock<AuditRecord> = LazyLock::new(|| {
    let key = PrivateKey::from_seed(&[1; 32]);
    let root = Document::read(DRAFT.as_bytes()).unwrap().unverified().authority.signers[0].public_key.to_string();
    let draft = DRAFT.replace(&root, &key.public_key().to_string());
    let mut document = Document::read(draft.as_bytes()).unwrap();
    let signing = document.sign(None, &key, &[]).unwrap();
    let circumstances = Circumstances {
        time: "2026-01-31T00:00:00Z".parse().unwrap(),
        custody: Custody::Environment,
        output: Output::File("genome.json".into()),
        uid: 1000,
        user: "ada".to_owned(),
        host: "host".to_owned(),
        program: "genome-sign 0.1.0".to_owned(),
    };
    AuditRecord::of(&document, &signing, circumstances).unwrap()
});

/// A log as it was written, and what it records, in order.
struct Written {
    bytes: Vec<u8>,
    records: Vec<AuditRecord>,
}

fn attack(choices: &mut Unstructured<'_>) -> Result<()> {
    let logs = [write(choices)?, write(choices)?];
    for log in &logs {
        let read = AuditLog::read(&log.bytes).unwrap_or_else(|faults| panic!("{faults:?}: {}", log.bytes.escape_ascii()));
        assert!(log.records.iter().all(|record| read.has(record)));
        assert_begins(&log.bytes, &read, &logs);
    }
    let mut bytes = rearrange(&logs, choices)?;
    edit(&mut bytes, choices, &["\n", "\0", "{\"already\":", "\n\n", "}\n", "{}\n"])?;
    match AuditLog::read(&bytes) {
        Ok(read) => {
            assert_begins(&bytes, &read, &logs);
            assert_goes_on(&bytes, &read, choices)?;
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in &faults {
                let text = format!("{fault}{}", fault.hint());
                assert!(!text.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{text:?}");
            }
        }
    }
    Ok(())
}

/// Writes a log, with crashes in between.
fn write(choices: &mut Unstructured<'_>) -> Result<Written> {
    let mut written = Written { bytes: Vec::new(), records: Vec::new() };
    for _ in 0..choices.int_in_range(1..=5_u8)? {
        let record = record(choices)?;
        let tail =
            AuditTail::read(&written.bytes, true).unwrap_or_else(|fault| panic!("{fault}: {}", written.bytes.escape_ascii()));
        let line = tail.following(record.clone()).unwrap();
        // Also in the middle of a character, and with zeros for what did not reach the disk.
        let crash = choices.int_in_range(0..=15_u8)?;
        let mut end = if crash >= 13 { choices.choose_index(line.len())? } else { line.len() };
        // Two logs that a crash can leave look as if a byte of a whole line was changed, and are refused: one that ends with the line feed which
        // was to end a torn line, and a whole line with zeros in place of its line feed.
        if crash < 15 && end == 1 && line.starts_with('\n') {
            end = 0;
        } else if crash == 15 && (end + 1 == line.len() || (end == 0 && written.bytes.ends_with(b"}"))) {
            end = line.len();
        }
        written.bytes.extend(&line.as_bytes()[..end]);
        if crash == 15 && end < line.len() {
            written.bytes.extend(vec![0; line.len() - end]);
        }
        // What lacks the line feed alone is recorded.
        if end == line.len() || (end + 1 == line.len() && crash < 15) {
            written.records.push(record);
        }
    }
    Ok(written)
}

fn record(choices: &mut Unstructured<'_>) -> Result<AuditRecord> {
    let mut record = RECORD.clone();
    record.already = choices.arbitrary()?;
    record.signature[0] = choices.arbitrary()?;
    record.uid = choices.arbitrary()?;
    let host: &str = choices.choose_iter(["host", "", "é😀", "a\"\\b", "true", "\\u{1}"])?;
    host.clone_into(&mut record.host);
    Ok(record)
}

/// Lines of both, in another order.
fn rearrange(logs: &[Written; 2], choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let [mut lines, others] = logs.each_ref().map(|log| log.bytes.split_inclusive(|&byte| byte == b'\n').collect::<Vec<&[u8]>>());
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        if lines.is_empty() || others.is_empty() {
            break;
        }
        let [at, to] = [choices.choose_index(lines.len())?, choices.choose_index(lines.len())?];
        let other = *choices.choose(&others)?;
        match choices.int_in_range(0..=5_u8)? {
            0 => drop(lines.remove(at)),
            1 => lines.insert(to, lines[at]),
            2 => lines.swap(at, to),
            3 => lines[at] = other,
            4 => lines.insert(at, other),
            _ => lines.truncate(at),
        }
    }
    Ok(lines.concat())
}

/// Whatever records a signing stands there as it was written, from the first line on. Behind it there may be a line that is cut off.
fn assert_begins(bytes: &[u8], read: &AuditLog, logs: &[Written; 2]) {
    let pieces: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    assert_eq!(read.lines(), pieces.len());
    let last = (1..=pieces.len()).rev().find(|number| !read.torn().contains(number)).unwrap_or(0);
    let whole = pieces[..last].concat();
    assert!(logs.iter().any(|log| log.bytes.starts_with(&whole)), "accepted: {}", bytes.escape_ascii());
    let head = last.checked_sub(1).map(|index| {
        Digest::of(
            &[
                pieces[index].trim_ascii_end(),
                b"
",
            ]
            .concat(),
        )
        .to_string()
    });
    assert_eq!(read.head().to_string(), head.unwrap_or_else(|| "0".repeat(64)));
}

/// What is whole goes on with the next line, and is whole again.
fn assert_goes_on(bytes: &[u8], read: &AuditLog, choices: &mut Unstructured<'_>) -> Result<()> {
    let tail = AuditTail::read(bytes, true).unwrap_or_else(|fault| panic!("{fault}: {}", bytes.escape_ascii()));
    assert_eq!(tail.is_torn(), read.torn().last().is_some_and(|&last| last == read.lines()));
    let record = record(choices)?;
    let longer = [bytes, tail.following(record.clone()).unwrap().as_bytes()].concat();
    let again = AuditLog::read(&longer).unwrap_or_else(|faults| panic!("{faults:?}: {}", longer.escape_ascii()));
    assert!(again.has(&record) && again.lines() == read.lines() + 1);
    Ok(())
}
