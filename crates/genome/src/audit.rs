//! The audit log, `audit.v0.1`: a line for each signing, and each names the digest of the one before.

mod chain;
mod custody;
mod fault;
mod line;
mod lines;
mod log;
mod order;
mod reading;
mod recent;
mod record;
mod remembering;
mod tail;
mod walk;

pub use custody::Custody;
pub use fault::{AuditFault, AuditProblem};
pub use lines::{AuditLines, NextLine};
pub use log::AuditLog;
pub(crate) use log::unrecorded;
pub use recent::recent_custodies;
pub use record::{AuditRecord, Circumstances, Output};
pub use remembering::Remembering;
pub use tail::{AuditTail, AuditTailError};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::document::Document;
    use crate::key::PrivateKey;

    const DRAFT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

    fn record(text: &str) -> AuditRecord {
        let key = PrivateKey::from_seed(&[1; 32]);
        let root = Document::read(DRAFT.as_bytes()).unwrap();
        let draft = DRAFT.replace(&root.genome.authority.signers[0].public_key.to_string(), &key.public_key().to_string());
        let mut document = Document::read(draft.as_bytes()).unwrap();
        let signing = document.sign(None, &key, &[]).unwrap();
        let text = || text.to_owned();
        let circumstances = Circumstances {
            time: "2026-01-31T00:00:00Z".parse().unwrap(),
            custody: Custody::File,
            output: Output::File(text().into()),
            uid: u32::MAX,
            user: text(),
            host: text(),
            program: text(),
        };
        AuditRecord::of(&document, &signing, circumstances).unwrap()
    }

    #[test]
    fn what_is_recorded_is_read_back_whatever_it_is() {
        let mut log = String::new();
        let texts = ["", " ", "\n\0\u{7f}", "\u{202e}\u{fffe}\u{1f600}", "\"\\", "##[", "-----BEGIN PRIVATE KEY-----"];
        for (number, text) in (1..).zip(texts) {
            let tail = AuditTail::read(log.as_bytes(), true).unwrap();
            assert_eq!((tail.next(), tail.is_torn()), (number, false));
            log += &tail.following(record(text)).unwrap();
            let read = AuditLog::read(log.as_bytes()).unwrap();
            assert!(
                read.has(&record(text))
                    && read.head() == Digest::of(log.lines().last().map(|line| format!("{line}\n")).unwrap().as_bytes())
            );
        }
        assert!(log.lines().count() == texts.len() && !genome_json::holds_private_key(&log));
        let endless = record(&"x".repeat(64 * 1024));
        assert_eq!(AuditTail::read(b"", true).unwrap().following(endless), Err(AuditTailError::TooLong));
    }

    #[test]
    fn the_last_lines_say_where_a_key_is() {
        let mut log = String::new();
        let mut with = record("x");
        let fingerprint = with.fingerprint;
        for (custody, said) in
            [("file", Custody::File), ("ssh-agent", Custody::SshAgent), ("exec", Custody::Exec), ("of later", Custody::Exec)]
        {
            with.custody = custody.to_owned();
            log += &AuditTail::read(log.as_bytes(), true).unwrap().following(with.clone()).unwrap();
            for end in [log.as_bytes(), &log.as_bytes()[1..], format!("{log}{{\"torn").as_bytes()] {
                let is_only_cut = log.lines().count() == 1 && end.len() < log.len();
                assert_eq!(recent_custodies(end).get(&fingerprint), (!is_only_cut).then_some(&said), "{custody}");
            }
        }
        assert!(recent_custodies(b"").is_empty() && recent_custodies(b"rubbish\n\xff").is_empty());
    }

    #[test]
    fn the_end_of_a_log_is_enough_to_go_on() {
        let mut log = String::new();
        for _ in 0..3 {
            log += &AuditTail::read(log.as_bytes(), true).unwrap().following(record("x")).unwrap();
        }
        let whole = AuditTail::read(log.as_bytes(), true).unwrap();
        let last = log.trim_end().rfind('\n').unwrap();
        for start in [1, last / 2, last] {
            assert_eq!(AuditTail::read(&log.as_bytes()[start..], false), Ok(whole.clone()));
        }
        for start in [last + 1, log.len() - 1, log.len()] {
            assert_eq!(AuditTail::read(&log.as_bytes()[start..], false), Err(AuditTailError::NoLine), "{start}");
        }
    }

    /// Wherever a crash cuts off what is appended, also after another one, the log is whole but for that, and goes on. Two cases look like a whole
    /// line of which a byte was changed, and are refused: zeros in place of its line feed, and an end right after the line feed that was to
    /// end an earlier torn line.
    #[test]
    fn a_log_that_was_cut_off_anywhere_goes_on() {
        let record = record("a\\\"\u{e9}");
        let append = |log: &[u8]| AuditTail::read(log, true).unwrap().following(record.clone()).unwrap().into_bytes();
        let first = append(b"");
        let torn = [&first[..], &append(&first)[..40]].concat();
        for log in [Vec::new(), first.clone(), first[..first.len() - 1].to_vec(), torn] {
            let line = append(&log);
            for end in 0..=line.len() {
                let cut = [&log, &line[..end]].concat();
                let zeros = [&cut[..], &vec![0; line.len() - end]].concat();
                for cut in [cut, zeros] {
                    let is_ended_torn = end == 1 && cut.ends_with(b"\n") && log.starts_with(&first);
                    let is_whole = end + 1 == line.len() || (end == 0 && log.ends_with(b"}"));
                    let is_whole_but_its_end = is_whole && cut.ends_with(b"\0");
                    if is_ended_torn || is_whole_but_its_end {
                        assert!(AuditLog::read(&cut).is_err() && AuditTail::read(&cut, true).is_err());
                        continue;
                    }
                    AuditLog::read(&cut).unwrap_or_else(|faults| panic!("{faults:?}: {}", cut.escape_ascii()));
                    let whole = [&cut[..], &append(&cut)].concat();
                    assert!(AuditLog::read(&whole).unwrap().has(&record));
                }
            }
        }
    }
}
